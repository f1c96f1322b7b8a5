import Core
import Database
import Foundation
import Logging
import TestSupport
import Testing

@testable import Broker

@Suite struct `A database restored from a backup` {
    @Test("whose history was renewed belongs to nobody's epoch, however far it gets")
    func renewed() async throws {
        let place = try await Place.withBackup()
        let ahead = try await place.run { house in
            try await house.publish(event(3), event(4), event(5))
            return house.broker.epoch
        }
        try place.restore()
        // Nothing shows it by itself: the file is the same as before, and will overtake what clients hold.
        #expect(try await place.run { $0.broker.epoch } == ahead)
        let renewed = try await place.renew()
        let (epoch, latest) = try await place.run { house in
            try await house.publish(event(6), event(7), event(8), event(9))
            return (house.broker.epoch, try await house.broker.latestOffset(of: topic))
        }
        #expect(epoch == renewed && epoch != ahead && latest == 6)
        #expect(try await place.run { $0.broker.epoch } == epoch)
    }

    @Test("for the second time, from the same backup, gets another epoch than for the first")
    func twice() async throws {
        let place = try await Place.withBackup()
        var epochs: Set<String> = []
        for attempt in 0..<3 {
            try place.restore()
            epochs.insert(try await place.renew(at: TestClock(after: .milliseconds(attempt))))
        }
        #expect(epochs.count == 3)
    }

    @Test("begins a new history by itself where the database says that it is another one")
    func noticed() async throws {
        let place = try await Place.withBackup()
        let first = try await place.run(identity: nil) { $0.broker.epoch }
        // A house from before identities were written down is taken as it is.
        #expect(try await place.run(identity: "one") { $0.broker.epoch } == first)
        #expect(try await place.run(identity: "one") { $0.broker.epoch } == first)
        let second = try await place.run(identity: "another") { house in
            try await house.relaying {
                try await house.publish(event(3))
                try await house.receiver.received(1)
            }
            #expect(house.receiver.losses == 0 && house.receiver.durable.first?.offset == 3)
            return house.broker.epoch
        }
        #expect(second != first)
        #expect(try await place.run(identity: "another") { $0.broker.epoch } == second)
        // A place that says nothing changes nothing.
        #expect(try await place.run(identity: nil) { $0.broker.epoch } == second)
    }

    @Test("that no server has ever opened has no history to renew")
    func nobodys() async throws {
        let folder = try TemporaryFolder("restore")
        let database = try await SQLiteDatabase.open(folder.file("test.sqlite"))
        try await Migrator.migrate(database, BrokerMigrations.all)
        #expect(try await Outbox.renewHistory(in: database) == nil)
        try await database.close()
    }

    @Test("renewing beside a running server makes its clients connect again, and tells what comes since")
    func beside() async throws {
        var configuration = OutboxRelay.Configuration()
        configuration.poll = .milliseconds(5)
        try await House.with(numbering: .onAppend) { house in
            try await house.relaying(configuration) {
                try await house.publish(event(1))
                try await house.receiver.received(1)
                let guest = try await SQLiteDatabase.open(house.path, configuration: SQLiteConfiguration(role: .guest))
                let epoch = try #require(try await Outbox.renewHistory(in: guest))
                try await guest.close()
                try await house.receiver.lost()
                #expect(house.broker.epoch == epoch)
                try await house.publish(event(2))
                try await house.receiver.received(2)
                #expect(house.receiver.losses == 1 && house.receiver.durable.map(\.offset) == [1, 2])
            }
        }
    }

    @Test("renewing beside a fleet gives all its nodes the same epoch",
        .enabled(if: LocalRedis.isInstalled, "redis-server is not installed"))
    func besideFleet() async throws {
        let redis = try await LocalRedis()
        try await Fleet.with(.local(redis)) { fleet in
            try await fleet.healthy()
            for number in 1...10 { try await fleet.nodes[number % 2].publish(number) }
            for node in fleet.nodes { try await node.receiver.received(10) }
            let epoch = try #require(try await Outbox.renewHistory(in: fleet.a.cable))
            for node in fleet.nodes {
                try await node.receiver.lost()
                #expect(node.broker.epoch == epoch)
            }
            try await fleet.b.publish(11)
            for node in fleet.nodes {
                try await node.receiver.received(11)
                #expect(node.receiver.losses == 1 && node.receiver.durable.last?.offset == 11)
            }
            let newcomer = try await RedisBroker(
                database: fleet.a.cable, configuration: .local(redis),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            #expect(newcomer.epoch == epoch)
        }
    }
}

/// Where a house's database lies, and a copy of it that was made while two events were in it.
private struct Place {
    private let folder: TemporaryFolder
    private let path: String
    private let backup: Data

    static func withBackup() async throws -> Place {
        let folder = try TemporaryFolder("restore")
        let path = folder.file("test.sqlite")
        let house = try await House(path: path, numbering: .onAppend)
        try await house.publish(event(1), event(2))
        try await house.database.close()
        return Place(folder: folder, path: path, backup: try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// Overwrites the file in place, as `cp` does: nobody has it open.
    func restore() throws { try backup.write(to: URL(fileURLWithPath: path)) }

    /// A process of the house, from its start to its end.
    func run<Value>(identity: String? = nil, _ body: (House) async throws -> Value) async throws -> Value {
        let house = try await House(path: path, identity: identity, numbering: .onAppend)
        do {
            let value = try await body(house)
            try await house.database.close()
            return value
        } catch {
            try await house.database.close()
            throw error
        }
    }

    /// What the command does.
    func renew(at clock: any WallClock = SystemWallClock()) async throws -> String {
        let guest = try await SQLiteDatabase.open(path, configuration: SQLiteConfiguration(role: .guest))
        let epoch = try await Outbox.renewHistory(in: guest, clock: clock)
        try await guest.close()
        return try #require(epoch)
    }
}
