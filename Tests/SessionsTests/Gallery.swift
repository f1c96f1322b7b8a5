import Accounts
import Broker
import Core
import Testing

@testable import Sessions

/// A session with photos that guests are shown, its owner, and a link for guests who may select.
struct Gallery {
    let house: TestHouse
    let session: SessionID
    let owner: Principal
    let photos: [PhotoID]
    let link: LinkID
    private let token: String

    /// - Parameter hidden: photos besides, which guests are not shown.
    static func with(
        _ driver: TestDriver = .sqlite, photos count: Int = 3, hidden: Int = 0, _ body: (Gallery) async throws -> Void
    ) async throws {
        try await TestHouse.with(driver) { house in
            let (session, shown) = try await house.session(photos: count)
            try await house.workThrough()
            var uploads = shown
            for number in 0..<hidden {
                let upload = house.upload(into: session.id, sha256: String(repeating: "f", count: 63) + String(number))
                _ = try await house.database.write { tx in try house.intake.completed(upload, in: tx) }
                uploads.append(upload)
            }
            let link = try await house.links().create(LinkInput(name: "Family", rights: ["select"]), in: session.id, at: "")
            try await body(
                Gallery(
                    house: house, session: session.id, owner: .user(session.ownerId, role: .photographer, device: DeviceID(at: house.clock.now())),
                    photos: uploads.map { PhotoID($0.id) }, link: link.id,
                    token: try #require(link.url?.split(separator: "/").last.map(String.init))))
        }
    }

    var staff: Chooser { get throws { try Chooser(owner, rights: .owner) } }

    /// Somebody who comes in by the link.
    /// - Parameter principal: who they were before.
    func guest(_ name: String = "Ann", as principal: Principal = .anonymous) async throws -> Principal {
        let entry = try await house.links().enter(token, name: name, password: nil, address: "192.0.2.1", as: principal)
        return .guest(try #require(house.accounts.grantChecker.check(entry.token)))
    }

    func chooser(_ name: String = "Ann") async throws -> Chooser {
        try Chooser(try await guest(name), rights: [.view, .select])
    }

    /// Takes a photo out of guests' sight.
    func hide(_ photo: PhotoID) async throws {
        try await house.database.write { tx in try tx.execute("UPDATE photos SET shown_at = NULL WHERE id = \(photo)") }
    }

    /// The code of the problem that something fails with.
    func code(_ body: () async throws -> some Any) async -> String? {
        do {
            _ = try await body()
            return nil
        } catch { return (error as? Problem)?.code ?? "\(error)" }
    }

    /// The names and data of the events a topic has seen, in order.
    func news(_ topic: Topic, _ name: String) async throws -> [JSONValue] {
        try await house.broker.history(of: topic, after: 0, limit: 1000).events.filter { $0.event.name == name }
            .map { try JSON.decode(from: $0.event.data) }
    }
}

extension TestHouse {
    var names: NameBook { NameBook(grants: accounts.grants, names: accounts.accounts) }

    var selections: SelectionService {
        SelectionService(
            database: database, photos: photos, names: names, attempts: accounts.attempts,
            events: events, clock: clock)
    }

    var reports: ReportService {
        ReportService(desk, names: names, attempts: accounts.attempts, events: events, clock: clock)
    }

    func marks(_ events: any EventPublisher = SentEvents()) -> MarkService {
        MarkService(database: database, attempts: accounts.attempts, events: events, clock: clock)
    }
}
