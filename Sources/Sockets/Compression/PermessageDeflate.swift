import NIOCore
import NIOHTTP1

/// Compression of messages (RFC 7692) as it was agreed on for one connection.
public struct PermessageDeflate: Equatable, Sendable {
    /// Whether our messages may refer to earlier ones: then each connection needs a compressor of its own.
    public var serverContextTakeover = true
    /// Whether the client's messages may: then what they may refer to is kept between them.
    public var clientContextTakeover = true
    /// How far our messages refer back, as a power of two, 8 to 15.
    public var serverWindowBits = 15
    /// How far the client's messages refer back, as a power of two, 8 to 15.
    public var clientWindowBits = 15

    static let name = "permessage-deflate"
    static let field = "Sec-WebSocket-Extensions"

    /// What a server is willing to agree on, and what it compresses.
    ///
    /// The defaults let all connections share compressors (at most eight, 2 MiB, for the process), and each broadcast be
    /// compressed once, see `PreparedMessage`; nothing is held for a connection between messages. With context takeover a
    /// connection holds about 2^(window + 2) + 2^(memory level + 9) bytes for its compressor, 256 KiB with both at their usual 15
    /// and 8, until it has sent nothing compressed for `idleTime`; and 2^window bytes and some 12 KiB for what it receives, from
    /// the first compressed message on.
    ///
    /// Work is done on the event loop, in steps: a message is compressed in one, so `largestMessage` bounds it (256 KiB take
    /// some milliseconds). Of what comes in, a step ends with the message with which 256 KiB have been inflated, or the client is
    /// over its rate: `maxMessageBytes` inflated count like 16 messages. Of one message at most `maxMessageBytes` and one byte
    /// are ever inflated, in pieces of 16 KiB.
    public struct Configuration: Hashable, Sendable {
        /// Whether our messages may refer to earlier ones, if the client has no objection.
        public var serverContextTakeover = false
        /// Whether the client's messages may.
        public var clientContextTakeover = false
        /// The most for our messages, 8 to 15.
        public var serverWindowBits = 15
        /// The most for the client's messages, 8 to 15. Below 15, offers that do not let us limit it are declined.
        public var clientWindowBits = 15
        /// zlib's `memLevel`, 1 to 9.
        public var memoryLevel = 8
        /// zlib's level, 1 to 9. On messages of this size, higher ones cost more time than they save bytes.
        public var level = 1
        /// How long a connection with context takeover keeps its compressor although it sends nothing compressed, up to twice that.
        public var idleTime = TimeAmount.seconds(25)
        /// Bytes from which a message is compressed; empty ones never are.
        public var smallestMessage = 256
        /// Bytes up to which one is.
        public var largestMessage = 256 << 10

        /// The defaults.
        public init() {}

        func compresses(_ byteCount: Int) -> Bool {
            byteCount >= max(1, smallestMessage) && byteCount <= largestMessage
        }
    }
}

extension PermessageDeflate {
    /// Chooses the first of a client's offers that can be met (RFC 7692 sections 5.1 and 7.1); `nil`: none.
    ///
    /// An offer with a parameter that is unknown, repeated, or has a value it must not have is declined as a whole.
    static func negotiate(_ offers: [WebSocketExtension], _ configuration: Configuration) -> (PermessageDeflate, answer: String)? {
        for offer in offers where offer.name.lowercased() == name {
            if let parameters = Parameters(offer), let agreed = parameters.agree(configuration) { return agreed }
        }
        return nil
    }

    /// What the header of a 101 response says: what was told to the client is what holds.
    init?(acceptedIn response: HTTPHeaders) {
        guard let accepted = WebSocketExtension.list(response[Self.field])?.first(where: { $0.name == Self.name }),
            let parameters = Parameters(accepted)
        else { return nil }
        serverContextTakeover = !parameters.serverNoContextTakeover
        clientContextTakeover = !parameters.clientNoContextTakeover
        serverWindowBits = parameters.serverWindowBits ?? 15
        clientWindowBits = parameters.clientWindowBits ?? 15
    }
}

/// The parameters of an offer or an answer.
private struct Parameters {
    var serverNoContextTakeover = false
    var clientNoContextTakeover = false
    var serverWindowBits: Int?
    var clientWindowBits: Int?
    /// Whether the client takes a limit; it need not name one itself.
    var takesClientWindow = false

    /// `nil` for parameters that make the extension one to be declined (RFC 7692 section 7.1).
    init?(_ offer: WebSocketExtension) {
        var seen: Set<String> = []
        for parameter in offer.parameters {
            guard seen.insert(parameter.name).inserted, set(parameter) else { return nil }
        }
    }

    private mutating func set(_ parameter: WebSocketExtension.Parameter) -> Bool {
        switch (parameter.name, parameter.value) {
        case ("server_no_context_takeover", nil):
            serverNoContextTakeover = true
        case ("client_no_context_takeover", nil):
            clientNoContextTakeover = true
        case ("server_max_window_bits", let value?):
            serverWindowBits = Self.bits(value)
            return serverWindowBits != nil
        case ("client_max_window_bits", let value):
            takesClientWindow = true
            clientWindowBits = value.flatMap(Self.bits)
            return value == nil || clientWindowBits != nil
        default:
            return false
        }
        return true
    }

    /// 8 to 15 without leading zeros.
    private static func bits(_ value: String) -> Int? {
        ["8", "9", "10", "11", "12", "13", "14", "15"].firstIndex(of: value).map { $0 + 8 }
    }

    func agree(_ configuration: PermessageDeflate.Configuration) -> (PermessageDeflate, answer: String)? {
        guard takesClientWindow || configuration.clientWindowBits >= 15 else { return nil }
        var agreed = PermessageDeflate()
        agreed.serverContextTakeover = configuration.serverContextTakeover && !serverNoContextTakeover
        agreed.clientContextTakeover = configuration.clientContextTakeover && !clientNoContextTakeover
        agreed.serverWindowBits = min(serverWindowBits ?? 15, configuration.serverWindowBits)
        agreed.clientWindowBits = min(clientWindowBits ?? 15, configuration.clientWindowBits)
        return (agreed, answer(agreed))
    }

    private func answer(_ agreed: PermessageDeflate) -> String {
        var words = [PermessageDeflate.name]
        if !agreed.serverContextTakeover { words.append("server_no_context_takeover") }
        if !agreed.clientContextTakeover { words.append("client_no_context_takeover") }
        // Our own limit needs no announcement, and a client that does not know of it may mind.
        if serverWindowBits != nil { words.append("server_max_window_bits=\(agreed.serverWindowBits)") }
        if takesClientWindow, clientWindowBits != nil || agreed.clientWindowBits < 15 {
            words.append("client_max_window_bits=\(agreed.clientWindowBits)")
        }
        return words.joined(separator: "; ")
    }
}
