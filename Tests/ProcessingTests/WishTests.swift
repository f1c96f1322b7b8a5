import Core
import Database
import Foundation
import Glibc
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Processing

/// A database that counts its transactions.
private final class CountedDatabase: Database {
    private let base: any Database
    private let counts = Mutex((reads: 0, writes: 0, failures: 0))

    init(_ base: any Database) { self.base = base }

    var reads: Int { counts.withLock { $0.reads } }
    var writes: Int { counts.withLock { $0.writes } }

    /// Makes the next transactions fail.
    func fail(_ count: Int) { counts.withLock { $0.failures = count } }

    private func begin(_ count: (inout (reads: Int, writes: Int, failures: Int)) -> Void) throws {
        try counts.withLock { counts in
            count(&counts)
            guard counts.failures > 0 else { return }
            counts.failures -= 1
            throw DatabaseError.failed(code: "unavailable", message: "", statement: "")
        }
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
        try begin { $0.reads += 1 }
        return try await base.read(body)
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
        try begin { $0.writes += 1 }
        return try await base.write(body)
    }

    func write<Value: Sendable>(
        _ isolation: Isolation, _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        try begin { $0.writes += 1 }
        return try await base.write(isolation, body)
    }
}

@Suite("Wishes for AVIF", .serialized) struct WishTests {
    private static let standard = Recipe.standard.hash

    private func wish(_ job: ProcessingJob, recipe: String = standard) -> RenditionWish {
        RenditionWish(originalID: job.originalID, recipe: recipe)
    }

    /// What `RenditionWishList` does with them.
    private func grant(_ wishes: [RenditionWish], in house: TestHouse) async throws {
        let jobs = house.jobs
        let wanted = try await house.database.read { try jobs.grantable(wishes, in: $0) }
        try await house.database.write { try jobs.grant(wanted, in: $0) }
    }

