import CAVFormat
import Glibc

/// Turns pixels of a film of a high range into sRGB, by way of the light they stand for.
///
/// The brightest component of a pixel goes down the tone curve, and the others with it, so that no hue changes; colours that
/// sRGB does not have lose saturation, neither hue nor brightness. Powers are looked up in tables.
struct ToneMapper {
    /// Steps of each table.
    private static let steps = 4096

    private let transfer: HDRTransfer
    /// A component's light by its code, 1 being the brightest that there is to show.
    private let light: [Float]
    /// By what a pixel's light is multiplied, 1 then being the screen's white; by the root of its brightest component.
    private let gain: [Float]
    /// Rows: red, green and blue of BT.709; columns: those of the film.
    private let primaries: [Float]

    /// - Parameters:
    ///   - peak: cd/m² of the brightest that there is to show.
    ///   - primaries: those of BT.709 stay; all others count as BT.2020, which belongs to these films.
    init(_ transfer: HDRTransfer, peak: Double, _ primaries: AVColorPrimaries) {
        let curve = ToneCurve(peak: transfer == .hlg ? HDRTransfer.nominalPeak : peak)
        let parts = (0..<Self.steps).map { Double($0) / Double(Self.steps - 1) }
        self.transfer = transfer
        light = parts.map { Float(transfer == .hlg ? transfer.light($0) : min(1, transfer.light($0) / curve.peak)) }
        gain = parts.map { root in
            let luminance = max(root * root, 1e-7) * curve.peak
            return Float(curve(luminance) / ToneCurve.white / max(root * root, 1e-7))
        }
        self.primaries = primaries == AVCOL_PRI_BT709 ? [1, 0, 0, 0, 1, 0, 0, 0, 1] : Self.wide
    }

    /// BT.2020 in BT.709 (ITU-R BT.2087-0 section 4, inverted).
    private static let wide: [Float] = [1.6605, -0.5876, -0.0728, -0.1246, 1.1329, -0.0083, -0.0182, -0.1006, 1.1187]

    /// 8-bit sRGB by the root of a component's light.
    private static let encoded: [UInt8] = (0..<steps).map { step in
        let linear = pow(Double(step) / Double(steps - 1), 2)
        return UInt8((255 * (linear <= 0.0031308 ? linear * 12.92 : 1.055 * pow(linear, 1 / 2.4) - 0.055)).rounded())
    }

    /// - Parameter codes: red, green and blue of each pixel, as they are coded, in full range.
    /// - Returns: the same, in sRGB.
    func mapped(_ codes: UnsafeBufferPointer<UInt16>) -> [UInt8] {
        let count = codes.count / 3 * 3
        return [UInt8](unsafeUninitializedCapacity: count) { target, filled in
            light.withUnsafeBufferPointer { light in
                Self.encoded.withUnsafeBufferPointer { encoded in
                    for index in stride(from: 0, to: count, by: 3) {
                        let code = SIMD3(codes[index], codes[index + 1], codes[index + 2])
                        let colour = shown(SIMD3(light[Int(code.x >> 4)], light[Int(code.y >> 4)], light[Int(code.z >> 4)]))
                        for band in 0..<3 { target[index + band] = encoded[Self.step(colour[band])] }
                    }
                }
            }
            filled = count
        }
    }

    /// Linear BT.709, 0 to 1.
    private func shown(_ light: SIMD3<Float>) -> SIMD3<Float> {
        var light = light
        if transfer == .hlg {
            let luminance = max(0.2627 * light.x + 0.6780 * light.y + 0.0593 * light.z, 1e-6)
            light *= powf(luminance, Float(HDRTransfer.systemGamma - 1))
        }
        light *= gain[Self.step(light.max())]
        let row = { (start: Int) in
            primaries[start] * light.x + primaries[start + 1] * light.y + primaries[start + 2] * light.z
        }
        return Self.withinGamut(SIMD3(row(0), row(3), row(6)))
    }

    /// Mixed with the grey of its own brightness as far as is needed.
    private static func withinGamut(_ colour: SIMD3<Float>) -> SIMD3<Float> {
        let grey = min(1, max(0, 0.2126 * colour.x + 0.7152 * colour.y + 0.0722 * colour.z))
        let (least, most) = (colour.min(), colour.max())
        var part: Float = 1
        if least < 0 { part = min(part, grey / max(grey - least, 1e-6)) }
        if most > 1 { part = min(part, (1 - grey) / max(most - grey, 1e-6)) }
        return (grey + (colour - grey) * part).clamped(lowerBound: SIMD3(repeating: 0), upperBound: SIMD3(repeating: 1))
    }

    private static func step(_ light: Float) -> Int { Int((min(1, max(0, light)).squareRoot() * Float(steps - 1)).rounded()) }
}
