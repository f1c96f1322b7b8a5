#ifndef CVIPS_WATERMARK_H
#define CVIPS_WATERMARK_H

#include <stddef.h>

// What is laid over pictures. Functions return 0, or -1 with the reason in lumiere_vips_take_error.

typedef struct _VipsImage VipsImage;

/// Pixels of 8-bit red, green, blue and alpha (not premultiplied), row by row; freed with lumiere_raster_free.
typedef struct {
    int width, height;
    unsigned char *pixels;
} lumiere_raster;

/// How a mark is finished.
typedef struct {
    /// Pixels that the shadow is blurred by (standard deviation); 0 for no shadow.
    double shadow_sigma;
    /// Pixels that it is moved to the right and down.
    int shadow_offset;
    /// Its grey, 0 to 255.
    int shadow_grey;
    /// Degrees clockwise.
    int rotation;
    /// Percent.
    int opacity;
} lumiere_finish;

/// Writes text in one colour. `text` is plain: what would be markup is shown as it is.
int lumiere_raster_text(const char *text, int dpi, int red, int green, int blue, lumiere_raster *raster);

/// Reads the size of an encoded picture.
int lumiere_raster_picture_size(const void *bytes, size_t length, int *width, int *height);

/// Decodes a picture, made as large as fits into a box.
int lumiere_raster_picture(const void *bytes, size_t length, int width, int height, lumiere_raster *raster);

/// Adds the shadow, turns and fades a mark, in its place; it grows by what that needs.
int lumiere_raster_finish(lumiere_raster *raster, lumiere_finish finish);

void lumiere_raster_free(lumiere_raster *raster);

/// A copy of a decoded 8-bit picture with a mark laid over it at each of `count` places: pairs of x and y, which may lie
/// outside. Grey pictures get colours. NULL on failure.
VipsImage *lumiere_vips_overlay(VipsImage *image, const lumiere_raster *mark, const int *places, size_t count);

#endif
