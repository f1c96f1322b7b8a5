import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// HTTP manners, and what happens to clients without any.
    @Suite struct LimitsTests {
        @Test func `a head that drips is cut off`() async throws {
            let server = try await SharedServer.stage().server
            let connection = try await RawConnection.open(port: server.port)
            try await connection.send("GET /health HTTP/1.1\r\nHost: localhost\r\n")
            let said = try await connection.closed(within: .seconds(30))
            #expect(said.isEmpty || said.hasPrefix("HTTP/1.1 408"))
        }

        @Test func `too many header bytes are refused`() async throws {
            let server = try await SharedServer.stage().server
            let connection = try await RawConnection.open(port: server.port)
            let long = String(repeating: "x", count: 100_000)
            try await connection.send("GET /health HTTP/1.1\r\nHost: localhost\r\nX-Long: \(long)\r\n\r\n")
            let said = try await connection.closed()
            #expect(said.hasPrefix("HTTP/1.1 431") || said.hasPrefix("HTTP/1.1 400"), "\(said.prefix(100))")
        }

        @Test func `what is no HTTP is refused`() async throws {
            let server = try await SharedServer.stage().server
            let connection = try await RawConnection.open(port: server.port)
            try await connection.send("\u{16}\u{3}\u{1}hello\r\n\r\n")
            let said = try await connection.closed()
            #expect(said.isEmpty || said.hasPrefix("HTTP/1.1 400"), "\(said.prefix(100))")
        }

        @Test func `bodies that are too large, too deep or no JSON are refused`() async throws {
            let owner = try await SharedServer.stage().ownerAPI
            let json = [("Content-Type", "application/json")]
            let large = Data(#"{"title":""#.utf8) + Data(repeating: UInt8(ascii: "x"), count: 2 << 20) + Data(#""}"#.utf8)
            let deep = Data(String(repeating: "[", count: 100_000).utf8)
            let cases: [(Data, Int, String)] = [
                (large, 413, "too_large"), (deep, 400, "bad_json"), (Data("{".utf8), 400, "bad_json"),
                (Data(#"{"title":7}"#.utf8), 422, "invalid_field"),
            ]
            for (body, status, code) in cases {
                let answer = try await owner.send(.POST, "/api/sessions", headers: json, body: body)
                #expect(answer.status == status, "\(code)")
                #expect(answer.code == code)
                #expect(answer["Content-Type"]?.hasPrefix("application/problem+json") == true)
            }
        }

        @Test func `unknown paths and methods are told apart`() async throws {
            let api = try await SharedServer.stage().server.api
            let unknown = try await api.get("/api/nothing")
            #expect(unknown.status == 404)
            #expect(unknown["Content-Type"]?.hasPrefix("application/problem+json") == true)
            #expect(unknown.json["requestId"]?.stringValue == unknown["X-Request-ID"])
            let wrong = try await api.send(.DELETE, "/api/sessions")
            #expect(wrong.status == 405)
            let allowed = wrong["Allow"]?.components(separatedBy: ", ") ?? []
            #expect(Set(allowed).isSuperset(of: ["GET", "HEAD", "POST"]))
        }

        @Test func `a request id is given or taken over`() async throws {
            let api = try await SharedServer.stage().server.api
            #expect(try await api.get("/health")["X-Request-ID"]?.isEmpty == false)
            #expect(try await api.get("/health", [("X-Request-ID", "tests-42")])["X-Request-ID"] == "tests-42")
        }

        @Test func `pages of other origins get in only when they are listed`() async throws {
            let stage = try await SharedServer.stage()
            let preflight = [("Access-Control-Request-Method", "PATCH"), ("Access-Control-Request-Headers", "Upload-Offset")]
            let stranger = try await stage.server.api.send(
                .OPTIONS, "/api/uploads", headers: [("Origin", "https://elsewhere.example")] + preflight)
            #expect(stranger["Access-Control-Allow-Origin"] == nil)

            let folder = try TemporaryFolder("cors")
            let file = folder.file("lumiere.json")
            try Data(#"{"server":{"origins":["https://photos.example"]}}"#.utf8).write(to: URL(fileURLWithPath: file))
            let server = try await ServerProcess.start(["--config", file])
            let friend = try await server.api.send(
                .OPTIONS, "/api/uploads", headers: [("Origin", "https://photos.example")] + preflight)
            #expect(friend.status == 204)
            #expect(friend["Access-Control-Allow-Origin"] == "https://photos.example")
            #expect(friend["Access-Control-Allow-Methods"]?.contains("PATCH") == true)
            #expect(friend["Access-Control-Allow-Headers"]?.lowercased().contains("upload-offset") == true)
            let answer = try await server.api.get("/health", [("Origin", "https://photos.example")])
            #expect(answer["Access-Control-Expose-Headers"]?.contains("Upload-Offset") == true)
            #expect(answer["Access-Control-Allow-Credentials"] == nil)
            // Stock clients of Socket.IO that are told to send cookies may poll.
            let polling = "/socket.io/?EIO=4&transport=polling"
            let opened = try await server.api.get(polling, [("Origin", "https://photos.example"), ("Cookie", "a=b")])
            #expect(opened.status == 200 && opened["Access-Control-Allow-Credentials"] == "true")
            #expect(opened["Access-Control-Allow-Origin"] == "https://photos.example")
            let asked = try await server.api.send(
                .OPTIONS, polling, headers: [("Origin", "https://photos.example"), ("Access-Control-Request-Method", "POST")])
            #expect(asked.status == 204 && asked["Access-Control-Allow-Credentials"] == "true")
            #expect(try await server.api.get(polling, [("Origin", "https://other.example")])["Access-Control-Allow-Credentials"] == nil)
            #expect(try await server.terminate() == .exited(0))
        }

        @Test(arguments: ["/health", "/health/live", "/health/ready", "/health/db"])
        func `the server says how it is`(path: String) async throws {
            let report = try await SharedServer.stage().server.api.json(.GET, path)
            #expect(report["status"] == "ok")
        }

        @Test func `metrics are for administrators`() async throws {
            let stage = try await SharedServer.stage()
            #expect(try await stage.server.api.get("/metrics").status == 401)
            #expect(try await stage.ownerAPI.get("/metrics").status == 403)
            let metrics = try await stage.server.api.with(stage.adminKey).get("/metrics")
            #expect(metrics.status == 200)
            #expect(metrics["Content-Type"]?.hasPrefix("text/plain") == true)
            #expect(metrics.text.contains("# TYPE lumiere_event_loop_lag_seconds histogram"))
        }

        @Test func `the documents are there`() async throws {
            let api = try await SharedServer.stage().server.api
            let openAPI = try await api.json(.GET, "/openapi.json")
            #expect(openAPI["openapi"] == "3.1.0")
            #expect(openAPI["paths"]?["/api/sessions/{id}"]?["put"]?["x-action"] == "updateSession")
            #expect(try await api.json(.GET, "/asyncapi.json")["asyncapi"] == "3.0.0")
            let docs = try await api.get("/docs")
            #expect(docs.status == 200)
            #expect(docs["Content-Security-Policy"]?.contains("default-src") == true)
            #expect(docs.text.contains("/api/sessions/{id}"))
        }

        @Test func `the pages load with everything they name`() async throws {
            let api = try await SharedServer.stage().server.api
            for page in ["/", "/gallery/ANY-CODE"] {
                let answer = try await api.get(page)
                #expect(answer.status == 200)
                #expect(answer["Content-Security-Policy"]?.contains("default-src 'self'") == true)
                let assets = answer.text.matches(of: /(?:href|src)="(\/assets\/[^"]+)"/).map { String($0.output.1) }
                #expect(!assets.isEmpty)
                for asset in Set(assets) { #expect(try await api.get(asset).status == 200, "\(asset)") }
            }
            #expect(try await api.get("/assets/../Package.swift").status == 404)
            #expect(try await api.get("/assets/%2e%2e%2fPackage.swift").status == 404)
        }

        @Test(.enabled(if: Fixtures.has("large-24mp.jpg")))
        func `asked to end, the server keeps what it confirmed and ends well`() async throws {
            let server = try await ServerProcess.start()
            let key = try await server.createKey(of: try await server.createAccount("ada"), Scope.allCases)
            let shoot = try await Shoot.begin(server.api.with(key))
            let socket = try await SocketClient.connect(port: server.port, token: key)
            try await socket.join(shoot, code: false)
            let data = try Fixtures.data("large-24mp.jpg")
            let tus = TusClient(api: shoot.owner)
            let location = try await tus.create(session: shoot.id, filename: "large.jpg", length: data.count)
            #expect(try await tus.patch(location, from: 0, data[0..<1_000_000]).status == 204)
            let inFlight = try await tus.beginPatch(
                location, from: 1_000_000, announcing: data.count - 1_000_000, sending: data[1_000_000..<1_050_000])
            var sent = 1_050_000
            try await eventually("the server to take some of it") {
                let progress = socket.events.filter { $0.type == "upload_progress" }.compactMap { $0.data.integer("offset") }
                if progress.contains(where: { $0 > 1_000_000 }) { return () }
                guard sent + 50_000 < data.count else { throw TimedOut("upload_progress") }
                try await inFlight.send(data[sent..<sent + 50_000])
                sent += 50_000
                return nil
            }

            #expect(try await server.terminate(within: .seconds(15)) == .exited(0))
            await inFlight.close()
            try await server.restart()
            #expect(try await tus.offset(of: location) >= 1_000_000)
            try await tus.resume(location, data)
            #expect(try await shoot.settled(TusClient.id(of: location))["original"]?["sha256"]?.stringValue == data.sha256)
        }
    }
}
