/// Brings the light of a film into the range of a usual screen (ITU-R BT.2390-10 section 5.4): what is dark or of medium
/// brightness stays as it is, and the highlights share what is left; pure.
struct ToneCurve {
    /// cd/m² of the brightest that there is to show.
    let peak: Double
    /// cd/m² of the screen's white: where graphics have theirs in films of a high range (ITU-R BT.2408).
    static let white = 203.0

    /// Both as parts of the range of the film, in equal steps to the eye.
    private let peakCode: Double
    private let whiteCode: Double

    /// - Parameter peak: cd/m²; at least the screen's.
    init(peak: Double) {
        self.peak = max(Self.white, peak)
        peakCode = PerceptualQuantizer.code(self.peak)
        whiteCode = PerceptualQuantizer.code(Self.white) / peakCode
    }

    /// cd/m² on the screen, for cd/m² in the film.
    func callAsFunction(_ luminance: Double) -> Double {
        let code = min(1, PerceptualQuantizer.code(luminance) / peakCode)
        let knee = 1.5 * whiteCode - 0.5
        guard code > knee, knee < 1 else { return min(luminance, Self.white) }
        return PerceptualQuantizer.luminance(bent(code, from: knee) * peakCode)
    }

    /// A Hermite spline from the knee, where it goes on straight, to the screen's white, where it is level.
    private func bent(_ code: Double, from knee: Double) -> Double {
        let t = (code - knee) / (1 - knee)
        let (square, cube) = (t * t, t * t * t)
        return (2 * cube - 3 * square + 1) * knee + (cube - 2 * square + t) * (1 - knee) + (3 * square - 2 * cube) * whiteCode
    }
}
