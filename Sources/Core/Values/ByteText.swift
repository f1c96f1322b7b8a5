/// Sizes as people read them: three digits or four, and a unit.
public enum ByteText {
    /// How many bytes a unit has.
    public enum Units: Sendable {
        /// 1000, as memory cards and cameras say it: kB, MB.
        case decimal
        /// 1024: KiB, MiB.
        case binary
    }

    /// - Parameter bytes: none are negative.
    public static func of(_ bytes: Int64, _ units: Units) -> String {
        let (step, names) = units == .decimal ? (1000.0, decimal) : (1024.0, binary)
        if Double(bytes) < step { return "\(bytes) B" }
        var (value, unit) = (Double(bytes) / step, 0)
        // What would be rounded to the next unit's first is said in that unit.
        while value >= step - 0.05, unit < names.count - 1 { (value, unit) = (value / step, unit + 1) }
        let tenths = Int64((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) \(names[unit])"
    }

    private static let decimal = ["kB", "MB", "GB", "TB", "PB", "EB"]
    private static let binary = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
}
