import Core
import Sessions
import Testing

@testable import Lumiere

@Suite("Progress of sessions being rendered")
struct RenderProgressTests {
    private static let (first, second) = (SessionID(at: Timestamp(milliseconds: 1)), SessionID(at: Timestamp(milliseconds: 2)))

    private func view(_ session: SessionID, done: Int, failed: Int = 0, of total: Int = 10) throws -> RenderingView {
        try JSON.decode(
            from: """
                {"sessionId":"\(session)","recipe":"abcdefabcdef","total":\(total),"done":\(done),"failed":\(failed),
                "isOver":\(done + failed == total),"startedAt":"2026-01-01T00:00:00.000Z"}
                """)
    }

    private func progress() throws -> RenderProgress {
        var progress = RenderProgress()
        for session in [Self.first, Self.second] { progress.begin(try view(session, done: 0)) }
        progress.begin(try view(SessionID(at: Timestamp(milliseconds: 3)), done: 0, of: 0))
        return progress
    }

    @Test("is over when all of them are, and those without photos are not followed")
    func end() throws {
        var progress = try progress()
        #expect(progress.sessions == 2 && progress.total == 20 && !progress.isOver)
        progress.update([try view(Self.first, done: 9, failed: 1), try view(Self.second, done: 3)])
        #expect(progress.open == [Self.second] && progress.done == 13)
        progress.update([try view(Self.second, done: 10)])
        #expect(progress.isOver && progress.summary == "19 photos of 2 sessions follow their recipes; 1 keep what they had.")
    }

    @Test("does not wait for a session that has been deleted")
    func deletion() throws {
        var progress = try progress()
        progress.update([try view(Self.first, done: 10)])
        #expect(progress.isOver && progress.sessions == 1 && progress.done == 10)
        var all = try self.progress()
        all.update([])
        #expect(all.isOver && all.total == 0)
    }
}
