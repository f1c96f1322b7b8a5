/// How good a still is to stand for a film; pure. What is black, white or grey all over, or blurred, is not.
struct FrameScore: Equatable {
    /// 0 (black) to 1 (white), the mean.
    var brightness: Double
    /// 0 to 0.5: the standard deviation of the brightness.
    var contrast: Double
    /// The mean difference of a pixel from what its neighbours lead to expect; blur takes it away.
    var detail: Double

    /// - Parameters:
    ///   - grey: the brightness of each pixel, row by row.
    ///   - width: pixels of a row.
    init(grey: [UInt8], width: Int) {
        let count = Double(max(1, grey.count))
        let mean = Double(grey.reduce(0) { $0 + Int($1) }) / count
        let squares = Double(grey.reduce(0) { $0 + Int($1) * Int($1) }) / count
        brightness = mean / 255
        contrast = max(0, squares - mean * mean).squareRoot() / 255
        detail = Self.detail(grey, width) / 255
    }

    /// 0 (useless) and up. Brightness counts only at its ends, contrast and detail less and less the more there is.
    var value: Double {
        let exposure = min(1, max(0, brightness - 0.03) / 0.12) * min(1, max(0, 0.99 - brightness) / 0.1)
        return exposure * (contrast / (contrast + 0.1) + 2 * detail / (detail + 0.03))
    }

    /// The index of the best of several; an earlier one needs to be only nearly as good.
    /// - Parameter values: in order of preference.
    static func best(of values: [Double]) -> Int? {
        let handicap = { (index: Int) in 1 - 0.04 * Double(index) }
        return values.indices.max { values[$0] * handicap($0) < values[$1] * handicap($1) }
    }

    private static func detail(_ grey: [UInt8], _ width: Int) -> Double {
        let height = width > 0 ? grey.count / width : 0
        guard width > 2, height > 2 else { return 0 }
        var sum = 0
        for row in 1..<(height - 1) {
            for index in (row * width + 1)..<((row + 1) * width - 1) {
                let around = Int(grey[index - 1]) + Int(grey[index + 1]) + Int(grey[index - width]) + Int(grey[index + width])
                sum += abs(4 * Int(grey[index]) - around)
            }
        }
        return Double(sum) / Double((width - 2) * (height - 2) * 4)
    }
}
