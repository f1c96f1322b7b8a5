import Core
import Testing

@testable import Decoding

@Suite("Where films are cut") struct SegmentPlanTests {
    /// Fragments that begin at those milliseconds, with a key frame unless the time is negative, up to an end.
    private func fragments(_ times: [Int64], end: Int64) -> [FilmFragment] {
        zip(times, times.dropFirst() + [end]).map { time, next in
            FilmFragment(start: abs(time) * 90, duration: (abs(next) - abs(time)) * 90, isSync: time >= 0, offset: 0, length: 10)
        }
    }

    @Test("segments last about six seconds, and begin with key frames", arguments: [
        (Array(stride(from: 0, to: 20_000, by: 1000)), 20_000, [6000, 6000, 6000, 2000]),
        (Array(stride(from: 0, to: 24_000, by: 4000)), 24_000, [4000, 4000, 4000, 4000, 4000, 4000]),
        (Array(stride(from: 0, to: 20_000, by: 5000)), 20_000, [5000, 5000, 5000, 5000]),
        (Array(stride(from: 0, to: 30_000, by: 10_000)), 30_000, [10_000, 10_000, 10_000]),
        ([0, -1000, -2000, -6000, -11_000, 12_000], 13_000, [12_000, 1000]), ([0], 2500, [2500]),
    ] as [([Int64], Int64, [Int64])])
    func durations(times: [Int64], end: Int64, expected: [Int64]) throws {
        let segments = try #require(SegmentPlan.segments(fragments(times, end: end), ticksPerSecond: 90_000))
        #expect(segments.map(\.duration) == expected)
        #expect(segments.reduce(0) { $0 + $1.length } == Int64(times.count * 10))
    }

    @Test("a film of many hours has no more segments than a playlist may, however its key frames lie", arguments: [1, 2, 7, 19])
    func manyHours(step: Int) throws {
        let times = (0..<40_000).map { Int64($0) * 7000 + ($0 % step == 0 ? 0 : 6000) }.sorted()
        let segments = try #require(SegmentPlan.segments(fragments(times, end: times[times.count - 1] + 1000), ticksPerSecond: 90_000))
        #expect(segments.count <= SegmentPlaylist.maximumCount && segments.allSatisfy { $0.duration > 0 })
    }

    @Test("nonsense is no plan") func nonsense() {
        #expect(SegmentPlan.segments([], ticksPerSecond: 90_000) == nil)
        #expect(SegmentPlan.segments(fragments([0], end: 1), ticksPerSecond: 0) == nil)
        let backwards = [
            FilmFragment(start: .max / 2, duration: 1, isSync: true, offset: 0, length: 1),
            FilmFragment(start: 0, duration: 1, isSync: true, offset: 0, length: 1),
        ]
        #expect(SegmentPlan.segments(backwards, ticksPerSecond: 1) == nil)
    }

    @Test("the peak bit rate is that of the heaviest seconds, not of a short end") func peak() {
        let playlist = SegmentPlaylist(
            file: "f", initialization: 1,
            segments: [.init(duration: 6000, length: 6000), .init(duration: 6000, length: 12_000), .init(duration: 10, length: 1000)])
        // The last two together: 13 000 bytes in 6.01 s.
        #expect(SegmentPlan.peakBitRate(playlist) == 17_305)
        #expect(SegmentPlan.averageBitRate(playlist) == 12_657)
    }
}
