import Core
import Database
import Processing
import Testing

@testable import Sessions

@Suite("A failed photo whose file is sent again")
struct RetryTests {
    @Test(
        "is tried again once in a while, whichever way the clock is set",
        arguments: [(nil, true), (0, false), (599, false), (600, true), (-599, false), (-600, true)] as [(Int?, Bool)])
    func rule(seconds: Int?, expected: Bool) {
        let now = Timestamp(milliseconds: 1_795_000_000_000)
        #expect(RetryRule().permits(after: seconds.map { now - .seconds($0) }, at: now) == expected)
    }

    private func states(_ house: TestHouse) async throws -> [String] {
        try await house.database.read { tx in try tx.query("SELECT state FROM processing_jobs").map { try $0.get("state") } }
    }

    /// The work of a photo ends without success.
    private func fail(_ house: TestHouse, _ upload: CompletedUpload) async throws {
        try await house.database.write { tx in
            try tx.execute("UPDATE processing_jobs SET state = 'failed'")
            try house.intake.failed(house.job(upload), .init(code: "damaged", detail: "It is torn."), in: tx)
        }
    }

    @Test("does not keep the decoders busy, by its digest or its bytes", arguments: TestDriver.installed)
    func bound(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let owner = try await house.photographer()
            let session = try await house.sessions.create(title: "One", accessCode: "one-1", owner: owner.userID!)
            let upload = house.upload(into: session.id)
            let id = PhotoID(upload.id)
            func announce() async throws -> PhotoID? {
                try await house.database.write { tx in
                    try house.intake.known(sha256: upload.sha256, size: 3, in: session.id, transaction: tx)
                }
            }
            func status() async throws -> Photo.Status? { try await house.database.read { try house.intake.photos.find(id, $0)?.status } }
            _ = try await house.database.write { tx in try house.intake.completed(upload, in: tx) }
            // What is worked at is left alone.
            try await house.database.write { tx in _ = try tx.execute("UPDATE processing_jobs SET state = 'running', attempts = 1") }
            #expect(try await announce() == id)
            #expect(try await states(house) == ["running"])
            try await fail(house, upload)
            #expect(try await announce() == id)
            #expect(try await status() == .processing)
            #expect(try await states(house) == ["queued"])
            try await fail(house, upload)
            for _ in 0..<3 {
                #expect(try await announce() == id)
                house.clock.advance(by: .seconds(100))
                let copy = house.upload(into: session.id)
                let outcome = try await house.database.write { tx in try house.intake.completed(copy, in: tx) }
                #expect(outcome == .duplicate(of: id))
            }
            #expect(try await status() == .failed)
            #expect(try await states(house) == ["failed"])
            house.clock.advance(by: .seconds(300))
            #expect(try await announce() == id)
            #expect(try await status() == .processing)
            #expect(try await states(house) == ["queued"])
            // Whoever manages the session does not have to wait.
            try await fail(house, upload)
            try await house.photos.requeue(id)
            #expect(try await states(house) == ["queued"])
        }
    }
}
