import NIOCore

extension EngineMachine {
    /// The client asks for packets.
    mutating func pollArrived(at now: NIODeadline) -> Verdict {
        let farewell = sayFarewell()
        guard farewell.isEmpty else { return .taken(farewell) }
        let expiry = expire(at: now)
        guard isOpen else { return .refused(.unknownSession, expiry) }
        guard carrier == .polling else { return .refused(.badRequest) }
        guard !isPollPending else { return .refused(.badRequest, end(.polling)) }
        isPollPending = true
        awaitsFirstPoll = false
        let answer = answerPoll()
        return .taken(answer.isEmpty ? releasePoll() : answer)
    }

    /// The client gave up the poll in hand.
    mutating func pollAborted() -> [Action] {
        guard isPollPending else { return [] }
        isPollPending = false
        return end(.polling)
    }

    /// The head of a request with packets has come.
    mutating func postBegan(at now: NIODeadline) -> Verdict {
        let expiry = expire(at: now)
        guard isOpen else { return .refused(.unknownSession, expiry) }
        guard carrier == .polling else { return .refused(.badRequest) }
        guard !isPosting else { return .refused(.badRequest, end(.polling)) }
        isPosting = true
        return .taken([])
    }

    /// Its body is complete.
    mutating func posted(_ body: ByteBuffer, at now: NIODeadline) -> Verdict {
        guard isOpen, isPosting, !isPostHeld else { return .refused(.unknownSession) }
        isPosting = false
        guard body.readableBytes <= configuration.maxPayload else { return .refused(.payloadTooLarge) }
        guard let packets = EnginePayload.decode(body, maxPackets: configuration.maxPacketsPerPayload) else {
            return .refused(.badRequest, end(.malformed))
        }
        var actions: [Action] = []
        for packet in packets where isOpen {
            // A body may be a backlog that the client could not send before. Who sent too much waits for the answer; who does not
            // wait for it, but sends on, has two posts at a time.
            _ = budget.charge(at: now)
            if case .ping = packet { return .refused(.badRequest, actions + end(.malformed)) }
            actions += received(packet, at: now)
        }
        guard isOpen, let pause = budget.pause(at: now) else { return .taken(actions) }
        (isPosting, isPostHeld) = (true, true)
        return .held(actions + [.start(.post, after: pause)])
    }

    /// The client has waited: its post is answered, and it may send the next.
    mutating func releasePost(at now: NIODeadline) -> [Action] {
        guard isPostHeld else { return [] }
        heartbeat.heard(at: now)
        return answerHeldPost()
    }

    mutating func answerHeldPost() -> [Action] {
        guard isPostHeld else { return [] }
        (isPosting, isPostHeld) = (false, false)
        return [.cancel(.post), .answerPost]
    }

    /// Its body did not come; packets may be lost.
    mutating func postAborted() -> [Action] {
        guard isPosting else { return [] }
        (isPosting, isPostHeld) = (false, false)
        return [.cancel(.post)] + end(.polling)
    }

    // An upgrade must not wait for a poll that has nothing to fetch.
    mutating func releasePoll() -> [Action] {
        guard isPollPending, candidate?.isProbed == true || carrier != .polling else { return [] }
        isPollPending = false
        return [.answerPoll(EngineFrame.noop.piece)]
    }
}
