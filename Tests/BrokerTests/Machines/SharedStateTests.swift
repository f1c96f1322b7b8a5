@testable import Core
import Testing

@testable import Broker

@Suite struct `Presence book` {
    @Test("a member comes with the first connection and goes with the last")
    func connections() {
        var book = PresenceBook()
        #expect(book.enter(topic, "ann") == true)
        #expect(book.enter(topic, "ann") == false)
        #expect(book.leave(topic, "ann") == false)
        #expect(book.attendance(of: topic, limit: 0).count == 1)
        #expect(book.leave(topic, "ann") == true)
        #expect(book.leave(topic, "ann") == false)
        #expect(book.present.isEmpty)
    }

    @Test("those with a label are named up to the limit, the others counted")
    func labels() {
        var book = PresenceBook()
        for member in ["ann", "ben", "_1", "_2", "_2"] as [PresenceMember] { _ = book.enter(topic, member) }
        let all = book.attendance(of: topic, limit: 2)
        #expect(all.count == 4 && Set(all.members) == ["ann", "ben"] && !all.isSample)
        let some = book.attendance(of: topic, limit: 1)
        #expect(some.count == 4 && some.members.count == 1 && some.isSample)
        _ = book.leave(topic, "ann")
        #expect(book.attendance(of: topic, limit: 1).members == ["ben"] && !book.attendance(of: topic, limit: 1).isSample)
        for member in ["ben", "_1", "_2", "_2"] as [PresenceMember] { _ = book.leave(topic, member) }
        #expect(book.present.isEmpty)
    }

    @Test("a stale topic is handed out once, with whoever is in it then")
    func stale() {
        var book = PresenceBook()
        _ = book.enter(topic, "ann")
        _ = book.enter(otherTopic, "ben")
        book.markStale(otherTopic)
        _ = book.leave(otherTopic, "ben")
        let taken = book.takeStale()
        #expect(taken?.topic == otherTopic && taken?.members == [])
        #expect(book.takeStale() == nil)
        book.markAllStale()
        #expect(book.takeStale()?.members == ["ann"])
    }
}

@Suite struct `Rate limit table` {
    private let limit = RateLimit(burst: 3, interval: .seconds(10))
    private let start = Timestamp(milliseconds: 1_000_000)

    @Test("gives the burst, then one an interval")
    func burst() {
        var table = ArrivalTable(capacity: 10)
        for _ in 1...3 { #expect(table.take("a", limit, now: start) == nil) }
        #expect(table.take("a", limit, now: start) == .seconds(10))
        #expect(table.take("a", limit, now: start + .seconds(4)) == .seconds(6))
        #expect(table.take("a", limit, now: start + .seconds(10)) == nil)
        #expect(table.take("a", limit, now: start + .seconds(10)) == .seconds(10))
        for _ in 1...3 { #expect(table.take("a", limit, now: start + .seconds(100)) == nil) }
        #expect(table.take("a", limit, now: start + .seconds(100)) != nil)
    }

    @Test("a refund never makes more than the burst")
    func refund() {
        var table = ArrivalTable(capacity: 10)
        table.refund("a", limit, now: start)
        #expect(table.count == 0)
        for _ in 1...3 { #expect(table.take("a", limit, now: start) == nil) }
        table.refund("a", limit, now: start)
        #expect(table.take("a", limit, now: start) == nil)
        #expect(table.take("a", limit, now: start) != nil)
    }

    @Test("a clock that is set back makes nobody wait longer than an empty bucket does")
    func clockSetBack() {
        var table = ArrivalTable(capacity: 10)
        for _ in 1...3 { _ = table.take("a", limit, now: start + .seconds(86_400)) }
        #expect(table.take("a", limit, now: start) == .seconds(10))
    }

    @Test("forgets full buckets first, then the fullest, and never grows beyond its capacity")
    func capacity() {
        var table = ArrivalTable(capacity: 10)
        for number in 0..<10 { _ = table.take("old\(number)", limit, now: start) }
        for _ in 1...3 { _ = table.take("guess", limit, now: start + .seconds(11)) }
        #expect(table.count == 1)
        for number in 0..<100 {
            _ = table.take("new\(number)", limit, now: start + .seconds(11))
            #expect(table.count <= 10)
        }
        #expect(table.take("guess", limit, now: start + .seconds(11)) != nil)
    }
}
