#include "CVipsWatermark.h"

#include <string.h>
#include <vips/vips.h>

// MARK: Rasters

void lumiere_raster_free(lumiere_raster *raster) {
    g_free(raster->pixels);
    raster->pixels = NULL;
}

static int allocate(lumiere_raster *raster, int width, int height) {
    raster->width = width;
    raster->height = height;
    raster->pixels = g_try_malloc0((gsize)width * (gsize)height * 4);
    if (raster->pixels) return 0;
    vips_error("watermark", "out of memory");
    return -1;
}

/// Copies a four-band image (whose reference it takes) out of the library.
static int take(VipsImage *image, lumiere_raster *raster) {
    VipsImage *narrow = NULL, *settled = NULL;
    int failed = vips_cast_uchar(image, &narrow, NULL) || !(settled = vips_image_copy_memory(narrow));
    if (!failed && vips_image_get_bands(settled) != 4) {
        vips_error("watermark", "not red, green, blue and alpha");
        failed = TRUE;
    }
    if (!failed) failed = allocate(raster, vips_image_get_width(settled), vips_image_get_height(settled));
    if (!failed) memcpy(raster->pixels, vips_image_get_data(settled), (size_t)raster->width * (size_t)raster->height * 4);
    if (settled) g_object_unref(settled);
    if (narrow) g_object_unref(narrow);
    g_object_unref(image);
    return failed ? -1 : 0;
}

int lumiere_raster_text(const char *text, int dpi, int red, int green, int blue, lumiere_raster *raster) {
    VipsImage *mask = NULL, *settled = NULL;
    char *markup = g_markup_escape_text(text, -1);
    int failed = vips_text(&mask, markup, "font", "sans bold 8", "dpi", dpi, "align", VIPS_ALIGN_CENTRE, NULL);
    g_free(markup);
    if (failed) return -1;
    settled = vips_image_copy_memory(mask);
    g_object_unref(mask);
    if (!settled) return -1;
    failed = allocate(raster, vips_image_get_width(settled), vips_image_get_height(settled));
    const unsigned char *alpha = vips_image_get_data(settled);
    for (size_t i = 0; !failed && i < (size_t)raster->width * (size_t)raster->height; i++) {
        unsigned char *pixel = raster->pixels + 4 * i;
        pixel[0] = red, pixel[1] = green, pixel[2] = blue, pixel[3] = alpha[i];
    }
    g_object_unref(settled);
    return failed ? -1 : 0;
}

int lumiere_raster_picture_size(const void *bytes, size_t length, int *width, int *height) {
    VipsImage *image = vips_image_new_from_buffer(bytes, length, "", NULL);
    if (!image) return -1;
    *width = vips_image_get_width(image);
    *height = vips_image_get_height(image);
    g_object_unref(image);
    return 0;
}

int lumiere_raster_picture(const void *bytes, size_t length, int width, int height, lumiere_raster *raster) {
    VipsImage *image = NULL, *coloured = NULL, *whole = NULL;
    // The buffer is only read.
    if (vips_thumbnail_buffer((void *)bytes, length, &image, width, "height", height, "size", VIPS_SIZE_BOTH, NULL))
        return -1;
    int failed = vips_colourspace(image, &coloured, VIPS_INTERPRETATION_sRGB, NULL);
    g_object_unref(image);
    if (failed) return -1;
    failed = vips_image_hasalpha(coloured) ? vips_copy(coloured, &whole, NULL) : vips_addalpha(coloured, &whole, NULL);
    g_object_unref(coloured);
    return failed ? -1 : take(whole, raster);
}

// MARK: Finishing

static VipsImage *alpha_of(const lumiere_raster *raster, int padding) {
    VipsImage *image = vips_image_new_from_memory(
        raster->pixels, (size_t)raster->width * (size_t)raster->height * 4, raster->width, raster->height, 4, VIPS_FORMAT_UCHAR);
    VipsImage *alpha = NULL, *padded = NULL;
    if (!image) return NULL;
    if (!vips_extract_band(image, &alpha, 3, NULL))
        vips_embed(alpha, &padded, padding, padding, raster->width + 2 * padding, raster->height + 2 * padding, NULL);
    if (alpha) g_object_unref(alpha);
    g_object_unref(image);
    return padded;
}

/// The blurred alpha on a canvas that is larger by the padding on each side, in memory.
static VipsImage *blurred(const lumiere_raster *raster, int padding, double sigma) {
    VipsImage *blurred = NULL, *settled = NULL;
    VipsImage *padded = alpha_of(raster, padding);
    if (padded && !vips_gaussblur(padded, &blurred, sigma, NULL)) settled = vips_image_copy_memory(blurred);
    if (blurred) g_object_unref(blurred);
    if (padded) g_object_unref(padded);
    return settled;
}

/// One colour over another, as in Porter and Duff's "over", both with alpha.
static void lay_over(unsigned char *below, const unsigned char *above) {
    unsigned over = above[3] * 255u, under = below[3] * (255u - above[3]), sum = over + under;
    if (sum == 0) return;
    for (int band = 0; band < 3; band++) below[band] = (above[band] * over + below[band] * under + sum / 2) / sum;
    below[3] = (sum + 127) / 255;
}

