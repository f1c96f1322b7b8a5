import CLibRaw
import Glibc

/// A camera's raw file as LibRaw sees it.
final class RawFile {
    let raw: UnsafeMutablePointer<libraw_data_t>

    /// Opens a file and reads its metadata.
    /// - Returns: `nil` when it holds no sensor data that LibRaw knows.
    init?(_ path: String) {
        guard let raw = libraw_init(0) else { return nil }
        // The default handler prints paths.
        libraw_set_dataerror_handler(raw, nil, nil)
        guard libraw_open_file(raw, path) == 0, lumiere_raw_has_sensor_data(raw) != 0 else {
            libraw_close(raw)
            return nil
        }
        self.raw = raw
    }

    deinit { libraw_close(raw) }

    /// Sensor pixels, as the sensor lies.
    var width: Int { Int(lumiere_raw_width(raw)) }
    var height: Int { Int(lumiere_raw_height(raw)) }

    /// Degrees clockwise that the picture has to be turned for showing.
    var clockwise: Int {
        switch lumiere_raw_flip(raw) {
        case 3: 180
        case 5: 270
        case 6: 90
        default: 0
        }
    }

    /// The largest embedded JPEG.
    func preview() -> [UInt8]? {
        guard libraw_unpack_thumb(raw) == 0, lumiere_raw_preview_is_jpeg(raw) != 0,
            let bytes = lumiere_raw_preview_bytes(raw)
        else { return nil }
        return Array(UnsafeRawBufferPointer(start: bytes, count: lumiere_raw_preview_length(raw)))
    }

    /// Develops the sensor data quickly, at half its size, upright; `nil` when it is broken.
    func developed() throws(VipsLibrary.Failure) -> Picture? {
        lumiere_raw_prepare_half_size(raw)
        var failure: Int32 = 0
        guard libraw_unpack(raw) == 0, libraw_dcraw_process(raw) == 0,
            let image = libraw_dcraw_make_mem_image(raw, &failure)
        else { return nil }
        defer { libraw_dcraw_clear_mem(image) }
        let bands = Int(image.pointee.colors)
        guard lumiere_raw_image_is_bitmap(image) != 0, bands == 1 || bands == 3 else { return nil }
        return try .pixels(
            lumiere_raw_image_pixels(image), width: Int(image.pointee.width), height: Int(image.pointee.height), bands: bands)
    }
}
