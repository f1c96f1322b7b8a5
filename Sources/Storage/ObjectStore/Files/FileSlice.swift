import Core
import Crypto
import Glibc
import NIOCore

/// A stretch of a local file.
struct FileSlice: Sendable, Hashable {
    /// Bytes read at once.
    static let chunkSize = 256 << 10

    let path: String
    let offset: Int64
    let length: Int64

    /// The bytes in chunks, read on the threads one at a time as they are asked for.
    /// - Parameter md5: learns the MD5 of all of them with the last one.
    func chunks(on threads: FileThreads, md5: PassingMD5? = nil) -> ByteStream {
        ByteStream {
            var file: OpenFile?
            var position: Int64 = 0
            var hash = md5.map { _ in Insecure.MD5() }
            return {
                guard position < length else { return nil }
                let (open, before) = (file, hash)
                let (offset, count) = (offset + position, Int(min(Int64(Self.chunkSize), length - position)))
                let path = path
                let (opened, chunk, after) = try await threads.run {
                    let file = try open ?? OpenFile(path, O_RDONLY)
                    let chunk = try file.read(at: offset, count: count)
                    var hash = before
                    chunk.withUnsafeReadableBytes { hash?.update(bufferPointer: $0) }
                    return (file, chunk, hash)
                }
                // A file that has become shorter must not become a shorter object.
                guard chunk.readableBytes == count else { throw ObjectStoreError.system(EIO, "file cut short") }
                (file, hash) = (opened, after)
                position += Int64(count)
                if position == length, let hash { md5?.finish(hash) }
                return chunk
            }
        }
    }

    /// Feeds every byte to a hash function. Blocks.
    func hash<Function: HashFunction>(with function: Function.Type) throws -> Function.Digest {
        var hash = Function()
        let file = try OpenFile(path, O_RDONLY)
        var position: Int64 = 0
        while position < length {
            let count = Int(min(Int64(Self.chunkSize), length - position))
            let chunk = try file.read(at: offset + position, count: count)
            guard chunk.readableBytes == count else { throw ObjectStoreError.system(EIO, "file cut short") }
            chunk.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
            position += Int64(count)
        }
        return hash.finalize()
    }
}