    /// A job that is done, without a decoder.
    private func done(in house: TestHouse, recipe: Recipe = .standard) async throws -> ProcessingJob {
        let job = try await house.enqueue(recipe: recipe)
        let (jobs, claim) = (house.jobs, try #require(try await house.claim()))
        #expect(try await house.database.write { try jobs.complete(claim, in: $0) })
        return job
    }

    private func list(_ house: TestHouse, _ database: (any Database)? = nil) -> RenditionWishList {
        RenditionWishList(
            house.jobs, database: database ?? house.database, clock: house.clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    // MARK: The queue

    @Test(arguments: TestDriver.installed)
    func `a job that is done waits once more, behind everything else`(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let job = try await done(in: house)
            try await grant([wish(job), wish(job)], in: house)
            #expect(try await house.state(of: job) == "queued 0")
            let new = try await house.enqueue()
            #expect(try await house.claim()?.job.id == new.id)
            let claim = try #require(try await house.claim())
            #expect(claim.job.id == job.id && claim.priority == .wish && claim.priority.part == .avif)
            let jobs = house.jobs
            #expect(try await house.database.write { try jobs.complete(claim, in: $0) })
            #expect(try await house.state(of: job) == "done 1")
            // Made once, and not again.
            try await grant([wish(job)], in: house)
            #expect(try await house.claim() == nil)
        }
    }

    @Test(arguments: TestDriver.installed)
    func `nothing is queued for what is not done, follows another recipe, has AVIF already or is unknown`(
        on driver: TestDriver
    ) async throws {
        try await TestHouse.with(driver) { house in
            var always = Recipe.standard
            always.formats.append(.avif)
            let made = [try await done(in: house), try await done(in: house, recipe: always)]
            let waiting = try await house.enqueue()
            let stranger = house.job()
            try await grant([wish(made[0], recipe: "ffffffffffff"), wish(made[1], recipe: always.hash), wish(waiting), wish(stranger)], in: house)
            #expect(try await house.claim()?.priority == .thumbnail)
            #expect(try await house.claim() == nil)
        }
    }

    @Test(arguments: TestDriver.installed)
    func `a re-render takes the place of a wish, whether it waits or is worked at`(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let jobs = house.jobs
            for isRunning in [false, true] {
                for recipe in [Recipe.standard, Recipe(sizes: Recipe.standard.sizes, formats: [.jpeg], version: 9)] {
                    let job = try await done(in: house)
                    try await grant([wish(job)], in: house)
                    let claim = isRunning ? try await house.claim() : nil
                    var other = job
                    other.recipe = recipe
                    try await house.database.write { [other] in try jobs.render(other, in: $0) }
                    if let claim { #expect(try await house.standing(claim) == .lost) }
                    let next = try #require(try await house.claim())
                    #expect(next.job.id == job.id && next.priority == .rerender && next.job.recipe == recipe)
                    #expect(try await house.database.write { try jobs.complete(next, in: $0) })
                    // It can be wished for again.
                    try await grant([wish(job, recipe: recipe.hash)], in: house)
                    let again = try #require(try await house.claim())
                    #expect(again.priority == .wish)
                    #expect(try await house.database.write { try jobs.complete(again, in: $0) })
                }
            }
        }
    }

    @Test(arguments: TestDriver.installed)
    func `a wish that is cancelled, dropped or exhausted leaves the job done`(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let jobs = house.jobs
            let cancelled = try await done(in: house)
            let replaced = try await done(in: house)
            let fatal = try await done(in: house)
            try await grant([cancelled, replaced, fatal].map { wish($0) }, in: house)
            #expect(try await house.database.write { try jobs.cancel(cancelled.id, in: $0) })
            try await house.database.write { try jobs.cancel(replaced.originalID, in: $0) }
            let claim = try #require(try await house.claim())
            #expect(claim.job.id == fatal.id)
            _ = try await house.database.write {
                try $0.execute("UPDATE processing_jobs SET interruptions = \(RetryPolicy.maxInterruptions) WHERE id = \(fatal.id)")
            }
            house.clock.advance(by: .seconds(60))
            #expect(try await house.database.write { try jobs.failExhausted(limit: 10, in: $0) } == [])
            for job in [cancelled, replaced, fatal] { #expect(try await house.state(of: job)?.hasPrefix("done") == true) }
            #expect(try await house.standing(claim) == .gone)
            // None of them is tried again by itself.
            try await grant([cancelled, replaced, fatal].map { wish($0) }, in: house)
            #expect(try await house.claim() == nil)
        }
    }

    @Test(arguments: TestDriver.installed)
    func `a wish for what is not displayed any more is dropped, also when it is worked at`(on driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let jobs = house.jobs
            let job = try await done(in: house)
            try await grant([wish(job)], in: house)
            let claim = try #require(try await house.claim())
            try await house.database.write { try jobs.cancel(job.originalID, in: $0) }
            #expect(try await house.standing(claim) == .gone)
            #expect(try await house.database.write { try jobs.complete(claim, in: $0) } == false)
            #expect(try await house.state(of: job) == "done 1")
            try await grant([wish(job)], in: house)
            #expect(try await house.claim() == nil)
        }
    }

    // MARK: The list

    @Test func `however many ask for the same at once, it is looked at once and written once`() async throws {
        let house = try await TestHouse()
        let made = [try await done(in: house), try await done(in: house)]
        let database = CountedDatabase(house.database)
        let list = list(house, database)
        let running = Task { await list.run() }
        defer { running.cancel() }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<500 { group.addTask { for job in made { list.wish(for: job.originalID, recipe: Self.standard) } } }
        }
        for job in made {
            try await eventually("the job") { try await house.state(of: job) == "queued 0" ? () : nil }
        }
        let claims = [try await house.claim(), try await house.claim(), try await house.claim()]
        #expect(Set(claims.compactMap { $0?.job.id }) == Set(made.map(\.id)))
        // One batch, or two when the first was taken between the two wishes.
        #expect((1...2).contains(database.reads) && (1...2).contains(database.writes))
    }

    @Test func `what the database could not take is taken when it is wished for again`() async throws {
        let house = try await TestHouse()
        let job = try await done(in: house)
        let database = CountedDatabase(house.database)
        database.fail(1)
        let list = list(house, database)
        let running = Task { await list.run() }
        defer { running.cancel() }
        list.wish(for: job.originalID, recipe: Self.standard)
        try await eventually("the job") {
            list.wish(for: job.originalID, recipe: Self.standard)
            return try await house.state(of: job) == "queued 0" ? () : nil
        }
        #expect(database.reads == 2)
    }

