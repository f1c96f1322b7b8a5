import Core

/// Tells those in a party what has just been written, in the same transaction.
struct PartyNews: Sendable {
    let events: any EventPublisher
    /// What this server tells of players replaces what it told before, and nothing of others.
    private let statusKey = "status:\(RandomToken.secret(bytes: 6))"

    init(events: any EventPublisher) { self.events = events }

    func tell(_ state: PartyStateView, _ tx: any Transaction) throws { try publish(PartyEvents.state, state, state.partyId, tx) }

    func tell(_ queue: PartyQueueView, _ tx: any Transaction) throws { try publish(PartyEvents.queue, queue, queue.partyId, tx) }

    func tell(_ view: PartyView, _ tx: any Transaction) throws {
        var view = view
        (view.accessCode, view.partyPath, view.me) = (nil, nil, nil)
        try publish(PartyEvents.updated, view, view.id, tx)
    }

    func tell(_ change: MemberNews.Change, _ member: PartyMember, in party: Party, _ tx: any Transaction) throws {
        let news = MemberNews(partyId: party.id, change: change, member: PartyMemberView(member, party.settings.grants))
        try publish(PartyEvents.member, news, party.id, tx)
    }

    func react(_ news: ReactionNews, at now: Timestamp) throws {
        let key = "\(news.person.kind):\(news.person.id)"
        events.send(try EphemeralEvent(topic: .party(news.partyId), type: PartyEvents.reaction, key: key, data: news, at: now))
    }

    func tell(_ statuses: [Person: MemberStatus], in party: SessionID, at now: Timestamp) throws {
        let entries = statuses.map { person, status in
            StatusNews.Entry(person: person.text, state: status.state, drift: status.drift, latency: status.latency)
        }
        let news = StatusNews(partyId: party, members: entries)
        events.send(try EphemeralEvent(topic: .party(party), type: PartyEvents.status, key: statusKey, data: news, at: now))
    }

    private func publish(_ type: EventType, _ data: some Encodable, _ party: SessionID, _ tx: any Transaction) throws {
        try events.publish(try DurableEvent(topic: .party(party), type: type, data: data), in: tx)
    }
}
