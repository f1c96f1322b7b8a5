import CAVFormat

/// Brings the times of one stream's packets into the order that muxers insist on; pure. Some cameras and editors repeat a
/// time, or step back.
struct PacketTimes {
    private var last: Int64?

    /// - Parameters:
    ///   - decoding: ticks, or `lumiere_av_no_timestamp`.
    ///   - presentation: the same.
    /// - Returns: a later decoding time than that of the packet before, and a presentation that does not come before it.
    mutating func next(decoding: Int64, presentation: Int64) -> (decoding: Int64, presentation: Int64) {
        guard decoding != lumiere_av_no_timestamp else { return (decoding, presentation) }
        let decoding = last.map { max(decoding, $0 == .max ? $0 : $0 + 1) } ?? decoding
        last = decoding
        return (decoding, presentation == lumiere_av_no_timestamp ? presentation : max(presentation, decoding))
    }
}
