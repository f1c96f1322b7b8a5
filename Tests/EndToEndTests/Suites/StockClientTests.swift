import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// Clients that somebody else wrote.
    @Suite(.enabled(if: Fixtures.has("gps.jpg"))) struct StockClientTests {
        private func begin() async throws -> (shoot: Shoot, bearer: String) {
            let shoot = try await Shoot.begin(try await SharedServer.stage().ownerAPI)
            return (shoot, "Authorization: Bearer \(shoot.owner.token ?? "")")
        }

        private func expectOriginal(_ id: String, _ shoot: Shoot) async throws {
            let photo = try await shoot.settled(id)
            #expect(photo["status"] == "ready")
            #expect(photo["original"]?["sha256"]?.stringValue == (try Fixtures.data("gps.jpg").sha256))
        }

        // MARK: curl

        @Test(.enabled(if: Tool.program("curl") != nil))
        func `curl sends a file with the creation`() async throws {
            let (shoot, bearer) = try await begin()
            let file = try Fixtures.path("gps.jpg")
            let size = try Fixtures.data("gps.jpg").count
            let output = try await Tool("curl").output([
                "-s", "-X", "POST", "-H", bearer, "-H", "Tus-Resumable: 1.0.0", "-H", "Upload-Length: \(size)",
                "-H", "Upload-Metadata: \(TusClient.metadata(session: shoot.id, filename: "gps.jpg", type: "image/jpeg"))",
                "-H", "Content-Type: application/offset+octet-stream", "--data-binary", "@\(file)",
                "-w", "%{http_code} %header{upload-offset} %header{location}", "\(shoot.owner.base)/api/uploads",
            ])
            let words = output.split(separator: " ").map(String.init)
            #expect(words.prefix(2) == ["201", String(size)])
            try await expectOriginal(TusClient.id(of: words.last ?? ""), shoot)
        }

        @Test(.enabled(if: Tool.program("curl") != nil), arguments: [[], ["-H", "Expect: 100-continue"]])
        func `curl sends a file by PATCH`(more: [String]) async throws {
            let (shoot, bearer) = try await begin()
            let size = try Fixtures.data("gps.jpg").count
            let location = try await TusClient(api: shoot.owner).create(session: shoot.id, filename: "gps.jpg", length: size)
            let output = try await Tool("curl").output(
                [
                    "-s", "-v", "-X", "PATCH", "-H", bearer, "-H", "Tus-Resumable: 1.0.0", "-H", "Upload-Offset: 0",
                    "-H", "Content-Type: application/offset+octet-stream", "--data-binary", "@\(try Fixtures.path("gps.jpg"))",
                    "--expect100-timeout", "20", "--stderr", "-", "-w", "\nresult %{http_code} %header{upload-offset}", location,
                ] + more)
            #expect(output.contains("result 204 \(size)"))
            if !more.isEmpty { #expect(output.contains("HTTP/1.1 100 Continue")) }
            try await expectOriginal(TusClient.id(of: location), shoot)
        }

        @Test(.enabled(if: Tool.program("curl") != nil))
        func `curl -T puts a file into a session`() async throws {
            let (shoot, bearer) = try await begin()
            let output = try await Tool("curl").output([
                "-s", "-H", bearer, "-T", try Fixtures.path("gps.jpg"), "-w", "\n%{http_code}",
                "\(shoot.owner.base)/api/sessions/\(shoot.id)/files/",
            ])
            let lines = output.split(separator: "\n").map(String.init)
            #expect(lines.last == "201")
            let upload: JSONValue = try JSON.decode(from: lines.first ?? "")
            #expect(upload["filename"] == "gps.jpg")
            try await expectOriginal(try upload.text("id"), shoot)
        }

        @Test(.enabled(if: Tool.program("curl") != nil))
        func `curl's offer of HTTP 2 is declined without harm`() async throws {
            let server = try await SharedServer.stage().server
            let output = try await Tool("curl").output(["-s", "--http2", "-w", "\n%{http_code}", "\(server.url)/health"])
            #expect(output.hasSuffix("200"))
        }

        /// Reads server-sent events until one of that name has come.
        private static let listener = """
            mkfifo "$5"
            curl -sN -H "$1" -H "Last-Event-ID: $4" "$2" > "$5" & pid=$!
            while read -r line; do
              echo "$line"
              case "$line" in
                "event: session_joined"*|"event: authenticated"*) : > "$5.joined" ;;
                "event: $3"*) read -r data; echo "$data"; break ;;
              esac
            done < "$5"
            kill $pid
            """

        @Test(.enabled(if: Tool.program("curl") != nil))
        func `curl hears what is told to an account by server-sent events`() async throws {
            let (shoot, bearer) = try await begin()
            let folder = try TemporaryFolder("own-events")
            let path = folder.file("told")
            let url = "\(shoot.owner.base)/api/auth/events"
            async let listening = Tool("sh").output(["-c", Self.listener, "sh", bearer, url, "message_read", "", path], within: .seconds(80))
            try await eventually("curl to be told of the account") { FileManager.default.fileExists(atPath: path + ".joined") ? () : nil }
            try await shoot.owner.json(.POST, "/api/sessions/\(shoot.id)/messages", ["text": "Hello"], expecting: 201)
            try await shoot.owner.json(.PUT, "/api/sessions/\(shoot.id)/messages/read", ["sequence": 1])
            let lines = try await listening.split(separator: "\n").map(String.init)
            #expect(lines.prefix(2).map { $0.prefix(4) } == ["retr", "id: "] && lines.last?.contains(#""sequence":1"#) == true)
        }

        @Test(.enabled(if: Tool.program("curl") != nil))
        func `curl follows a session by server-sent events, and comes back to where it stopped`() async throws {
            let (shoot, bearer) = try await begin()
            let folder = try TemporaryFolder("events")
            let script = Self.listener
            let url = "\(shoot.owner.base)/api/sessions/\(shoot.id)/events"
            let first = folder.file("first")
            async let listening = Tool("sh").output(["-c", script, "sh", bearer, url, "new_photo", "", first], within: .seconds(80))
            try await eventually("curl to be told of the session") { FileManager.default.fileExists(atPath: first + ".joined") ? () : nil }
            let id = try await shoot.upload(try Fixtures.data("gps.jpg"), as: "gps.jpg")
            let lines = try await listening.split(separator: "\n").map(String.init)
            #expect(lines.first == "retry: 2000" && lines.last?.contains(id) == true)
            let place = try #require(lines.last { $0.hasPrefix("id: ") }?.dropFirst(4))
            let second = try await Tool("sh").output(
                ["-c", script, "sh", bearer, url, "photo_status_updated", String(place), folder.file("second")], within: .seconds(80))
            #expect(second.contains(#""recovered":true"#) && !second.contains("id: \(place)\n"))
        }

        // MARK: Python

        @Test(.enabled("needs tuspy from the package index", { await Venv.python() != nil }))
        func `tuspy uploads in chunks and resumes by URL`() async throws {
            let (shoot, _) = try await begin()
            let script = """
                import sys
                from tusclient import client
                base, token, session, path = sys.argv[1:]
                tus = client.TusClient(base + "/api/uploads", headers={"Authorization": "Bearer " + token})
                metadata = {"session": session, "filename": "gps.jpg", "filetype": "image/jpeg"}
                first = tus.uploader(path, chunk_size=40000, metadata=metadata)
                first.upload_chunk()
                second = tus.uploader(path, chunk_size=50000, url=first.url)
                assert second.offset == 40000, second.offset
                second.upload()
                print(second.url)
                """
            let python = try #require(await Venv.python())
            let output = try await Tool(python).output([
                "-c", script, shoot.owner.base, shoot.owner.token ?? "", shoot.id, try Fixtures.path("gps.jpg"),
            ])
            try await expectOriginal(TusClient.id(of: output.filter { !$0.isWhitespace }), shoot)
        }

        @Test(.enabled("needs websockets from the package index", { await Venv.python() != nil }))
        func `Python's websockets follows a session, compressed`() async throws {
            let (shoot, _) = try await begin()
            let folder = try TemporaryFolder("websockets")
            let script = """
                import asyncio, json, sys, websockets
                async def main(port, session, code, joined):
                    async with websockets.connect(f"ws://127.0.0.1:{port}/ws") as ws:
                        extensions = getattr(ws, "protocol", ws).extensions
                        assert [type(e).__name__ for e in extensions] == ["PerMessageDeflate"], extensions
                        data = {"session_id": session, "access_code": code}
                        await ws.send(json.dumps({"type": "joinRoom", "id": 1, "data": data}))
                        async for text in ws:
                            message = json.loads(text)
                            if message["type"] == "ack": open(joined, "w").close()
                            if message["type"] == "photo_status_updated" and message["data"]["status"] == "ready":
                                print(json.dumps(message))
                                pong = await ws.ping(b"still there")
                                await asyncio.wait_for(pong, 10)
                                return
                asyncio.run(asyncio.wait_for(main(*sys.argv[1:]), 60))
                """
            let python = try #require(await Venv.python())
            let joined = folder.file("joined")
            let port = try await SharedServer.stage().server.port
            async let listening = Tool(python).output(
                ["-c", script, String(port), shoot.id, shoot.code, joined], within: .seconds(80))
            try await eventually("the client to join") { FileManager.default.fileExists(atPath: joined) ? () : nil }
            let id = try await shoot.upload(try Fixtures.data("gps.jpg"), as: "gps.jpg")
            let message: JSONValue = try JSON.decode(from: try await listening)
            #expect(message["data"]?["id"]?.stringValue == id)
            #expect(message["topic"]?.stringValue == "session:\(shoot.id)")
        }
    }
}
