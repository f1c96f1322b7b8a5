import Core
import Foundation
import NIOCore
import TestSupport
import Testing

@testable import Ingest

@Suite("What a node knows of an upload")
struct ContinuityTests {
    private func upload(_ generation: Int, offset: Int64) -> Upload {
        let now = Timestamp(milliseconds: 1_800_000_000_000)
        let declaration = UploadDeclaration(
            purpose: "session", target: "", filename: "a", contentType: "a/b", length: nil, sha256: nil)
        return Upload(
            id: Self.id, sessionID: SessionID(at: now), declaration: declaration, metadata: "", uploaderID: nil,
            uploader: Uploader(.anonymous), offset: offset, generation: generation, bootID: "", createdAt: now,
            updatedAt: now, expiresAt: now)
    }

    private static let id = UploadID(at: Timestamp(milliseconds: 0))

    @Test("is good for as long as nobody else has had it", arguments: [
        ([(1, 0), (2, 5), (3, 9)], true), ([(1, 0), (3, 5)], false), ([(2, 5)], false), ([(1, 0), (3, 5), (4, 6)], false),
        ([(1, 0), (3, 0), (4, 6)], true),
    ] as [([(Int, Int64)], Bool)])
    func continuity(_ holdings: [(Int, Int64)], _ isUnbroken: Bool) throws {
        let continuity = Continuity()
        let results = holdings.map { continuity.advance(upload($0.0, offset: $0.1)) }
        #expect(results.last == isUnbroken)
        let last = try #require(holdings.last)
        #expect(continuity.isUnbroken(upload(last.0, offset: last.1)) == isUnbroken)
        #expect(!continuity.isUnbroken(upload(last.0 + 1, offset: last.1)))
    }

    @Test("keeps a digest over requests, and drops it when bytes were lost or another node came between")
    func digests() async throws {
        let pool = BlockingPool(threads: 1)
        let digests = PassingDigests()
        let bytes = randomBytes(700_000, seed: 1)
        var hash = try #require(digests.resume(upload(1, offset: 0), on: pool))
        for start in stride(from: 0, to: 700_000, by: 70_000) {
            try await hash.append(ByteBuffer(bytes: bytes[start..<start + 70_000]))
        }
        digests.keep(hash, of: upload(1, offset: 0))
        #expect(await digests.digest(of: upload(1, offset: 700_000))?.sha256 == hex(bytes))
        #expect(await digests.digest(of: upload(1, offset: 699_999)) == nil)
        #expect(await digests.digest(of: upload(2, offset: 700_000)) == nil)
        digests.advance(upload(2, offset: 700_000))
        var more = try #require(digests.resume(upload(2, offset: 700_000), on: pool))
        try await more.append(ByteBuffer(bytes: [7]))
        digests.keep(more, of: upload(2, offset: 700_000))
        #expect(await digests.digest(of: upload(2, offset: 700_001))?.sha256 == hex(bytes + [7]))
        digests.advance(upload(4, offset: 700_001))
        #expect(digests.resume(upload(4, offset: 700_001), on: pool) == nil)
        await pool.shutdown()
    }
}
