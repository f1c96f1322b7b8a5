import Core
import Foundation
import Glibc
import TestSupport
import Testing

@testable import ObjectStore

@Suite struct `Scratch folder` {
    @Test("room is given in turn, and given back with the last reference")
    func turns() async throws {
        let budget = ScratchBudget(limit: 10, patience: .seconds(20))
        var first: ScratchBudget.Reservation? = try await budget.reserve(8)
        let order = Inbox<String>()
        let large = Task {
            try await use(budget, 9) { order.push("large") }
        }
        try await waiting(budget, 1)
        let small = Task {
            try await use(budget, 2) { order.push("small") }
        }
        try await waiting(budget, 2)
        #expect(order.elements.isEmpty && first != nil)
        first = nil
        try await large.value
        try await small.value
        #expect(order.elements == ["large", "small"])
        try await use(budget, 10) {}
    }

    @Test("who waits too long, asks for too much or is cancelled is refused, and the next one has its turn")
    func refusals() async throws {
        let budget = ScratchBudget(limit: 10, patience: .milliseconds(300))
        await #expect(throws: ObjectStoreError.system(EFBIG, "larger than the scratch folder may be")) {
            try await budget.reserve(11)
        }
        let room = try await budget.reserve(8)
        let impatient = Task { try await budget.reserve(5) }
        let cancelled = Task { try await budget.reserve(6) }
        try await waiting(budget, 2)
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        let next = Task { try await budget.reserve(2) }
        await #expect(throws: ObjectStoreError.unavailable("no room in the scratch folder")) { try await impatient.value }
        _ = try await next.value
        withExtendedLifetime(room) {}
    }

    @Test("what an ended process has left is removed, what a living one uses is not")
    func leftovers() throws {
        let folder = try TemporaryFolder("scratch")
        let dead = folder.file("1-dead")
        try FileManager.default.createDirectory(atPath: dead, withIntermediateDirectories: true)
        try Data("x".utf8).write(to: URL(fileURLWithPath: dead + "/copy"))
        let threads = FileThreads(1)
        let budget = ScratchBudget(limit: 10, patience: .seconds(1))
        let living = try ScratchFolder(folder.path, budget: budget, threads: threads)
        #expect(!FileManager.default.fileExists(atPath: dead))
        let other = try ScratchFolder(folder.path, budget: budget, threads: threads)
        #expect(FileManager.default.fileExists(atPath: living.path))
        #expect(living.path != other.path)
    }

    private func use(_ budget: ScratchBudget, _ bytes: Int64, _ body: () -> Void) async throws {
        let room = try await budget.reserve(bytes)
        withExtendedLifetime(room, body)
    }

    private func waiting(_ budget: ScratchBudget, _ count: Int) async throws {
        try await eventually("\(count) to wait") { budget.waiting == count ? () : nil }
    }
}

@Suite struct `Part plan` {
    private static let key = ObjectKey("originals/x")!

    private func segment(_ size: Int64) -> PartialUpload.Segment {
        .init(key: ObjectKey("partial/originals/x/\(UUID().uuidString.lowercased())")!, size: size)
    }

    @Test("bytes fill parts of one size, whatever the pieces")
    func filling() throws {
        var plan = PartPlan(PartialUpload(Self.key, partSize: 10))
        plan.fill(7)
        #expect(plan.room == 3 && !plan.isFull && plan.received == 7)
        plan.fill(3)
        #expect(plan.isFull)
        try plan.turnPage()
        plan.fill(4)
        #expect(plan.number == 2 && plan.received == 14)
        #expect(plan.confirmed.offset == 0)
        plan.confirmPart("a")
        #expect(plan.confirmed.offset == 10)
        #expect(plan.closing == .keep(0..<4))
        #expect(plan.ending == .part(number: 2, 4))
    }

    @Test("what is left over is kept aside once, and melted when it is in too many pieces")
    func segments() {
        var plan = PartPlan(PartialUpload(Self.key, partSize: 100))
        for count in 1...PartPlan.maxSegments {
            plan.fill(2)
            #expect(plan.closing == .keep(Int64(count * 2 - 2)..<Int64(count * 2)))
            plan.kept(segment(2))
            #expect(plan.closing == .nothing)
        }
        plan.fill(1)
        let size = Int64(PartPlan.maxSegments * 2 + 1)
        #expect(plan.closing == .melt(size))
        plan.melted(segment(size))
        #expect(plan.confirmed.segments.count == 1 && plan.confirmed.offset == size)
        #expect(plan.closing == .nothing)
    }

    @Test("goes on where a recorded state ends")
    func resumes() throws {
        var first = PartPlan(PartialUpload(Self.key, partSize: 10))
        first.begun("id")
        first.fill(10)
        try first.turnPage()
        first.confirmPart("a")
        first.fill(3)
        first.kept(segment(3))
        var plan = PartPlan(first.confirmed)
        #expect(plan.number == 2 && plan.stored == 3 && plan.room == 7 && plan.received == 13)
        plan.fill(7)
        try plan.turnPage()
        #expect(plan.confirmed.offset == 13)
        plan.confirmPart("b")
        #expect(plan.confirmed.offset == 20 && plan.confirmed.segments.isEmpty)
        #expect(plan.ending == .nothing)
    }

    @Test("without a part the object is sent at once, also an empty one", arguments: [0, 9] as [Int64])
    func object(_ count: Int64) {
        var plan = PartPlan(PartialUpload(Self.key, partSize: 10))
        plan.fill(count)
        #expect(plan.ending == .object(count))
        plan.endedObject()
        #expect(plan.confirmed.isFinished && plan.confirmed.offset == count)
        #expect(plan.ending == .nothing)
    }

    @Test("ten thousand parts are the end")
    func tooMany() throws {
        var plan = PartPlan(PartialUpload(Self.key, partSize: 1))
        for _ in 1..<10_000 {
            plan.fill(1)
            try plan.turnPage()
        }
        plan.fill(1)
        #expect(throws: PartPlan.TooLarge.self) { try plan.turnPage() }
    }
}
