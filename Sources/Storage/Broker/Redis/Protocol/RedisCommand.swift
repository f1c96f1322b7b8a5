import NIOCore

/// A command as an array of bulk strings.
struct RedisCommand: Sendable, Equatable {
    /// An argument: text or bytes.
    enum Argument: Sendable, Equatable, ExpressibleByStringLiteral {
        case text(String)
        case bytes(ByteBuffer)

        init(stringLiteral text: String) { self = .text(text) }

        fileprivate var count: Int {
            switch self {
            case .text(let text): text.utf8.count
            case .bytes(let bytes): bytes.readableBytes
            }
        }
    }

    let arguments: [Argument]

    init(_ arguments: [Argument]) { self.arguments = arguments }

    init(_ arguments: String...) { self.arguments = arguments.map(Argument.text) }

    /// The length on the wire, or a little more.
    var size: Int { arguments.reduce(16) { $0 + $1.count + 16 } }

    /// Appends the command's wire form.
    func write(into buffer: inout ByteBuffer) {
        buffer.writeString("*\(arguments.count)\r\n")
        for argument in arguments {
            buffer.writeString("$\(argument.count)\r\n")
            switch argument {
            case .text(let text): buffer.writeString(text)
            case .bytes(let bytes): buffer.writeImmutableBuffer(bytes)
            }
            buffer.writeString("\r\n")
        }
    }
}
