import NIOCore

/// The server's side of Socket.IO on one session as a value: methods are events, results are what to do.
struct SocketMachine {
    enum Timer: CaseIterable {
        /// The session should be in a namespace by then.
        case connect
        /// The oldest awaited answer should be there by then.
        case acknowledgement
    }

    enum Action: Equatable {
        /// Ask the owner whether the client may connect.
        case ask(namespace: String, auth: JSONText?)
        case deliver(SocketEvent)
        /// The answer to the event with that id, or why there is none.
        case settle(UInt64, Result<SocketAcknowledgement, SocketAckFailure>)
        case reportLeft(namespace: String, SocketLeaveReason)
        case send(SocketMessage)
        /// End the session.
        case close(WebSocketCloseCode, String)
        case start(Timer, after: TimeAmount)
        case cancel(Timer)
    }

    private enum Membership {
        /// The owner has to answer. Goes to `joined`, or is forgotten.
        case asking
        /// Events flow. Goes to `left`.
        case joined
        /// What was on its way is ignored. Goes to `asking`.
        case left
    }

    private struct Owed: Hashable {
        var namespace: String
        var id: UInt64
    }

    private struct Awaited {
        var namespace: String
        var due: NIODeadline
    }

    private let configuration: SocketConfiguration
    private var decoder: SocketDecoder
    private var memberships: [String: Membership] = [:]
    /// Answers that clients wait for, and until when they are remembered.
    private var owed: [Owed: NIODeadline] = [:]
    private var awaited: [UInt64: Awaited] = [:]
    private var lastID: UInt64 = 0

    init(configuration: SocketConfiguration) {
        self.configuration = configuration
        decoder = SocketDecoder(configuration: configuration)
    }

    /// Whether the client is in a namespace.
    func isJoined(_ namespace: String) -> Bool { memberships[namespace] == .joined }

    /// Those that the client is in.
    var joined: [String] { memberships.filter { $0.value == .joined }.map(\.key) }

    // MARK: The session

    func opened() -> [Action] { [.start(.connect, after: configuration.connectTimeout)] }

    mutating func received(text: ByteBuffer, at now: NIODeadline) -> [Action] {
        do throws(SocketViolation) {
            return try decoder.receive(text: text).map { received($0, at: now) } ?? []
        } catch { return Self.violated(error.reason) }
    }

    mutating func received(binary: ByteBuffer, at now: NIODeadline) -> [Action] {
        do throws(SocketViolation) {
            return try decoder.receive(binary: binary).map { received($0, at: now) } ?? []
        } catch { return Self.violated(error.reason) }
    }

    mutating func timerFired(_ timer: Timer, at now: NIODeadline) -> [Action] {
        switch timer {
        case .connect:
            return joined.isEmpty ? [.close(.policyViolation, "no namespace joined")] : []
        case .acknowledgement:
            let late = awaited.filter { $0.value.due <= now }.keys.sorted()
            for id in late { awaited[id] = nil }
            return late.map { .settle($0, .failure(.timedOut)) } + watchAwaited(at: now)
        }
    }

    /// Nothing can be sent any more.
    mutating func closed(_ reason: EngineCloseReason) -> [Action] {
        let namespaces = joined.sorted()
        memberships = [:]
        let failed = awaited.keys.sorted()
        awaited = [:]
        return Timer.allCases.map { .cancel($0) } + failed.map { .settle($0, .failure(.disconnected)) }
            + namespaces.map { .reportLeft(namespace: $0, .closed(reason)) }
    }

    // MARK: Packets

    private mutating func received(_ packet: SocketInbound, at now: NIODeadline) -> [Action] {
        switch packet {
        case .connect(let namespace, let auth): return connect(namespace, auth)
        case .disconnect(let namespace):
            return isJoined(namespace) ? leave(namespace, .client) : stray(namespace)
        case .event(let event):
            guard isJoined(event.namespace) else { return stray(event.namespace) }
            guard owe(event, at: now) else { return [.close(.tooManyRequests, "too many unanswered events")] }
            return [.deliver(event)]
        case .acknowledgement(let namespace, let id, let content):
            guard isJoined(namespace) else { return stray(namespace) }
            guard awaited[id]?.namespace == namespace else { return [] }
            awaited[id] = nil
            return [.settle(id, .success(content))]
        }
    }

