import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// What administrators see of everybody's connections, and do to them.
    struct OversightTests {
        @Test func `an administrator sees who is connected by which wire, what they follow, and that events flow`() async throws {
            let stage = try await SharedServer.stage()
            let admin = stage.server.api.with(stage.adminKey)
            let talk = try await Talk.begin(stage.ownerAPI, port: stage.server.port)
            func topic(_ stats: JSONValue) -> JSONValue? {
                stats["topics"]?["most"]?.elements.first { $0["topic"]?.stringValue == "session:\(talk.shoot.id)" }
            }
            // Others use the server, too.
            let stats = try await admin.json(.GET, "/api/websocket/stats")
            #expect((stats["connections"]?.integer("total") ?? 0) >= 1 && (stats["connections"]?["byWire"]?.integer("ws") ?? 0) >= 1)
            #expect((stats["topics"]?["byKind"]?.integer("session") ?? 0) >= 1)
            #expect(topic(stats) == nil || topic(stats)?.integer("followers") == 2)
            #expect(stats["node"]?.stringValue?.isEmpty == false && stats["since"]?.stringValue?.hasSuffix("Z") == true)
            try await talk.say("Hello", by: talk.owner)
            _ = try await talk.guest.event("new_message")
            let later = try await admin.json(.GET, "/api/websocket/stats")
            for number in ["published", "delivered"] {
                #expect((later["events"]?.integer(number) ?? 0) > (stats["events"]?.integer(number) ?? .max))
            }
            let names = [
                "lumiere_realtime_queued_bytes", "lumiere_realtime_topics{kind=\"session\"}",
                "lumiere_realtime_closed_total{reason=\"slow\"}", "lumiere_realtime_deliveries_total",
            ]
            _ = try await eventually("the metrics") {
                let text = try await admin.get("/metrics").text
                return names.allSatisfy(text.contains) ? () : nil
            }
            #expect(try await stage.ownerAPI.get("/api/websocket/stats").status == 403)
            await talk.guest.close()
            await talk.owner.close()
        }
    }
}
