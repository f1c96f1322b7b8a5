import Glibc

/// Writes whole files.
enum OutputFile {
    /// - Throws: `VipsLibrary.Failure`, as the library's own savers do.
    static func write(_ bytes: [UInt8], to path: String) throws(VipsLibrary.Failure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure() }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failure() }
            rest = rest.dropFirst(count)
        }
    }

    private static func failure() -> VipsLibrary.Failure { VipsLibrary.Failure(text: String(cString: strerror(errno))) }
}
