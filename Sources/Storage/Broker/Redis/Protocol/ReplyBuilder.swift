import CHiredis

/// Builds the values of one reply at hiredis' direction, within bounds.
final class ReplyBuilder {
    /// What a reply may hold.
    struct Limits: Sendable {
        /// Bytes of all its strings, and of what is not yet a whole element.
        var bytes = 4 * 1024 * 1024
        /// Elements of all its arrays.
        var elements = 32_768
    }

    /// A value, and the place where its elements are gathered while it is an array.
    final class Node {
        var value: RedisReply
        var elements: [Node] = []
        let isArray: Bool

        init(_ value: RedisReply, isArray: Bool = false) {
            self.value = value
            self.isArray = isArray
        }

        /// Arrays nest at most seven deep: hiredis refuses more.
        var reply: RedisReply { isArray ? .array(elements.map(\.reply)) : value }
    }

    private let limits: Limits
    private var bytes = 0
    private var elements = 0

    init(_ limits: Limits) { self.limits = limits }

    /// The next reply starts from nothing.
    func reset() {
        bytes = 0
        elements = 0
    }

    func admitsString(of count: Int) -> Bool {
        bytes += count
        return bytes <= limits.bytes
    }

    func admitsArray(of count: Int) -> Bool {
        elements += count
        return elements <= limits.elements
    }

    /// Hands a value to hiredis: an array's element belongs to the array, the outermost value to whoever takes the reply.
    static func place(_ node: Node, _ task: redisReadTask) -> UnsafeMutableRawPointer {
        guard let parent = task.parent?.pointee.obj else { return Unmanaged.passRetained(node).toOpaque() }
        Unmanaged<Node>.fromOpaque(parent).takeUnretainedValue().elements.append(node)
        return Unmanaged.passUnretained(node).toOpaque()
    }

    /// What hiredis calls; `nil` makes it give up with an error.
    static func functions() -> redisReplyObjectFunctions {
        redisReplyObjectFunctions(
            createString: { task, text, count in
                guard let task = task?.pointee, let builder = ReplyBuilder.of(task), builder.admitsString(of: count) else {
                    return nil
                }
                let bytes = UnsafeRawBufferPointer(start: text, count: count)
                return ReplyBuilder.place(Node(ReplyBuilder.string(bytes, type: task.type)), task)
            },
            createArray: { task, count in
                guard let task = task?.pointee, let builder = ReplyBuilder.of(task), builder.admitsArray(of: Int(count))
                else { return nil }
                return ReplyBuilder.place(Node(.null, isArray: true), task)
            },
            createInteger: { task, value in
                task.map { ReplyBuilder.place(Node(.integer(Int64(value))), $0.pointee) }
            },
            createNil: { task in task.map { ReplyBuilder.place(Node(.null), $0.pointee) } },
            freeObject: { object in
                // Only ever called for the outermost value, which `place` retained.
                if let object { Unmanaged<Node>.fromOpaque(object).release() }
            })
    }

    /// The reader's private data is its builder, which its owner keeps alive.
    private static func of(_ task: redisReadTask) -> ReplyBuilder? {
        task.privdata.map { Unmanaged<ReplyBuilder>.fromOpaque($0).takeUnretainedValue() }
    }

    private static func string(_ bytes: UnsafeRawBufferPointer, type: Int32) -> RedisReply {
        switch type {
        case REDIS_REPLY_STATUS: .status(String(decoding: bytes, as: UTF8.self))
        case REDIS_REPLY_ERROR: .error(String(decoding: bytes, as: UTF8.self))
        default: .bulk(Array(bytes))
        }
    }
}
