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

        @Test(.enabled("python-socketio cannot be installed") { await SocketIOVenv.python() != nil })
        func `what is said to everybody is heard on every wire, and who is sent away is told why`() async throws {
            let script = """
                import asyncio, json, sys, aiohttp, socketio
                base, session, token, admin = sys.argv[1:]
                async def main():
                    mine, theirs = {'Authorization': f'Bearer {token}'}, {'Authorization': f'Bearer {admin}'}
                    async with aiohttp.ClientSession() as http:
                        async def order(path, body):
                            async with http.post(f'{base}/api/websocket/{path}', json=body, headers=theirs) as answer:
                                assert answer.status == 202, (answer.status, await answer.text())
                        clients = {}
                        for transport in 'polling', 'websocket':
                            client, got, gone = socketio.AsyncClient(reconnection=False), asyncio.Queue(), asyncio.Event()
                            client.on('*', lambda event, *arguments, got=got: got.put_nowait((event, arguments)))
                            client.on('disconnect', lambda *_, gone=gone: gone.set())
                            await client.connect(base, transports=[transport], auth={'token': token})
                            await client.call('join_session', {'sessionId': session}, timeout=30)
                            clients[transport] = got, gone
                        stranger = await http.ws_connect(base + '/ws', headers=theirs)
                        socket = await http.ws_connect(base + '/ws', headers=mine)
                        await socket.send_json({'type': 'join_session', 'data': {'sessionId': session}, 'id': 1})
                        stream = await http.get(f'{base}/api/sessions/{session}/events', headers=mine)
                        async def line(beginning):
                            while True:
                                text = (await stream.content.readline()).decode()
                                assert text, 'the stream ended before ' + beginning
                                if text.startswith(beginning): return text
                        await line('event: session_joined')
                        async def heard(got, name):
                            while True:
                                found, arguments = await asyncio.wait_for(got.get(), 60)
                                if found == name: return arguments
                        async def message(socket, name):
                            while True:
                                found = await socket.receive_json(timeout=60)
                                if found['type'] == name: return found
                        async def everywhere(data):
                            for got, _ in clients.values(): assert await heard(got, 'announcement') == (data,)
                            assert (await message(socket, 'announcement'))['data'] == data
                            await line('event: announcement')
                            assert json.loads((await line('data: '))[6:]) == data
                        await message(socket, 'ack')
                        # To this session alone, then to everybody.
                        await order('broadcast', {'message': 'Cake!', 'level': 'info', 'sessionId': session})
                        await everywhere({'message': 'Cake!', 'level': 'info', 'sessionId': session})
                        await order('broadcast', {'message': 'Ends "soon"', 'level': 'warning'})
                        await everywhere({'message': 'Ends "soon"', 'level': 'warning'})
                        assert (await message(stranger, 'announcement'))['topic'] == 'everyone'

                        await order('kick', {'sessionId': session, 'reason': 'closing time'})
                        for got, gone in clients.values():
                            assert await heard(got, 'closed') == ({'code': 3503, 'reason': 'closing time'},)
                            await asyncio.wait_for(gone.wait(), 60)
                        while True:
                            found = await socket.receive(60)
                            if found.type == aiohttp.WSMsgType.CLOSE: break
                            assert found.type == aiohttp.WSMsgType.TEXT, found
                        assert (found.data, found.extra) == (3503, 'closing time'), found
                        await line('event: closed')
                        assert json.loads((await line('data: '))[6:]) == {'code': 3503, 'reason': 'closing time'}
                        await stranger.send_json({'type': 'ping', 'id': 2})
                        await message(stranger, 'ack')
                    print('fine')
                asyncio.run(main())
                """
            let stage = try await SharedServer.stage()
            let shoot = try await Shoot.begin(stage.ownerAPI)
            let python = try #require(await SocketIOVenv.python())
            let words = [stage.server.url, shoot.id, stage.ownerAPI.token ?? "", stage.adminKey]
            #expect(try await Tool(python).output(["-c", script] + words, within: .seconds(120)) == "fine\n")
        }

        @Test(arguments: [
            ("kick", "{}", "invalid_field"), ("kick", #"{"userId":"x"}"#, "invalid_field"), ("kick", #"{"address":"here"}"#, "invalid_field"),
            ("broadcast", #"{"message":"","level":"info"}"#, "invalid_field"), ("broadcast", #"{"message":"a","level":"loud"}"#, "invalid_field"),
            ("broadcast", #"{"message":"a","level":"info","sessionId":"01939a2e-7c1b-7d4e-9b54-0c9f5a3de001"}"#, "not_found"),
        ])
        func `an order that cannot be carried out is refused`(path: String, body: String, code: String) async throws {
            let stage = try await SharedServer.stage()
            let answer = try await stage.server.api.with(stage.adminKey).send(
                .POST, "/api/websocket/\(path)", headers: [("Content-Type", "application/json")], body: Data(body.utf8))
            #expect(answer.code == code)
        }
    }
}
