import TestSupport
import Testing

@Suite("Python's clients of Engine.IO and Socket.IO", .enabled("they cannot be installed") { await SocketIOPython.interpreter() != nil })
struct SocketIOTests {
    @Test(
        "python-socketio connects, talks and stays, over polling, a WebSocket, and from one to the other",
        arguments: [["polling"], ["websocket"], ["polling", "websocket"]])
    func socketIO(transports: [String]) async throws {
        let script = """
            import asyncio, os, sys, engineio, socketio
            url, transports = sys.argv[1], sys.argv[2:]
            async def main():
                client, got, pongs = socketio.AsyncClient(reconnection=False), asyncio.Queue(), asyncio.Queue()
                send_packet = client.eio._send_packet
                async def sent(packet):
                    await send_packet(packet)
                    if packet.packet_type == engineio.packet.PONG: pongs.put_nowait(None)
                client.eio._send_packet = sent
                for ns in ('/', '/custom'):
                    for event in ('auth', 'message-back'):
                        client.on(event, lambda *a, ns=ns, event=event: got.put_nowait((ns, event, a)), namespace=ns)
                receive = lambda: asyncio.wait_for(got.get(), 20)
                await client.connect(url, transports=transports, namespaces=['/', '/custom'], auth={'token': '123'})
                assert client.transport() == transports[-1], client.transport()
                auths = sorted([await receive(), await receive()])
                assert auths == [(ns, 'auth', ({'token': '123'},)) for ns in ('/', '/custom')], auths
                blobs = b'', b'\\x00\\xff', os.urandom(200000)
                texts = {'deep': [1, 2.5, None, True, {'é"': '🎞\\n'}]}, 'x' * 70000, [], ''
                for arguments in [(1, '2', {'3': [True]}), texts, blobs, ({'a': [blobs[1], {'b': blobs[0]}]}, blobs[1]), ('only',)]:
                    for ns in ('/', '/custom'):
                        await client.emit('message', arguments, namespace=ns)
                        back = await receive()
                        assert back == (ns, 'message-back', arguments), (ns, back)
                        back = await client.call('message-with-ack', arguments, namespace=ns, timeout=20)
                        back = back if isinstance(back, (tuple, list)) and len(arguments) > 1 else (back,)
                        assert tuple(back) == arguments, back
                for number in range(100): await client.emit('message', number)
                for number in range(100): assert await receive() == ('/', 'message-back', (number,))
                for _ in range(4):
                    await asyncio.wait_for(pongs.get(), 20)
                    assert await client.call('message-with-ack', 'still here', timeout=20) == 'still here'
                await client.disconnect()
                stranger = socketio.AsyncClient(reconnection=False)
                try: await stranger.connect(url, transports=transports, namespaces=['/random'])
                except socketio.exceptions.ConnectionError as error: assert '/random' in str(error), error
                else: raise AssertionError('let in')
                print('fine')
            asyncio.run(main())
            """
        #expect(try await SocketIOPython.run(script, transports) == "fine\n")
    }

    @Test(
        "python-engineio gets its messages back, over each transport",
        arguments: [["polling"], ["websocket"], ["polling", "websocket"]])
    func engineIO(transports: [String]) async throws {
        let script = """
            import asyncio, os, sys, engineio
            url, transports = sys.argv[1], sys.argv[2:]
            async def main():
                client, got = engineio.AsyncClient(), asyncio.Queue()
                client.on('message', lambda data: got.put_nowait(data))
                await client.connect(url, transports=transports)
                assert client.transport() == transports[-1]
                sent = ['', 'x', 'é🎞', 'y' * 100000, b'', b'\\x00\\xff', os.urandom(100000)] + [str(n) for n in range(100)]
                for message in sent: await client.send(message)
                back = [await asyncio.wait_for(got.get(), 20) for _ in sent]
                assert back == sent, [len(message) for message in back]
                await client.disconnect()
                print('fine')
            asyncio.run(main())
            """
        #expect(try await SocketIOPython.run(script, transports) == "fine\n")
    }
}