    // MARK: With a decoder

    /// A photo that is done, and a wish for it in the queue.
    private func wished(in house: TestHouse, recipe: Recipe = .standard) async throws -> ProcessingJob {
        let job = try await house.enqueue(recipe: recipe)
        try await house.running(try house.script("good")) { try await house.recorder.wait(for: "finished") }
        try await grant([wish(job, recipe: recipe.hash)], in: house)
        return job
    }

    /// Lets no time pass between attempts.
    private func waitUntilDone(_ job: ProcessingJob, in house: TestHouse) async throws {
        try await eventually("the wish") {
            house.clock.advance(by: .seconds(2))
            return try await house.state(of: job)?.hasPrefix("done") == true ? () : nil
        }
    }

    @Test func `the files come at once, beside the others, and nobody is told`() async throws {
        let house = try await TestHouse()
        let job = try await wished(in: house)
        let (before, log) = (try await house.renditions(of: job), house.recorder.log)
        try await house.running(try house.script("good")) { try await waitUntilDone(job, in: house) }
        let renditions = try await house.renditions(of: job)
        #expect(renditions.filter { $0.format != .avif } == before)
        #expect(renditions.filter { $0.format == .avif }.map(\.name) == [.thumb, .small, .medium, .large])
        #expect(Set(renditions.map(\.recipe)) == [Self.standard] && house.recorder.log == log)
        #expect(try await house.storedRenditions(of: job) == Set(renditions.map(\.objectKey)))
        // Deriving everything anew drops them, with their objects.
        let jobs = house.jobs
        try await house.database.write { try jobs.render(job, in: $0) }
        try await house.running(try house.script("good")) { try await waitUntilDone(job, in: house) }
        let after = try await house.renditions(of: job)
        #expect(after.map(\.path) == before.map(\.path))
        #expect(try await house.storedRenditions(of: job) == Set(after.map(\.objectKey)))
    }

    @Test(arguments: ["crash", "refuse damaged", "not json"])
    func `a photo whose AVIF cannot be made is what it was, and not tried for ever`(mode: String) async throws {
        let house = try await TestHouse()
        let job = try await wished(in: house)
        let (before, log) = (try await house.renditions(of: job), house.recorder.log)
        try await house.running(try house.script(mode)) {
            try await waitUntilDone(job, in: house)
        }
        #expect(try await house.renditions(of: job) == before && house.recorder.log == log)
        #expect(try await house.storedRenditions(of: job) == Set(before.map(\.objectKey)))
        try await grant([wish(job)], in: house)
        #expect(try await house.claim() == nil)
    }

    @Test func `kill -9 of a decoder in the middle of a wish shows nothing half, and everything later`() async throws {
        let house = try await TestHouse()
        let job = try await wished(in: house)
        let before = try await house.renditions(of: job)
        try await house.running(try house.script("hold")) {
            let decoder = try await house.holdingDecoder()
            #expect(try await house.renditions(of: job) == before)
            kill(decoder, SIGKILL)
            try await house.waitForEnd(of: decoder)
        }
        #expect(try await house.renditions(of: job) == before)
        try await house.running(try house.script("good")) {
            try await waitUntilDone(job, in: house)
        }
        #expect(try await house.renditions(of: job).count { $0.format == .avif } == 4)
        #expect(house.folder.contents(of: "scratch/work") == [] && house.folder.contents(of: "scratch/intake") == [])
    }

    @Test func `a wish whose file is replaced in the middle ends, and leaves no object behind`() async throws {
        let house = try await TestHouse()
        let job = try await wished(in: house)
        let before = try await house.renditions(of: job)
        var configuration = try house.script("hold")
        configuration.lease = .milliseconds(300)
        try await house.running(configuration) {
            let decoder = try await house.holdingDecoder()
            let jobs = house.jobs
            try await house.database.write { try jobs.cancel(job.originalID, in: $0) }
            try await house.waitForEnd(of: decoder)
        }
        #expect(try await house.state(of: job)?.hasPrefix("done") == true)
        #expect(try await house.renditions(of: job) == before)
        #expect(try await house.storedRenditions(of: job) == Set(before.map(\.objectKey)))
    }

