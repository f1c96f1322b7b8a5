public import Core
import Foundation
import Synchronization

/// What happened at the doors of sessions, and how long photos took to be seen, since it was last written down.
///
/// Whoever notes something never waits; `ActivityWriter` writes it down. What finds no room, as when nobody has written for long, is
/// forgotten: first the lines, then what is counted.
public final class ActivitySheet: Sendable {
    /// Something to be told to the owner of a session.
    struct Line: Sendable, Equatable {
        var session: SessionID
        var at: Timestamp
        var kind: AccessKind
        /// `nil` for the access code.
        var link: LinkID?
        /// The network, not the address; empty when nobody knows.
        var network: String
        /// What the guest wants to be called; empty for nothing.
        var name: String
    }

    /// Where entries are counted apart.
    struct Door: Sendable, Hashable {
        var session: SessionID
        var slot: EntrySlot
        /// `nil` for the access code.
        var link: LinkID?
    }

    /// All that was noted.
    struct Notes: Sendable, Equatable {
        var lines: [Line] = []
        var entries: [Door: Int] = [:]
        var latencies: [SessionID: LatencyHistogram] = [:]

        var isEmpty: Bool { lines.isEmpty && entries.isEmpty && latencies.isEmpty }
    }

    private let capacity: Int
    private let notes = Mutex(Notes())

    /// - Parameter capacity: lines, doors and sessions each: some megabytes when full.
    public init(capacity: Int = 10_000) { self.capacity = capacity }

    /// Notes an entry, or an attempt at one.
    func note(_ line: Line) {
        notes.withLock { notes in
            if notes.lines.count < capacity { notes.lines.append(line) }
            guard line.kind == .entered else { return }
            let door = Door(session: line.session, slot: EntrySlot(line.at), link: line.link)
            if notes.entries.count < capacity || notes.entries[door] != nil { notes.entries[door, default: 0] += 1 }
        }
    }

    /// Notes how long it took from the last byte of a photo until it could be seen.
    func note(latency: Duration, in session: SessionID) {
        notes.withLock { notes in
            if notes.latencies.count < capacity || notes.latencies[session] != nil {
                notes.latencies[session, default: LatencyHistogram()].add(latency)
            }
        }
    }

    /// Empties it.
    /// - Returns: what was on it.
    func take() -> Notes {
        notes.withLock { notes in
            defer { notes = Notes() }
            return notes
        }
    }

    /// Puts back what could not be written down, before what has come meanwhile.
    func restore(_ old: Notes) {
        notes.withLock { notes in
            notes.lines = Array((old.lines + notes.lines).prefix(capacity))
            notes.entries.merge(old.entries, uniquingKeysWith: +)
            notes.latencies.merge(old.latencies) { $0 + $1 }
        }
    }
}

/// What is logged at the door of a session.
enum AccessKind: String, Sendable, Codable, CaseIterable, SQLConvertible {
    /// Somebody came in.
    case entered
    /// Somebody gave another code.
    case wrongCode
    /// Somebody gave another password for a link.
    case wrongPassword
    /// Somebody saved something, once or several times in a few seconds.
    case downloaded
}

/// A quarter of an hour, counted from 1970: the hours and days of every time zone are made of whole ones.
struct EntrySlot: Sendable, Hashable {
    static let length: Int64 = 900_000

    var number: Int64

    init(number: Int64) { self.number = number }
    init(_ time: Timestamp) { number = time.milliseconds / Self.length }

    var start: Timestamp { Timestamp(milliseconds: number * Self.length) }
}

/// How often something took how long, in steps of an eighth of an octave: a percentile is read 9 % too high at most.
struct LatencyHistogram: Sendable, Equatable {
    /// Steps of an octave.
    private static let steps = 8.0
    /// The last step, for whatever takes longer: about 3 days.
    static let last = 224

    /// By step.
    private(set) var counts: [Int: Int] = [:]

    var count: Int { counts.values.reduce(0, +) }

    mutating func add(_ duration: Duration, times: Int = 1) { add(step: Self.step(of: duration), times: times) }

    mutating func add(step: Int, times: Int) { counts[min(max(step, 0), Self.last), default: 0] += times }

    static func + (left: LatencyHistogram, right: LatencyHistogram) -> LatencyHistogram {
        LatencyHistogram(counts: left.counts.merging(right.counts, uniquingKeysWith: +))
    }

    /// What so many of a hundred did not take longer than, in milliseconds; `nil` when nothing was counted.
    func percentile(_ percent: Double) -> Int64? {
        let wanted = Int((Double(count) * percent / 100).rounded(.up))
        var seen = 0
        for (step, times) in counts.sorted(by: { $0.key < $1.key }) {
            seen += times
            if seen >= max(wanted, 1) { return Self.limit(of: step) }
        }
        return nil
    }

    private static func step(of duration: Duration) -> Int {
        let milliseconds = duration.milliseconds
        return milliseconds <= 1 ? 0 : min(Int((log2(Double(milliseconds)) * steps).rounded(.up)), last)
    }

    /// The longest time of a step, in milliseconds.
    private static func limit(of step: Int) -> Int64 { Int64(exp2(Double(step) / steps).rounded()) }
}
