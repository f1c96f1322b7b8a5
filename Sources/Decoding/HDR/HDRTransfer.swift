import CAVFormat
import Glibc

/// How a film codes light that is brighter than a screen's white (ITU-R BT.2100-2); pure.
enum HDRTransfer: String {
    case pq, hlg

    /// `nil` for the usual range.
    init?(_ characteristic: AVColorTransferCharacteristic) {
        switch characteristic {
        case AVCOL_TRC_SMPTE2084: self = .pq
        case AVCOL_TRC_ARIB_STD_B67: self = .hlg
        default: return nil
        }
    }

    /// What a coded component stands for, in the film's light: cd/m² of the display for PQ (table 4, also SMPTE ST 2084);
    /// for HLG the scene's light, 0 to 1 (table 5).
    /// - Parameter code: 0 to 1.
    func light(_ code: Double) -> Double {
        switch self {
        case .pq: PerceptualQuantizer.luminance(code)
        case .hlg: code <= 0.5 ? code * code / 3 : (exp((code - Self.c) / Self.a) + Self.b) / 12
        }
    }

    /// cd/m² at the peak of the display that HLG is shown on here: the nominal one.
    static let nominalPeak = 1000.0
    /// What that display raises the scene's luminance to.
    static let systemGamma = 1.2

    private static let (a, b, c) = (0.17883277, 0.28466892, 0.55991073)
}

/// The curve of SMPTE ST 2084, whose steps look equal to the eye.
enum PerceptualQuantizer {
    private static let (m1, m2) = (2610.0 / 16384, 2523.0 / 4096 * 128)
    private static let (c1, c2, c3) = (3424.0 / 4096, 2413.0 / 4096 * 32, 2392.0 / 4096 * 32)
    /// cd/m².
    static let peak = 10_000.0

    /// cd/m² for a code of 0 to 1.
    static func luminance(_ code: Double) -> Double {
        let power = pow(max(0, code), 1 / m2)
        return peak * pow(max(0, power - c1) / (c2 - c3 * power), 1 / m1)
    }

    /// The code for a number of cd/m².
    static func code(_ luminance: Double) -> Double {
        let power = pow(max(0, luminance) / peak, m1)
        return pow((c1 + c2 * power) / (1 + c3 * power), m2)
    }
}
