import Core
import Foundation
import Glibc
import NIOHTTP1
import TestSupport

/// A browser without a window, asked through its debugging protocol.
final class Browser: Sendable {
    static let program = ["chromium", "chromium-browser", "google-chrome"].compactMap(Tool.program).first

    private let folder: TemporaryFolder
    private let child: Child
    private let page: WebSocketLine

    private init(folder: TemporaryFolder, child: Child, page: WebSocketLine) {
        self.folder = folder
        self.child = child
        self.page = page
    }

    /// Starts a browser and waits until it has loaded a page.
    static func open(_ url: String) async throws -> Browser {
        let folder = try TemporaryFolder("browser")
        let child = try Child(
            program ?? "chromium",
            [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1400,900",
                "--user-data-dir=\(folder.path)", "--remote-debugging-port=0", "about:blank",
            ], output: folder.file("out"), errors: folder.file("err"))
        let port = try await eventually("the browser to start", within: .seconds(60)) { () -> Int? in
            if let ending = child.ending { throw Tool.Failure(description: "the browser ended: \(ending)") }
            let note = try? String(contentsOfFile: folder.file("DevToolsActivePort"), encoding: .utf8)
            return note?.split(separator: "\n").first.flatMap { Int($0) }
        }
        let made = try await API(base: "http://127.0.0.1:\(port)").json(.PUT, "/json/new?\(url)")
        let socket = try made.text("webSocketDebuggerUrl")
        let path = URL(string: socket)?.path ?? ""
        let browser = Browser(folder: folder, child: child, page: try await WebSocketLine.open(port: port, path: path))
        try await eventually("\(url) to be loaded", within: .seconds(30)) {
            let state = try await browser.value("`${document.readyState} ${location.protocol}`").stringValue
            return state == "complete http:" ? () : nil
        }
        return browser
    }

    /// The value of a JavaScript expression in the page, or what it promises.
    func value(_ expression: String) async throws -> JSONValue {
        let id = JSONValue.integer(Int64(page.messages.count + 1))
        try await page.send([
            "id": id, "method": "Runtime.evaluate",
            "params": ["expression": .string(expression), "returnByValue": true, "awaitPromise": true],
        ])
        let answer = try await page.message("the value of \(expression.prefix(200))", within: .seconds(20)) { $0["id"] == id }
        if let thrown = answer["result"]?["exceptionDetails"] {
            throw Tool.Failure(description: "the page threw \(thrown["exception"]?["description"] ?? thrown)")
        }
        return answer["result"]?["result"]?["value"] ?? .null
    }

    func close() async throws {
        child.signal(SIGTERM)
        _ = try await child.ended(within: .seconds(20))
    }
}
