import Core
import Testing

@testable import Ingest

private let now = Timestamp(milliseconds: 1_800_000_000_000)
private let session = SessionID(at: now)

private func part(
    _ offset: Int64, of length: Int64?, _ state: UploadState = .kept, cleanup: UploadCleanup = .nothing,
    failure: String? = nil
) -> Upload {
    Upload(
        id: UploadID(at: now), sessionID: session,
        declaration: UploadDeclaration(
            purpose: "session", target: session.description, filename: "a", contentType: "image/jpeg", length: length,
            sha256: nil),
        metadata: "", concat: "partial", uploaderID: nil, uploader: Uploader(.anonymous), offset: offset, state: state,
        failure: failure, cleanup: cleanup, bootID: "b", createdAt: now, updatedAt: now, expiresAt: now + .seconds(60))
}

@Suite("Whether parts can be put together")
struct UploadJoinTests {
    private func outcome(_ parts: [Upload?]) -> String {
        switch UploadJoin(parts, maxSize: 100) {
        case .waiting: "waiting"
        case .ready(let parts, let length): "\(parts.count) parts of \(length)"
        case .impossible(let code): code
        }
    }

    @Test("depends on each of them")
    func table() {
        #expect(outcome([part(5, of: 5), part(0, of: 0), part(7, of: 7)]) == "3 parts of 12")
        #expect(outcome([part(5, of: 5), part(2, of: 5, .receiving)]) == "waiting")
        #expect(outcome([part(5, of: 5), part(5, of: 5, .receiving)]) == "waiting")
        #expect(outcome([part(5, of: 5), part(2, of: nil, .receiving)]) == "waiting")
        #expect(outcome([part(5, of: 5, .terminated, cleanup: .file), part(5, of: 5, .expired, cleanup: .file)]) == "2 parts of 10")
        #expect(outcome([part(5, of: 5), part(5, of: 5, .terminated)]) == "part_gone")
        #expect(outcome([part(5, of: 5), part(4, of: 5, .expired, cleanup: .file)]) == "part_gone")
        #expect(outcome([part(5, of: 5), part(5, of: 5, .failed)]) == "part_gone")
        #expect(outcome([part(2, of: 5, .receiving), part(5, of: 5, .failed, failure: "bytes_lost")]) == "bytes_lost")
        #expect(outcome([part(5, of: 5), nil]) == "part_gone")
        #expect(outcome([]) == "part_gone")
        #expect(outcome([part(50, of: 50), part(0, of: 51, .receiving)]) == "too_large")
        #expect(outcome([part(.max, of: .max), part(.max, of: .max)]) == "too_large")
    }
}
