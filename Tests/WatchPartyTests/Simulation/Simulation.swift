import Core

@testable import WatchParty

/// A party in virtual time: everybody's machine, the lines and the server.
struct Simulation {
    private enum Event {
        case join(Int)
        case look(Int, number: Int)
        case probe(Int)
        case arrive(Int, Upward)
        case hear(Int, Downward)
        case deed(Int, SimulatedPlan.Deed)
        case repeatStatus(Int)
        case wake
        case sample
    }

    private enum Upward { case hello, probe(t0: Double), status(String, Double?), command(RoomCommand, Int64), bye }
    private enum Downward { case probe(t0: Double, time: Double), state(FollowedState) }

    private(set) var members: [SimulatedMember]
    private(set) var server: SimulatedServer
    private(set) var findings: Findings
    private let length: Double
    private var queue = EventQueue<Event>()
    private var now = 0.0

    init(_ plan: SimulatedPlan) {
        members = plan.members
        length = plan.length
        server = SimulatedServer(waitSeconds: plan.waitSeconds, film: plan.films[0])
        server.upcoming = plan.films.dropFirst().reversed()
        findings = Findings(state: server.state)
        for index in members.indices { queue.add(.join(index), at: members[index].joinsAt) }
        for deed in plan.deeds { queue.add(.deed(deed.who, deed.deed), at: deed.at) }
        queue.add(.sample, at: 0)
    }

    /// Lets everything happen.
    mutating func run() -> Findings {
        while let (time, event) = queue.next(), time <= length {
            now = time
            happen(event)
        }
        findings.finish(server, now: now)
        return findings
    }

    private mutating func happen(_ event: Event) {
        switch event {
        case .join(let who): join(who)
        case .look(let who, let number): if members[who].looks == number { look(who) }
        case .probe(let who): probe(who)
        case .arrive(let who, let message): arrive(message, from: who)
        case .hear(let who, let message): hear(message, who)
        case .deed(let who, let deed): act(deed, who)
        case .repeatStatus(let who): repeatStatus(who)
        case .wake: if server.wake(now: now) { spread() }
        case .sample: sample()
        }
    }

    // MARK: Clients

    private mutating func join(_ who: Int) {
        members[who].isPresent = true
        members[who].player.advance(to: now)
        send(.hello, from: who)
        probe(who)
        queue.add(.repeatStatus(who), at: now + 2000)
    }

    private mutating func look(_ who: Int) {
        guard members[who].isPresent else { return }
        let (reports, next) = members[who].look(at: now)
        for report in reports { send(.status(report, members[who].measured.roundTrip), from: who) }
        members[who].looks += 1
        queue.add(.look(who, number: members[who].looks), at: now + max(1, next))
    }

    private mutating func probe(_ who: Int) {
        guard members[who].isPresent else { return }
        send(.probe(t0: members[who].clock.reading(at: now)), from: who)
        queue.add(.probe(who), at: now + members[who].measured.nextProbe)
    }

    private mutating func repeatStatus(_ who: Int) {
        guard members[who].isPresent else { return }
        if !members[who].said.isEmpty { send(.status(members[who].said, members[who].measured.roundTrip), from: who) }
        queue.add(.repeatStatus(who), at: now + 2000)
    }

    private mutating func act(_ deed: SimulatedPlan.Deed, _ who: Int) {
        guard members[who].isPresent else { return }
        switch deed {
        case .command(let command):
            guard let latest = members[who].truth.latest else { return }
            findings.commands += 1
            send(.command(command, latest.sequence), from: who)
        case .leave:
            send(.bye, from: who)
            members[who].isPresent = false
        case .dryUp:
            members[who].player.advance(to: now)
            members[who].player.dryUp()
        }
    }

    private mutating func hear(_ message: Downward, _ who: Int) {
        guard members[who].isPresent else { return }
        switch message {
        case .probe(let t0, let time):
            let known = members[who].measured.offset
            members[who].measured.measured(t0: t0, t1: time, t2: time, t3: members[who].clock.reading(at: now))
            if known == nil { look(who) }
        case .state(let state):
            members[who].truth.taken(state)
            look(who)
        }
    }

    // MARK: The server

    private mutating func arrive(_ message: Upward, from who: Int) {
        let person = members[who].person
        let isChanged =
            switch message {
            case .hello, .probe: false
            case .status(let state, let roundTrip): server.status(state, of: person, roundTrip: roundTrip, now: now)
            case .command(let command, let sequence): server.command(command, by: person, basedOn: sequence, now: now)
            case .bye: server.left(person, now: now)
            }
        if case .hello = message { reply(.state(server.state), to: who) }
        if case .probe(let t0) = message { reply(.probe(t0: t0, time: SimulatedServer.reading(now)), to: who) }
        if isChanged { spread() }
    }

    /// Everybody hears of another truth.
    private mutating func spread() {
        findings.changed(server, now: now)
        for who in members.indices where members[who].isPresent { reply(.state(server.state), to: who) }
        if let due = server.room.wakesAt { queue.add(.wake, at: Double(due.milliseconds) - SimulatedServer.epoch + 1) }
    }

    // MARK: Lines

    private mutating func send(_ message: Upward, from who: Int) {
        let time = members[who].sent(at: now)
        queue.add(.arrive(who, message), at: time)
    }

    private mutating func reply(_ message: Downward, to who: Int) {
        let time = members[who].heard(at: now)
        queue.add(.hear(who, message), at: time)
    }

    // MARK: Measuring

    private mutating func sample() {
        for who in members.indices where members[who].isPresent { members[who].player.advance(to: now) }
        findings.sample(members, server, now: now)
        queue.add(.sample, at: now + 250)
    }
}
