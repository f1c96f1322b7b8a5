import Core
import Synchronization
import TestSupport
import Testing

@testable import Webhooks

/// What is written down for whom.
enum OutboxClauses {
    static let all: [WebhookContract.Clause] = [
        .init("a webhook hears of its events in its session, or in every session of its owner", listeners),
        .init("who no longer manages a session hears nothing of it", formerManagers),
        .init("nothing is told of what was not committed", rollBack),
        .init("the message is whole JSON with type, time and data", message),
        .init("a photo's state is told of as the desk hears it", photoStates),
        .init("a finished upload is told of with what became of it", uploads),
    ]

    private static func listeners(_ house: House) async throws {
        let feature = house.feature()
        let service = feature.service
        let (elsewhere, other) = (SessionID(at: house.clock.now()), UserID(at: house.clock.now()))
        house.staff.set([house.owner, other], of: elsewhere)
        let one = try await service.create(house.wish(session: house.session), owner: house.owner)
        let all = try await service.create(house.wish(), owner: house.owner)
        let picky = try await service.create(house.wish("http://a/", [.photoFailed]), owner: house.owner)
        let off = try await service.create(house.wish(isEnabled: false), owner: house.owner)
        let colleague = try await service.create(house.wish(), owner: other)
        try await house.tell(.photoReady, feature)
        try await house.tell(.photoFailed, feature, in: elsewhere)
        try await house.tell(.uploadCompleted, feature, in: SessionID(at: house.clock.now()))
        #expect(try await house.states(one, feature) == ["photo.ready pending"])
        #expect(try await house.states(all, feature).sorted() == ["photo.failed pending", "photo.ready pending"])
        #expect(try await house.states(picky, feature) == ["photo.failed pending"])
        #expect(try await house.states(off, feature) == [])
        #expect(try await house.states(colleague, feature) == ["photo.failed pending"])
    }

    private static func formerManagers(_ house: House) async throws {
        let feature = house.feature()
        let webhook = try await feature.service.create(house.wish(session: house.session), owner: house.owner)
        house.staff.set([UserID(at: house.clock.now())], of: house.session)
        try await house.tell(feature)
        #expect(try await house.states(webhook, feature) == [])
    }

    private static func rollBack(_ house: House) async throws {
        struct Undone: Error {}
        let feature = house.feature()
        let webhook = try await feature.service.create(house.wish(), owner: house.owner)
        await #expect(throws: Undone.self) {
            try await house.database.write { tx in
                try feature.outbox.tell(.photoReady, in: house.session, tx) { "{}" }
                throw Undone()
            }
        }
        #expect(try await house.states(webhook, feature) == [])
    }

    private static func message(_ house: House) async throws {
        let feature = house.feature()
        _ = try await feature.service.create(house.wish(), owner: house.owner)
        try await house.tell(feature)
        let body = try #require(try await house.claim()).body
        let json: JSONValue = try JSON.decode(from: body)
        #expect(json == ["type": "photo.ready", "timestamp": .string("\(house.clock.now())"), "data": ["id": "x"]])
    }

    private static func photoStates(_ house: House) async throws {
        let feature = house.feature()
        let webhook = try await feature.service.create(house.wish(), owner: house.owner)
        let type = EventType("photo_status_updated", payload: .any, about: "")
        let (next, session) = (EventList(), house.session)
        let events = feature.events(over: next, photoStatus: type)
        let told: [DurableEvent] = try [
            DurableEvent(topic: .desk(session), type: type, data: ["id": "1", "status": "processing"]),
            DurableEvent(topic: .desk(session), type: type, data: ["id": "2", "status": "ready", "sign": "\"ä/"]),
            DurableEvent(topic: .session(session), type: type, data: ["id": "2", "status": "ready"]),
            DurableEvent(topic: .desk(session), type: type, data: ["id": "3", "status": "failed"]),
            DurableEvent(topic: .desk(session), name: "new_photo", data: "no JSON of ours"),
        ]
        for event in told {
            house.clock.advance(by: .seconds(1))
            try await house.database.write { try events.publish(event, in: $0) }
        }
        #expect(try await house.states(webhook, feature) == ["photo.ready pending", "photo.failed pending"])
        #expect(next.events == told)
        let json: JSONValue = try JSON.decode(from: try #require(try await house.claim()).body)
        #expect(json["data"] == ["id": "2", "status": "ready", "sign": "\"ä/"])
    }

    private static func uploads(_ house: House) async throws {
        let feature = house.feature()
        _ = try await feature.service.create(house.wish(), owner: house.owner)
        let now = house.clock.now()
        let upload = CompletedUpload(
            id: UploadID(at: now), sessionID: house.session,
            declaration: UploadDeclaration(
                purpose: "session", target: "", filename: "a.jpg", contentType: "image/jpeg", length: 3, sha256: nil),
            size: 3, sha256: "00ff", crc32: 1, objectKey: .original(OriginalID(at: now)), uploaderID: house.owner,
            completedAt: now)
        let photo = PhotoID(at: now)
        for outcome in [UploadOutcome.created(photo), .duplicate(of: photo)] {
            let handler = feature.completion(over: Handler(outcome: outcome))
            #expect(try await house.database.write { try handler.completed(upload, in: $0) } == outcome)
        }
        var told: [UploadMessage] = []
        while let claim = try await house.claim() {
            let json: JSONValue = try JSON.decode(from: claim.body)
            told.append(try JSON.decode(from: try JSON.encode(try #require(json["data"]))))
        }
        let expected = [UploadMessage(upload, .created(photo)), UploadMessage(upload, .duplicate(of: photo))]
        #expect(told.sorted { !$0.isDuplicate && $1.isDuplicate } == expected)
        #expect(told.allSatisfy { $0.photoId == photo && $0.filename == "a.jpg" && $0.sha256 == "00ff" })
    }
}

private struct Handler: CompletedUploadHandler {
    let outcome: UploadOutcome

    func completed(_ upload: CompletedUpload, in transaction: any Transaction) throws -> UploadOutcome { outcome }

    func original(sha256: String, in session: SessionID, transaction: any Transaction) throws -> ObjectKey? { nil }

    func known(sha256: String, size: Int64, in session: SessionID, transaction: any Transaction) throws -> PhotoID? {
        outcome.photoID
    }
}

private final class EventList: EventPublisher, EventRewriter {
    private let list = Mutex<[DurableEvent]>([])

    var events: [DurableEvent] { list.withLock { $0 } }

    func publish(_ event: DurableEvent, in transaction: any Transaction) throws {
        transaction.afterCommit { [self] in list.withLock { $0.append(event) } }
    }

    func send(_ event: EphemeralEvent) {}
    func rewrite(_ subject: String, of topic: Topic, as data: String, in transaction: any Transaction) throws {}
}
