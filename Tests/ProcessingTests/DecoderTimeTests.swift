import Testing

@testable import Processing

@Suite struct DecoderTimeTests {
    @Test func `time runs out`() async { #expect(await DecoderTime(.milliseconds(20)).runsOut()) }

    @Test func `it stands still while the caller is busy, and goes on with what was left`() async throws {
        let time = DecoderTime(.milliseconds(200))
        time.pause()
        let start = ContinuousClock.now
        async let hasRunOut = time.runsOut()
        try await Task.sleep(for: .milliseconds(400))
        time.goOn()
        #expect(await hasRunOut)
        #expect(start.duration(to: .now) >= .milliseconds(590))
    }

    @Test func `nobody waits for it who is cancelled`() async {
        let waiting = Task { await DecoderTime(.seconds(3600)).runsOut() }
        waiting.cancel()
        #expect(await waiting.value == false)
    }
}
