import Core
import Foundation

/// What a follower is told, whatever wire says it.
enum FollowerNews: Equatable {
    /// The connection can be used; of Socket.IO, by which names: a name of before means that the client is who it was.
    case admitted(id: String, secret: String)
    case joined(session: String, epoch: String, offset: Int64, isRecovered: Bool)
    /// An event of a session.
    case event(session: String, offset: Int64)
    /// A command was carried out.
    case done(Int)
    /// A command was refused, or the whole connection.
    case refused(String)
    /// To be answered.
    case ping
    case nothing
}

/// How wires are spoken.
enum FollowerWire: String, CaseIterable, Sendable {
    case webSocket, socketIO, polling, eventStream

    var isSocketIO: Bool { self == .socketIO || self == .polling }

    func command(_ name: String, _ id: Int, _ data: JSONValue) throws -> String {
        isSocketIO
            ? "42\(id)\(try JSON.text([.string(name), data] as JSONValue))"
            : try JSON.text(["type": .string(name), "id": .integer(Int64(id)), "data": data] as JSONValue)
    }

    func news(in packet: String) throws -> FollowerNews {
        switch self {
        case .webSocket: Self.ofWebSocket(try JSON.decode(from: packet))
        case .socketIO, .polling: try Self.ofSocketIO(packet)
        case .eventStream: try Self.ofEventStream(packet)
        }
    }

    private static func ofWebSocket(_ message: JSONValue) -> FollowerNews {
        let data = message["data"] ?? .null
        switch message["type"]?.stringValue {
        case "ack": return .done(message.integer("id") ?? 0)
        case "error": return .refused(data["code"]?.stringValue ?? "")
        case let name?: return event(name, data, message["offset"]?.integerValue)
        case nil: return .nothing
        }
    }

    private static func ofSocketIO(_ packet: String) throws -> FollowerNews {
        if packet == "2" { return .ping }
        guard let match = packet.wholeMatch(of: /4([0234])(\d*)(.*)/) else { return .nothing }
        let content: JSONValue = try JSON.decode(from: match.3.isEmpty ? "null" : String(match.3))
        switch match.1 {
        case "0": return .admitted(id: content["sid"]?.stringValue ?? "", secret: content["pid"]?.stringValue ?? "")
        case "2": return event(content.elements.first?.stringValue ?? "", content.elements.dropFirst().first ?? .null, content.elements.dropFirst(2).first?.stringValue.flatMap { Int64($0) })
        case "3":
            let code = content.elements.first?["error"]?["code"]?.stringValue
            return code.map { .refused($0) } ?? .done(Int(match.2) ?? 0)
        default: return .refused(packet)
        }
    }

    private static func ofEventStream(_ block: String) throws -> FollowerNews {
        let fields = Dictionary(
            block.split(separator: "\n").compactMap { line in line.firstRange(of: ": ").map { (String(line[..<$0.lowerBound]), String(line[$0.upperBound...])) } },
            uniquingKeysWith: { first, _ in first })
        guard let name = fields["event"] else { return .nothing }
        let offset = fields["id"]?.split(separator: ":").last.flatMap { Int64($0) }
        return event(name, try JSON.decode(from: fields["data"] ?? "null"), offset)
    }

    private static func event(_ name: String, _ data: JSONValue, _ offset: Int64?) -> FollowerNews {
        switch name {
        case "session_joined":
            return .joined(
                session: data["sessionId"]?.stringValue ?? "", epoch: data["epoch"]?.stringValue ?? "",
                offset: data["offset"]?.integerValue ?? 0, isRecovered: data["recovered"] == true)
        case "new_photo":
            guard let offset, let topic = data["topic"]?.stringValue else { return .nothing }
            return .event(session: String(topic.dropFirst("session:".count)), offset: offset)
        case "error": return .refused(data["code"]?.stringValue ?? "")
        default: return .nothing
        }
    }
}
