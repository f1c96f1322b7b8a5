import Core
import Testing

@testable import Processing

@Suite struct RetryPolicyTests {
    @Test(arguments: [
        ("unsupported_format", 1, true), ("damaged", 1, true), ("too_large", 1, true),
        ("internal", 1, false), ("internal", 2, true), ("timed_out", 1, false), ("timed_out", 2, true),
    ])
    func `a decoder's refusal is final when it would be the same again`(code: String, attempt: Int, isFinal: Bool) {
        let failure = ProcessingFailure(code: code, detail: "why")
        let verdict = RetryPolicy.verdict(on: .refused(failure), attempt: attempt, crashes: 0)
        #expect(verdict == (isFinal ? .final(failure) : .retry(after: .seconds(1))))
    }

    @Test(arguments: [(1, 1, false), (2, 1, false), (2, 2, true), (4, 1, true)])
    func `the second crash on a file is final`(attempt: Int, crashes: Int, isFinal: Bool) {
        let verdict = RetryPolicy.verdict(on: .crashed(wasProven: true), attempt: attempt, crashes: crashes)
        let failure = RetryPolicy.failure(for: .crashed(wasProven: true))
        #expect(verdict == (isFinal ? .final(failure) : .retry(after: RetryPolicy.pause(after: attempt))))
    }

    @Test(arguments: [(1, 1, false), (1, 2, true), (2, 1, true)])
    func `the second decoder that had to be killed for one file is the last`(attempt: Int, lost: Int, isFinal: Bool) {
        let verdict = RetryPolicy.verdict(on: .timedOut, attempt: attempt, crashes: lost)
        #expect(verdict == (isFinal ? .final(RetryPolicy.failure(for: .timedOut)) : .retry(after: .seconds(1))))
    }

    @Test(arguments: [
        "unsupported_format", "unsupported_type", "damaged", "too_large", "decoder_crashed", "timed_out", "cancelled", "internal",
        "of a later version",
    ])
    func `every reason comes with a sentence that helps`(code: String) {
        let help = ProcessingFailure(code: code, detail: "").help
        #expect(help.hasSuffix(".") && help.count > 20)
    }

    @Test func `a decoder that dies at once is started less and less often`() {
        var backoff = RestartBackoff()
        let pauses = (0..<8).map { _ in backoff.pause(afterLifeOf: .milliseconds(5), hasWorked: false) }
        #expect(pauses.prefix(3) == [.milliseconds(200), .milliseconds(400), .milliseconds(800)])
        #expect(pauses.last == .seconds(10))
        #expect(backoff.pause(afterLifeOf: .milliseconds(5), hasWorked: true) == .zero)
        #expect(backoff.pause(afterLifeOf: .milliseconds(5), hasWorked: false) == .milliseconds(200))
    }

    @Test(arguments: [1, 4, 1000])
    func `a job waits for storage that is away, however often it has tried`(attempt: Int) {
        #expect(RetryPolicy.verdict(on: .away, attempt: attempt, crashes: 0) == .postpone(for: RetryPolicy.awayPause))
    }
}
