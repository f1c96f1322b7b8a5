import Core
import Testing

@testable import Webhooks

@Suite struct RetryScheduleTests {
    typealias Verdict = RetrySchedule.Verdict

    @Test(arguments: [
        (.answered(status: 200, retryAfter: nil), 1, .delivered), (.answered(status: 299, retryAfter: nil), 7, .delivered),
        (.answered(status: 410, retryAfter: nil), 1, .gone), (.answered(status: 410, retryAfter: nil), 7, .gone),
        (.answered(status: 500, retryAfter: nil), 1, .retry(after: .seconds(5))),
        (.answered(status: 302, retryAfter: nil), 2, .retry(after: .seconds(60))),
        (.answered(status: 404, retryAfter: nil), 3, .retry(after: .seconds(300))),
        (.failed(.timeout), 4, .retry(after: .seconds(1800))), (.failed(.tls), 5, .retry(after: .seconds(7200))),
        (.failed(.noPublicAddress), 6, .retry(after: .seconds(28_800))), (.failed(.unreachable), 7, .givenUp),
        (.answered(status: 500, retryAfter: .seconds(1)), 7, .givenUp),
        (.answered(status: 503, retryAfter: .seconds(120)), 1, .retry(after: .seconds(120))),
        (.answered(status: 503, retryAfter: .seconds(1)), 2, .retry(after: .seconds(60))),
        (.answered(status: 429, retryAfter: .seconds(999_999)), 1, .retry(after: .seconds(28_800))),
    ] as [(SendingOutcome, Int, Verdict)])
    func `an attempt is followed by what the table says`(outcome: SendingOutcome, attempt: Int, verdict: Verdict) {
        #expect(RetrySchedule.verdict(on: outcome, attempt: attempt, chance: 0) == verdict)
    }

    @Test func `chance adds at most a fifth`() {
        let outcome = SendingOutcome.failed(.broken)
        #expect(RetrySchedule.verdict(on: outcome, attempt: 1, chance: 1) == .retry(after: .seconds(6)))
        #expect(RetrySchedule.verdict(on: outcome, attempt: 2, chance: 0.5) == .retry(after: .seconds(66)))
    }

    @Test(arguments: [
        (nil, nil), ("120", .seconds(120)), ("-5", .zero), ("soon", nil), ("", nil), ("99999999999999999999", nil),
        ("Sun, 06 Nov 1994 08:50:37 GMT", .seconds(60)), ("Sun, 06 Nov 1994 08:49:00 GMT", .zero),
        ("9223372036854775807", .seconds(1 << 32)),
    ] as [(String?, Duration?)])
    func `Retry-After is seconds or a date`(text: String?, duration: Duration?) {
        // Sun, 06 Nov 1994 08:49:37 GMT
        #expect(RetrySchedule.retryAfter(text, now: Timestamp(milliseconds: 784_111_777_000)) == duration)
    }
}
