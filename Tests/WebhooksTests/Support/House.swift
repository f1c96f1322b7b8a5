import Core
import Database
import Foundation
import Logging
import Synchronization
import TestSupport

@testable import Webhooks

/// A clock that moves only when told to.
final class ManualClock: WallClock {
    private let time = Mutex(Timestamp(milliseconds: 1_800_000_000_000))

    func now() -> Timestamp { time.withLock { $0 } }
    func advance(by duration: Duration) { time.withLock { $0 = $0 + duration } }
}

/// Who manages which session.
final class Staff: SessionManagers {
    private let lists = Mutex<[SessionID: [UserID]]>([:])

    func set(_ managers: [UserID], of session: SessionID) { lists.withLock { $0[session] = managers } }

    func managers(of session: SessionID, transaction: any Transaction) throws -> [UserID] {
        lists.withLock { $0[session] ?? [] }
    }
}

/// Names and where they lead.
struct Names: HostResolver {
    var addresses: [String: [String]] = [:]

    func addresses(of host: String, for account: UserID) async throws -> [IPAddress] {
        (addresses[host] ?? []).compactMap { IPAddress($0) }
    }
}

/// A database with the tables of webhooks, and features on it as if each were a process.
struct House: Sendable {
    @TaskLocal static var isPostgres = false

    private static let silence = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    let database: any DatabaseDriver
    let clock = ManualClock()
    let staff = Staff()
    let owner = UserID(at: Timestamp(milliseconds: 1))
    let session = SessionID(at: Timestamp(milliseconds: 2))
    let folder: TemporaryFolder

    static func with<Value>(_ body: (House) async throws -> Value) async throws -> Value {
        let folder = try TemporaryFolder("webhooks")
        let database: any DatabaseDriver =
            if isPostgres { try await PostgresDatabase.open(try await LocalPostgres.shared.value.freshDatabase()) } else {
                try await SQLiteDatabase.open(folder.file("test.sqlite"))
            }
        try await Migrator.migrate(database, WebhookMigrations.all)
        let house = House(database: database, folder: folder)
        house.staff.set([house.owner], of: house.session)
        do {
            let value = try await body(house)
            try await database.close()
            return value
        } catch {
            try? await database.close()
            throw error
        }
    }

    /// Reaches everything, and does not wait long.
    func feature(_ change: (inout WebhookConfiguration) -> Void = { _ in }, clock: (any WallClock)? = nil) -> WebhooksFeature {
        var configuration = WebhookConfiguration()
        configuration.reach = .anywhere
        configuration.pollInterval = .milliseconds(20)
        change(&configuration)
        return WebhooksFeature(
            configuration, database: database, managers: staff, clock: clock ?? self.clock,
            logger: Self.silence)
    }

    // MARK: Doing

    func wish(
        _ url: String = "https://hooks.example.org/", _ events: [HookEvent] = HookEvent.allCases,
        session: SessionID? = nil, isEnabled: Bool = true
    ) -> WebhookService.Wish {
        .init(name: "test", url: url, events: events, sessionID: session, isEnabled: isEnabled)
    }

    func tell(_ feature: WebhooksFeature) async throws { try await tell(.photoReady, feature) }

    func tell(_ event: HookEvent, _ feature: WebhooksFeature, in session: SessionID? = nil) async throws {
        let session = session ?? self.session
        try await database.write { try feature.outbox.tell(event, in: session, $0) { #"{"id":"x"}"# } }
    }

    /// Claims a message as a process does.
    /// - Parameters:
    ///   - last: the account whose turn it was before.
    ///   - change: limits; without it there are none.
    func claim(
        after last: String = "", _ change: (inout WebhookConfiguration) -> Void = { _ in }
    ) async throws -> ClaimedDelivery? {
        var configuration = WebhookConfiguration()
        (configuration.perHost, configuration.perOwner, configuration.perWebhook) = (.max, .max, .max)
        change(&configuration)
        let claimer = DeliveryClaimer(
            configuration, database: database, managers: staff, clock: clock, logger: Self.silence)
        guard let turn = try await claimer.turn(after: last) else { return nil }
        return try await claimer.claim(turn)
    }

    /// Ends an attempt as if it had been made.
    func record(_ claim: ClaimedDelivery, _ outcome: SendingOutcome) async throws {
        let now = clock.now()
        let verdict = RetrySchedule.verdict(on: outcome, attempt: claim.attempt, chance: 0)
        let entry = Delivery.Attempt(at: now, status: nil, error: nil, duration: 1)
        let recorder = DeliveryRecorder(failingLimit: .seconds(3 * 86_400), metrics: WebhookMetrics())
        try await database.write { try recorder.record(entry, verdict, of: claim, at: now, $0) }
    }

    func log(_ webhook: Webhook, _ feature: WebhooksFeature) async throws -> [Delivery] {
        try await feature.service.deliveries(of: webhook.id, owner: webhook.ownerID, after: nil, limit: 100)
    }

    /// The type and state of every message of a webhook, the oldest first.
    func states(_ webhook: Webhook, _ feature: WebhooksFeature) async throws -> [String] {
        try await log(webhook, feature).reversed().map { "\($0.type) \($0.state)" }
    }

    /// Runs a sender beside a body, and cancels it afterwards.
    func sending(
        _ feature: WebhooksFeature, names: Names = Names(), metrics: WebhookMetrics = WebhookMetrics(), _ body: () async throws -> Void
    ) async throws {
        let sender = feature.sender(changes: nil, resolver: names, metrics: metrics, chance: { 0 })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await sender.run() }
            defer { group.cancelAll() }
            try await body()
        }
    }

    /// Waits until a webhook's messages are in those states.
    func settled(_ webhook: Webhook, _ feature: WebhooksFeature, _ states: [Delivery.State]) async throws -> [Delivery] {
        try await eventually("the messages to be \(states)") {
            let log = Array(try await self.log(webhook, feature).reversed())
            return log.map(\.state) == states ? log : nil
        }
    }
}

/// The code of the problem that a call is refused with.
func code(of body: () async throws -> some Any) async -> String? {
    do {
        _ = try await body()
        return nil
    } catch let problem as Problem {
        return problem.code
    } catch {
        return "\(error)"
    }
}
