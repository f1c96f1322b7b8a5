import Core
import Foundation
import Glibc
import TestSupport
import Testing

extension EndToEnd {
    /// A server that speaks TLS itself, and clients that somebody else wrote.
    @Suite(.enabled(if: Fixtures.has("gps.jpg"))) struct SecureTests {
        /// Joins the session over `wss:`, sends a file by HTTP/2, waits for its photo, and fetches its picture by HTTP/2 and 1.1.
        private static let script = """
            import asyncio, json, ssl, subprocess, sys, websockets
            authority, base, key, session, photo = sys.argv[1:]
            curl = ["curl", "-sS", "--cacert", authority, "-H", f"Authorization: Bearer {key}"]
            async def main():
                trust = ssl.create_default_context(cafile=authority)
                headers = {"Authorization": f"Bearer {key}"}
                async with websockets.connect(base.replace("https", "wss") + "/ws", ssl=trust, additional_headers=headers) as ws:
                    await ws.send(json.dumps({"type": "join_session", "id": "1", "data": {"sessionId": session}}))
                    while json.loads(await ws.recv())["type"] != "ack": pass
                    url = f"{base}/api/sessions/{session}/files/"
                    run = await asyncio.create_subprocess_exec(*curl, "--http2", "-w", "%{http_version}", "-o", "/dev/null", "-T", photo,
                        url, stdout=subprocess.PIPE)
                    assert (await run.communicate())[0] == b"2", "not by HTTP/2"
                    async for text in ws:
                        message = json.loads(text)
                        if message["type"] == "new_photo": return message["data"]
            data = asyncio.run(asyncio.wait_for(main(), 60))
            path = data["renditions"][0]["url"]
            pictures = [subprocess.check_output(curl + [version, base + path]) for version in ("--http2", "--http1.1")]
            assert pictures[0] == pictures[1] and len(pictures[0]) > 500, pictures
            print(path)
            """

        @Test(
            .enabled("needs websockets from the package index", { await Venv.python() != nil }),
            .enabled(if: Tool.program("curl") != nil && Tool.program("openssl") != nil))
        func `a photo is sent, announced and fetched over TLS, and the certificate is renewed meanwhile`() async throws {
            let folder = try TemporaryFolder("tls")
            let first = try await TestCertificates(in: folder)
            let server = try await ServerProcess.start(variables: [
                "LUMIERE_SERVER_TLS_CERTIFICATE": first.certificate, "LUMIERE_SERVER_TLS_KEY": first.key,
            ])
            #expect(server.url.hasPrefix("https://"))
            let welcome: JSONValue = try JSON.decode(
                from: String(decoding: try Data(contentsOf: URL(fileURLWithPath: server.data + "/welcome.json")), as: UTF8.self))
            let python = try #require(await Venv.python())
            let path = try await Tool(python).output([
                "-c", Self.script, first.authority, server.url, welcome["apiKey"]?.stringValue ?? "",
                welcome["sessionID"]?.stringValue ?? "", try Fixtures.path("gps.jpg"),
            ])
            #expect(path.hasPrefix("/media/"))

            let renewed = try await TestCertificates(in: folder)
            server.signal(SIGHUP)
            try await eventually("the renewed certificate") {
                try await Tool("curl").run(["-s", "--cacert", renewed.authority, server.url + "/health/live"]).status == 0 ? () : nil
            }
            try await server.terminate()
        }
    }
}
