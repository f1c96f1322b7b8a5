import Core
import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Stock clients of Socket.IO, and what they do that lose their connection.
    @Suite(
        .enabled("python-socketio cannot be installed") { await SocketIOVenv.python() != nil },
        .enabled(if: Fixtures.has("orientation-1.jpg")))
    struct SocketIOTests {
        /// Opens connections, sends files and waits for what is told.
        private static let prelude = """
            import asyncio, json, os, sys, aiohttp, socketio
            base, session, token, file = sys.argv[1:5]
            async def upload(name):
                # No two pictures are equal.
                async with aiohttp.ClientSession(headers={'Authorization': f'Bearer {token}'}) as http:
                    body = open(file, 'rb').read() + os.urandom(16)
                    async with http.put(f'{base}/api/sessions/{session}/files/{name}', data=body) as answer:
                        assert answer.status == 201, (answer.status, await answer.text())

            """

        private func run(_ script: String, _ words: [String] = []) async throws -> String {
            let stage = try await SharedServer.stage()
            let shoot = try await Shoot.begin(stage.ownerAPI)
            let python = try #require(await SocketIOVenv.python())
            let arguments = [stage.server.url, shoot.id, stage.ownerAPI.token ?? "", try Fixtures.path("orientation-1.jpg")]
            return try await Tool(python).output(["-c", Self.prelude + script] + arguments + words, within: .seconds(120))
        }

        @Test(arguments: [["polling"], ["websocket"], ["polling", "websocket"]])
        func `python-socketio shows its token, joins, is answered and hears of photos`(transports: [String]) async throws {
            let script = """
                async def main():
                    client, got = socketio.AsyncClient(reconnection=False), asyncio.Queue()
                    client.on('*', lambda event, *arguments: got.put_nowait((event, arguments)))
                    async def event(name):
                        while True:
                            found, arguments = await asyncio.wait_for(got.get(), 60)
                            if found == name: return arguments
                    transports = sys.argv[5:]
                    await client.connect(base, transports=transports, auth={'token': token})
                    assert client.transport() == transports[-1], client.transport()
                    joined = await client.call('join_session', {'sessionId': session}, timeout=30)
                    assert joined['desk'] is True and await event('session_joined') == (joined,), joined
                    aliased = await client.call('joinRoom', {'session_id': session}, timeout=30)
                    assert aliased['sessionId'] == session, aliased
                    refused = await client.call('join_session', {'sessionId': '01890000-0000-7000-8000-000000000000'}, timeout=30)
                    assert refused['error']['code'] == 'not_found' and refused['error']['detail'], refused
                    await upload('first.jpg')
                    photo, offset = await event('new_photo')
                    assert photo['sessionId'] == session and int(offset) > 0, (photo, offset)
                    assert await client.call('leave_session', {'sessionId': session}, timeout=30) == {'sessionId': session}
                    await client.disconnect()
                    for options, wanted in ({'auth': {'token': 'wrong'}}, 'invalid_token'), ({'namespaces': ['/nowhere']}, 'Invalid namespace'):
                        stranger, errors = socketio.AsyncClient(reconnection=False), []
                        for namespace in '/', '/nowhere': stranger.on('connect_error', errors.append, namespace=namespace)
                        try: await stranger.connect(base, transports=transports, **options)
                        except socketio.exceptions.ConnectionError: assert wanted in json.dumps(errors), errors
                        else: raise AssertionError('let in')
                    print('fine')
                asyncio.run(main())
                """
            #expect(try await run(script, transports) == "fine\n")
        }

        @Test(arguments: [["polling"], ["websocket"]])
        func `what one device has read the person's other devices are told`(transports: [String]) async throws {
            let script = """
                async def device():
                    client, told, read = socketio.AsyncClient(reconnection=False), asyncio.Queue(), asyncio.Queue()
                    client.on('authenticated', told.put_nowait)
                    client.on('message_read', read.put_nowait)
                    await client.connect(base, transports=sys.argv[5:], auth={'token': token})
                    place = await asyncio.wait_for(told.get(), 60)
                    assert place['recovered'] is False and place['offset'] >= 0, place
                    return client, read
                async def main():
                    (one, _), (other, read) = await device(), await device()
                    said = await one.call('send_message', {'sessionId': session, 'text': 'Hello'}, timeout=30)
                    answer = await one.call('message_read', {'sessionId': session, 'sequence': said['sequence']}, timeout=30)
                    news = await asyncio.wait_for(read.get(), 60)
                    assert news == answer and news['sequence'] == said['sequence'], (news, answer)
                    for client in one, other: await client.disconnect()
                    print('fine')
                asyncio.run(main())
                """
            #expect(try await run(script, transports) == "fine\n")
        }

        @Test(arguments: ["polling", "websocket"])
        func `who was cut off comes back as who it was and gets what it missed`(transport: String) async throws {
            let script = """
                transport = sys.argv[5]
                class Client:
                    async def open(self, auth):
                        self.got = []
                        self.http = aiohttp.ClientSession()
                        self.url = f'{base}/socket.io/?EIO=4&transport={transport}'
                        if transport == 'websocket':
                            self.socket = await self.http.ws_connect(self.url)
                            await self.packet('0{')
                        else:
                            async with self.http.get(self.url) as answer: self.url += '&sid=' + json.loads((await answer.text())[1:])['sid']
                        await self.send('40' + json.dumps(auth))
                        return json.loads((await self.packet('40'))[2:])
                    async def send(self, text):
                        if transport == 'websocket': return await self.socket.send_str(text)
                        async with self.http.post(self.url, data=text) as answer: assert await answer.text() == 'ok', answer.status
                    async def more(self):
                        if transport == 'websocket': return [(await self.socket.receive(60)).data]
                        async with self.http.get(self.url) as answer: return (await answer.text()).split(chr(30))
                    async def packet(self, beginning):
                        async with asyncio.timeout(60):
                            while True:
                                for text in self.got:
                                    if text.startswith(beginning):
                                        self.got.remove(text)
                                        return text
                                for text in await self.more():
                                    if text == '2': await self.send('3')
                                    else: self.got.append(text)
                    async def photo(self, known):
                        # The desk hears of a photo twice: when it has come, and when it can be seen.
                        while True:
                            _, photo, offset = json.loads((await self.packet('42["new_photo"'))[2:])
                            if photo['id'] not in known: return photo['id'], offset
                    async def cut(self):
                        if transport == 'websocket': self.socket._response.connection.transport.abort()
                        await self.http.close()
                async def main():
                    client = Client()
                    first = await client.open({'token': token})
                    await client.send('420' + json.dumps(['join_session', {'sessionId': session}]))
                    await client.packet('430')
                    await upload('before.jpg')
                    before, offset = await client.photo([])
                    waiting = asyncio.create_task(client.more()) if transport == 'polling' else None
                    await client.cut()
                    if waiting: await asyncio.gather(waiting, return_exceptions=True)
                    await upload('meanwhile.jpg')
                    again = Client()
                    second = await again.open({'token': token, 'pid': first['pid'], 'offset': offset})
                    assert second == first, (first, second)
                    meanwhile, later = await again.photo([before])
                    assert int(later) > int(offset), (offset, later)
                    await upload('after.jpg')
                    await again.photo([before, meanwhile])
                    await again.cut()
                    stranger = Client()
                    third = await stranger.open({'pid': first['pid'], 'offset': later})
                    assert third['sid'] != first['sid'] and third['pid'] != first['pid'], third
                    await stranger.cut()
                    print('fine')
                asyncio.run(main())
                """
            #expect(try await run(script, [transport]) == "fine\n")
        }
    }
}
