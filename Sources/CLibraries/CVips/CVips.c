#include "CVips.h"

#include "Settle.h"

static const char *const allowed_loaders[] = {
    "VipsForeignLoadJpeg", "VipsForeignLoadPng",  "VipsForeignLoadWebp",
    "VipsForeignLoadHeif", "VipsForeignLoadTiff", "VipsForeignLoadNsgif",
};

static void ignore_log(const gchar *domain, GLogLevelFlags level, const gchar *message, gpointer data) {
    (void)domain, (void)level, (void)message, (void)data;
}

int lumiere_vips_start(const char *program) {
    // Everything stays in memory, where the address-space limit counts it; a confined process has no /tmp.
    g_setenv("VIPS_DISC_THRESHOLD", "64g", FALSE);
    if (vips_init(program)) return -1;
    // Warnings about broken files carry paths and say nothing that the strict attempt does not report.
    g_log_set_handler("VIPS", G_LOG_LEVEL_WARNING | G_LOG_LEVEL_INFO | G_LOG_LEVEL_DEBUG, ignore_log, NULL);
    vips_leak_set(FALSE);
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    vips_block_untrusted_set(TRUE);
    vips_operation_block_set("VipsForeignLoad", TRUE);
    for (size_t i = 0; i < G_N_ELEMENTS(allowed_loaders); i++) vips_operation_block_set(allowed_loaders[i], FALSE);
    return 0;
}

void lumiere_vips_take_error(char *text, size_t capacity) {
    g_strlcpy(text, vips_error_buffer(), capacity);
    vips_error_clear();
}

void lumiere_vips_release(VipsImage *image) { g_object_unref(image); }

void lumiere_vips_leave_thread(void) { vips_thread_shutdown(); }

// MARK: Reading

static VipsImage *open_source(VipsSource *source) {
    if (!source) return NULL;
    VipsImage *image = vips_image_new_from_source(source, "", "access", VIPS_ACCESS_SEQUENTIAL, NULL);
    g_object_unref(source);
    return image;
}

VipsImage *lumiere_vips_open(const char *path) { return open_source(vips_source_new_from_file(path)); }

VipsImage *lumiere_vips_open_bytes(const void *bytes, size_t length) {
    return open_source(vips_source_new_from_memory(bytes, length));
}

/// Removes every field that is not the image's own geometry: Exif, XMP, IPTC, comments, colour profile, orientation.
/// The savers' "strip" is not enough: libvips 8.14.1 ignores it for WebP.
static void remove_metadata(VipsImage *image) {
    char **fields = vips_image_get_fields(image);
    for (char **field = fields; field && *field; field++) vips_image_remove(image, *field);
    g_strfreev(fields);
}

/// The image in sRGB or grey: through its embedded profile, or by its kind when it has none or a broken one.
/// vips_thumbnail's "export_profile" would shift the colours of pictures without a profile.
static VipsImage *standard_colours(VipsImage *image) {
    VipsImage *coloured = NULL;
    if (vips_image_get_typeof(image, VIPS_META_ICC_NAME)) {
        if (!vips_icc_transform(image, &coloured, "srgb", "embedded", TRUE, "intent", VIPS_INTENT_RELATIVE, NULL))
            return coloured;
        vips_error_clear();
    }
    VipsInterpretation from = vips_image_guess_interpretation(image);
    VipsInterpretation to = from == VIPS_INTERPRETATION_B_W || from == VIPS_INTERPRETATION_GREY16
        ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB;
    vips_colourspace(image, &coloured, to, NULL);
    return coloured;
}

VipsImage *lumiere_vips_settle(VipsImage *image) {
    VipsImage *narrow = NULL, *settled = NULL;
    VipsImage *coloured = standard_colours(image);
    if (coloured && !vips_cast_uchar(coloured, &narrow, NULL)) settled = vips_image_copy_memory(narrow);
    if (narrow) g_object_unref(narrow);
    if (coloured) g_object_unref(coloured);
    g_object_unref(image);
    if (!settled) return NULL;

    // vips_image_copy_memory may hand back its argument: change metadata on a copy only.
    VipsImage *plain = NULL;
    if (!vips_copy(settled, &plain, NULL)) remove_metadata(plain);
    g_object_unref(settled);
    return plain;
}

