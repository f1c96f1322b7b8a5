import NIOCore
import NIOHTTP1

// What the routes answer.
extension ConnectionMachine {
    /// The head as it goes out; `nil` when nobody has asked.
    mutating func answered(_ head: HTTPResponseHead) -> HTTPResponseHead? {
        guard case .exchanging(var exchange) = state, !exchange.isAnswerBegun else { return nil }
        if head.status.code < 200 { return head }
        exchange.isAnswerBegun = true
        exchange.awaitsContinue = false
        if !exchange.isRequestComplete { exchange.closesAfter = true }
        let framed = ResponseFraming.frame(
            head, isHead: exchange.isHeadRequest, isHTTP10: exchange.isHTTP10, closes: &exchange.closesAfter)
        if !exchange.isHeadRequest { exchange.owed = framed.headers.first(name: "content-length").flatMap { Int($0) } }
        state = .exchanging(exchange)
        return framed
    }

    /// Whether an informational answer (RFC 9110 section 15.2) may go out now: before the final one, and never to an
    /// HTTP/1.0 client, which would take it for that.
    var takesInformation: Bool {
        if case .exchanging(let exchange) = state { !exchange.isAnswerBegun && !exchange.isHTTP10 } else { false }
    }

    enum BodyAction: Equatable {
        case write
        case drop
        /// More than its head has promised: the client would take it for the beginning of the next answer.
        case breakOff
    }

    /// A piece of an answer's body.
    mutating func answerContinued(by count: Int) -> BodyAction {
        guard case .exchanging(var exchange) = state, exchange.isAnswerBegun, !exchange.isHeadRequest else { return .drop }
        guard let owed = exchange.owed else { return .write }
        if count > owed { return .breakOff }
        exchange.owed = owed - count
        state = .exchanging(exchange)
        return .write
    }

    /// Whether a request that has just arrived may be answered without the routes: none is open, and no part of one is in
    /// the decoder.
    var takesDirectAnswers: Bool { if case .awaitingHead(_, 0) = state { true } else { false } }

    /// Such a request is being answered.
    /// - Parameter closes: whether it asks for the end of the connection.
    /// - Returns: whether the answer has to say that the connection ends with it.
    mutating func answeringDirectly(isHead: Bool, closes: Bool) -> Bool {
        let closes = closes || isQuiescing
        state = .exchanging(
            Exchange(
                isHeadRequest: isHead, isHTTP10: false, awaitsContinue: false, closesAfter: closes, isRequestComplete: true,
                isAnswerBegun: true))
        return closes
    }

    /// A part of a file is the answer's body, or the next part of it.
    mutating func answerContinued(byFile count: Int) -> BodyAction {
        // Without a length the body would need chunks around it.
        if case .exchanging(let exchange) = state, exchange.isAnswerBegun, !exchange.isHeadRequest, exchange.owed == nil {
            return .breakOff
        }
        return answerContinued(by: count)
    }

    enum EndAction: Equatable {
        /// The connection is free for the next request.
        case next
        /// Close once the answer is sent.
        case finish
        case drop
        /// The answer is shorter than its head has promised: only the connection's end can tell the client.
        case breakOff
    }

    /// The answer is complete.
    /// - Parameter holdsMore: whether a pipelined request is waiting.
    mutating func answerEnded(holdsMore: Bool, at now: NIODeadline) -> EndAction {
        guard case .exchanging(let exchange) = state, exchange.isAnswerBegun else { return .drop }
        if exchange.owed ?? 0 > 0 { return .breakOff }
        let isOver = exchange.closesAfter || !exchange.isRequestComplete || isQuiescing || (isInputClosed && !holdsMore)
        if isOver {
            state = .finishing
            return .finish
        }
        let wait = exchange.surplus > 0 ? limits.head : limits.idle
        state = .awaitingHead(until: now + wait, bytes: exchange.surplus)
        return .next
    }

    /// A route wants the body: whether to send `100 Continue` now.
    mutating func bodyAccepted(at now: NIODeadline) -> Bool {
        guard case .exchanging(var exchange) = state, exchange.awaitsContinue, !exchange.isAnswerBegun else { return false }
        exchange.awaitsContinue = false
        exchange.body.restart(at: now)
        state = .exchanging(exchange)
        return true
    }

    /// The last answer has left.
    mutating func lastAnswerSent(at now: NIODeadline) {
        guard case .finishing = state else { return }
        state = .lingering(until: now + limits.linger, budget: limits.lingerBytes)
    }
}
