import NIOCore

/// What a client sent breaks the protocol.
struct SocketViolation: Error, Equatable {
    var reason: String
}

/// A whole packet from a client.
enum SocketInbound: Equatable {
    case connect(namespace: String, auth: JSONText?)
    case disconnect(namespace: String)
    case event(SocketEvent)
    case acknowledgement(namespace: String, id: UInt64, SocketAcknowledgement)
}

/// Reads packets and joins them with their attachments.
struct SocketDecoder {
    private struct Partial {
        var packet: SocketInbound
        var missing: Int
        var attachments: [ByteBuffer] = []
        var byteCount = 0
    }

    private let maxAttachments: Int
    private let maxAttachmentBytes: Int
    private var partial: Partial?

    /// Names that mean something else to clients.
    private static let reserved: Set<String> = [
        "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener",
    ]

    init(configuration: SocketConfiguration) {
        maxAttachments = configuration.maxAttachments
        maxAttachmentBytes = configuration.maxAttachmentBytes
    }

    /// Takes a text message; answers the packet, unless attachments have to follow.
    mutating func receive(text: ByteBuffer) throws(SocketViolation) -> SocketInbound? {
        guard partial == nil else { throw SocketViolation(reason: "attachment expected") }
        guard let packet = SocketPacket(text) else { throw SocketViolation(reason: "not a packet") }
        let inbound = try Self.inbound(packet)
        guard packet.attachments > 0 else { return inbound }
        guard packet.attachments <= maxAttachments else { throw SocketViolation(reason: "too many attachments") }
        partial = Partial(packet: inbound, missing: packet.attachments)
        return nil
    }

    /// Takes a binary message; answers the packet that it completes, if any.
    mutating func receive(binary: ByteBuffer) throws(SocketViolation) -> SocketInbound? {
        guard var partial = partial.take() else { throw SocketViolation(reason: "attachment of nothing") }
        partial.byteCount += binary.readableBytes
        guard partial.byteCount <= maxAttachmentBytes else { throw SocketViolation(reason: "attachments too big") }
        partial.attachments.append(binary)
        guard partial.attachments.count == partial.missing else {
            self.partial = partial
            return nil
        }
        return partial.packet.with(partial.attachments)
    }

    private static func inbound(_ packet: SocketPacket) throws(SocketViolation) -> SocketInbound {
        switch packet.kind {
        case .connect:
            return .connect(namespace: packet.namespace, auth: try auth(packet))
        case .disconnect:
            guard packet.id == nil, packet.json.readableBytes == 0 else { throw SocketViolation(reason: "bad disconnect") }
            return .disconnect(namespace: packet.namespace)
        case .event, .binaryEvent:
            return .event(try event(packet))
        case .acknowledgement, .binaryAcknowledgement:
            guard let id = packet.id else { throw SocketViolation(reason: "bad acknowledgement") }
            let content = SocketAcknowledgement(arguments: try elements(packet))
            return .acknowledgement(namespace: packet.namespace, id: id, content)
        case .connectError:
            throw SocketViolation(reason: "not for a client to send")
        }
    }

    private static func auth(_ packet: SocketPacket) throws(SocketViolation) -> JSONText? {
        guard packet.id == nil else { throw SocketViolation(reason: "bad connect") }
        guard packet.json.readableBytes > 0 else { return nil }
        guard JSONOutline(of: packet.json)?.kind == .object else { throw SocketViolation(reason: "bad connect") }
        return JSONText(trusted: packet.json)
    }

    private static func event(_ packet: SocketPacket) throws(SocketViolation) -> SocketEvent {
        let elements = try elements(packet)
        guard let name = elements.first.flatMap(name), !reserved.contains(name) else {
            throw SocketViolation(reason: "bad event")
        }
        return SocketEvent(
            namespace: packet.namespace, name: name, arguments: Array(elements.dropFirst()), ackID: packet.id)
    }

    /// Clients may use a number for a name.
    private static func name(_ element: JSONText) -> String? {
        guard let first = element.bytes.readableBytesView.first else { return nil }
        let isNumber = first == UInt8(ascii: "-") || (48...57).contains(first)
        return isNumber ? String(buffer: element.bytes) : element.stringValue
    }

    /// The elements of a packet's array, in which each attachment has its placeholder.
    private static func elements(_ packet: SocketPacket) throws(SocketViolation) -> [JSONText] {
        guard let outline = JSONOutline(of: packet.json), outline.kind == .array,
            !packet.kind.isBinary || outline.placeholders.sorted() == Array(0..<packet.attachments)
        else { throw SocketViolation(reason: "bad payload") }
        return outline.elements.compactMap { range in
            packet.json.getSlice(at: packet.json.readerIndex + range.lowerBound, length: range.count)
                .map(JSONText.init(trusted:))
        }
    }
}

extension SocketInbound {
    fileprivate func with(_ attachments: [ByteBuffer]) -> SocketInbound {
        switch self {
        case .event(var event):
            event.attachments = attachments
            return .event(event)
        case .acknowledgement(let namespace, let id, var content):
            content.attachments = attachments
            return .acknowledgement(namespace: namespace, id: id, content)
        case .connect, .disconnect:
            return self
        }
    }
}
