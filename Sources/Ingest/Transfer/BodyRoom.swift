import Core
import NIOConcurrencyHelpers

/// How far the bytes of one request may reach. What quotas leave of that is found out anew while the request runs.
final class BodyRoom: Sendable {
    /// An offset that bytes end at, and what is said to one that goes beyond.
    struct Limit: Sendable, Equatable {
        var end: Int64
        var excess: Problem
    }

    /// What holds for as long as the request runs.
    private let fixed: Limit
    private let now: NIOLockedValueBox<Limit>

    init(_ fixed: Limit) {
        self.fixed = fixed
        self.now = NIOLockedValueBox(fixed)
    }

    convenience init(_ append: UploadAppend) {
        let (end, isTooMuch) = append.offset.addingReportingOverflow(append.room)
        self.init(Limit(end: isTooMuch ? .max : end, excess: append.excess))
    }

    /// - Parameter size: the largest file that the upload may become.
    convenience init(_ append: UploadAppend, within size: SizeLimit) {
        let whole = BodyRoom(append)
        self.init(size.bytes < whole.fixed.end ? Limit(end: size.bytes, excess: size.refusal) : whole.fixed)
    }

    var limit: Limit { now.withLockedValue { $0 } }

    /// Ends the room there as well, instead of where that was last; `nil` for nowhere.
    func narrow(to limit: Limit?) {
        guard let limit, limit.end < fixed.end else { return now.withLockedValue { $0 = fixed } }
        now.withLockedValue { $0 = limit }
    }
}
