import Core
import Testing

@testable import Processing

@Suite struct ClaimOrderTests {
    static let sessions = (1...5).map { SessionID(at: Timestamp(milliseconds: Int64($0) * 1_000_000)) }

    private func model(_ counts: [(session: Int, priority: JobPriority, count: Int)]) -> QueueModel {
        var model = QueueModel()
        var number = 0
        for line in counts {
            for _ in 0..<line.count {
                number += 1
                model.add(.init(number: number, session: Self.sessions[line.session], priority: line.priority))
            }
        }
        return model
    }

    @Test(arguments: [1, 10, 5000])
    func `a session with one photo waits for one claim of each other session, whatever these have waiting`(count: Int) {
        var model = model([(0, .thumbnail, count), (1, .thumbnail, count), (2, .thumbnail, 1), (3, .thumbnail, count)])
        let order = (0..<4).compactMap { _ in model.claim()?.session }
        #expect(Set(order) == Set(Self.sessions.prefix(4)))
    }

    @Test func `who comes late is served in the same round`() {
        var model = model([(0, .thumbnail, 100), (4, .thumbnail, 100)])
        _ = model.claim()
        model.add(.init(number: 1000, session: Self.sessions[2], priority: .thumbnail))
        #expect(model.claim()?.session == Self.sessions[2])
        #expect(model.claim()?.session == Self.sessions[4])
        #expect(model.claim()?.session == Self.sessions[0])
    }

    @Test func `sessions share the claims equally over a long time`() {
        var model = model((0..<5).map { ($0, .thumbnail, 1000 * ($0 + 1)) })
        var shares: [SessionID: Int] = [:]
        for _ in 0..<1000 { model.claim().map { shares[$0.session, default: 0] += 1 } }
        #expect(shares.values.allSatisfy { $0 == 200 })
    }

    @Test func `thumbnails come before renditions, these before re-renders, and nothing waits for ever`() {
        var model = model([(0, .wish, 100), (0, .rerender, 100), (0, .renditions, 100), (0, .thumbnail, 1000)])
        let claims = (0..<640).compactMap { _ in model.claim()?.priority }
        #expect(claims.prefix(15).allSatisfy { $0 == .thumbnail })
        #expect(claims[15] == .renditions && claims[63] == .rerender && claims[127] == .wish)
        #expect(claims.count { $0 == .renditions } == 640 / ClaimOrder.renditionsEvery - 640 / ClaimOrder.rerenderEvery)
        let wishes = 640 / ClaimOrder.wishEvery
        #expect(claims.count { $0 == .rerender } == 640 / ClaimOrder.rerenderEvery - wishes)
        #expect(claims.count { $0 == .wish } == wishes)
    }

    @Test func `an express decoder takes thumbnails alone, and does not move the others' turns`() {
        var model = model([(0, .thumbnail, 2), (1, .renditions, 1)])
        #expect(model.claim(.express)?.priority == .thumbnail)
        #expect(model.claim(.express)?.priority == .thumbnail)
        #expect(model.claim(.express) == nil)
        #expect(model.claim()?.priority == .renditions)
    }

    @Test func `a film decoder takes films alone, which no other does, and does not move the others' turns`() {
        var model = model([(0, .film, 2), (0, .thumbnail, 200), (1, .wish, 1)])
        #expect(model.claim(.film)?.priority == .film)
        let claims = (0..<127).compactMap { _ in model.claim()?.priority }
        #expect(claims == Array(repeating: .thumbnail, count: 127))
        #expect(model.claim(.film)?.priority == .film && model.claim(.film) == nil)
        #expect(model.claim()?.priority == .wish)
        // Nor are they wishes, of which there are only so many.
        let turns = ClaimTurns(decoders: 1)
        _ = turns.next(.general)
        #expect(turns.next(.film).priorities == [.film] && turns.next(.express).priorities == [.thumbnail])
    }

    @Test(arguments: [(1, 1), (2, 1), (4, 2), (5, 2)])
    func `wishes never have more than half of the decoders, unless there is only one`(decoders: Int, most: Int) {
        let turns = ClaimTurns(decoders: decoders)
        let job = ProcessingJob(
            id: JobID(at: Timestamp(milliseconds: 0)), originalID: OriginalID(at: Timestamp(milliseconds: 0)),
            photoID: PhotoID(at: Timestamp(milliseconds: 0)), sessionID: Self.sessions[0],
            objectKey: .original(OriginalID(at: Timestamp(milliseconds: 0))), filename: "", recipe: .standard)
        let wish = ClaimedJob(job: job, priority: .wish, lease: "", attempt: 1, interruptions: 0, crashes: 0)
        let other = ClaimedJob(job: job, priority: .thumbnail, lease: "", attempt: 1, interruptions: 0, crashes: 0)
        for _ in 0..<3 {
            for _ in 0..<most { turns.settled(turns.next(.general), wish, .general) }
            #expect(!turns.next(.general).priorities.contains(.wish))
            for _ in 0..<most { turns.ended(wish) }
            // A turn that comes to nothing, or to something else, takes none.
            for claim in [nil, other] {
                let turn = turns.next(.general)
                #expect(turn.priorities.last == .wish)
                turns.settled(turn, claim, .general)
                claim.map(turns.ended)
            }
        }
    }

    // MARK: What a burst gains

    /// Seconds, as measured for 24 megapixels: the thumbnail by shrinking while it is decoded, and everything else.
    private static let (thumbnail, rest) = (0.11, 0.69)
    /// What a rest costs more that is not made together with the thumbnail: a commit, a request, the file's head.
    private static let overhead = 0.01

    /// When the thumbnails and the photos of a burst are done, with a processor for each decoder.
    private func burst(_ photos: Int, decoders: Int, inParts: Bool) -> (thumbnails: [Double], end: Double) {
        var model = QueueModel()
        for number in 0..<photos { model.add(.init(number: number, session: Self.sessions[0], priority: .thumbnail)) }
        var free = Array(repeating: 0.0, count: decoders)
        var thumbnails: [Double] = []
        while let job = model.claim() {
            let decoder = free.indices.min { free[$0] < free[$1] }!
            switch job.priority {
            case .thumbnail:
                free[decoder] += Self.thumbnail
                thumbnails.append(free[decoder])
                if !inParts { free[decoder] += Self.rest; break }
                let isAlone = model.waiting.isEmpty
                if isAlone { free[decoder] += Self.rest + Self.overhead } else {
                    model.add(.init(number: job.number + photos, session: job.session, priority: .renditions))
                }
            case .renditions, .rerender, .wish, .film: free[decoder] += Self.rest + Self.overhead
            }
        }
        return (thumbnails.sorted(), free.max() ?? 0)
    }

    @Test(arguments: [(2, 20), (2, 100), (4, 100)])
    func `in parts, a burst is on all screens four times sooner, and done hardly later`(decoders: Int, photos: Int) {
        let (whole, parts) = (
            burst(photos, decoders: decoders, inParts: false), burst(photos, decoders: decoders, inParts: true)
        )
        #expect(parts.thumbnails.reduce(0, +) * 4 < whole.thumbnails.reduce(0, +))
        #expect(parts.thumbnails[photos / 2] * 4 < whole.thumbnails[photos / 2])
        #expect(parts.end < whole.end * 1.1)
    }
}