static int add_shadow(lumiere_raster *raster, lumiere_finish finish) {
    int padding = (int)(3 * finish.shadow_sigma) + finish.shadow_offset + 1;
    VipsImage *shadow = blurred(raster, padding, finish.shadow_sigma);
    if (!shadow) return -1;
    lumiere_raster canvas = {0};
    if (allocate(&canvas, raster->width + 2 * padding, raster->height + 2 * padding)) {
        g_object_unref(shadow);
        return -1;
    }
    const unsigned char *strength = vips_image_get_data(shadow);
    for (int y = 0; y < canvas.height; y++)
        for (int x = 0; x < canvas.width; x++) {
            unsigned char *pixel = canvas.pixels + 4 * ((size_t)y * canvas.width + x);
            int from_x = x - finish.shadow_offset, from_y = y - finish.shadow_offset;
            // Blurring thins the shadow of narrow strokes: twice as strong, it is seen.
            unsigned alpha = from_x < 0 || from_y < 0 ? 0 : 2u * strength[(size_t)from_y * canvas.width + from_x];
            pixel[0] = pixel[1] = pixel[2] = finish.shadow_grey;
            pixel[3] = alpha > 255 ? 255 : alpha;
        }
    for (int y = 0; y < raster->height; y++)
        for (int x = 0; x < raster->width; x++)
            lay_over(
                canvas.pixels + 4 * ((size_t)(y + padding) * canvas.width + x + padding),
                raster->pixels + 4 * ((size_t)y * raster->width + x));
    g_object_unref(shadow);
    lumiere_raster_free(raster);
    *raster = canvas;
    return 0;
}

static int turn(lumiere_raster *raster, int degrees) {
    VipsImage *image = vips_image_new_from_memory(
        raster->pixels, (size_t)raster->width * (size_t)raster->height * 4, raster->width, raster->height, 4, VIPS_FORMAT_UCHAR);
    VipsImage *coloured = NULL, *premultiplied = NULL, *turned = NULL, *plain = NULL;
    lumiere_raster result = {0};
    int failed = !image || vips_copy(image, &coloured, "interpretation", VIPS_INTERPRETATION_sRGB, NULL)
        || vips_premultiply(coloured, &premultiplied, NULL) || vips_rotate(premultiplied, &turned, degrees, NULL)
        || vips_unpremultiply(turned, &plain, NULL) || take(g_object_ref(plain), &result);
    VipsImage *all[] = {image, coloured, premultiplied, turned, plain};
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
        if (all[i]) g_object_unref(all[i]);
    if (failed) return -1;
    lumiere_raster_free(raster);
    *raster = result;
    return 0;
}

int lumiere_raster_finish(lumiere_raster *raster, lumiere_finish finish) {
    if (finish.shadow_sigma > 0 && add_shadow(raster, finish)) return -1;
    if (finish.rotation % 360 != 0 && turn(raster, finish.rotation)) return -1;
    for (size_t i = 0; i < (size_t)raster->width * (size_t)raster->height; i++) {
        unsigned char *alpha = raster->pixels + 4 * i + 3;
        *alpha = *alpha * finish.opacity / 100;
    }
    return 0;
}

// MARK: Laying over

/// A picture of three or four bands whose pixels are its own.
static VipsImage *canvas_of(VipsImage *image) {
    VipsImage *coloured = NULL, *narrow = NULL;
    if (vips_image_get_bands(image) >= 3) g_object_ref(coloured = image);
    else if (vips_colourspace(image, &coloured, VIPS_INTERPRETATION_sRGB, NULL)) return NULL;
    int failed = vips_cast_uchar(coloured, &narrow, NULL);
    g_object_unref(coloured);
    if (failed) return NULL;
    VipsImage *canvas = vips_image_new_memory();
    failed = vips_image_write(narrow, canvas) || vips_image_inplace(canvas);
    g_object_unref(narrow);
    if (!failed) return canvas;
    g_object_unref(canvas);
    return NULL;
}

static void blend(unsigned char *pixel, int bands, const unsigned char *mark) {
    if (bands == 4) return lay_over(pixel, mark);
    for (int band = 0; band < 3; band++)
        pixel[band] = (mark[band] * mark[3] + pixel[band] * (255 - mark[3]) + 127) / 255;
}

static void stamp(VipsImage *canvas, const lumiere_raster *mark, int left, int top) {
    int bands = vips_image_get_bands(canvas);
    int first_x = VIPS_MAX(0, -left), last_x = VIPS_MIN(mark->width, vips_image_get_width(canvas) - left);
    int first_y = VIPS_MAX(0, -top), last_y = VIPS_MIN(mark->height, vips_image_get_height(canvas) - top);
    if (first_x >= last_x) return;
    for (int y = first_y; y < last_y; y++) {
        // A row of the mark, and what lies beneath it.
        const unsigned char *above = mark->pixels + 4 * ((size_t)y * mark->width + first_x);
        unsigned char *below = (unsigned char *)VIPS_IMAGE_ADDR(canvas, left + first_x, top + y);
        for (int x = first_x; x < last_x; x++, above += 4, below += bands)
            if (above[3]) blend(below, bands, above);
    }
}

VipsImage *lumiere_vips_overlay(VipsImage *image, const lumiere_raster *mark, const int *places, size_t count) {
    VipsImage *canvas = canvas_of(image);
    for (size_t i = 0; canvas && i < count; i++) stamp(canvas, mark, places[2 * i], places[2 * i + 1]);
    return canvas;
}
