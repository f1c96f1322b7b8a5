import Core
import Crypto
import Foundation
import Synchronization

/// Remembers which answers were given to which questions, for a while: what was looked at once need not be looked at again.
///
/// It is in this process's memory alone, under a key that nobody knows: nothing here can be read or guessed at.
final class KnownAnswers: Sendable {
    private struct Marks: Sendable {
        var young: Set<Data> = []
        var old: Set<Data> = []

        mutating func add(_ mark: Data, _ capacity: Int) {
            if young.count >= capacity { (old, young) = (young, []) }
            young.insert(mark)
        }
    }

    private let capacity: Int
    private let key = SymmetricKey(size: .bits256)
    private let marks = Mutex(Marks())

    /// - Parameter capacity: at least so many of the latest are remembered, and at most twice as many.
    init(capacity: Int = 5000) { self.capacity = capacity }

    func contains(_ answer: String, to question: String) -> Bool {
        let mark = mark(answer, question)
        return marks.withLock { marks in
            if marks.young.contains(mark) { return true }
            guard marks.old.contains(mark) else { return false }
            marks.add(mark, capacity)
            return true
        }
    }

    func insert(_ answer: String, to question: String) {
        let mark = mark(answer, question)
        marks.withLock { $0.add(mark, capacity) }
    }

    private func mark(_ answer: String, _ question: String) -> Data {
        let text = "\(question.utf8.count) \(question)\(answer)"
        return Data(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: key).prefix(16))
    }
}

/// Where somebody is, as far as that tells them from others: an address, or its /64 network in IPv6, of which a single subscriber
/// has the whole.
func place(of address: String) -> String {
    guard let parsed = IPAddress(address)?.unmapped, parsed.isSixteen else { return address }
    return parsed.bytes.prefix(8).map { String($0) }.joined(separator: ".")
}
