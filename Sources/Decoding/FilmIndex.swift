import CAVFormat

/// What a film's index says of its frames; only MP4 and QuickTime list them all, and not when they are fragmented.
struct FilmIndex {
    /// Ticks of frames that follow each other in the file.
    let times: [Int64]
    /// Whether somebody who seeks would have to wait: too long passes between two frames that can be decoded by themselves.
    let hasRareKeyFrames: Bool

    /// Frames whose times are kept.
    private static let maximumTimes = 5000
    /// Seconds between two key frames, at most.
    private static let longestGap = 30.0

    /// `nil` when the container has no index of all frames.
    init?(_ file: VideoFile) {
        guard String(cString: file.context.pointee.iformat.pointee.name).hasPrefix("mov"),
            let stream = file.context.pointee.streams[file.pictureIndex]
        else { return nil }
        let count = avformat_index_get_entries_count(stream)
        var times: [Int64] = []
        var (lastKey, gap): (Int64?, Int64) = (nil, 0)
        for index in 0..<count {
            guard let entry = avformat_index_get_entry(stream, index)?.pointee else { break }
            if index < Self.maximumTimes { times.append(entry.timestamp) }
            if entry.flags & AVINDEX_KEYFRAME != 0 || index == count - 1 {
                if let lastKey { gap = max(gap, entry.timestamp &- lastKey) }
                lastKey = entry.timestamp
            }
        }
        guard times.count > 1 else { return nil }
        self.times = times
        hasRareKeyFrames = Double(gap) * av_q2d(stream.pointee.time_base) > Self.longestGap
    }

    /// Whether frames come at different intervals: one in fifty, or more, is a tenth off the usual one. What a camera's
    /// clock rounds is less.
    /// - Parameter rounding: ticks that an interval may be off because times are rounded.
    /// - Returns: `nil` for too few to tell.
    static func isUneven(_ times: [Int64], rounding: Int64 = 0) -> Bool? {
        let intervals = zip(times.dropFirst(), times).map { $0 &- $1 }.sorted()
        // Sorted, so that none steps back, and no difference of two overflows.
        guard intervals.count >= 10, intervals[0] >= 0 else { return nil }
        let usual = intervals[intervals.count / 2]
        let odd = intervals.filter { abs($0 &- usual) > rounding && Double(abs($0 &- usual)) * 10 > Double(usual) }.count
        return odd * 50 >= intervals.count
    }
}
