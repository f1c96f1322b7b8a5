import Core
import NIOCore
import NIOHTTP1

/// Decides what a connection does with what happens to it. Pure: the times are given, the effects are the gate's.
///
/// One exchange is open at a time; what a client pipelines waits in the gate until the answer before it is complete.
struct ConnectionMachine {
    enum State: Equatable {
        /// No request is open. `bytes` have arrived of a head that is not complete.
        /// Next: `exchanging`, `deciding`, `finishing` (refused) or `released`.
        case awaitingHead(until: NIODeadline, bytes: Int)
        /// A request is with the routes. Next: `awaitingHead` or `finishing`.
        case exchanging(Exchange)
        /// The upgrader thinks about a request. Next: `exchanging` (ignored), `finishing` (refused), `released` (accepted).
        case deciding(HTTPRequestHead, until: NIODeadline)
        /// The last answer is written, but not all of it sent. Next: `lingering`.
        case finishing
        /// The client gets time to read the last answer; `budget` more bytes of its input are thrown away.
        case lingering(until: NIODeadline, budget: Int)
        /// Upgraded or closed: nothing is decided here any more.
        case released
    }

    /// A request and its answer.
    struct Exchange: Equatable {
        var isHeadRequest: Bool
        var isHTTP10: Bool
        /// The client waits for `100 Continue`.
        var awaitsContinue: Bool
        var closesAfter: Bool
        var isRequestComplete = false
        var isAnswerBegun = false
        /// Bytes of the answer's body that its `Content-Length` still promises; `nil` when it promises nothing.
        var owed: Int?
        /// What came after the body (RFC 9110 section 6.5); bounded like the head, by the decoder.
        var trailers: HTTPHeaders?
        /// Bytes that came after the request: the client pipelines.
        var surplus = 0
        var body = BodyClock()
    }

    /// What to do with a part of a request.
    enum PartAction: Equatable {
        case forward(HTTPServerRequestPart)
        /// Keep it until the answer before it is complete.
        case hold
        case drop
        case refuse(Problem)
        case askUpgrader(HTTPRequestHead)
    }

    let limits: ConnectionLimits
    /// Whether anybody is there to decide about upgrades.
    let canUpgrade: Bool
    var state: State
    var writes = WriteClock()
    private(set) var isQuiescing = false
    private(set) var isInputClosed = false

    init(limits: ConnectionLimits, canUpgrade: Bool = false, at now: NIODeadline) {
        self.limits = limits
        self.canUpgrade = canUpgrade
        self.state = .awaitingHead(until: now + limits.head, bytes: 0)
    }

    // MARK: Requests

    mutating func received(_ part: HTTPServerRequestPart) -> PartAction {
        switch state {
        case .awaitingHead: return received(first: part)
        case .exchanging(var exchange):
            if exchange.isRequestComplete { return .hold }
            if case .end(let trailers) = part {
                exchange.isRequestComplete = true
                exchange.trailers = trailers
            }
            if case .body = part { exchange.awaitsContinue = false }
            state = .exchanging(exchange)
            return .forward(part)
        case .deciding: return .hold
        case .finishing, .lingering, .released: return .drop
        }
    }

    private mutating func received(first part: HTTPServerRequestPart) -> PartAction {
        guard case .head(let head) = part else { return .drop }
        if let problem = head.violation(limits) {
            state = .finishing
            return .refuse(problem)
        }
        if canUpgrade && head.asksForUpgrade { return .askUpgrader(head) }
        return begin(head)
    }

    private mutating func begin(_ head: HTTPRequestHead) -> PartAction {
        // The decoder stops for good after a request that offers an upgrade.
        let closesAfter = !head.isKeepAlive || head.namesUpgrade || isQuiescing
        state = .exchanging(
            Exchange(
                isHeadRequest: head.method == .HEAD, isHTTP10: head.version.minor == 0,
                awaitsContinue: head.expectsContinue, closesAfter: closesAfter))
        return .forward(.head(head.namesUpgrade ? head.withoutUpgrade : head))
    }

    /// The upgrader has been asked.
    mutating func decisionBegan(_ head: HTTPRequestHead, at now: NIODeadline) {
        state = .deciding(head, until: now + limits.upgradeDecision)
    }

    /// The upgrader does not want the request: it is a plain one.
    mutating func upgradeIgnored() -> PartAction {
        guard case .deciding(let head, _) = state else { return .drop }
        return begin(head)
    }

    /// The bytes that arrived are not HTTP.
    enum MalformedAction: Equatable {
        /// The route that reads the body has to know.
        case tellRoute
        /// It concerns the request after the open one.
        case hold
        case refuse(Problem)
        case close
        case ignore
    }

    mutating func malformed(_ problem: Problem) -> MalformedAction {
        switch state {
        case .awaitingHead:
            state = .finishing
            return .refuse(problem)
        case .exchanging(var exchange):
            if exchange.isRequestComplete { return .hold }
            exchange.closesAfter = true
            state = .exchanging(exchange)
            return .tellRoute
        case .deciding: return .close
        case .finishing, .lingering, .released: return .ignore
        }
    }

    // MARK: The connection

    /// The server drains. Returns whether to close at once.
    mutating func quiesce() -> Bool {
        isQuiescing = true
        switch state {
        case .awaitingHead(_, let bytes): return bytes == 0
        case .exchanging(var exchange):
            exchange.closesAfter = true
            state = .exchanging(exchange)
            return false
        case .deciding, .finishing, .lingering, .released: return false
        }
    }

    /// The client sends nothing more. Returns whether to close at once.
    mutating func inputClosed() -> Bool {
        isInputClosed = true
        return switch state {
        case .awaitingHead, .deciding, .lingering: true
        case .exchanging, .finishing, .released: false
        }
    }

    /// The trailer fields of the open request; `nil` before its end, and when it has none.
    var trailers: HTTPHeaders? { if case .exchanging(let exchange) = state { exchange.trailers } else { nil } }

    /// Nothing after this is the machine's business.
    mutating func release() { state = .released }
}