static gboolean is_sequential_jpeg(VipsSource *source) {
    int multiscan = TRUE;
    VipsImage *header = vips_image_new_from_source(source, "", "access", VIPS_ACCESS_SEQUENTIAL, NULL);
    if (header && vips_image_get_typeof(header, "jpeg-multiscan"))
        vips_image_get_int(header, "jpeg-multiscan", &multiscan);
    if (header) g_object_unref(header);
    vips_error_clear();
    return !multiscan;
}

/// The loader's options. A JPEG with more than a hundred broken places is refused unless "unlimited", which also lets
/// progressive files have as many scans as they like, each as costly as the picture: those keep the limit.
static const char *loader_options(VipsSource *source, lumiere_vips_strictness strictness) {
    if (strictness == LUMIERE_VIPS_STRICT) return "[fail_on=warning]";
    return is_sequential_jpeg(source) ? "[fail_on=none,unlimited]" : "[fail_on=none]";
}

static VipsImage *thumbnail_source(VipsSource *source, int edge, lumiere_vips_strictness strictness, gboolean upright) {
    VipsImage *image = NULL;
    if (!source) return NULL;
    int failed = vips_thumbnail_source(
        source, &image, edge, "height", edge, "size", VIPS_SIZE_DOWN, "no_rotate", !upright,
        // This operation's own "fail_on" does not reach the loader of a source; the option string does.
        "option_string", loader_options(source, strictness), NULL);
    VipsImage *settled = failed ? NULL : lumiere_vips_settle(image);
    g_object_unref(source);
    return settled;
}

VipsImage *lumiere_vips_thumbnail(const char *path, int edge, lumiere_vips_strictness strictness) {
    return thumbnail_source(vips_source_new_from_file(path), edge, strictness, TRUE);
}

VipsImage *lumiere_vips_thumbnail_bytes(
    const void *bytes, size_t length, int edge, lumiere_vips_strictness strictness) {
    return thumbnail_source(vips_source_new_from_memory(bytes, length), edge, strictness, FALSE);
}

static int long_edge(VipsImage *image) {
    return VIPS_MAX(vips_image_get_width(image), vips_image_get_height(image));
}

/// Whether a stored thumbnail shows all of the picture, in the same colours, large enough.
static gboolean stands_for(VipsImage *small, VipsImage *picture, int edge) {
    double scale = (double)vips_image_get_width(picture) / vips_image_get_width(small);
    double lines = vips_image_get_height(picture) / scale;
    gboolean same_shape = fabs(lines - vips_image_get_height(small)) <= 2;
    gboolean same_colours = !vips_image_get_typeof(small, VIPS_META_ICC_NAME)
        == !vips_image_get_typeof(picture, VIPS_META_ICC_NAME);
    return long_edge(small) >= edge && long_edge(small) < long_edge(picture) && same_shape && same_colours;
}

VipsImage *lumiere_vips_stored_thumbnail(const char *path, int edge) {
    VipsImage *picture = NULL, *small = NULL, *thumbnail = NULL;
    if (!vips_heifload(path, &picture, NULL) && !vips_heifload(path, &small, "thumbnail", TRUE, NULL)
        && stands_for(small, picture, edge))
        vips_thumbnail_image(
            small, &thumbnail, edge, "height", edge, "size", VIPS_SIZE_DOWN, NULL);
    if (small) g_object_unref(small);
    if (picture) g_object_unref(picture);
    return thumbnail ? lumiere_vips_settle(thumbnail) : NULL;
}

VipsImage *lumiere_vips_reduce(VipsImage *image, int edge, int linear) {
    VipsImage *reduced = NULL;
    if (vips_thumbnail_image(
            image, &reduced, edge, "height", edge, "size", VIPS_SIZE_DOWN,
            // Of grey pictures, this operation would make coloured ones.
            "linear", linear && vips_image_get_bands(image) > 2, NULL))
        return NULL;
    return lumiere_vips_settle(reduced);
}

VipsImage *lumiere_vips_sharpen(VipsImage *image) {
    VipsImage *mask = vips_image_new_matrixv(3, 3, -1.0, -1.0, -1.0, -1.0, 56.0, -1.0, -1.0, -1.0, -1.0);
    if (!mask) return NULL;
    vips_image_set_double(mask, "scale", 48.0);
    VipsImage *sharp = NULL;
    int failed = vips_conv(image, &sharp, mask, "precision", VIPS_PRECISION_INTEGER, NULL);
    g_object_unref(mask);
    return failed ? NULL : lumiere_vips_settle(sharp);
}

