import CHiredis

/// Cuts the server's bytes into replies, with hiredis' reader. After an error it is of no more use.
final class ReplyParser {
    private let reader: UnsafeMutablePointer<redisReader>
    private let functions: UnsafeMutablePointer<redisReplyObjectFunctions>
    private let builder: ReplyBuilder
    private let limits: ReplyBuilder.Limits

    /// - Throws: `RedisError.malformedReply` when there is no memory for a reader.
    init(limits: ReplyBuilder.Limits = ReplyBuilder.Limits()) throws {
        functions = .allocate(capacity: 1)
        functions.initialize(to: ReplyBuilder.functions())
        guard let reader = redisReaderCreateWithFunctions(functions) else {
            functions.deallocate()
            throw RedisError.malformedReply
        }
        self.reader = reader
        self.limits = limits
        builder = ReplyBuilder(limits)
        reader.pointee.privdata = Unmanaged.passUnretained(builder).toOpaque()
        reader.pointee.maxbuf = 64 * 1024
    }

    deinit {
        redisReaderFree(reader)
        functions.deallocate()
    }

    /// Takes in bytes; then ask for replies until there is none.
    /// - Throws: `RedisError.malformedReply`.
    func feed(_ bytes: UnsafeRawBufferPointer) throws {
        let text = bytes.bindMemory(to: CChar.self)
        guard redisReaderFeed(reader, text.baseAddress, text.count) == REDIS_OK else { throw RedisError.malformedReply }
    }

    /// The next whole reply; `nil` until more bytes come.
    /// - Throws: `RedisError.malformedReply` for what is no reply, or one beyond the limits.
    func next() throws -> RedisReply? {
        var object: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &object) == REDIS_OK else { throw RedisError.malformedReply }
        guard let object else {
            guard reader.pointee.len - reader.pointee.pos <= limits.bytes else { throw RedisError.malformedReply }
            return nil
        }
        builder.reset()
        return Unmanaged<ReplyBuilder.Node>.fromOpaque(object).takeRetainedValue().reply
    }
}
