import Core

/// Those with which clients come to parties. What happens there is the feature's.
extension RealtimeEvents {
    static let joinParty = EventType(
        "join_party", sender: .client, durability: .ephemeral,
        payload: .object([
            .field("partyId", .formatted(.uuid)),
            .optional("accessCode", .string(1...64), "Lets a guest in without a token."),
            .optional("name", .string(0...80), "How the guest wants to be called."),
            .optional("epoch", .string(0...64), "With `offset`: what the client saw last, from `party_joined` and events."),
            .optional("offset", .integer(0...Int64.max), "The highest that was seen of this party, in whatever topic."),
            .optional("state", .boolean, "Whether to tell the current state when what was missed cannot be told; so it is unless said."),
        ]),
        about: "Follows a party, and what is said there; missed events come first.")

    static let leaveParty = EventType(
        "leave_party", sender: .client, durability: .ephemeral,
        payload: .object([.field("partyId", .formatted(.uuid))]), about: "Stops following a party.")

    static let partyClock = EventType(
        "party_clock", sender: .client, durability: .ephemeral,
        payload: .object([.field("t0", .number(), "The client's own time, in whatever unit: it is given back.")]),
        about: "Asks for the server's time, in milliseconds: `t1`, when this came, and `t2`, when it was answered; other commands do not hold it up.")

    static let partyJoined = EventType(
        "party_joined", durability: .ephemeral, payload: Joined.party, about: "The party is followed; recovered events come next.")

    static let ofParties = [joinParty, leaveParty, partyClock, partyJoined]
}
