import Core

/// Chooses where a film is cut into segments, and says what they weigh; pure.
enum SegmentPlan {
    /// Milliseconds that a segment is to last.
    private static let target: Int64 = 6000

    /// The segments of a film, each of one or more fragments and beginning with a key frame, as near to six seconds as
    /// the key frames allow; longer ones in a film so long that there would be too many.
    /// - Parameter ticksPerSecond: of the fragments' times.
    /// - Returns: `nil` when there would be too many all the same.
    static func segments(_ fragments: [FilmFragment], ticksPerSecond: Int32) -> [SegmentPlaylist.Segment]? {
        guard let first = fragments.first, let last = fragments.last, ticksPerSecond > 0 else { return nil }
        let milliseconds = { (ticks: Int64) in ((Double(ticks) - Double(first.start)) * 1000 / Double(ticksPerSecond)).rounded() }
        let end = milliseconds(last.start &+ last.duration)
        guard (0...1e10).contains(end) else { return nil }
        // Of two segments in a row, at least one lasts half as long as it should.
        let cuts = cuts(
            fragments.map { (time: Int64(milliseconds($0.start).clamped(to: 0...end)), isSync: $0.isSync) }, end: Int64(end),
            target: max(target, Int64(end) / Int64(SegmentPlaylist.maximumCount / 2 - 1)))
        let times = cuts.map { Int64(milliseconds(fragments[$0].start).clamped(to: 0...end)) } + [Int64(end)]
        let segments = zip(cuts, cuts.dropFirst() + [fragments.count]).enumerated().map { index, range in
            SegmentPlaylist.Segment(
                duration: max(1, times[index + 1] - times[index]),
                length: Int64(fragments[range.0..<range.1].reduce(0) { $0 + $1.length }))
        }
        return segments.count <= SegmentPlaylist.maximumCount ? segments : nil
    }

    /// The indices of the fragments that segments begin with; the first one does.
    private static func cuts(_ fragments: [(time: Int64, isSync: Bool)], end: Int64, target: Int64) -> [Int] {
        var cuts = [0]
        let candidates = fragments.indices.dropFirst().filter { fragments[$0].isSync }
        for (candidate, next) in zip(candidates, candidates.dropFirst().map { fragments[$0].time } + [end]) {
            let start = fragments[cuts[cuts.count - 1]].time
            let length = fragments[candidate].time - start
            if length >= target || target - length <= next - start - target { cuts.append(candidate) }
        }
        return cuts
    }

    /// Bits per second of the heaviest run of segments that lasts half to one and a half times the target duration
    /// (RFC 8216 section 4.1).
    static func peakBitRate(_ playlist: SegmentPlaylist) -> Int64 {
        let target = playlist.targetDuration * 1000
        var peak: Int64 = 0
        for start in playlist.segments.indices {
            var (duration, length): (Int64, Int64) = (0, 0)
            for segment in playlist.segments[start...] {
                (duration, length) = (duration + segment.duration, length + segment.length)
                if duration * 2 > target * 3 { break }
                if duration * 2 >= target { peak = max(peak, bitRate(length, duration)) }
            }
        }
        return max(peak, averageBitRate(playlist))
    }

    /// Bits per second of the whole.
    static func averageBitRate(_ playlist: SegmentPlaylist) -> Int64 {
        let (duration, length) = playlist.segments.reduce((0, 0)) { ($0.0 + $1.duration, $0.1 + $1.length) }
        return bitRate(length, duration)
    }

    private static func bitRate(_ bytes: Int64, _ milliseconds: Int64) -> Int64 {
        max(1, Int64((Double(bytes) * 8000 / Double(max(1, milliseconds))).rounded(.up)))
    }
}

extension Double {
    fileprivate func clamped(to range: ClosedRange<Double>) -> Double { Swift.min(Swift.max(self, range.lowerBound), range.upperBound) }
}
