import Core

/// Who looks up a name next: threads are few, and a slow name server may keep one for long. Pure.
struct LookUpLine<Element: Sendable>: Sendable {
    /// A look-up that is to be done.
    struct Entry: Sendable {
        let element: Element
        let account: UserID
    }

    private let limits: (total: Int, account: Int)
    private var waiting: [Entry] = []
    private var running: [UserID: Int] = [:]
    private var total = 0

    /// - Parameters:
    ///   - total: look-ups at the same time.
    ///   - perAccount: of them, those of one account.
    init(total: Int, perAccount: Int) { limits = (total, perAccount) }

    /// Gets in line.
    mutating func enter(_ element: Element, of account: UserID) { waiting.append(Entry(element: element, account: account)) }

    /// Takes whoever may begin out of the line: of the account with the fewest look-ups, the first that came.
    mutating func next() -> Entry? {
        guard total < limits.total else { return nil }
        let counts = waiting.map { running[$0.account, default: 0] }
        guard let index = counts.indices.min(by: { counts[$0] < counts[$1] }), counts[index] < limits.account else { return nil }
        let entry = waiting.remove(at: index)
        running[entry.account, default: 0] += 1
        total += 1
        return entry
    }

    /// A look-up has come back, whether anybody waited for it or not.
    mutating func end(of account: UserID) {
        total -= 1
        running[account] = running[account].flatMap { $0 > 1 ? $0 - 1 : nil }
    }

    /// Nobody waits for these any more; what has begun goes on.
    mutating func leave(where isMeant: (Element) -> Bool) { waiting.removeAll { isMeant($0.element) } }
}
