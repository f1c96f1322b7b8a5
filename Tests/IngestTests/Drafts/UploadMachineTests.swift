import Core
import Testing

@testable import Ingest

private let now = Timestamp(milliseconds: 1_800_000_000_000)
private let rules = UploadMachine(maxSize: 1000)

/// An upload's row as it may stand.
func uploadRow(
    _ offset: Int64, of length: Int64?, _ state: UploadState = .receiving, expiresIn: Duration = .seconds(60),
    at now: Timestamp = now
) -> Upload {
    let session = SessionID(at: now)
    return Upload(
        id: UploadID(at: now), sessionID: session,
        declaration: UploadDeclaration(
            purpose: "session", target: session.description, filename: "a", contentType: "image/jpeg", length: length,
            sha256: nil),
        metadata: "", uploaderID: nil, uploader: Uploader(.anonymous), offset: offset, state: state, bootID: "b",
        createdAt: now, updatedAt: now, expiresAt: now + expiresIn)
}

struct StepCase: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var step: UploadStep
    var upload: Upload
    /// The length that gets known, and the room there is; or the fault.
    var result: Result<[Int64?], UploadFault>

    init(_ description: String, _ step: UploadStep, _ upload: Upload, _ result: Result<[Int64?], UploadFault>) {
        testDescription = description
        self.step = step
        self.upload = upload
        self.result = result
    }

    static let all = [
        StepCase("bytes that fit", UploadStep(offset: 10, content: 90), uploadRow(10, of: 100), .success([nil, 90])),
        StepCase("bytes without end", UploadStep(offset: 10), uploadRow(10, of: nil), .success([nil, 990])),
        StepCase("the last bytes tell the length", UploadStep(offset: 10, content: 5, ends: true), uploadRow(10, of: nil), .success([15, 5])),
        StepCase("an empty end", UploadStep(offset: 10, content: 0, ends: true), uploadRow(10, of: nil), .success([10, 0])),
        StepCase("an end without a count", UploadStep(offset: 10, ends: true), uploadRow(10, of: nil), .success([nil, 990])),
        StepCase("a length said outright", UploadStep(offset: 10, length: 50, content: 5), uploadRow(10, of: nil), .success([50, 40])),
        StepCase("the same length again", UploadStep(offset: 10, length: 100, content: 5), uploadRow(10, of: 100), .success([nil, 90])),
        StepCase("another length", UploadStep(offset: 10, length: 99), uploadRow(10, of: 100), .failure(.inconsistentLength)),
        StepCase("less than there is", UploadStep(offset: 10, length: 9), uploadRow(10, of: nil), .failure(.inconsistentLength)),
        StepCase(
            "an end that is none", UploadStep(offset: 10, content: 5, ends: true), uploadRow(10, of: 100), .failure(.inconsistentLength)),
        StepCase(
            "two lengths in one request", UploadStep(offset: 10, length: 20, content: 5, ends: true), uploadRow(10, of: nil),
            .failure(.inconsistentLength)),
        StepCase("too many bytes", UploadStep(offset: 10, content: 91), uploadRow(10, of: 100), .failure(.excess)),
        StepCase("more than the largest file", UploadStep(offset: 10, content: 991), uploadRow(10, of: nil), .failure(.tooLarge)),
        StepCase("a length beyond it", UploadStep(offset: 10, length: 1001), uploadRow(10, of: nil), .failure(.tooLarge)),
        StepCase(
            "a sum beyond 63 bits", UploadStep(offset: 10, content: .max, ends: true), uploadRow(10, of: nil), .failure(.tooLarge)),
        StepCase("another offset", UploadStep(offset: 9, content: 1), uploadRow(10, of: 100), .failure(.offset(expected: 10, given: 9))),
        StepCase("an upload that has ended", UploadStep(offset: 10), uploadRow(10, of: 100, .terminated), .failure(.gone)),
        StepCase("an upload that has rested", UploadStep(offset: 10), uploadRow(10, of: 100, expiresIn: .zero), .failure(.gone)),
        StepCase("nothing more to a whole one", UploadStep(offset: 9, content: 0, ends: true), uploadRow(9, of: 9, .completed), .success([nil, 0])),
    ]
}

@Suite("The rules of every upload")
struct UploadMachineTests {
    @Test("say of each append where it goes, how much fits and what is wrong", arguments: StepCase.all)
    func append(_ example: StepCase) {
        let result = Result { () throws(UploadFault) in try rules.append(example.step, to: example.upload, at: now) }
        #expect(result.map { [$0.newLength, $0.room] } == example.result)
    }

    @Test("find the length of a new upload in all that is said about it")
    func opening() throws {
        #expect(try rules.opening(UploadStep(length: 7, content: 3)) == 7)
        #expect(try rules.opening(UploadStep(content: 3, ends: true)) == 3)
        #expect(try rules.opening(UploadStep(length: 3, content: 3, ends: true)) == 3)
        #expect(try rules.opening(UploadStep(ends: true)) == nil)
        #expect(throws: UploadFault.inconsistentLength) { try rules.opening(UploadStep(length: 4, content: 3, ends: true)) }
        #expect(throws: UploadFault.excess) { try rules.opening(UploadStep(length: 2, content: 3)) }
        #expect(throws: UploadFault.tooLarge) { try rules.opening(UploadStep(length: 1001)) }
        #expect(throws: UploadFault.tooLarge) { try rules.opening(UploadStep(content: 1001)) }
    }
}
