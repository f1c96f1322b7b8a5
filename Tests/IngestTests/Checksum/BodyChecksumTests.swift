import Core
import Foundation
import Testing

@testable import Ingest

@Suite("A body's checksum")
struct BodyChecksumTests {
    @Test("is computed as other programs do", arguments: [
        (ChecksumAlgorithm.sha1, "Kq5sNclPz7QV2+lfQIuc6R7oRu0="),
        (.sha256, "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek="),
        (.sha512, "MJ7MSJwS1utMxA9QyQLytNDtd+5RGnx6m808qG1M2G+YndNbxf9JlnDaNCVbRbDP2DDoH2Bdz33FVC6TrpzXbw=="),
        (.md5, "XrY7u+Ae7tCTyyK7j1rNww=="),
        (.crc32, "DUoRhQ=="),
    ])
    func vectors(_ algorithm: ChecksumAlgorithm, _ digest: String) throws {
        var checksum = RunningChecksum([algorithm])
        for piece in ["", "hello", " ", "world"] { Array(piece.utf8).withUnsafeBytes { checksum.update($0) } }
        #expect(checksum.digest(algorithm).map { Data($0).base64EncodedString() } == digest)
        let expected = try #require(Data(base64Encoded: digest))
        #expect(BodyChecksum(algorithm, expected: [UInt8](expected)) != nil)
        #expect(BodyChecksum(algorithm, expected: [UInt8](expected.dropLast())) == nil)
        #expect(algorithm.size == expected.count)
    }

    @Test("knows the digest of nothing", arguments: ChecksumAlgorithm.allCases)
    func nothing(_ algorithm: ChecksumAlgorithm) throws {
        let digest = try #require(RunningChecksum([algorithm]).digest(algorithm))
        #expect(BodyChecksum(algorithm, expected: digest)?.isOfNothing == true)
        #expect(BodyChecksum(algorithm, expected: digest.map { ~$0 })?.isOfNothing == false)
    }

    @Test("is read strictly", arguments: [
        ("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", nil),
        ("crc32 DUoRhQ==", nil),
        ("", "bad_checksum"),
        ("sha1", "bad_checksum"),
        ("sha1 ", "bad_checksum"),
        ("sha1  Kq5sNclPz7QV2+lfQIuc6R7oRu0=", "bad_checksum"),
        ("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0= ", "bad_checksum"),
        ("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=, md5 XrY7u+Ae7tCTyyK7j1rNww==", "bad_checksum"),
        ("sha1 XrY7u+Ae7tCTyyK7j1rNww==", "bad_checksum"),
        ("sha1 Kq5sNclPz7QV2-lfQIuc6R7oRu0=", "bad_checksum"),
        ("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0", "bad_checksum"),
        ("SHA1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", "unsupported_checksum"),
        ("sha512 " + String(repeating: "A", count: 86) + "==", "unsupported_checksum"),
        ("whirlpool AAAA", "unsupported_checksum"),
        ("sha256 " + String(repeating: "A", count: 100_000), "bad_checksum"),
    ] as [(String, String?)])
    func header(_ text: String, _ code: String?) async {
        let refusal = await problem { try BodyChecksum(tus: text, among: TusMachine.checksumAlgorithms) }
        #expect(refusal?.code == code)
        #expect(refusal?.status == (code == nil ? nil : 400))
    }
}

@Suite("A followed file that may be cut")
struct MarkedFileTests {
    private func digest(_ bytes: some Collection<UInt8>) -> ContentDigest {
        var digest = ContentDigest()
        Array(bytes).withUnsafeBytes { digest.update($0) }
        return digest
    }

    /// The bytes that a step asks for are read from these.
    private func read(_ step: FollowedFile.Step, _ bytes: [UInt8]) -> (Int64, ContentDigest)? {
        guard case .read(_, var digest, let end, _) = step else { return nil }
        let start = digest.count
        bytes[Int(start)..<Int(end)].withUnsafeBytes { digest.update($0) }
        return (start, digest)
    }

    @Test("is read up to the mark and then beyond, and goes on from the mark after the cut")
    func cut() throws {
        let (first, second): ([UInt8], [UInt8]) = ([1, 2, 3, 4, 5, 6], [1, 2, 3, 9, 9])
        var file = FollowedFile(path: "f")
        file.mark(at: 3)
        let toMark = try #require(read(file.advance(to: 6), first))
        #expect(toMark.1.count == 3)
        let beyond = try #require(read(file.didRead(toMark.1), first))
        #expect(beyond.0 == 3)
        _ = file.didRead(beyond.1)
        _ = file.cut(to: 3)
        let again = try #require(read(file.advance(to: 5), second))
        #expect(again.0 == 3)
        #expect(again.1.sha256 == digest(second).sha256)
    }

    @Test("does not take what was being read when it was cut")
    func cutWhileReading() throws {
        let (first, second): ([UInt8], [UInt8]) = ([1, 2, 3, 4, 5, 6], [1, 2, 3, 9, 9])
        var file = FollowedFile(path: "f")
        _ = file.didRead(try #require(read(file.advance(to: 3), first)).1)
        file.mark(at: 3)
        let stale = try #require(read(file.advance(to: 6), first))
        guard case .idle = file.cut(to: 3) else { throw Crash() }
        guard case .idle = file.advance(to: 5) else { throw Crash() }
        let again = try #require(read(file.didRead(stale.1), second))
        #expect(again.0 == 3)
        #expect(again.1.sha256 == digest(second).sha256)
    }

    @Test("keeps what was being read of the bytes before the mark")
    func cutWhileReadingBefore() throws {
        let bytes: [UInt8] = [1, 2, 3, 4]
        var file = FollowedFile(path: "f")
        let before = try #require(read(file.advance(to: 3), bytes))
        file.mark(at: 3)
        _ = file.advance(to: 4)
        _ = file.cut(to: 3)
        let after = try #require(read(file.didRead(before.1), bytes) ?? read(file.advance(to: 4), bytes))
        #expect(after.0 == 3)
    }

    @Test("is read from its start when nothing marked the place of the cut")
    func unmarked() throws {
        let bytes: [UInt8] = [1, 2, 3, 4]
        var file = FollowedFile(path: "f")
        _ = file.didRead(try #require(read(file.advance(to: 4), bytes)).1)
        #expect(try #require(read(file.cut(to: 2), bytes)).0 == 0)
    }
}
