import Core
import Foundation
import Glibc
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// Looking at the work on photos, ending it and beginning it again.
    @Suite(.enabled(if: Fixtures.has("large-24mp.jpg", "orientation-1.jpg"), "the fixtures are not made")) struct JobTests {
        private static let noDecoders = ["LUMIERE_DECODER_COUNT": "0"]
        private static let oneDecoder = ["LUMIERE_DECODER_COUNT": "1", "LUMIERE_DECODER_EXPRESS": "0"]

        @Test(.enabled(if: Tool.program("python3") != nil, "python3 is not installed"))
        func `a job that waits is cancelled and tried again by those who may, and everybody sees what they may`() async throws {
            let stage = try await JobStage.build(Self.noDecoders)
            let jpeg = try Fixtures.data("orientation-1.jpg")
            let photo = try await stage.shoot.upload(jpeg, as: "waiting.jpg")
            let (owner, assistant) = (stage.shoot.owner, try await stage.assistant())
            let (guest, stranger) = (try await stage.shoot.guest(), try await stage.person("stranger"))
            let admin = try await stage.person("overseer", .admin)
            for (who, api) in [("owner", owner), ("assistant", assistant), ("admin", admin)] {
                let jobs = try await api.json(.GET, "/api/jobs?session=\(stage.shoot.id)").items
                #expect(jobs.map { $0["photoId"]?.stringValue } == [photo], "\(who)")
                #expect(jobs.first?["state"] == "queued" && jobs.first?["priority"] == "thumbnail", "\(who): \(jobs)")
                #expect(try await api.all("/api/jobs").contains { $0["photoId"]?.stringValue == photo }, "\(who)")
            }
            #expect(try await stranger.all("/api/jobs").isEmpty)
            let job = try await owner.json(.GET, "/api/jobs").items.first?.text("id") ?? ""
            let refused = [
                ("assistant", assistant, 403, 200), ("guest", guest, 403, 403), ("stranger", stranger, 404, 404),
                ("nobody", owner.with(nil), 401, 401),
            ]
            for (who, api, toChange, toList) in refused {
                #expect(try await api.get("/api/jobs?session=\(stage.shoot.id)").status == toList, "\(who)")
                for action in ["retry", "cancel"] {
                    let status = try await api.send(.POST, "/api/jobs/\(job)/\(action)").status
                    #expect(status == toChange, "\(who) may \(action): \(status)")
                }
            }
            try await cancelAndRetry(job, of: photo, owner, admin, stage)
            try await finish(photo, stage)
        }

        /// Both are told to the desk, and to nobody else, as nobody has seen the photo.
        private func cancelAndRetry(_ job: String, of photo: String, _ owner: API, _ admin: API, _ stage: JobStage) async throws {
            let desk = try await SocketClient.connect(port: stage.server.port, token: owner.token)
            try await desk.join(stage.shoot, code: false)
            let gallery = try await SocketClient.connect(port: stage.server.port)
            try await gallery.join(stage.shoot, code: true)

            #expect(try await owner.send(.POST, "/api/jobs/\(job)/retry").code == "job_not_ended")
            let cancelled = try await owner.json(.POST, "/api/jobs/\(job)/cancel")
            #expect(cancelled["state"] == "cancelled" && cancelled["failure"]?["code"] == "cancelled")
            let failed = try await desk.event("photo_status_updated") { $0.data["status"] == "failed" }
            #expect(failed.data["id"]?.stringValue == photo)
            #expect(failed.data["failure"] == cancelled["failure"])
            #expect(failed.data["failure"]?["help"]?.stringValue?.hasSuffix(".") == true)
            #expect(try await owner.send(.POST, "/api/jobs/\(job)/cancel").code == "job_ended")
            #expect(try await owner.json(.GET, "/api/jobs?state=cancelled").items.count == 1)

            let again = try await admin.json(.POST, "/api/jobs/\(job)/retry", expecting: 202)
            #expect(again["state"] == "queued" && again["attempts"] == 0 && again["failure"] == nil)
            let waiting = try await desk.event("photo_status_updated") { $0.data["status"] == "processing" }
            #expect(waiting.data["id"]?.stringValue == photo && waiting.data["failure"] == nil)
            _ = try await gallery.ask("ping")
            #expect(!gallery.events.contains { $0.data["id"]?.stringValue == photo })
        }

        private func finish(_ photo: String, _ stage: JobStage) async throws {
            try await stage.server.terminate()
            try await stage.server.restart(Self.oneDecoder)
            let ready = try await stage.shoot.settled(photo)
            #expect(ready["status"] == "ready" && ready["failure"] == nil && ready["renditions"]?.elements.count == 8)
            let job = try #require(try await stage.shoot.owner.json(.GET, "/api/jobs?state=done").items.first)
            #expect(job["photoId"]?.stringValue == photo && job["priority"] == nil && job["attempts"] == 1)
            let refused = try await stage.shoot.owner.send(.POST, "/api/jobs/\(try job.text("id"))/cancel")
            #expect(refused.status == 409 && refused.code == "job_ended")
        }

        @Test func `a job is cancelled in the middle of the work, whose decoder is ended, and tried again`() async throws {
            let stage = try await JobStage.build(Self.oneDecoder)
            let owner = stage.shoot.owner
            let desk = try await SocketClient.connect(port: stage.server.port, token: owner.token)
            try await desk.join(stage.shoot, code: false)
            let gallery = try await SocketClient.connect(port: stage.server.port)
            try await gallery.join(stage.shoot, code: true)
            let photo = try await stage.shoot.upload(try Fixtures.data("large-24mp.jpg"), as: "large.jpg")
            _ = try await gallery.event("new_photo")
            let decoders = stage.server.decoders()
            #expect(decoders.count == 1)
            // It is at the large renditions, and stays there.
            let job = try await eventually("the large renditions to be made") {
                try await owner.json(.GET, "/api/jobs?state=running").items.first { $0["priority"] == "renditions" }?.text("id")
            }
            for decoder in decoders { kill(decoder, SIGSTOP) }
            #expect(try await owner.json(.POST, "/api/jobs/\(job)/cancel")["state"] == "cancelled")
            let failed = try await desk.event("photo_status_updated") { $0.data["failure"]?["code"] == "cancelled" }
            #expect(failed.data["id"]?.stringValue == photo)
            let told = try await gallery.event("photo_status_updated") { $0.data["status"] == "failed" }
            #expect(told.data["failure"] == nil)
            try await eventually("the decoder to be replaced") {
                let now = stage.server.decoders()
                return now.isEmpty || now == decoders ? nil : ()
            }

            try await owner.json(.POST, "/api/jobs/\(job)/retry", expecting: 202)
            let ready = try await gallery.event("photo_status_updated", within: .seconds(90)) { $0.data["status"] == "ready" }
            #expect(ready.data["renditions"]?.elements.count == 8)
            #expect(gallery.events.filter { $0.type == "new_photo" }.count == 1)
            #expect(try await stage.shoot.settled(photo)["status"] == "ready")
        }
    }
}

/// A server with a photographer's session.
private struct JobStage {
    var server: ServerProcess
    var shoot: Shoot

    static func build(_ variables: [String: String]) async throws -> JobStage {
        let server = try await ServerProcess.start(variables: variables)
        let owner = try await server.createAccount("ada")
        let key = try await server.createKey(of: owner, Scope.allCases)
        return JobStage(server: server, shoot: try await Shoot.begin(server.api.with(key)))
    }

    /// Somebody else with an account.
    func person(_ name: String, _ role: Role = .photographer) async throws -> API {
        let account = try await server.createAccount(name, role: role)
        return server.api.with(try await server.createKey(of: account, Scope.allCases))
    }

    /// Somebody who sees the desk and does not manage the session.
    func assistant() async throws -> API {
        let account = try await server.createAccount("assistant")
        let rights: Rights = [.view, .original, .upload, .desk]
        try await server.terminate()
        try await server.admit(account, to: shoot.id, rights)
        try await server.restart()
        return server.api.with(try await server.createKey(of: account, Scope.allCases))
    }
}
