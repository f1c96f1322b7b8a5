import Core
import Database
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Webhooks

/// Two servers on one PostgreSQL, each with connections and a sender of its own.
@Suite(.enabled(if: WebhookReceiver.isAvailable && LocalPostgres.isInstalled)) struct TwoNodesTests {
    /// Leads everywhere to this machine, and counts how often it was asked: once for each attempt.
    private final class Counter: HostResolver {
        private let asked = Mutex(0)
        var count: Int { asked.withLock { $0 } }

        func addresses(of host: String, for account: UserID) async throws -> [IPAddress] {
            asked.withLock { $0 += 1 }
            return ["127.0.0.1"].compactMap { IPAddress($0) }
        }
    }

    private struct Node: Sendable {
        let database: PostgresDatabase
        let feature: WebhooksFeature
        let names = Counter()

        init(_ url: String, _ staff: Staff) async throws {
            database = try await PostgresDatabase.open(url)
            var configuration = WebhookConfiguration()
            configuration.reach = .anywhere
            configuration.pollInterval = .milliseconds(50)
            (configuration.totalTimeout, configuration.lease) = (.seconds(6), .seconds(8))
            feature = WebhooksFeature(
                configuration, database: database, managers: staff, clock: SystemWallClock(),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        }

        func send() async throws {
            let changes = database.changesByOthers(in: WebhooksFeature.channel)
            try await feature.sender(changes: changes, resolver: names) { 0 }.run()
        }
    }

    /// Two nodes, and webhooks of a few accounts that all manage one session.
    private struct Fleet {
        let (one, other): (Node, Node)
        let session = SessionID(at: Timestamp(milliseconds: 1))
        var webhooks: [Webhook] = []

        init(_ receiver: WebhookReceiver, accounts: Int) async throws {
            let url = try await LocalPostgres.shared.value.freshDatabase()
            let staff = Staff()
            (one, other) = (try await Node(url, staff), try await Node(url, staff))
            try await Migrator.migrate(one.database, WebhookMigrations.all)
            for number in 0..<accounts {
                let wish = WebhookService.Wish(
                    name: "", url: "http://node\(number).test:\(receiver.port)/", events: HookEvent.allCases, sessionID: nil,
                    isEnabled: true)
                webhooks.append(try await one.feature.service.create(wish, owner: UserID(at: Timestamp(milliseconds: 1))))
            }
            staff.set(webhooks.map(\.ownerID), of: session)
        }

        /// Tells every webhook of something, now by the one node and now by the other.
        func tell(_ count: Int) async throws {
            for number in 0..<count {
                let node = number % 2 == 0 ? one : other
                try await node.database.write { [session] in
                    try node.feature.outbox.tell(.photoReady, in: session, $0) { #"{"id":"\#(number)"}"# }
                }
            }
        }

        /// Waits until everything is delivered.
        func delivered(_ count: Int) async throws -> [Delivery] {
            try await eventually("\(count) messages to be delivered", within: .seconds(90), every: .milliseconds(200)) {
                var all: [Delivery] = []
                for webhook in webhooks {
                    all += try await other.feature.service.deliveries(
                        of: webhook.id, owner: webhook.ownerID, after: nil, limit: 1000)
                }
                return all.filter { $0.state == .delivered }.count == count ? all : nil
            }
        }

        func close() async throws {
            await one.database.close()
            await other.database.close()
        }
    }

    /// How often each message came.
    private static func counts(_ receiver: WebhookReceiver) throws -> [String: Int] {
        try receiver.messages().reduce(into: [:]) { $0[$1.headers["webhook-id"] ?? "", default: 0] += 1 }
    }

    @Test func `two nodes share the work: every message comes, and none comes twice`() async throws {
        let receiver = try await WebhookReceiver(["200"])
        let fleet = try await Fleet(receiver, accounts: 4)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await fleet.one.send() }
            group.addTask { try await fleet.other.send() }
            defer { group.cancelAll() }
            try await fleet.tell(50)
            let all = try await fleet.delivered(200)
            #expect(try Self.counts(receiver) == Dictionary(uniqueKeysWithValues: all.map { ("\($0.id)", 1) }))
            #expect(all.allSatisfy { $0.attempts == 1 })
            #expect(fleet.one.names.count > 0 && fleet.other.names.count > 0)
            #expect(fleet.one.names.count + fleet.other.names.count == 200)
        }
        try await fleet.close()
    }

    @Test func `when a node dies, what it was sending comes again from the other, and nothing else does`() async throws {
        // What the first node sends at the moment it dies is never answered.
        let receiver = try await WebhookReceiver(["200", "200", "200", "hang", "hang", "hang", "hang", "200"])
        let fleet = try await Fleet(receiver, accounts: 2)
        try await fleet.tell(20)
        let first = Task { try await fleet.one.send() }
        let hanging = try await receiver.wait(for: 7).suffix(4).compactMap { $0.headers["webhook-id"] }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await fleet.other.send() }
            defer { group.cancelAll() }
            first.cancel()
            let all = try await fleet.delivered(40)
            let interrupted = all.filter { $0.log.first?.error == .interrupted }
            #expect(Set(interrupted.map { "\($0.id)" }) == Set(hanging) && hanging.count == 4)
            let counts = try Self.counts(receiver)
            for delivery in all { #expect(counts["\(delivery.id)"] == delivery.log.count) }
            #expect(counts.values.reduce(0, +) == 44)
        }
        _ = await first.result
        try await fleet.close()
    }
}
