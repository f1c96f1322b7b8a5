import Core
import Foundation
import Synchronization
import TestSupport

/// The other engine, driven by WebDriver BiDi, which it speaks by itself.
final class Firefox: Sendable {
    static let program = ["firefox-esr", "firefox"].compactMap(Tool.program).first

    private let folder: TemporaryFolder
    private let child: Child
    private let line: WebSocketLine
    private let context: String
    private let commands: Commands

    /// Numbers what is asked.
    private final class Commands: Sendable {
        private let last = Atomic<Int64>(0)
        var next: Int64 { last.add(1, ordering: .relaxed).newValue }
    }

    private init(_ folder: TemporaryFolder, _ child: Child, _ line: WebSocketLine, _ context: String, _ commands: Commands) {
        (self.folder, self.child, self.line, self.context, self.commands) = (folder, child, line, context, commands)
    }

    /// Starts a browser and waits until it has loaded a page.
    static func open(_ url: String) async throws -> Firefox {
        let folder = try TemporaryFolder("firefox")
        let child = try Child(
            program ?? "firefox-esr", ["--headless", "--no-remote", "--profile", folder.path, "--remote-debugging-port", "0"],
            output: folder.file("out"), errors: folder.file("err"))
        let port = try await eventually("Firefox to start", within: .seconds(60)) { () -> Int? in
            if let ending = child.ending { throw Tool.Failure(description: "Firefox ended: \(ending)") }
            let said = ["out", "err"].compactMap { try? String(contentsOfFile: folder.file($0), encoding: .utf8) }.joined()
            return said.firstMatch(of: /WebDriver BiDi listening on ws:\/\/127\.0\.0\.1:(\d+)/).flatMap { Int($0.1) }
        }
        let line = try await WebSocketLine.open(port: port, path: "/session")
        let commands = Commands()
        _ = try await ask(line, commands.next, "session.new", ["capabilities": [:]])
        let tree = try await ask(line, commands.next, "browsingContext.getTree", [:])
        let context = try tree["contexts"]?.elements.first?.text("context") ?? ""
        let browser = Firefox(folder, child, line, context, commands)
        _ = try await ask(
            line, commands.next, "browsingContext.navigate", ["context": .string(context), "url": .string(url), "wait": "complete"])
        return browser
    }

    private static func ask(_ line: WebSocketLine, _ id: Int64, _ method: String, _ parameters: JSONValue) async throws -> JSONValue {
        try await line.send(["id": .integer(id), "method": .string(method), "params": parameters])
        let answer = try await line.message("the answer to \(method)", within: .seconds(40)) { $0["id"] == .integer(id) }
        guard let result = answer["result"] else { throw Tool.Failure(description: "\(method): \(answer)") }
        return result
    }

    /// The text that a JavaScript expression in the page, or what it promises, comes to.
    func text(_ expression: String) async throws -> String {
        let answer = try await Self.ask(
            line, commands.next, "script.evaluate",
            ["expression": .string(expression), "target": ["context": .string(context)], "awaitPromise": true])
        guard answer["type"] == "success" else { throw Tool.Failure(description: "the page threw \(answer)") }
        return answer["result"]?["value"].map { $0.stringValue ?? "\($0)" } ?? ""
    }

    /// Waits until an expression is true.
    func waitUntil(_ what: String, _ expression: String) async throws {
        try await eventually(what, within: .seconds(40), every: .milliseconds(200)) {
            try await text("String(Boolean(\(expression)))") == "true" ? () : nil
        }
    }

    func close() async throws {
        _ = try? await Self.ask(line, commands.next, "browser.close", [:])
        _ = try await child.ended(within: .seconds(40))
    }
}
