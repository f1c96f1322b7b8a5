import CVips
import Core

/// Chooses what to show of a raw file: the camera's own preview, or a quick development when that is too small.
enum RawPreview {
    /// - Parameter edge: the largest size asked for, pixels.
    /// - Throws: `DecodingFailure.damaged` when neither can be had.
    static func source(of file: RawFile, longEdge edge: Int) throws -> PictureSource {
        let wanted = min(edge, max(file.width, file.height))
        if let preview = file.preview(), let size = size(of: preview), max(size.width, size.height) * 2 >= wanted {
            return .encoded(preview, clockwise: clockwise(size, in: file))
        }
        do {
            guard let picture = try file.developed() else { throw DecodingFailure.damaged("The sensor data cannot be read") }
            return .picture(picture)
        } catch let failure as VipsLibrary.Failure {
            throw failure.asDecodingFailure("The sensor data cannot be read")
        }
    }

    /// Some cameras turn the preview themselves: then it stands upright where the sensor lies.
    private static func clockwise(_ size: (width: Int, height: Int), in file: RawFile) -> Int {
        let isTurned = file.clockwise % 180 != 0 && (size.width < size.height) != (file.width < file.height)
        return isTurned ? 0 : file.clockwise
    }

    private static func size(of preview: [UInt8]) -> (width: Int, height: Int)? {
        preview.withUnsafeBytes { bytes in
            guard let header = try? VipsLibrary.check(lumiere_vips_open_bytes(bytes.baseAddress, bytes.count)) else { return nil }
            return (header.width, header.height)
        }
    }
}
