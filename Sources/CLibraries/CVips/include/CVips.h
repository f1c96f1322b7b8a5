#ifndef CVIPS_H
#define CVIPS_H

#include <stddef.h>

#include "CVipsAnimation.h"
#include "CVipsWatermark.h"

// The few libvips operations that Lumiere needs, without variadic arguments: those cannot be called from Swift.
// Functions that return an image return a new reference, or NULL; those that return an int return 0, or -1.
// On failure the reason waits in lumiere_vips_take_error. Paths are plain: no "[options]" suffix is honoured.

typedef struct _VipsImage VipsImage;

/// How much broken data a decoder swallows: nothing at all, or everything it can.
typedef enum {
    LUMIERE_VIPS_LENIENT = 0,
    LUMIERE_VIPS_STRICT = 1,
} lumiere_vips_strictness;

/// Initialises the library once per process: one worker, no operation cache, decoders by allow-list.
int lumiere_vips_start(const char *program);

/// Moves the calling thread's error text into `text` (always terminated) and clears it.
void lumiere_vips_take_error(char *text, size_t capacity);

void lumiere_vips_release(VipsImage *image);

/// Frees what the library keeps for the calling thread, which uses it no more.
void lumiere_vips_leave_thread(void);

// MARK: Reading

/// Reads the header of a file.
VipsImage *lumiere_vips_open(const char *path);

/// Reads the header of a file in memory; `bytes` must outlive the image.
VipsImage *lumiere_vips_open_bytes(const void *bytes, size_t length);

/// Decodes a file to at most `edge` x `edge` pixels, upright, 8-bit sRGB or grey, in memory.
VipsImage *lumiere_vips_thumbnail(const char *path, int edge, lumiere_vips_strictness strictness);

/// The same for a file in memory; the orientation it declares is ignored.
VipsImage *lumiere_vips_thumbnail_bytes(
    const void *bytes, size_t length, int edge, lumiere_vips_strictness strictness);

/// The thumbnail that a HEIF file stores next to its picture, when it can stand for a decode at that size. NULL also
/// when there is no such thumbnail.
VipsImage *lumiere_vips_stored_thumbnail(const char *path, int edge);

/// Reduces a decoded image to at most `edge` x `edge` pixels; mixes light if `linear`, else the numbers that stand for it.
VipsImage *lumiere_vips_reduce(VipsImage *image, int edge, int linear);

/// Raises the contrast between neighbours a little: a 3 x 3 mask, 56 within eight times -1, divided by 48.
VipsImage *lumiere_vips_sharpen(VipsImage *image);

/// Copies packed 8-bit RGB (3 bands) or grey (1 band) pixels into an image.
VipsImage *lumiere_vips_from_pixels(const void *pixels, int width, int height, int bands);

/// Turns an image clockwise by 0, 90, 180 or 270 degrees.
VipsImage *lumiere_vips_turn(VipsImage *image, int degrees);

/// Exchanges left and right.
VipsImage *lumiere_vips_mirror(VipsImage *image);

// MARK: Facts

int lumiere_vips_width(VipsImage *image);
int lumiere_vips_height(VipsImage *image);
int lumiere_vips_bands(VipsImage *image);

/// Whether the declared orientation exchanges width and height.
int lumiere_vips_is_sideways(VipsImage *image);

/// A block of metadata by the name libvips gives it, owned by the image; NULL when there is none.
const void *lumiere_vips_blob(VipsImage *image, const char *name, size_t *length);

/// The pixels of an image in memory, row by row, owned by the image.
const void *lumiere_vips_pixels(VipsImage *image);

// MARK: Writing, without any metadata

// The encoders return a file in memory, to be freed with lumiere_vips_free; NULL on failure.

/// Transparent parts become white.
void *lumiere_vips_encode_jpeg(VipsImage *image, int quality, int progressive, size_t *length);

/// `effort`: 0 (fast) to 6 (small).
void *lumiere_vips_encode_webp(VipsImage *image, int quality, int effort, size_t *length);

/// `effort`: 0 (fast) to 9 (small).
void *lumiere_vips_encode_avif(VipsImage *image, int quality, int effort, size_t *length);

void lumiere_vips_free(void *bytes);

int lumiere_vips_save_png(VipsImage *image, const char *path);

#endif