VipsImage *lumiere_vips_from_pixels(const void *pixels, int width, int height, int bands) {
    size_t length = (size_t)width * (size_t)height * (size_t)bands;
    VipsImage *raw = vips_image_new_from_memory_copy(pixels, length, width, height, bands, VIPS_FORMAT_UCHAR);
    if (!raw) return NULL;
    VipsImage *image = NULL;
    VipsInterpretation meaning = bands == 1 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB;
    vips_copy(raw, &image, "interpretation", meaning, NULL);
    g_object_unref(raw);
    return image;
}

VipsImage *lumiere_vips_turn(VipsImage *image, int degrees) {
    VipsAngle angle = degrees == 90 ? VIPS_ANGLE_D90 : degrees == 180 ? VIPS_ANGLE_D180
        : degrees == 270 ? VIPS_ANGLE_D270 : VIPS_ANGLE_D0;
    VipsImage *turned = NULL;
    if (vips_rot(image, &turned, angle, NULL)) return NULL;
    return lumiere_vips_settle(turned);
}

VipsImage *lumiere_vips_mirror(VipsImage *image) {
    VipsImage *mirrored = NULL;
    if (vips_flip(image, &mirrored, VIPS_DIRECTION_HORIZONTAL, NULL)) return NULL;
    return lumiere_vips_settle(mirrored);
}

// MARK: Facts

int lumiere_vips_width(VipsImage *image) { return vips_image_get_width(image); }
int lumiere_vips_height(VipsImage *image) { return vips_image_get_height(image); }
int lumiere_vips_bands(VipsImage *image) { return vips_image_get_bands(image); }
int lumiere_vips_is_sideways(VipsImage *image) { return vips_image_get_orientation_swap(image); }

const void *lumiere_vips_blob(VipsImage *image, const char *name, size_t *length) {
    const void *bytes = NULL;
    if (vips_image_get_typeof(image, name) != VIPS_TYPE_BLOB) return NULL;
    if (vips_image_get_blob(image, name, &bytes, length)) return NULL;
    return bytes;
}

const void *lumiere_vips_pixels(VipsImage *image) { return vips_image_get_data(image); }

// MARK: Writing

/// A new reference to an image without transparency. vips_flatten takes the last band for alpha whatever it is.
static VipsImage *opaque(VipsImage *image) {
    if (!vips_image_hasalpha(image)) return g_object_ref(image);
    VipsImage *flat = NULL;
    VipsArrayDouble *white = vips_array_double_newv(1, 255.0);
    vips_flatten(image, &flat, "background", white, NULL);
    vips_area_unref(VIPS_AREA(white));
    return flat;
}

void *lumiere_vips_encode_jpeg(VipsImage *image, int quality, int progressive, size_t *length) {
    VipsImage *flat = opaque(image);
    if (!flat) return NULL;
    void *bytes = NULL;
    int failed = vips_jpegsave_buffer(
        flat, &bytes, length, "Q", quality, "strip", TRUE, "optimize_coding", TRUE, "interlace", progressive != 0, NULL);
    g_object_unref(flat);
    return failed ? NULL : bytes;
}

void *lumiere_vips_encode_webp(VipsImage *image, int quality, int effort, size_t *length) {
    void *bytes = NULL;
    if (vips_webpsave_buffer(image, &bytes, length, "Q", quality, "effort", effort, "strip", TRUE, NULL)) return NULL;
    return bytes;
}

void *lumiere_vips_encode_avif(VipsImage *image, int quality, int effort, size_t *length) {
    void *bytes = NULL;
    int failed = vips_heifsave_buffer(
        image, &bytes, length, "Q", quality, "effort", effort, "compression", VIPS_FOREIGN_HEIF_COMPRESSION_AV1, "strip", TRUE,
        NULL);
    return failed ? NULL : bytes;
}

void lumiere_vips_free(void *bytes) { g_free(bytes); }

int lumiere_vips_save_png(VipsImage *image, const char *path) { return vips_pngsave(image, path, "strip", TRUE, NULL); }