    @Test func `while a wish is worked at, other decoders are there for what comes in, and further wishes wait`() async throws {
        let house = try await TestHouse()
        var configuration = try house.script("hold wish")
        configuration.decoders = 2
        let wished = [try await house.enqueue(), try await house.enqueue()]
        try await house.running(configuration) {
            try await house.recorder.wait(count: 2, of: "finished")
            try await grant(wished.map { wish($0) }, in: house)
            _ = try await house.holdingDecoder()
            for count in 3...6 {
                try await house.enqueue()
                try await house.recorder.wait(count: count, of: "finished")
            }
            let states = [try await house.state(of: wished[0]), try await house.state(of: wished[1])]
            #expect(Set(states) == ["running 1", "queued 0"])
        }
    }

    @Test func `a worker that is stopped in the middle of a wish leaves it to the next`() async throws {
        let house = try await TestHouse()
        let job = try await wished(in: house)
        try await house.running(try house.script("hold")) { _ = try await house.holdingDecoder() }
        #expect(try await house.renditions(of: job).count { $0.format == .avif } == 0)
        try await house.restart()
        try await house.running(try house.script("good")) { try await waitUntilDone(job, in: house) }
        #expect(try await house.renditions(of: job).count { $0.format == .avif } == 4)
    }

    @Test(.enabled(if: Real.decoder != nil, "lumiere-decode is not built"), .enabled(if: Real.hasMedia, "the fixtures are not made"))
    func `a real photo has its AVIF files`() async throws {
        let house = try await TestHouse()
        let job = try await house.enqueue(original: try Data(contentsOf: Real.media.appendingPathComponent("orientation-6.jpg")))
        let configuration = house.configuration(try #require(Real.decoder))
        try await house.running(configuration) { try await house.recorder.wait(for: "finished") }
        try await grant([wish(job)], in: house)
        try await house.running(configuration) { try await waitUntilDone(job, in: house) }
        let renditions = try await house.renditions(of: job)
        let (avif, jpeg) = (renditions.filter { $0.format == .avif }, renditions.filter { $0.format == .jpeg })
        #expect(avif.map(\.name) == jpeg.map(\.name) && avif.map(\.width) == jpeg.map(\.width) && avif.map(\.height) == jpeg.map(\.height))
    }
}

@Suite struct WishMemoryTests {
    private func wish(_ number: Int) -> RenditionWish {
        RenditionWish(originalID: Self.original, recipe: "\(number)")
    }

    private static let original = OriginalID(at: Timestamp(milliseconds: 0))
    private static let start = Timestamp(milliseconds: 1_000_000)

    @Test func `the same is taken once in a while`() {
        var memory = WishMemory()
        func isTaken(_ number: Int, after seconds: Int64) -> Bool { memory.add(wish(number), at: Self.start + .seconds(seconds)) }
        let first = [isTaken(1, after: 0), isTaken(1, after: 0), isTaken(2, after: 59)]
        #expect(first == [true, false, true])
        let taken = [memory.take(10), memory.take(10)]
        #expect(taken == [[wish(1), wish(2)], []])
        let later = [(1, 61), (2, 100), (1, 122), (2, 1000)].map { isTaken($0.0, after: $0.1) }
        #expect(later == [false, false, true, true])
    }

    @Test func `what was forgotten is taken again`() {
        var memory = WishMemory()
        _ = memory.add(wish(1), at: Self.start)
        memory.forget(memory.take(1))
        let isTaken = memory.add(wish(1), at: Self.start)
        #expect(isTaken)
    }

    @Test func `it never holds more than it may`() {
        var memory = WishMemory()
        (memory.capacity, memory.room) = (10, 4)
        var taken = 0
        for number in 0..<1000 {
            if memory.add(wish(number), at: Self.start) { taken += 1 }
            #expect(memory.waiting.count <= 4 && memory.count <= 21)
            if number.isMultiple(of: 10) { _ = memory.take(4) }
        }
        #expect(taken > 300)
        // What found no room is taken when there is some.
        _ = memory.take(4)
        let last = [memory.add(wish(999), at: Self.start), memory.add(wish(999), at: Self.start)]
        #expect(last == [true, false])
    }
}
