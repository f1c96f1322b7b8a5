import Foundation

/// How messages travel between the server and a decoder child: a 4-byte big-endian length, then that many bytes of JSON.
public enum MessageFraming {
    /// Bytes of JSON in one message, at most.
    public static let maximumLength = 1 << 20

    /// What is wrong with a message.
    public enum Failure: Error, Equatable, Sendable {
        /// A message of that many bytes was announced or asked for.
        case tooLong(Int)
    }

    /// Encodes a message with its length in front.
    /// - Throws: `Failure.tooLong`, or what encoding throws.
    public static func frame(_ message: some Encodable) throws -> [UInt8] {
        let payload = try JSON.encode(message)
        guard payload.count <= maximumLength else { throw Failure.tooLong(payload.count) }
        return (0..<4).map { UInt8(truncatingIfNeeded: payload.count >> (24 - 8 * $0)) } + payload
    }

    /// Cuts a stream of bytes into messages. After it has thrown, the stream cannot be read any further.
    public struct Parser: Sendable {
        private var buffer: [UInt8] = []

        /// A parser at the start of a stream.
        public init() {}

        /// Takes the next bytes of the stream. Ask `next()` until it is `nil` before each further call, so that no
        /// more than one message and one read are ever held.
        public mutating func append(_ bytes: some Sequence<UInt8>) { buffer += bytes }

        /// The payload of the next complete message; `nil` when more bytes are needed.
        /// - Throws: `Failure.tooLong` as soon as the length says so.
        public mutating func next() throws -> [UInt8]? {
            guard buffer.count >= 4 else { return nil }
            let length = buffer[..<4].reduce(0) { $0 << 8 | Int($1) }
            guard length <= maximumLength else { throw Failure.tooLong(length) }
            guard buffer.count >= 4 + length else { return nil }
            let payload = Array(buffer[4..<(4 + length)])
            buffer.removeFirst(4 + length)
            return payload
        }
    }
}
