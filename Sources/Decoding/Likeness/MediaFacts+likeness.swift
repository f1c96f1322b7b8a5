import Core
import Foundation

extension MediaFacts {
    /// Adds what a few pixels tell: placeholder, dominant colour, perceptual hash. A failure to compute them is none of
    /// the photo's.
    mutating func addLikeness(of picture: Picture) {
        guard let pixels = try? RGBAPixels(of: picture) else { return }
        placeholder = Data(ThumbHash(pixels).bytes).base64EncodedString()
        dominantColour = DominantColour.of(pixels)
        perceptualHash = PerceptualHash(luma: pixels.luma, width: pixels.width, height: pixels.height)
    }
}
