import Core
import NIOCore

/// What clients of `/ws` send, as bytes.
enum ClientFrame {
    /// A frame whose mask changes nothing.
    /// - Parameters:
    ///   - first: its first byte: flags and the opcode.
    ///   - length: what it announces, if that is not what it has.
    static func bytes(_ first: UInt8, _ payload: [UInt8] = [], announcing length: Int? = nil) -> ByteBuffer {
        let length = length ?? payload.count
        var bytes = ByteBuffer(bytes: [first])
        switch length {
        case ..<126: bytes.writeInteger(0x80 | UInt8(length))
        case ..<(1 << 16): bytes.writeMultipleIntegers(UInt8(0xFE), UInt16(length))
        default: bytes.writeMultipleIntegers(UInt8(0xFF), UInt64(length))
        }
        bytes.writeInteger(UInt32(0))
        bytes.writeBytes(payload)
        return bytes
    }

    static func text(_ text: String) -> ByteBuffer { bytes(0x81, Array(text.utf8)) }

    /// A message of compressed bytes.
    static func compressed(_ payload: [UInt8]) -> ByteBuffer { bytes(0xC2, payload) }

    /// The request that opens a WebSocket.
    static func opening(_ path: String = "/ws", token: String? = nil, compressing: Bool = false) -> ByteBuffer {
        let bearer = token.map { "Authorization: Bearer \($0)\r\n" } ?? ""
        let extensions = compressing ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : ""
        return ByteBuffer(
            string: """
                GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\(bearer)\(extensions)\r\n
                """)
    }

    static func command(_ type: String, _ data: JSONValue, id: Int = 1) throws -> ByteBuffer {
        text(try JSON.text(JSONValue.object(["type": .string(type), "id": .integer(Int64(id)), "data": data])))
    }

    /// The same, and the wish to follow a session.
    /// - Parameter place: to go on from.
    static func joining(_ session: String, token: String?, since place: (epoch: String, offset: Int64)? = nil) throws -> ByteBuffer {
        var data: [String: JSONValue] = ["sessionId": .string(session)]
        if let place { (data["epoch"], data["offset"]) = (.string(place.epoch), .integer(place.offset)) }
        var bytes = opening(token: token)
        bytes.writeImmutableBuffer(try command("join_session", .object(data)))
        return bytes
    }

    /// The same, and the wish to follow a party.
    static func joining(party: String, token: String) throws -> ByteBuffer {
        var bytes = opening(token: token)
        bytes.writeImmutableBuffer(try command("join_party", ["partyId": .string(party), "state": false]))
        return bytes
    }
}
