import Core
import Crypto
import Glibc
import NIOCore

/// Fetches whole objects into files.
struct S3Download: Sendable {
    let client: S3Client
    let scratch: ScratchFolder

    /// Fetches an object into the scratch folder; waits for room.
    func fetch(_ key: ObjectKey) async throws -> ScratchFile {
        let opening = try await S3Reader.open(key, nil, client)
        // Should this take longer than the connection lasts, the reader makes another.
        let file = scratch.file(in: try await scratch.budget.reserve(opening.size))
        try await write(opening, to: file.path, at: 0)
        return file
    }

    /// Writes what was opened into a file, and makes sure that it is what the server has.
    func write(_ opening: S3Opening, to path: String, at offset: Int64) async throws {
        var hash = Insecure.MD5()
        var position = offset
        var gathered = ByteBuffer()
        let file = try await client.threads.run { try OpenFile(path, O_WRONLY | O_CREAT) }
        func flush() async throws {
            let (full, place, isHashed, before) = (gathered, position, opening.md5 != nil, hash)
            hash = try await client.threads.run {
                var hash = before
                if isHashed { full.withUnsafeReadableBytes { hash.update(bufferPointer: $0) } }
                try file.write(full, at: place)
                return hash
            }
            position += Int64(full.readableBytes)
            gathered.clear()
        }
        for try await var chunk in opening.stream(client) {
            gathered.writeBuffer(&chunk)
            if gathered.readableBytes >= FileSlice.chunkSize { try await flush() }
        }
        try await flush()
        guard position - offset == opening.range.count else {
            throw ObjectStoreError.system(EIO, "GET \(opening.key): short")
        }
        if let md5 = opening.md5, opening.range.count == opening.size, md5 != Hex.text(hash.finalize()) {
            throw ObjectStoreError.system(EBADMSG, "GET \(opening.key): does not match its ETag")
        }
    }
}
