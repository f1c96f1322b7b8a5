import Core
import TestSupport

/// A client of some wire whose connection keeps breaking, which comes and goes, and notes what it was told.
actor Follower {
    /// A time in which everything of a session has to come, wherever the connection was cut.
    struct Stay: Sendable {
        /// Where the session stood when it began.
        let since: Int64
        var offsets: [Int64] = []
        var place: Int64 { offsets.last ?? since }
    }

    /// A session, and what it takes to enter it.
    struct Place: Sendable {
        let shoot: Shoot
        /// For who cannot show a code.
        let guest: API
        var id: String { shoot.id }
    }

    /// How often something happened.
    struct Count: Sendable {
        var connections = 0
        /// Of Socket.IO, those that went on as they were.
        var resumed = 0
        /// Times it came back to a session and was promised what it had missed, or was not.
        var (recovered, lost) = (0, 0)
        var refused = 0
        /// Events that came a second time, which may happen to those of Socket.IO alone.
        var repeated = 0
    }

    let wire: FollowerWire
    private(set) var stays: [String: [Stay]] = [:]
    private(set) var count = Count()
    private let port: Int
    private let places: [Place]
    /// Sessions that it wants to follow now, and events until that changes.
    private var wanted: Set<String>
    private var eventsUntilChange = 40
    /// Those that it knows it follows.
    private var followed: Set<String> = []
    private var epoch = ""
    /// Of Socket.IO: what it was, and the last event it was sent.
    private var admission: (id: String, secret: String)?
    private var lastOffset: Int64?
    /// What it certainly followed.
    private var resumption: Set<String> = []
    private var random: SeededGenerator
    private var line: PacketLine?
    private var abandoned: PacketLine?
    private var (nextPacket, nextCommand) = (0, 0)
    /// Until when everything has to have come.
    private var patience: ContinuousClock.Instant?
    private var recent: [String] = []

    /// - Parameter places: sessions that it may follow; it stays in the first.
    init(_ wire: FollowerWire, port: Int, _ places: [Place], seed: UInt64) {
        (self.wire, self.port, self.places) = (wire, port, places)
        wanted = Set(places.map(\.id))
        random = SeededGenerator(seed: seed)
    }

    /// Follows until it has everything.
    /// - Parameter ends: the last offsets of the sessions, once nothing happens any more.
    func run(until ends: @escaping @Sendable () -> [String: Int64]?) async throws {
        while try !isOver(ends()) {
            do { try await follow(ends) } catch let error as TimedOut { throw error } catch {
                // The server may be away.
                try await Task.sleep(for: .milliseconds(50))
            }
            await dropLine()
        }
        await abandoned?.cut()
    }

    /// Some connections are cut, others are forgotten: the server does not learn of it before the client is back.
    private func dropLine() async {
        await abandoned?.cut()
        abandoned = line.take()
        guard Bool.random(using: &random) else { return }
        await abandoned.take()?.cut()
    }

    /// - Throws: `TimedOut` when it still has not heard everything although nothing has happened for long.
    private func isOver(_ ends: [String: Int64]?) throws -> Bool {
        guard let ends else { return false }
        patience = patience ?? .now + .seconds(30)
        guard ContinuousClock.now < patience ?? .now else {
            throw TimedOut("the rest of \(ends) over \(wire): \(count), \(stays.mapValues { $0.map(\.place) }), \(followed) of \(wanted), \(recent)")
        }
        return places.allSatisfy { place in (stays[place.id]?.last?.place ?? -1) >= (ends[place.id] ?? 0) }
    }

    // MARK: One connection

    /// Returns when it is time to be cut.
    private func follow(_ ends: () -> [String: Int64]?) async throws {
        try await connect()
        var left = Int.random(in: 1...Scale.eventsUntilCut, using: &random)
        while left > 0, try !isOver(ends()) {
            if ends() != nil { (left, wanted) = (.max, Set(places.map(\.id))) }
            try await settle()
            guard case .event = try await hear() else { continue }
            left -= 1
            considerChange()
        }
    }

    /// Now and then it wants to leave a session, or to come back, and never stays away for so long that it could not have everything.
    private func considerChange() {
        eventsUntilChange -= 1
        guard eventsUntilChange <= 0, let other = places.dropFirst().first else { return }
        eventsUntilChange = .random(in: 1...80, using: &random)
        wanted.formSymmetricDifference([other.id])
    }

    private func connect() async throws {
        count.connections += 1
        (nextPacket, followed) = (0, [])
        switch wire {
        case .webSocket: line = try await .webSocket(port: port, path: "/ws")
        case .socketIO: line = try await .webSocket(port: port, path: "/socket.io/?EIO=4&transport=websocket")
        case .polling: line = try await .polling(base: places[0].guest.base)
        case .eventStream:
            let id = stays[places[0].id]?.last.map { "\(epoch):\($0.place)" }
            line = try await .eventStream(places[0].guest, session: places[0].id, lastEventID: id)
            try await heard { $0 == places[0].id }
        }
        if wire.isSocketIO { try await introduce() }
    }

    /// Enters the namespace, as who it was before if it can.
    private func introduce() async throws {
        var auth: JSONValue = [:]
        if let admission, let lastOffset { auth = ["pid": .string(admission.secret), "offset": .string("\(lastOffset)")] }
        try await line?.send("40\(try JSON.text(auth))")
        while true {
            guard case .admitted(let id, let secret) = try await news() else { continue }
            if id == admission?.id { count.resumed += 1 } else { resumption = [] }
            followed = resumption
            admission = (id, secret)
            return
        }
    }

    // MARK: Coming and going

    /// Joins what it wants to follow, and leaves what it does not.
    private func settle() async throws {
        guard wire != .eventStream else { return }
        for place in places where wanted.contains(place.id) != followed.contains(place.id) {
            if wanted.contains(place.id) { try await join(place) } else { try await leave(place) }
        }
    }

    private func join(_ place: Place) async throws {
        var data: [String: JSONValue] = ["sessionId": .string(place.id), "accessCode": .string(place.shoot.code), "state": false]
        if let stay = stays[place.id]?.last { (data["epoch"], data["offset"]) = (.string(epoch), .integer(stay.place)) }
        try await command("join_session", place, .object(data))
        try await heard { $0 == place.id }
        resumption = followed
    }

    private func leave(_ place: Place) async throws {
        try await command("leave_session", place, ["sessionId": .string(place.id)])
        while try await hear() != .done(nextCommand) {}
        followed.remove(place.id)
        resumption = followed
    }

    /// Gives a command, and sometimes does not stay for the answer: then nobody knows whether it was carried out.
    private func command(_ name: String, _ place: Place, _ data: JSONValue) async throws {
        resumption.remove(place.id)
        nextCommand += 1
        try await line?.send(wire.command(name, nextCommand, data))
        if Int.random(in: 0..<10, using: &random) == 0 { throw PacketLine.Gone() }
    }

    /// Waits until it is told that it follows a session.
    private func heard(_ isWanted: (String) -> Bool) async throws {
        while true { if case .joined(let session, _, _, _) = try await hear(), isWanted(session) { return } }
    }

    // MARK: News

    /// Takes what it is told next.
    private func hear() async throws -> FollowerNews {
        let news = try await news()
        switch news {
        case .joined(let session, let epoch, let offset, let isRecovered): joined(session, epoch, offset, isRecovered)
        case .event(let session, let offset): take(session, offset)
        default: break
        }
        return news
    }

    private func news() async throws -> FollowerNews {
        try Task.checkCancellation()
        guard let line else { throw PacketLine.Gone() }
        let packet = try await line.packet(nextPacket)
        nextPacket += 1
        recent = recent.suffix(12) + [String(packet.prefix(160))]
        let news = try wire.news(in: packet)
        if news == .ping { try await line.send("3") }
        if case .refused = news {
            count.refused += 1
            throw PacketLine.Gone()
        }
        return news
    }

    private func joined(_ session: String, _ epoch: String, _ offset: Int64, _ isRecovered: Bool) {
        self.epoch = epoch
        followed.insert(session)
        let isReturn = stays[session] != nil
        if isReturn { if isRecovered { count.recovered += 1 } else { count.lost += 1 } }
        if !isReturn || !isRecovered { stays[session, default: []].append(Stay(since: offset)) }
    }

    private func take(_ session: String, _ offset: Int64) {
        lastOffset = offset
        guard followed.contains(session), var stay = stays[session]?.popLast() else { return }
        defer { stays[session]?.append(stay) }
        // What is sent before the answer of a leave that was asked for counts, too.
        if wire.isSocketIO, offset <= stay.place { return count.repeated += 1 }
        stay.offsets.append(offset)
    }
}
