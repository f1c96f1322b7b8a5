import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// No file takes the server down, or keeps it from answering.
    @Suite(.enabled(if: HostileSet.isPossible, "the fixtures are not made")) struct HostileTests {
        fileprivate struct Stage {
            var server: ServerProcess
            var shoot: Shoot
            /// Another session, for files that are good.
            var other: Shoot

            static func build() async throws -> Stage {
                let server = try await ServerProcess.start()
                let owner = try await server.createAccount("ada")
                let api = server.api.with(try await server.createKey(of: owner, Scope.allCases))
                // Each file stands for itself, whatever it is called.
                return Stage(
                    server: server, shoot: try await Shoot.begin(api, settings: ["pairFiles": false]),
                    other: try await Shoot.begin(api, title: "Other"))
            }
        }

        @Test(.timeLimit(.minutes(Scale.isSoak ? 90 : 5)))
        func `files made to break it fail each for itself, and the server answers all the time`() async throws {
            let stage = try await Stage.build()
            let files = try HostileSet()
            let pulse = Pulse(port: stage.server.port)
            let start = ContinuousClock.now
            async let good = stage.goodPhoto("in the middle of it")
            let sent = try await stage.send(files)
            let inTheMiddle = try await good
            try await stage.settled(within: .seconds(Scale.isSoak ? 4800 : 200))
            let afterwards = try await stage.goodPhoto("afterwards")
            let heard = try await pulse.stop()
            print("hostile files: \(files.count) in \(start.duration(to: .now)); a good photo took \(inTheMiddle) and \(afterwards);",
                "\(heard.times.count) answers of /health/live within \(heard.worst), nearly all within \(heard.nearlyWorst)")
            #expect(heard.faults.isEmpty)
            #expect(heard.times.count > 100)
            if Scale.isSoak { #expect(heard.worst < .milliseconds(50)) }
            #expect(max(inTheMiddle, afterwards) < .seconds(20))

            try await stage.expectEndings(of: sent)
            try await stage.expectNothingLeft()
        }

        @Test func `a watermark that is a bomb is refused or drawn, and never breaks a photo`() async throws {
            let stage = try await SharedServer.stage()
            let shoot = try await Shoot.begin(stage.ownerAPI)
            let bombs = try Bomb.all(edge: Scale.isSoak ? 4096 : 1000) { Array(try Fixtures.data($0)) }.filter { $0.name.hasSuffix(".png") }
            var taken: [String] = []
            for bomb in bombs {
                let answer = try await shoot.owner.send(
                    .PUT, "/api/sessions/\(shoot.id)/watermark/picture", headers: [("Content-Type", "image/png")],
                    body: Data(bomb.bytes))
                #expect([200, 413, 422].contains(answer.status), "\(bomb): \(answer.status) \(answer.text)")
                if bomb.isTooLarge { #expect(answer.code == "bad_picture") }
                if answer.status == 200 { taken.append(try answer.json.text("picture")) }
            }
            // What could be drawn once can be drawn always.
            for (number, picture) in taken.enumerated() {
                let settings: JSONValue = ["watermark": ["picture": .string(picture)]]
                try await shoot.owner.json(.PUT, "/api/sessions/\(shoot.id)", ["settings": settings])
                let jpeg = Fixtures.variant(of: try Fixtures.data("orientation-1.jpg"), number)
                let photo = try await shoot.settled(try await shoot.upload(jpeg, as: "marked-\(number).jpg"))
                #expect(photo["status"] == "ready", "\(photo)")
            }
            print("watermarks: \(taken.count) of \(bombs.count) bombs can be drawn")
        }
    }
}

extension EndToEnd.HostileTests.Stage {
    /// Sends all files, some at a time.
    /// - Returns: the ids of their photos with the names they were sent by.
    fileprivate func send(_ files: HostileSet) async throws -> [String: String] {
        try await withThrowingTaskGroup(of: (String, String).self) { group in
            var sent: [String: String] = [:]
            for index in 0..<files.count {
                if index >= 4, let (photo, name) = try await group.next() { sent[photo] = name }
                group.addTask {
                    let file = files[index]
                    return (try await shoot.upload(Data(file.bytes), as: file.name, type: Self.type(of: file.name)), file.name)
                }
            }
            for try await (photo, name) in group { sent[photo] = name }
            return sent
        }
    }

    private static func type(of name: String) -> String {
        [".mp4", ".mov", ".webm"].contains(where: name.hasSuffix) ? "video/mp4" : "image/jpeg"
    }

    /// How long a photo takes from its first byte to all renditions.
    fileprivate func goodPhoto(_ when: String) async throws -> Duration {
        let start = ContinuousClock.now
        let bytes = Fixtures.variant(of: try Fixtures.data("orientation-1.jpg"), 1)
        let photo = try await other.settled(try await other.upload(bytes, as: "\(when).jpg"))
        #expect(photo["status"] == "ready", "\(when): \(photo)")
        #expect(photo["renditions"]?.elements.count == 8)
        return start.duration(to: .now)
    }

    /// Waits until no job waits or is being worked at.
    fileprivate func settled(within limit: Duration) async throws {
        try await eventually("every job to end", within: limit, every: .milliseconds(200)) { () -> Void? in
            for state in ["queued", "running"] where try await !jobs(in: state, limit: 1).isEmpty { return nil }
            return ()
        }
    }

    private func jobs(in state: String, limit: Int) async throws -> [JSONValue] {
        try await shoot.owner.json(.GET, "/api/jobs?session=\(shoot.id)&state=\(state)&limit=\(limit)").items
    }

    /// Every photo is ready, or says why it is not; and so does its job, if there was one.
    fileprivate func expectEndings(of sent: [String: String]) async throws {
        let photos = try await shoot.owner.all("/api/photos?session=\(shoot.id)", limit: 200)
        let found = Dictionary(uniqueKeysWithValues: photos.compactMap { photo in photo["id"]?.stringValue.map { ($0, photo) } })
        let jobs = try await shoot.owner.all("/api/jobs?session=\(shoot.id)", limit: 200)
        let states = Dictionary(uniqueKeysWithValues: jobs.compactMap { job in job["photoId"]?.stringValue.map { ($0, job) } })
        var endings: [String: [String]] = [:]
        for (id, name) in sent {
            // Two changes can come to the same: then they are one photo.
            guard let photo = found[id] else {
                let upload = try await shoot.owner.json(.GET, "/api/uploads/\(id)")
                #expect(upload["photoId"]?.stringValue.map { found[$0] != nil } == true, "\(name): \(upload)")
                continue
            }
            endings[expectEnding(photo, states[id], name), default: []].append(name)
        }
        #expect(Set(states.keys).isSubset(of: found.keys))
        print("hostile files ended:", endings.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.count)" }.joined(separator: ", "))
        // Worth a look, though they take nothing with them.
        print("decoders ended on:", (endings["decoder_crashed", default: []] + endings["timed_out", default: []]).joined(separator: ", "))
    }

    /// Codes that say something about a file.
    private static let reasons: Set = ["unsupported_format", "unsupported_type", "damaged", "too_large", "decoder_crashed", "timed_out"]

    private func expectEnding(_ photo: JSONValue, _ job: JSONValue?, _ name: String) -> String {
        guard photo["status"] != "ready" else {
            #expect(photo["renditions"]?.elements.isEmpty == false && photo["failure"] == nil, "\(name): \(photo)")
            #expect(job?["state"] == "done", "\(name): \(job ?? .null)")
            return "ready"
        }
        #expect(photo["status"] == "failed", "\(name): \(photo)")
        let failure = photo["failure"]
        let code = failure?["code"]?.stringValue ?? ""
        #expect(Self.reasons.contains(code), "\(name): \(photo)")
        for text in ["detail", "help"] {
            let sentence = failure?[text]?.stringValue ?? ""
            #expect(sentence.count > 15 && sentence.hasSuffix("."), "\(name): \(sentence)")
        }
        // What the first bytes give away has none.
        if code != "unsupported_type" || job != nil { #expect(job?["state"] == "failed" && job?["failure"] == failure, "\(name): \(job ?? .null)") }
        return code
    }

    /// Killed at work and stopped in order, it leaves no decoder behind, and loses no job.
    fileprivate func expectNothingLeft() async throws {
        let desk = try await SocketClient.connect(port: server.port, token: other.owner.token)
        try await desk.join(other, code: false)
        let large = try await other.upload(try Fixtures.data("large-24mp.jpg"), as: "large.jpg")
        _ = try await desk.event("new_photo") { $0.data["id"]?.stringValue == large }
        #expect(!server.decoders().isEmpty)
        try await server.kill9()
        try await server.decodersGone()
        try await server.restart()
        #expect(try await other.settled(large)["status"] == "ready")
        #expect(!server.decoders().isEmpty)
        #expect(try await server.terminate() == .exited(0))
        #expect(server.decoders().isEmpty)
    }
}
