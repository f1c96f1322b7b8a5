import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// The stock client of Socket.IO in a real browser.
    @Suite(
        .enabled(if: Browser.program != nil, "needs Chromium"),
        .enabled("needs the client's script from the package index") { await SocketIOScript.path() != nil })
    struct SocketIOBrowserTests {
        @Test(arguments: [["polling", "websocket"], ["websocket"], ["polling"]])
        func `the stock client joins, hears, speaks, is cut off and comes back as who it was`(transports: [String]) async throws {
            let stage = try await Stage.build()
            try await stage.connect(transports)
            try await stage.join()
            let first = try await stage.say("First")
            try await stage.heard(["First"])
            #expect(try await stage.page.value("heard[0].offset > 0 && heard[0].data.id") == first)
            // In the other direction, with an acknowledgement.
            let answer = try await stage.ask("send_message", ["sessionId": .string(stage.shoot.id), "text": "Second"])
            #expect(answer["text"] == "Second" && answer["author"]?["name"] == "Gus")
            #expect(try await stage.ask("send_message", ["sessionId": .string(stage.shoot.id)])["error"]?["code"] != nil)
            try await stage.heard(["First", "Second"])

            stage.network.cut()
            try await stage.wait("socket.connected === false", for: "the browser to notice")
            for text in ["Third", "Fourth"] { _ = try await stage.say(text) }
            stage.network.mend()
            try await stage.heard(["First", "Second", "Third", "Fourth"])
            _ = try await stage.say("Fifth")
            try await stage.heard(["First", "Second", "Third", "Fourth", "Fifth"])
            let connections = try await stage.page.value("connections").elements
            #expect(connections.map { $0["recovered"] } == [false, true])
            #expect(connections.first?["id"] == connections.last?["id"])
            try await stage.end()
        }
    }
}

extension EndToEnd.SocketIOBrowserTests {
    /// A server whose start page has the client and nothing else, and a browser that shows it over a network that can break.
    fileprivate struct Stage {
        let server: ServerProcess
        let shoot: Shoot
        let network: BreakableNetwork
        let page: Browser

        static func build() async throws -> Stage {
            let web = try TemporaryFolder("web")
            let script = URL(fileURLWithPath: try #require(await SocketIOScript.path()))
            try FileManager.default.copyItem(at: script, to: URL(fileURLWithPath: web.file("client.js")))
            let html = #"<!doctype html><meta charset="utf-8"><title>Client</title><script src="/assets/client.js"></script>"#
            for name in ["index.html", "gallery.html", "desk.html", "party.html"] { try Data(html.utf8).write(to: URL(fileURLWithPath: web.file(name))) }
            // It reads the files at its start.
            let server = try await ServerProcess.start(webRoot: web.path)
            let network = try await BreakableNetwork.open(to: server.port)
            return Stage(
                server: server, shoot: try await Shoot.begin(try server.newcomer()), network: network,
                page: try await Browser.open("http://127.0.0.1:\(network.port)/"))
        }

        // MARK: The page

        /// Connects and waits for the last of the transports.
        func connect(_ transports: [String]) async throws {
            try await page.value(
                """
                window.heard = []; window.connections = [];
                window.socket = io({ transports: \(JSON.text(transports)), reconnectionDelay: 100, reconnectionDelayMax: 300 });
                socket.on("connect", () => connections.push({ id: socket.id, recovered: socket.recovered }));
                socket.on("new_message", (data, offset) => heard.push({ data, offset: Number(offset) }));
                0
                """)
            try await wait("socket.connected && socket.io.engine.transport.name === '\(transports.last ?? "")'", for: "the client to connect")
        }

        func join() async throws {
            let data: JSONValue = ["sessionId": .string(shoot.id), "accessCode": .string(shoot.code), "name": "Gus"]
            #expect(try await ask("join_session", data)["sessionId"]?.stringValue == shoot.id)
        }

        /// Gives a command in the page.
        /// - Returns: what it is acknowledged with.
        func ask(_ command: String, _ data: JSONValue) async throws -> JSONValue {
            try await page.value("socket.timeout(10000).emitWithAck('\(command)', \(try JSON.text(data)))")
        }

        /// Waits until the page has been told exactly that, in that order.
        func heard(_ texts: [String]) async throws {
            try await wait("heard.length >= \(texts.count)", for: "the browser to hear \(texts)")
            #expect(try await page.value("heard.map((message) => message.data.text)").elements.map(\.stringValue) == texts)
        }

        func wait(_ expression: String, for what: String) async throws {
            try await eventually(what, within: .seconds(30)) { try await page.value("!!(\(expression))") == true ? () : nil }
        }

        // MARK: The rest

        /// Says something as the owner.
        /// - Returns: the message's id.
        func say(_ text: String) async throws -> JSONValue {
            try await shoot.owner.json(.POST, "/api/sessions/\(shoot.id)/messages", ["text": .string(text)], expecting: 201)["id"] ?? .null
        }

        func end() async throws {
            try await page.close()
            try await network.close()
            try await server.kill9()
        }
    }
}
