import Core
import NIOCore

/// A client's message, recognised and checked.
struct Command: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case authenticate(Authentication)
        /// What is told to the client's own account; given by the connection itself, as its first.
        case followSelf(TopicPlace?)
        case join(Join)
        case leave(Gathering)
        case ping
        /// What time it is here; with the client's own time. Waits for nothing.
        case clock(JSONValue)
        /// A command of a feature: its canonical name, and data that was checked.
        case feature(String, JSONValue)
    }

    struct Authentication: Sendable, Equatable, Codable {
        var token: String?
        var epoch: String?
        var offset: Int64?
    }

    struct Join: Sendable, Equatable {
        var gathering: Gathering
        var accessCode: String?
        var name: String?
        var epoch: String?
        var offset: Int64?
        var deskOffset: Int64?
        /// Whether the client wants to be told the current state where what it missed cannot be told.
        var state: Bool?
    }

    /// What the wire gives back with the answer; on `/ws` any JSON the client likes. `nil`: no answer is wanted, except for errors.
    var id: JSONValue?
    var kind: Kind

    /// What could not be understood, with the id if there was one.
    struct Refusal: Error, Equatable {
        var id: JSONValue?
        var problem: Problem
    }

    /// What a connection does by itself.
    init(_ kind: Kind) { (id, self.kind) = (nil, kind) }

    /// Reads a message of `/ws`.
    init(_ text: ByteBuffer, table: EventTable) throws(Refusal) {
        guard let message = try? JSONValue(parsing: text.readableBytesView),
            let type = message["type"]?.stringValue
        else { throw Refusal(id: nil, problem: .badRequest("bad_json", "Send a JSON object with a `type`.")) }
        try self.init(type, message["data"] ?? .null, id: message["id"], table: table)
    }

    /// Recognises a command.
    /// - Parameters:
    ///   - type: its name or one of its aliases.
    ///   - data: as the client sent it.
    init(_ type: String, _ data: JSONValue, id: JSONValue?, table: EventTable) throws(Refusal) {
        self.id = id
        do {
            let (name, data) = try table.command(type, data)
            kind = try Kind(name, data)
        } catch {
            throw Refusal(id: id, problem: (error as? Problem) ?? .internalError)
        }
    }
}

extension Command.Kind {
    /// - Parameter data: has been checked against the command's schema.
    fileprivate init(_ name: String, _ data: JSONValue) throws {
        switch name {
        case RealtimeEvents.authenticate.name: self = .authenticate(try JSON.decode(from: try JSON.encode(data)))
        case RealtimeEvents.joinSession.name: self = .join(.init(.session(try Self.id("sessionId", in: data)), data))
        case RealtimeEvents.leaveSession.name: self = .leave(.session(try Self.id("sessionId", in: data)))
        case RealtimeEvents.joinParty.name: self = .join(.init(.party(try Self.id("partyId", in: data)), data))
        case RealtimeEvents.leaveParty.name: self = .leave(.party(try Self.id("partyId", in: data)))
        case RealtimeEvents.partyClock.name: self = .clock(data["t0"] ?? .null)
        case RealtimeEvents.ping.name: self = .ping
        default: self = .feature(name, data)
        }
    }

    private static func id(_ name: String, in data: JSONValue) throws -> SessionID {
        guard let id = SessionID(data[name]?.stringValue ?? "") else { throw Problem.notFound("session") }
        return id
    }
}

extension Command.Join {
    /// - Parameter data: has been checked against the command's schema.
    fileprivate init(_ gathering: Gathering, _ data: JSONValue) {
        self.init(
            gathering: gathering, accessCode: data["accessCode"]?.stringValue, name: data["name"]?.stringValue,
            epoch: data["epoch"]?.stringValue, offset: data["offset"]?.integerValue, deskOffset: data["deskOffset"]?.integerValue,
            state: data["state"]?.boolValue)
    }
}

extension Problem {
    /// 400: the event table has no such command, or nobody carries it out.
    static let unknownCommand = Problem.badRequest("unknown_type", "There is no command of that type.")
}
