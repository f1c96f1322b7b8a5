import Core
import NIOCore

/// What nodes tell each other through Redis.
enum NodeMessage: Sendable, Equatable {
    /// Durable events, as they are in the outbox already.
    case events(EventBatch)
    /// The outbox holds more, up to that sequence.
    case more(through: OutboxPosition)
    /// Of another node's own: the sender has delivered it to itself.
    case ephemeral(EphemeralEvent, from: String)
    case nudge(name: String, payload: String, from: String)

    /// The forms that nodes of this version understand; of others they only take that there was something.
    private static let version = "2"
}

// MARK: Wire form

extension NodeMessage {
    /// The message's bytes.
    var bytes: ByteBuffer {
        var fields = FieldWriter()
        fields.write(Self.version)
        switch self {
        case .events(let batch):
            fields.write("batch")
            fields.write(batch.generation)
            fields.write(batch.after)
            fields.write(batch.predecessor.map { String($0.value, radix: 16) } ?? "")
            fields.write(batch.through)
            for event in batch.events { Self.write(event, into: &fields) }
        case .more(let position):
            fields.write("through")
            fields.write(position.generation)
            fields.write(position.sequence)
        case .ephemeral(let event, let node):
            for text in ["ephemeral", node, event.topic.name, event.name, event.key, event.data] { fields.write(text) }
            fields.write(event.at.milliseconds)
        case .nudge(let name, let payload, let node):
            for text in ["nudge", node, name, payload] { fields.write(text) }
        }
        return fields.buffer
    }

    /// `nil` for anything else than a whole message of our version.
    init?(_ bytes: [UInt8]) {
        var fields = FieldReader(bytes)
        guard fields.text() == Self.version, let kind = fields.text(), let message = Self.message(kind, &fields),
            fields.isAtEnd
        else { return nil }
        self = message
    }

    private static func message(_ kind: String, _ fields: inout FieldReader) -> NodeMessage? {
        switch kind {
        case "batch": return batch(&fields).map(NodeMessage.events)
        case "through":
            guard let generation = fields.number(), let sequence = fields.number() else { return nil }
            return .more(through: OutboxPosition(generation: generation, sequence: sequence))
        case "ephemeral":
            guard let node = fields.text(), let topic = fields.text().flatMap(Topic.init), let name = fields.text(),
                let key = fields.text(), let data = fields.text(), let at = fields.number()
            else { return nil }
            let time = Timestamp(milliseconds: at)
            return .ephemeral(EphemeralEvent(topic: topic, name: name, key: key, data: data, at: time), from: node)
        case "nudge":
            guard let node = fields.text(), let name = fields.text(), let payload = fields.text() else { return nil }
            return .nudge(name: name, payload: payload, from: node)
        default: return nil
        }
    }

    private static func write(_ event: PublishedEvent, into fields: inout FieldWriter) {
        fields.write(event.offset)
        fields.write(event.at.milliseconds)
        for text in [event.event.topic.name, event.event.name, event.event.data] { fields.write(text) }
    }

    private static func batch(_ fields: inout FieldReader) -> EventBatch? {
        guard let generation = fields.number(), let after = fields.number(), let digest = fields.text(),
            let through = fields.number(), after < through
        else { return nil }
        let predecessor = UInt64(digest, radix: 16).map(EventDigest.init(value:))
        guard predecessor != nil || digest.isEmpty else { return nil }
        var batch = EventBatch(
            generation: generation, after: after, predecessor: predecessor, through: through, events: [])
        while !fields.isAtEnd {
            guard let event = event(&fields), event.offset > batch.events.last?.offset ?? after, event.offset <= through
            else { return nil }
            batch.events.append(event)
        }
        return batch
    }

    private static func event(_ fields: inout FieldReader) -> PublishedEvent? {
        guard let offset = fields.number(), let at = fields.number(), let topic = fields.text().flatMap(Topic.init),
            let name = fields.text(), let data = fields.text()
        else { return nil }
        let event = DurableEvent(topic: topic, name: name, data: data)
        return PublishedEvent(event: event, offset: offset, at: Timestamp(milliseconds: at))
    }
}

// MARK: Cutting

extension NodeMessage {
    /// A batch as messages of about so many bytes at most. An event bigger than that is only pointed at.
    static func messages(for batch: EventBatch, maxBytes: Int) -> [NodeMessage] {
        var messages: [NodeMessage] = []
        var part = batch.part(after: batch.after, batch.predecessor)
        var size = 0
        for event in batch.events {
            let bytes = event.event.data.utf8.count + 128
            if bytes > maxBytes { return messages + rest(part) + [.more(through: batch.end)] }
            if size + bytes > maxBytes {
                messages += rest(part)
                part = batch.part(after: part.through, part.events.last.map(EventDigest.init))
                size = 0
            }
            part.events.append(event)
            part.through = event.offset
            size += bytes
        }
        part.through = batch.through
        return messages + rest(part)
    }

    private static func rest(_ part: EventBatch) -> [NodeMessage] { part.through > part.after ? [.events(part)] : [] }
}

extension EventBatch {
    /// The beginning of a part.
    fileprivate func part(after sequence: Int64, _ predecessor: EventDigest?) -> EventBatch {
        EventBatch(generation: generation, after: sequence, predecessor: predecessor, through: sequence, events: [])
    }
}
