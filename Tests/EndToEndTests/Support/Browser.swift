import Core
import Foundation
import Glibc
import NIOHTTP1
import Synchronization
import TestSupport

/// A browser without a window, asked through its debugging protocol.
final class Browser: Sendable {
    static let program = ["chromium", "chromium-browser", "google-chrome"].compactMap(Tool.program).first

    private let folder: TemporaryFolder
    private let child: Child
    private let page: WebSocketLine
    private let commands = Atomic<Int64>(0)

    private init(folder: TemporaryFolder, child: Child, page: WebSocketLine) {
        self.folder = folder
        self.child = child
        self.page = page
    }

    /// Starts a browser and waits until it has loaded a page.
    /// - Parameter language: what its user reads, as a BCP 47 tag.
    static func open(_ url: String, language: String = "en-US") async throws -> Browser {
        let folder = try TemporaryFolder("browser")
        let child = try Child(
            program ?? "chromium",
            [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1400,900",
                "--user-data-dir=\(folder.path)", "--remote-debugging-port=0", "--lang=\(language)", "--accept-lang=\(language)",
                "about:blank",
            ], output: folder.file("out"), errors: folder.file("err"))
        let port = try await eventually("the browser to start", within: .seconds(60)) { () -> Int? in
            if let ending = child.ending { throw Tool.Failure(description: "the browser ended: \(ending)") }
            let note = try? String(contentsOfFile: folder.file("DevToolsActivePort"), encoding: .utf8)
            return note?.split(separator: "\n").first.flatMap { Int($0) }
        }
        let made = try await API(base: "http://127.0.0.1:\(port)").json(.PUT, "/json/new?about:blank")
        let socket = try made.text("webSocketDebuggerUrl")
        let path = URL(string: socket)?.path ?? ""
        let browser = Browser(folder: folder, child: child, page: try await WebSocketLine.open(port: port, path: path))
        for domain in ["Network", "Runtime", "Log", "Page"] { _ = try await browser.command("\(domain).enable") }
        try await browser.go(to: url)
        return browser
    }

    /// The value of a JavaScript expression in the page, or what it promises; as if somebody had clicked for it.
    @discardableResult
    func value(_ expression: String) async throws -> JSONValue {
        let answer = try await command(
            "Runtime.evaluate",
            ["expression": .string(expression), "returnByValue": true, "awaitPromise": true, "userGesture": true])
        if let thrown = answer["exceptionDetails"] {
            throw Tool.Failure(description: "the page threw \(thrown["exception"]?["description"] ?? thrown)")
        }
        return answer["result"]?["value"] ?? .null
    }

    /// All that it has said.
    var messages: [JSONValue] { page.messages }

    func command(_ method: String, _ parameters: JSONValue = [:]) async throws -> JSONValue {
        let id = JSONValue.integer(commands.add(1, ordering: .relaxed).newValue)
        try await page.send(["id": id, "method": .string(method), "params": parameters])
        let answer = try await page.message("the answer to \(method)", within: .seconds(20)) { $0["id"] == id }
        guard let result = answer["result"] else { throw Tool.Failure(description: "\(method): \(answer)") }
        return result
    }

    // MARK: The gallery

    /// Source of every picture in the grid that has been decoded.
    private static let pictures =
        "[...document.querySelectorAll('#grid img')].filter(i => i.complete && i.naturalWidth > 0).map(i => i.currentSrc)"

    /// Waits until so many pictures of the grid have been decoded.
    /// - Returns: their URLs.
    func pictures(_ count: Int) async throws -> [String] {
        try await eventually("\(count) photos in the browser", within: .seconds(30), every: .milliseconds(200)) {
            let sources = try await value(Self.pictures).elements.compactMap(\.stringValue)
            return Set(sources).count == count ? sources : nil
        }
    }

    // MARK: The network

    /// An answer that the page was given.
    struct Seen: Sendable {
        var status: Int?
        var contentType: String?
        var contentRange: String?
    }

    /// What the page was answered for URLs that contain a text, the latest last.
    func answers(to part: String) -> [Seen] {
        page.messages.compactMap { message in
            guard message["method"] == "Network.responseReceived", let response = message["params"]?["response"],
                response["url"]?.stringValue?.contains(part) == true, case .object(let headers)? = response["headers"]
            else { return nil }
            let contentRange = headers.first { $0.key.lowercased() == "content-range" }?.value.stringValue
            return Seen(
                status: response.integer("status"), contentType: response["mimeType"]?.stringValue, contentRange: contentRange)
        }
    }

    func close() async throws {
        child.signal(SIGTERM)
        _ = try await child.ended(within: .seconds(20))
    }
}
