import ArgumentParser
import Broker
import Core
import Database
import Glibc
import Logging

/// A node of the fleet that has no guests of its own: commits durable events and says when.
struct PublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish", abstract: "Commit events in a session; prints each one's number and moment.")

    @Argument(help: "The session.") var session: String
    @Option(name: .long, help: "Events.") var count = 300
    @Option(name: .long, help: "Milliseconds between them.") var interval = 20

    private static let type = EventType(
        "benchmark", payload: .object([.field("number", .integer(0...Int64.max))]), about: "Measures the way to a guest.")

    func run() async throws {
        guard let session = SessionID(session) else { throw ValidationError("The session is no id.") }
        let database = try await DatabaseOptions.parse([]).open()
        let broker = try await RedisBroker(
            database: database, configuration: RedisConfiguration(url: try RedisURL(try Environment.require("REDIS_URL"))),
            logger: .benchmark)
        let running = Task { await broker.run() }
        while broker.health != .healthy { try await Task.sleep(for: .milliseconds(20)) }
        let outbox = Outbox(transport: broker, numbering: .byRelay)
        for number in 0..<count {
            let event = try DurableEvent(topic: .session(session), type: Self.type, data: ["number": number])
            try await database.write { transaction in
                // Before the effects of `publish`: the moment of the commit as this node learns of it.
                transaction.afterCommit { print(number, Self.now) }
                try outbox.publish(event, in: transaction)
            }
            try await Task.sleep(for: .milliseconds(interval))
        }
        running.cancel()
        await running.value
        try await database.close()
    }

    /// Nanoseconds of the clock that all processes of the machine share.
    private static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
