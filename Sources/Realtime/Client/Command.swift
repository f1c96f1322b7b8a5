import Core
import NIOCore

/// A client's message, recognised and checked.
struct Command: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case authenticate(Authentication)
        /// What is told to the client's own account; given by the connection itself, as its first.
        case followSelf(TopicPlace?)
        case join(Join)
        case leave(SessionID)
        case ping
        /// A command of a feature: its canonical name, and data that was checked.
        case feature(String, JSONValue)
    }

    struct Authentication: Sendable, Equatable, Codable {
        var token: String?
        var epoch: String?
        var offset: Int64?
    }

    struct Join: Sendable, Equatable, Codable {
        var sessionId: SessionID
        var accessCode: String?
        var name: String?
        var epoch: String?
        var offset: Int64?
        var deskOffset: Int64?
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
        case RealtimeEvents.joinSession.name: self = .join(try JSON.decode(from: try JSON.encode(data)))
        case RealtimeEvents.leaveSession.name:
            guard let id = SessionID(data["sessionId"]?.stringValue ?? "") else { throw Problem.notFound("session") }
            self = .leave(id)
        case RealtimeEvents.ping.name: self = .ping
        default: self = .feature(name, data)
        }
    }
}

extension Problem {
    /// 400: the event table has no such command, or nobody carries it out.
    static let unknownCommand = Problem.badRequest("unknown_type", "There is no command of that type.")
}
