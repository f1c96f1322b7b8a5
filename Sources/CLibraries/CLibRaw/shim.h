#include <libraw/libraw.h>

// Access to members of libraw_data_t, whose large arrays Swift would import as tuples of thousands of elements.

/// Asks for a quick development: half the size, the camera's white balance, 8-bit sRGB, upright.
static inline void lumiere_raw_prepare_half_size(libraw_data_t *raw) {
    raw->params.half_size = 1;
    raw->params.use_camera_wb = 1;
    raw->params.output_color = 1;
    raw->params.output_bps = 8;
}

/// Whether the file holds sensor data (or is a DNG), as opposed to a finished picture in the same container.
static inline int lumiere_raw_has_sensor_data(libraw_data_t *raw) {
    return raw->idata.raw_count > 0 && (raw->idata.dng_version || raw->idata.filters || raw->idata.is_foveon);
}

static inline int lumiere_raw_is_dng(libraw_data_t *raw) { return raw->idata.dng_version != 0; }
static inline int lumiere_raw_width(libraw_data_t *raw) { return raw->sizes.width; }
static inline int lumiere_raw_height(libraw_data_t *raw) { return raw->sizes.height; }

/// 0, 3 (half turn), 5 (quarter turn counter-clockwise) or 6 (quarter turn clockwise).
static inline int lumiere_raw_flip(libraw_data_t *raw) { return raw->sizes.flip; }

static inline int lumiere_raw_preview_is_jpeg(libraw_data_t *raw) {
    return raw->thumbnail.tformat == LIBRAW_THUMBNAIL_JPEG;
}
static inline const void *lumiere_raw_preview_bytes(libraw_data_t *raw) { return raw->thumbnail.thumb; }
static inline size_t lumiere_raw_preview_length(libraw_data_t *raw) {
    return raw->thumbnail.thumb ? raw->thumbnail.tlength : 0;
}

static inline const char *lumiere_raw_make(libraw_data_t *raw) { return raw->idata.make; }
static inline const char *lumiere_raw_model(libraw_data_t *raw) { return raw->idata.model; }
static inline const char *lumiere_raw_lens(libraw_data_t *raw) { return raw->lens.Lens; }
static inline const char *lumiere_raw_artist(libraw_data_t *raw) { return raw->other.artist; }
static inline float lumiere_raw_iso(libraw_data_t *raw) { return raw->other.iso_speed; }
static inline float lumiere_raw_exposure(libraw_data_t *raw) { return raw->other.shutter; }
static inline float lumiere_raw_aperture(libraw_data_t *raw) { return raw->other.aperture; }
static inline float lumiere_raw_focal_length(libraw_data_t *raw) { return raw->other.focal_len; }
static inline time_t lumiere_raw_timestamp(libraw_data_t *raw) { return raw->other.timestamp; }

/// Degrees from degrees, minutes and seconds, which LibRaw keeps apart from their sign.
static inline double lumiere_raw_degrees(const float parts[3], int is_negative) {
    double degrees = parts[0] + parts[1] / 60.0 + parts[2] / 3600.0;
    return is_negative ? -degrees : degrees;
}

static inline int lumiere_raw_has_place(libraw_data_t *raw) { return raw->other.parsed_gps.gpsparsed; }
static inline double lumiere_raw_latitude(libraw_data_t *raw) {
    return lumiere_raw_degrees(raw->other.parsed_gps.latitude, raw->other.parsed_gps.latref == 'S');
}
static inline double lumiere_raw_longitude(libraw_data_t *raw) {
    return lumiere_raw_degrees(raw->other.parsed_gps.longitude, raw->other.parsed_gps.longref == 'W');
}
static inline double lumiere_raw_altitude(libraw_data_t *raw) {
    double metres = raw->other.parsed_gps.altitude;
    return raw->other.parsed_gps.altref == 1 ? -metres : metres;
}

static inline int lumiere_raw_image_is_bitmap(const libraw_processed_image_t *image) {
    return image->type == LIBRAW_IMAGE_BITMAP && image->bits == 8;
}
static inline const void *lumiere_raw_image_pixels(const libraw_processed_image_t *image) { return image->data; }
