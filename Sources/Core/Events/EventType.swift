/// The declaration of an event or command: the row of the event table.
///
/// Each feature lists its own in `Events.swift`; the composition root joins them. Encoding, validation of commands
/// and the AsyncAPI document come from here.
public struct EventType: Sendable, Equatable {
    /// Who may send it.
    public enum Sender: Sendable, Equatable {
        /// Only Lumiere itself.
        case server
        /// A client, as a command; the answer is an `ack`.
        case client
    }

    /// What happens to those who are not there at the moment.
    public enum Durability: Sendable, Equatable {
        /// In the history with an offset, never dropped.
        case durable
        /// Progress and the like: the latest per key, no offset.
        case ephemeral
    }

    /// snake_case, e.g. `new_photo`.
    public let name: String
    public let sender: Sender
    public let durability: Durability
    /// The shape of `data`.
    public let payload: Schema
    /// Other names that clients in the field use for it.
    public let aliases: [String]
    public let about: String

    public init(
        _ name: String, sender: Sender = .server, durability: Durability = .durable, payload: Schema,
        aliases: [String] = [], about: String
    ) {
        self.name = name
        self.sender = sender
        self.durability = durability
        self.payload = payload
        self.aliases = aliases
        self.about = about
    }
}
