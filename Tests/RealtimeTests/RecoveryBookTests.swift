import Core
import NIOCore
import Testing

@testable import Realtime

@Suite("What lost clients left behind")
struct RecoveryBookTests {
    static let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    static func entry(_ id: String) -> RecoveryBook.Entry {
        RecoveryBook.Entry(
            id: id, namespace: .main, memory: ClientMemory(principal: .anonymous, entries: [:], places: [:], appearances: [:], newest: 0, epoch: "e"))
    }

    private static func take(_ pid: String, _ book: inout RecoveryBook, after time: TimeAmount = .zero, mayHave: Bool = true) -> String? {
        book.take(pid, at: start + time) { _ in mayHave }?.id
    }

    @Test func `is given once, and only to who may have it`() {
        var book = RecoveryBook(limit: 10)
        book.keep(Self.entry("a"), as: "p", at: Self.start)
        #expect(Self.take("q", &book) == nil && Self.take("p", &book, mayHave: false) == nil)
        #expect(Self.take("p", &book) == "a" && Self.take("p", &book) == nil && book.count == 0)
    }

    @Test func `is kept for two minutes from when it was kept last`() {
        var book = RecoveryBook(limit: 10)
        for pid in ["p", "q"] { book.keep(Self.entry("first"), as: pid, at: Self.start) }
        book.keep(Self.entry("second"), as: "q", at: Self.start + .seconds(60))
        #expect(Self.take("p", &book, after: .seconds(120)) == nil && book.count == 1)
        #expect(Self.take("q", &book, after: .seconds(179)) == "second")
    }

    @Test func `of too many the oldest are dropped`() {
        var book = RecoveryBook(limit: 3)
        for number in 0..<5 { book.keep(Self.entry("\(number)"), as: "\(number)", at: Self.start) }
        #expect(book.count == 3)
        #expect((0..<5).map { Self.take("\($0)", &book) } == [nil, nil, "2", "3", "4"])
    }

    @Test func `who comes and goes all the time makes it no larger`() {
        var book = RecoveryBook(limit: 3)
        book.keep(Self.entry("stays"), as: "stays", at: Self.start)
        for number in 0..<1000 {
            book.keep(Self.entry("\(number)"), as: "p", at: Self.start)
            if number % 2 == 0 { #expect(Self.take("p", &book) == "\(number)") }
        }
        #expect(Self.take("stays", &book) == "stays")
    }

    @Test func `where a client stopped depends on what it had seen when it began to follow`() {
        let place = ClientMemory.Place(known: 140, seenBefore: 205)
        #expect([100, 150, 205, 206].map { place.since($0) } == [140, 140, 140, 206])
    }

    @Test func `what was made up for of others while this lagged says nothing about it`() {
        var place = ClientMemory.Place(known: 140, seenBefore: 205)
        place.lagged(300, until: 310)
        #expect([205, 206, 300, 305, 310, 311].map { place.since($0) } == [140, 206, 300, 300, 300, 311])
        // The client may still have stopped within the first.
        place.lagged(400, until: 420)
        #expect([305, 310, 415, 420, 421].map { place.since($0) } == [300, 300, 300, 300, 421])
    }
}
