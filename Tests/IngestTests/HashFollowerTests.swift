import Core
import Crypto
import Foundation
import TestSupport
import Testing

@testable import Ingest

@Suite("The hash follower")
struct HashFollowerTests {
    private func withFile(_ bytes: [UInt8], _ body: (String, HashFollower) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("hash-\(UUID().uuidString)").path
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let pool = BlockingPool(threads: 2)
        do { try await body(path, HashFollower(pool: pool, background: pool)) } catch {
            await pool.shutdown()
            throw error
        }
        await pool.shutdown()
    }

    private func hex(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
    }

    @Test("gives the whole file's digests however its writer advances", arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func anyChunking(_ seed: UInt64) async throws {
        var random = SeededGenerator(seed)
        let bytes = randomBytes(Int.random(in: 0...900_000, using: &random), seed: seed)
        try await withFile(bytes) { path, follower in
            let id = UploadID(at: Timestamp(milliseconds: 0))
            var length = 0
            while length < bytes.count {
                length = min(bytes.count, length + Int.random(in: 1...300_000, using: &random))
                follower.advance(id, path: path, to: Int64(length))
            }
            let digest = try await within { try await follower.digest(of: id, path: path, length: Int64(bytes.count)) }
            #expect(digest.sha256 == hex(bytes))
            #expect(digest.crc32 == crc32(bytes))
        }
    }

    @Test("begins again when the file was cut back, and reads what it has forgotten")
    func cutBack() async throws {
        let bytes = randomBytes(100_000, seed: 9)
        try await withFile(bytes) { path, follower in
            let id = UploadID(at: Timestamp(milliseconds: 0))
            _ = try await within { try await follower.digest(of: id, path: path, length: 100_000) }
            let shorter = try await within { try await follower.digest(of: id, path: path, length: 60_000) }
            #expect(shorter.sha256 == hex(Array(bytes[..<60_000])))
            follower.forget(id)
            let again = try await within { try await follower.digest(of: id, path: path, length: 100_000) }
            #expect(again.sha256 == hex(bytes))
        }
    }

    @Test("begins again when the file was cut and grew again with other bytes")
    func regrown() async throws {
        let bytes = randomBytes(100_000, seed: 10)
        try await withFile(bytes) { path, follower in
            let id = UploadID(at: Timestamp(milliseconds: 0))
            follower.advance(id, path: path, to: 60_000)
            let other = Array(bytes.reversed())
            try Data(other).write(to: URL(fileURLWithPath: path))
            follower.restart(id)
            let digest = try await within { try await follower.digest(of: id, path: path, length: 100_000) }
            #expect(digest.sha256 == hex(other))
        }
    }

    @Test("a read that was running when the file was cut does not count, nor does its failure", arguments: [false, true])
    func voidedRead(_ fails: Bool) {
        var file = FollowedFile(path: "a")
        guard case .read(_, var stale, _, _) = file.advance(to: 3) else { return _ = Issue.record("nothing to read") }
        withUnsafeBytes(of: (1, 2, 3) as (UInt8, UInt8, UInt8)) { stale.update($0) }
        guard case .idle = file.cut(to: 0) else { return _ = Issue.record("two reads at once") }
        guard case .idle = file.advance(to: 2) else { return _ = Issue.record("two reads at once") }
        #expect(!file.isIdle)
        let step = fails ? file.didFail().0 : file.didRead(stale)
        guard case .read(_, let digest, let end, _) = step else { return _ = Issue.record("not read again") }
        #expect(digest.count == 0 && end == 2)
    }

    @Test("says so when bytes are not there")
    func missing() async throws {
        try await withFile([1, 2, 3]) { path, follower in
            let id = UploadID(at: Timestamp(milliseconds: 0))
            await #expect(throws: UploadFileError.missing) {
                try await within { try await follower.digest(of: id, path: path, length: 4) }
            }
            let digest = try await within { try await follower.digest(of: id, path: path, length: 3) }
            #expect(digest.sha256 == hex([1, 2, 3]))
        }
    }

    /// Bit by bit, unlike zlib.
    private func crc32(_ bytes: [UInt8]) -> UInt32 {
        var crc: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
        }
        return ~crc
    }
}
