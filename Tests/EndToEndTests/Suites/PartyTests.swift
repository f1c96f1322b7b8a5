import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// Parties as programs know them.
    @Suite(.enabled(if: Tool.program("ffmpeg") != nil, "needs ffmpeg"))
    struct PartyTests {
        private static let screening = Once { try await Screening.open(try await SharedServer.stage().ownerAPI, seconds: [30, 20]) }

        /// A party of a test's own with the films that there are.
        private static func open(_ settings: [String: JSONValue] = [:]) async throws -> Screening {
            let films = try await screening.value.films
            let host = try await SharedServer.stage().ownerAPI
            var wish = settings
            (wish["title"], wish["mediaIds"]) = ("Friday", .array(films.map { .string($0) }))
            let party = try await host.json(.POST, "/api/parties", .object(wish), expecting: 201)
            return Screening(host: host, id: try party.text("id"), code: try party.text("accessCode"), films: films)
        }

        private static func connect(_ token: String?) async throws -> SocketClient {
            let port = try #require(URL(string: try await SharedServer.stage().server.url)?.port)
            return try await SocketClient.connect(port: port, token: token)
        }

        @Test func `plain WebSocket clients join, play, are told of it, talk, and recover what they have missed`() async throws {
            let party = try await Self.open()
            let (host, guest) = (try await Self.connect(party.host.token), try await Self.connect(nil))
            let id: JSONValue = .string(party.id)
            let joined = try await host.ask("join_party", ["partyId": id])
            #expect(joined.type == "ack" && joined.data["partyId"] == id)
            let told = try await host.event("party_joined")
            #expect(told.data["state"]?["party"]?["title"] == "Friday")
            #expect(told.data["state"]?["queue"]?["entries"]?.elements.count == 2)
            let entered = try await guest.ask("join_party", ["partyId": id, "accessCode": .string(party.code), "name": "Gus"])
            #expect(entered.type == "ack", "\(entered.json)")
            let news = try await host.event("party_member") { $0.data["member"]?["person"]?["name"] == "Gus" }
            #expect(news.data["change"] == "joined" && news.topic == "party:\(party.id)")

            let clock = try await guest.ask("party_clock", ["t0": .number(12.5)])
            let times = [clock.data["t1"]?.integerValue, clock.data["t2"]?.integerValue]
            #expect(clock.data["t0"] == JSONValue.number(12.5) && abs((times[0] ?? 0) - Int64(Date().timeIntervalSince1970 * 1000)) < 5000)

            let sequence = try await party.state["sequence"] ?? 0
            let played = try await guest.ask("party_command", ["partyId": id, "action": "play", "sequence": sequence])
            #expect(played.data["playing"] == true, "\(played.json)")
            let state = try await host.event("party_state") { $0.data["playing"] == true }
            #expect(state.data["by"]?["name"] == "Gus" && state.data["sequence"] == played.data["sequence"])
            let stale = try await host.ask("party_command", ["partyId": id, "action": "pause", "sequence": sequence])
            #expect(stale.type == "error" && stale.json["error"]?["code"] == "stale" || stale.data["code"] == "stale", "\(stale.json)")

            let place = (epoch: try entered.data.text("epoch"), offset: state.offset ?? 0)
            await guest.close()
            let said = try await host.ask("party_chat", ["partyId": id, "text": "Look!"])
            #expect(said.data["moment"]?["mediaId"] == .string(party.films[0]), "\(said.json)")
            let back = try await Self.connect(try entered.data.text("token"))
            let again = try await back.ask(
                "join_party", ["partyId": id, "epoch": .string(place.epoch), "offset": .integer(place.offset)])
            #expect(again.data["recovered"] == true)
            #expect(try await back.event("party_chat").data["text"] == "Look!")
            await host.close()
            await back.close()
        }

        @Test func `a locked or full party gives nobody new a grant, by code or by link; who was there gets another`() async throws {
            let party = try await Self.open(["capacity": 2])
            let link = try await party.host.json(.POST, "/api/sessions/\(party.id)/links", ["name": "Family"], expecting: 201)
            let linked = "/api/links/\(try link.text("url").split(separator: "/").last ?? "")/enter"
            let (guest, code) = (try await Self.connect(nil), JSONValue.string(party.code))
            let joined = try await guest.ask("join_party", ["partyId": .string(party.id), "accessCode": code, "name": "Gus"])
            let known = party.host.with(try joined.data.text("token"))
            func refusals(_ expected: String, _ status: Int) async throws {
                let stranger = party.host.with(nil)
                for path in ["/api/access", "/api/sessions/\(party.id)/verify", linked] {
                    let answer = try await stranger.json(.POST, path, path == linked ? [:] : ["accessCode": code], expecting: status)
                    #expect(answer["code"] == .string(expected))
                }
                let visitor = try await Self.connect(nil)
                let (right, wrong) = (JSONValue.object(["partyId": .string(party.id), "accessCode": code]), "guess" as JSONValue)
                #expect(try await visitor.ask("join_party", right).data["code"] == .string(expected))
                let guess = try await visitor.ask("join_party", ["partyId": .string(party.id), "accessCode": wrong])
                #expect(guess.data["code"] == "wrong_code")
                await visitor.close()
            }
            _ = try await party.host.json(.PUT, "/api/parties/\(party.id)", ["isLocked": true])
            try await refusals("party_locked", 403)
            let entry = try await known.json(.POST, "/api/access", ["accessCode": code, "name": "Gustav"])
            let members = try await party.host.json(.GET, "/api/parties/\(party.id)/members")
            let names = (members["items"]?.elements ?? []).compactMap { $0["person"]?["name"]?.stringValue }
            #expect(names.contains("Gustav") && !names.contains("Gus"), "\(members)")
            _ = try await party.host.json(.PUT, "/api/parties/\(party.id)", ["isLocked": false])
            let (again, other) = (try await Self.connect(try entry.text("token")), try await Self.connect(party.host.token))
            for client in [again, other] { _ = try await client.ask("join_party", ["partyId": .string(party.id)]) }
            try await refusals("party_full", 409)
            for client in [guest, again, other] { await client.close() }
        }

        @Test func `parties are neither duplicated nor archived`() async throws {
            let party = try await Self.open()
            for (way, body) in [("duplicate", ["title": "Saturday"]), ("archive", nil)] as [(String, JSONValue?)] {
                let answer = try await party.host.json(.POST, "/api/sessions/\(party.id)/\(way)", body, expecting: 409)
                #expect(answer["code"] == "is_party")
            }
        }

        @Test func `a film of another session opens for members of the party, and nothing else of that session does`() async throws {
            let party = try await Self.open()
            let guest = try await party.guest("Gus")
            let queue = try await guest.json(.GET, "/api/parties/\(party.id)/queue")
            let entry = try (queue["entries"]?.elements.first ?? .null).text("id")
            #expect(try await guest.get("/api/parties/\(party.id)/queue/\(entry)/film").code == "not_joined")
            _ = try await guest.json(.POST, "/api/parties/\(party.id)/members")
            let film = try await guest.json(.GET, "/api/parties/\(party.id)/queue/\(entry)/film")
            let url = try (film["sources"]?.elements.first ?? .null).text("url")
            let part = try await guest.with(nil).send(.GET, url, headers: [("Range", "bytes=0-99")])
            #expect(part.status == 206 && part.body.count == 100)
            let grant = try #require(URLComponents(string: url)?.queryItems?.first { $0.name == "grant" }?.value)
            let other = try await party.host.json(.GET, "/api/photos/\(party.films[1])")
            let path = try (other["renditions"]?.elements.first ?? .null).text("url").split(separator: "?")[0]
            #expect(try await guest.with(nil).send(.GET, "\(path)?grant=\(grant)").status == 404)
            let session = try other.text("sessionId")
            #expect(try await guest.with(grant).send(.GET, "/api/sessions/\(session)").status == 401)
            #expect(try await guest.with(nil).send(.GET, "/api/sessions/\(session)/archive?grant=\(grant)").status == 404)
        }

        @Test func `parties are among no sessions, and go with all that is theirs`() async throws {
            let party = try await Self.open()
            #expect(try await party.host.all("/api/sessions").allSatisfy { $0["id"] != .string(party.id) })
            #expect(try await party.host.all("/api/parties").contains { $0["id"] == .string(party.id) })
            #expect(try await party.host.send(.DELETE, "/api/parties/\(party.id)").status == 204)
            #expect(try await party.host.get("/api/parties/\(party.id)").status == 404)
            #expect(try await party.host.all("/api/parties").allSatisfy { $0["id"] != .string(party.id) })
        }

        @Test(.enabled("python-socketio cannot be installed") { await SocketIOVenv.python() != nil }, arguments: ["websocket", "polling"])
        func `python-socketio drives a party in the namespace of parties`(transport: String) async throws {
            let party = try await Self.open()
            let stage = try await SharedServer.stage()
            let python = try #require(await SocketIOVenv.python())
            let script = """
                import asyncio, sys, socketio
                base, party, code, token, transport = sys.argv[1:]
                space = '/watch-party'
                class Client:
                    def __init__(self):
                        self.io, self.got = socketio.AsyncClient(reconnection=False), asyncio.Queue()
                        self.io.on('*', lambda event, *data: self.got.put_nowait((event, data[0] if data else None)), namespace=space)
                    async def open(self, auth=None):
                        await self.io.connect(base, namespaces=[space], transports=[transport], auth=auth)
                    async def call(self, command, **data):
                        return await self.io.call(command, {'partyId': party, **data}, namespace=space, timeout=30)
                    async def event(self, name, fits=lambda data: True):
                        while True:
                            found, data = await asyncio.wait_for(self.got.get(), 60)
                            if found == name and fits(data): return data
                async def main():
                    host, guest = Client(), Client()
                    await host.open({'token': token})
                    await guest.open()
                    joined = await host.call('join_party')
                    assert joined['partyId'] == party, joined
                    told = await host.event('party_joined')
                    assert told['state']['queue']['entries'][0]['title'], told
                    entered = await guest.call('join_party', accessCode=code, name='Gus')
                    assert entered['token'], entered
                    state = (await guest.event('party_joined'))['state']['party']['state']
                    assert not state['playing'], state
                    clock = await guest.call('party_clock', t0=7)
                    assert clock['t0'] == 7 and clock['t2'] >= clock['t1'], clock
                    played = await host.call('party_command', action='play', sequence=state['sequence'])
                    assert played['playing'] and played['sequence'] == state['sequence'] + 1, played
                    heard = await guest.event('party_state', lambda data: data['playing'])
                    assert heard['at'] == played['at'] and heard['by']['kind'] == 'user', heard
                    refused = await guest.call('party_command', action='pause', sequence=state['sequence'])
                    assert refused['error']['code'] == 'stale', refused
                    assert refused['error']['state']['sequence'] == played['sequence'], refused
                    reported = await guest.call('party_status', state='playing', drift=-12, latency=30)
                    assert reported['nextIn'] >= 1, reported
                    drifted = await host.event('party_status')
                    assert drifted['members'][0]['drift'] == -12, drifted
                    said = await guest.call('party_chat', text='Ha!')
                    assert (await host.event('party_chat'))['id'] == said['id'], said
                    assert await host.call('party_reaction', emoji='\\N{CLAPPING HANDS SIGN}') == {}
                    assert (await guest.event('party_reaction'))['emoji'] == '\\N{CLAPPING HANDS SIGN}'
                    entry = told['state']['queue']['entries'][1]['id']
                    voted = await guest.call('party_queue', action='vote', entryId=entry)
                    assert voted['myVotes'] == [entry], voted
                    assert (await host.event('party_queue'))['entries'][0]['id'] == entry
                    assert await guest.call('leave_party') == {}
                    assert (await host.event('party_member', lambda data: data['change'] == 'left'))['member']['person']['name'] == 'Gus'
                    await guest.io.disconnect()
                    await host.io.disconnect()
                    print('fine')
                asyncio.run(main())
                """
            let arguments = [stage.server.url, party.id, party.code, party.host.token ?? "", transport]
            #expect(try await Tool(python).output(["-c", script] + arguments, within: .seconds(120)) == "fine\n")
        }
    }
}
