import NIOCore

extension EngineMachine {
    /// A WebSocket came for the session, to take over from polling.
    mutating func socketArrived(_ socket: Socket, at now: NIODeadline) -> [Action] {
        let expiry = expire(at: now)
        guard isOpen, carrier == .polling, candidate == nil else { return expiry + [.close(socket, .malformed)] }
        candidate = Candidate(socket: socket)
        return [.start(.upgrade, after: configuration.upgradeTimeout)]
    }

    mutating func textReceived(_ text: ByteBuffer, on socket: Socket, at now: NIODeadline) -> [Action] {
        let packet = EnginePacket(text: text)
        guard isOpen else { return packet == .upgrade && candidate?.socket == socket ? sayFarewell(on: socket) : [] }
        if candidate?.socket == socket { return probed(packet, socket) }
        guard carrier == .webSocket(socket) else { return [] }
        return packet.map { received($0, at: now) } ?? end(.malformed)
    }

    mutating func binaryReceived(_ binary: ByteBuffer, on socket: Socket, at now: NIODeadline) -> [Action] {
        guard isOpen else { return [] }
        if candidate?.socket == socket { return dropCandidate() }
        return carrier == .webSocket(socket) ? received(.binary(binary), at: now) : []
    }

    mutating func socketClosed(_ socket: Socket, code: WebSocketCloseCode) -> [Action] {
        if candidate?.socket == socket { return dropCandidate() }
        return isOpen && carrier == .webSocket(socket) ? end(code == .slow ? .slow : .webSocket(code)) : []
    }

    private mutating func probed(_ packet: EnginePacket?, _ socket: Socket) -> [Action] {
        switch packet {
        case .ping(ByteBuffer(string: "probe")):
            candidate?.isProbed = true
            let answer = answerPoll()
            return [.send(.probeAnswer, on: socket)] + (answer.isEmpty ? releasePoll() : answer)
        case .upgrade where candidate?.isProbed == true:
            candidate = nil
            carrier = .webSocket(socket)
            awaitsFirstPoll = false
            return [.cancel(.upgrade)] + releasePoll() + takeQueue().map { .send($0, on: socket) }
        default:
            return dropCandidate()
        }
    }

    /// The session goes on with polling.
    mutating func dropCandidate(for reason: EngineCloseReason = .malformed) -> [Action] {
        candidate.take().map { [.cancel(.upgrade), .close($0.socket, reason)] } ?? []
    }
}
