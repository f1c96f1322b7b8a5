import CVips
import Core
import Glibc

/// libvips as a whole.
enum VipsLibrary {
    /// What libvips says about its last failure on this thread.
    struct Failure: Error, Equatable {
        var text: String
    }

    private static let startFailure: Failure? = lumiere_vips_start("lumiere-decode") == 0 ? nil : takeFailure()

    /// Initialises libvips, once.
    static func start() throws(Failure) {
        if let failure = startFailure { throw failure }
    }

    /// Wraps a result that is `nil` on failure.
    static func check(_ image: OpaquePointer?) throws(Failure) -> Picture {
        guard let image else { throw takeFailure() }
        return Picture(owning: image)
    }

    /// Checks a result that is 0 on success.
    static func check(_ status: Int32) throws(Failure) {
        if status != 0 { throw takeFailure() }
    }

    /// The text of the last failure, which is cleared.
    static func takeFailure() -> Failure {
        let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 2048) { buffer in
            lumiere_vips_take_error(buffer.baseAddress, buffer.count)
            return String(cString: buffer.baseAddress!)  // Terminated by the call above; a capacity above 0 has an address.
        }
        return Failure(text: text)
    }
}

extension VipsLibrary.Failure {
    /// The last line with words, which names the cause, without file paths and bounded, for people to read.
    var reason: String {
        let line = text.split(separator: "\n").last { $0.contains(where: \.isLetter) }.map(String.init) ?? ""
        // The first word names the part of the library that failed: "VipsJpeg:".
        let words = line.split(separator: " ").filter { !$0.contains("/") && !$0.lowercased().hasPrefix("vips") }
            .joined(separator: " ")
        return String(words.prefix(160)).trimmed(of: [".", " ", ":"])
    }

    /// Whether a file could not be written because it grew beyond the limit.
    var isAboutFileSize: Bool { text.contains(String(cString: strerror(EFBIG))) }

    /// The failure as reported to the server.
    func asDecodingFailure(_ what: String) -> DecodingFailure {
        text.contains("out of memory") || text.contains("unable to allocate")
            ? .tooLarge("The picture needs more memory than a decoder may use.") : .damaged(what, reason)
    }
}

extension String {
    /// Without any of these characters at either end.
    func trimmed(of characters: Set<Character>) -> String {
        let start = drop { characters.contains($0) }
        return String(start.reversed().drop { characters.contains($0) }.reversed())
    }
}
