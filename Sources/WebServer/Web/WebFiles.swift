import Core
import Foundation
import HTTPTypes
import HummingbirdCore

/// Serves the web client's folder from memory. Only names that were there at the start can be asked for.
///
/// `index.html` is `/`, `gallery.html` is `/gallery/{code}` and `/s/{token}`, `desk.html` is `/desk`, and every file is found under
/// `/assets/` by its path, at most two folders deep.
public struct WebFiles: Sendable {
    /// Bytes that all files together may have.
    public static let limit = 16 << 20

    private let files: [String: WebFile]

    /// Loads the folder. Blocks: call it at the start.
    /// - Parameter folder: the path of the web client's files.
    /// - Throws: `Problem` when it cannot be read, is too large, or lacks one of the pages.
    public init(root folder: String) throws {
        var files: [String: WebFile] = [:]
        var total = 0
        for path in try Self.paths(in: folder) {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: folder).appendingPathComponent(path))
            total += bytes.count
            guard total <= Self.limit else { throw Self.unusable(folder, "has more than \(Self.limit >> 20) MiB") }
            files[path] = WebFile(name: path, bytes: bytes)
        }
        for page in ["index.html", "gallery.html", "desk.html"] where files[page] == nil {
            throw Self.unusable(folder, "has no \(page)")
        }
        self.files = files
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
            route("/", "The start page.") { _ in "index.html" },
            route("/gallery/{code}", "The gallery of a session, by its access code.") { _ in "gallery.html" },
            route("/s/{token}", "The gallery of a session, by a link.") { _ in "gallery.html" },
            route("/desk", "The photographer's desk.") { _ in "desk.html" },
            route("/assets/{file}", "A file of the web client.") { $0["file"] ?? "" },
            route("/assets/{folder}/{file}", "A file of the web client.") {
                "\($0["folder"] ?? "")/\($0["file"] ?? "")"
            },
            route("/assets/{folder}/{subfolder}/{file}", "A file of the web client.") {
                "\($0["folder"] ?? "")/\($0["subfolder"] ?? "")/\($0["file"] ?? "")"
            },
        ] + PageCodes().routes
    }

    private func route(
        _ path: String, _ summary: String, name: @escaping @Sendable (_ parameters: [String: String]) -> String
    ) -> Route {
        Route(
            .get, path, .readPublic, summary, tag: "Web client", output: .bytes(.ok, contentType: "*/*"),
            errors: ["not_found": 404], noun: "page"
        ) { call in
            guard let file = files[name(call.parameters)] else { throw Problem.notFound("page") }
            let headers = call.request.headers
            return file.reply(ifNoneMatch: headers[.ifNoneMatch], acceptEncoding: headers[.acceptEncoding])
        }
    }
}
