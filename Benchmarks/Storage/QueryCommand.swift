import ArgumentParser
import Core
import Database

/// How often a second, and how long it takes each time.
struct QueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query", abstract: "Run a statement again and again from several callers; prints JSON.")

    @OptionGroup var options: DatabaseOptions
    @Argument var statement: Statement
    @Option(name: .long, help: "Callers at a time.") var callers = 10
    @Option(name: .long, help: "Seconds, after one to warm up.") var seconds = 3

    func run() async throws {
        let database = try await options.open()
        let begin = ContinuousClock.now + .seconds(1)
        let end = begin + .seconds(seconds)
        let times = try await withThrowingTaskGroup(of: [Duration].self) { group in
            for _ in 0..<callers { group.addTask { try await call(database, from: begin, until: end) } }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        try await database.close()
        print(try JSON.text(Summary(times, seconds: seconds)))
    }

    /// One caller.
    /// - Returns: how long each call took that began and ended between the two moments.
    private func call(
        _ database: any Database, from begin: ContinuousClock.Instant, until end: ContinuousClock.Instant
    ) async throws -> [Duration] {
        var times: [Duration] = []
        while true {
            let start = ContinuousClock.now
            let rows = try await statement.run(on: database)
            let now = ContinuousClock.now
            guard rows == statement.expectedRows else { throw ValidationError("\(statement) gave \(rows) rows.") }
            if now >= end { return times }
            if start >= begin { times.append(now - start) }
        }
    }
}

/// What is printed.
private struct Summary: Encodable {
    /// Calls a second.
    var rate: Double
    /// Milliseconds.
    var p50: Double
    var p99: Double

    init(_ times: [Duration], seconds: Int) {
        let sorted = times.map { $0 / .milliseconds(1) }.sorted()
        rate = Double(sorted.count) / Double(seconds)
        p50 = sorted.isEmpty ? 0 : sorted[sorted.count / 2]
        p99 = sorted.isEmpty ? 0 : sorted[sorted.count * 99 / 100]
    }
}