    private mutating func connect(_ namespace: String, _ auth: JSONText?) -> [Action] {
        guard configuration.namespaces.contains(namespace) else {
            return [.send(.refused(namespace, message: "Invalid namespace"))]
        }
        switch memberships[namespace] {
        case .asking, .joined: return Self.violated("connected already")
        case .left, nil:
            memberships[namespace] = .asking
            return [.ask(namespace: namespace, auth: auth)]
        }
    }

    /// A packet for a namespace that the client is not in.
    private func stray(_ namespace: String) -> [Action] {
        memberships[namespace] == .left ? [] : Self.violated("not connected to the namespace")
    }

    private static func violated(_ reason: String) -> [Action] { [.close(.protocolError, reason)] }

    // MARK: Namespaces

    /// The owner lets the client in.
    mutating func accepted(_ namespace: String, id: String, pid: String?) -> [Action] {
        guard memberships[namespace] == .asking else { return [] }
        memberships[namespace] = .joined
        return [.cancel(.connect), .send(.connected(namespace, id: id, pid: pid))]
    }

    /// The owner does not.
    mutating func refused(_ namespace: String, message: String, data: JSONText?) -> [Action] {
        guard memberships[namespace] == .asking else { return [] }
        memberships[namespace] = nil
        return [.send(.refused(namespace, message: message, data: data))]
    }

    /// The owner sends the client out of a namespace; the session goes on.
    mutating func disconnected(_ namespace: String) -> [Action] {
        guard isJoined(namespace) else { return [] }
        return [.send(.disconnected(namespace))] + leave(namespace, .server)
    }

    private mutating func leave(_ namespace: String, _ reason: SocketLeaveReason) -> [Action] {
        memberships[namespace] = .left
        owed = owed.filter { $0.key.namespace != namespace }
        let failed = awaited.filter { $0.value.namespace == namespace }.keys.sorted()
        for id in failed { awaited[id] = nil }
        return failed.map { .settle($0, .failure(.disconnected)) } + [.reportLeft(namespace: namespace, reason)]
            + (joined.isEmpty ? [.start(.connect, after: configuration.connectTimeout)] : [])
    }

    // MARK: Acknowledgements

    /// An id for an event that wants an answer; `nil` if it cannot have one.
    mutating func awaitAnswer(in namespace: String, at now: NIODeadline) -> (id: UInt64, actions: [Action])? {
        guard isJoined(namespace), awaited.count < configuration.maxAcknowledgements else { return nil }
        lastID += 1
        awaited[lastID] = Awaited(namespace: namespace, due: now + configuration.ackTimeout)
        return (lastID, awaited.count == 1 ? watchAwaited(at: now) : [])
    }

    /// Whether that event waits for an answer; from now on it does not.
    mutating func takeOwed(_ namespace: String, _ id: UInt64) -> Bool {
        owed.removeValue(forKey: Owed(namespace: namespace, id: id)) != nil
    }

    private mutating func owe(_ event: SocketEvent, at now: NIODeadline) -> Bool {
        guard let id = event.ackID else { return true }
        if owed.count >= configuration.maxAcknowledgements { owed = owed.filter { $0.value > now } }
        guard owed.count < configuration.maxAcknowledgements else { return false }
        owed[Owed(namespace: event.namespace, id: id)] = now + configuration.ackTimeout
        return true
    }

    private func watchAwaited(at now: NIODeadline) -> [Action] {
        guard let due = awaited.values.map(\.due).min() else { return [] }
        return [.start(.acknowledgement, after: due - now)]
    }
}
