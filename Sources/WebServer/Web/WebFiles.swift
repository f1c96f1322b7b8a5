import Core
import Foundation
import HTTPTypes
import HummingbirdCore

/// Serves the web client's folder from memory. Only names that were there at the start can be asked for.
///
/// `index.html` is `/`, `gallery.html` is `/gallery/{code}` and `/s/{token}`, `desk.html` is `/desk`, `party.html` is `/party` and `/party/{code}`, and every file is found under
/// `/assets/` by its path, at most two folders deep. Pages ask for theirs below `/assets/{version}/`, which names the content of all
/// files: what is found there stays the same for ever, and browsers need not ask for it again.
public struct WebFiles: Sendable {
    /// Bytes that all files together may have.
    public static let limit = 16 << 20

    private let files: [String: WebFile]
    /// The first folder of paths that never change what they lead to.
    let version: String

    /// Loads the folder. Blocks: call it at the start.
    /// - Parameter folder: the path of the web client's files.
    /// - Throws: `Problem` when it cannot be read, is too large, or lacks one of the pages.
    public init(root folder: String) throws {
        let contents = try Self.contents(of: folder)
        for page in ["index.html", "gallery.html", "desk.html", "party.html"] where contents[page] == nil {
            throw Self.unusable(folder, "has no \(page)")
        }
        let version = Self.version(of: contents)
        self.version = version
        files = Dictionary(
            uniqueKeysWithValues: contents.map { name, bytes in
                (name, WebFile(name: name, bytes: name.hasSuffix(".html") ? Self.page(bytes, version) : bytes))
            })
    }

    private static func contents(of folder: String) throws -> [String: Data] {
        var contents: [String: Data] = [:]
        var total = 0
        for path in try paths(in: folder) {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: folder).appendingPathComponent(path))
            total += bytes.count
            guard total <= limit else { throw unusable(folder, "has more than \(limit >> 20) MiB") }
            contents[path] = bytes
        }
        return contents
    }

    private static func version(of contents: [String: Data]) -> String {
        let all = contents.keys.sorted().map { "\($0) \(WebFile.hash(contents[$0] ?? Data()))" }.joined(separator: "\n")
        return "v-" + WebFile.hash(Data(all.utf8))
    }

    /// A page that asks for its files where they never change.
    private static func page(_ bytes: Data, _ version: String) -> Data {
        Data(String(decoding: bytes, as: UTF8.self).replacing("\"/assets/", with: "\"/assets/\(version)/").utf8)
    }

    private static func paths(in folder: String) throws -> [String] {
        let root = URL(fileURLWithPath: folder)
        guard FileManager.default.fileExists(atPath: folder), let all = FileManager.default.enumerator(atPath: folder) else {
            throw unusable(folder, "does not exist")
        }
        return all.compactMap { $0 as? String }.filter { path in
            let parts = path.split(separator: "/")
            guard parts.count <= 3, !parts.contains(where: { $0.hasPrefix(".") }) else { return false }
            // Links are not followed: they may lead out of the folder.
            let values = try? root.appendingPathComponent(path).resourceValues(forKeys: [.isRegularFileKey])
            return values?.isRegularFile ?? false
        }
    }

    private static func unusable(_ folder: String, _ why: String) -> Problem {
        Problem(500, "bad_web_root", "The web folder \(folder) \(why).")
    }

    public var routes: [Route] {
        [
            page("/", "The start page.", "index.html"),
            page("/gallery/{code}", "The gallery of a session, by its access code.", "gallery.html"),
            page("/s/{token}", "The gallery of a session, by a link.", "gallery.html"),
            page("/desk", "The photographer's desk.", "desk.html"),
            page("/party", "The parties of an account.", "party.html"),
            page("/party/{code}", "A party, by its access code.", "party.html"),
            asset("file"), asset("folder", "file"), asset("folder", "subfolder", "file"), asset("version", "folder", "subfolder", "file"),
        ] + PageCodes().routes
    }

    private func page(_ path: String, _ summary: String, _ name: String) -> Route {
        route(path, summary) { _ in [name] }
    }

    private func asset(_ parts: String...) -> Route {
        route("/assets/" + parts.map { "{\($0)}" }.joined(separator: "/"), "A file of the web client.") { parameters in
            parts.compactMap { parameters[$0] }
        }
    }

    private func route(
        _ path: String, _ summary: String, parts: @escaping @Sendable (_ parameters: [String: String]) -> [String]
    ) -> Route {
        Route(
            .get, path, .readPublic, summary, tag: "Web client", output: .bytes(.ok, contentType: "*/*"),
            errors: ["not_found": 404], noun: "page"
        ) { call in
            let parts = parts(call.parameters)
            // A page that is open since before the files changed gets them as they are now.
            let names = parts.first?.hasPrefix("v-") == true ? Array(parts.dropFirst()) : parts
            guard let file = files[names.joined(separator: "/")] else { throw Problem.notFound("page") }
            let headers = call.request.headers
            return file.reply(
                ifNoneMatch: headers[.ifNoneMatch], acceptEncoding: headers[.acceptEncoding], isForEver: parts.first == version)
        }
    }
}
