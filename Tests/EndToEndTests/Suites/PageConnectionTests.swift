import Core
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// What the gallery's page does when its connection fails, ends or is ended.
    @Suite(.enabled(if: Browser.program != nil, "needs Chromium"))
    struct PageConnectionTests {
        /// A tale of the connection, and how it ends.
        struct Tale: Sendable, CustomTestStringConvertible {
            var name: String
            /// Behind the start, in JavaScript.
            var events: String
            var phase: String
            /// The kinds of what the last event asks for.
            var actions: [String]

            var testDescription: String { name }

            /// Runs it by the page's own code.
            var script: String {
                """
                import("/assets/js/lumiere/livestate.js").then(({ advance, beginning }) => {
                  const opened = [{ kind: "start" }, { kind: "opened" }];
                  const live = [...opened, { kind: "joined", epoch: "e", offset: 118, recovered: false }];
                  const [state, actions] = [\(events)].reduce(([state], event) => advance(state, event, () => 0.5), [beginning, []]);
                  return { phase: state.phase, actions: actions.map(({ kind }) => kind), first: actions[0], after: actions[1]?.after };
                })
                """
            }
        }

        private static func failed(_ code: String) -> String { #"...opened, { kind: "failed", code: "\#(code)" }"# }
        private static func closed(_ code: Int) -> String { #"...live, { kind: "closed", code: \#(code), reason: "closing time" }"# }

        private static let tales =
            ["database_unavailable", "internal_error", "busy", "too_many_requests", "too_many_connections"].map {
                Tale(name: "\($0) is waited out with the same pass", events: failed($0), phase: "waiting", actions: ["hangUp", "wait"])
            }
            + ["unauthorized", "forbidden", "not_found"].map {
                Tale(name: "\($0) ends the pass", events: failed($0), phase: "refused", actions: ["hangUp", "surrender"])
            }
            + [1001, 1006, 1013, 3001, 3005, 3008, 3012, 3013].map {
                Tale(name: "closed with \($0) it comes back after a pause", events: closed($0), phase: "waiting", actions: ["hangUp", "wait"])
            }
            + [3502, 3503, 3999].flatMap { code in
                [
                    Tale(name: "closed with \(code) it stays away", events: closed(code), phase: "dismissed", actions: ["hangUp", "part"]),
                    Tale(
                        name: "closed with \(code) neither the clock nor being shown again brings it back",
                        events: closed(code) + #", { kind: "timer" }, { kind: "woken" }, { kind: "stop" }, { kind: "shown" }"#,
                        phase: "dismissed", actions: []),
                    Tale(
                        name: "closed with \(code) it comes back to where it was when somebody asks", events: closed(code) + ", ...opened",
                        phase: "joining", actions: ["join", "wait"]),
                ]
            }
            + [Tale(name: "closed with 3500 the pass is over", events: closed(3500), phase: "refused", actions: ["hangUp", "surrender"])]

        @Test func `the page waits, gives up its pass or stays away as the codes ask for`() async throws {
            let shoot = try await Shoot.begin(try await SharedServer.stage().ownerAPI, title: "Codes")
            let browser = try await Browser.open("\(shoot.owner.base)/gallery/\(shoot.code)")
            for tale in Self.tales {
                let end = try await browser.value(tale.script)
                #expect(end["phase"]?.stringValue == tale.phase, "\(tale.name)")
                #expect(end["actions"]?.elements.compactMap(\.stringValue) == tale.actions, "\(tale.name)")
                if tale.actions.first == "join" { #expect(end["first"]?["position"]?["offset"] == 118, "\(tale.name)") }
            }
            try await browser.close()
        }

        @Test func `who is sent away is told why, stays away, and comes back when they ask`() async throws {
            let stage = try await SharedServer.stage()
            let admin = stage.server.api.with(stage.adminKey)
            let shoot = try await Shoot.begin(stage.ownerAPI, title: "Kicked")
            let browser = try await Browser.open("\(shoot.owner.base)/gallery/\(shoot.code)")
            try await live(browser)
            let order: JSONValue = ["sessionId": .string(shoot.id), "reason": "closing time"]
            #expect(try await admin.send(.POST, "/api/websocket/kick", json: order).status == 202)
            let farewell = try await eventually("the farewell", within: .seconds(20)) {
                try await browser.value("!document.getElementById('farewell').hidden && document.getElementById('farewell-text').textContent || null")
                    .stringValue
            }
            #expect(farewell.contains("closing time"))
            try await browser.value("document.getElementById('reconnect').click()")
            try await live(browser)
            #expect(try await browser.value("document.getElementById('farewell').hidden") == true)
            try await browser.close()
        }

        private func live(_ browser: Browser) async throws {
            _ = try await eventually("the live connection", within: .seconds(20)) {
                try await browser.value("document.getElementById('live').dataset.state") == "live" ? () : nil
            }
        }
    }
}
