#ifndef CVIPS_ANIMATION_H
#define CVIPS_ANIMATION_H

#include <stddef.h>

// Pictures that move. A strip has all frames of one below each other, all of one size. Functions return NULL or -1 with the
// reason in lumiere_vips_take_error. What has a time limit (seconds) fails when it takes longer.

typedef struct _VipsImage VipsImage;

/// Reads how many frames a GIF or WebP file has, and of which size; nothing is decoded.
int lumiere_vips_frames(const char *path, int *count, int *width, int *height);

/// Decodes all frames of a file, each to at most `edge` x `edge` pixels, as lumiere_vips_thumbnail would, however broken.
/// Writes `count` delays (milliseconds; 0 where the file says none), and how often it is shown (0 for ever).
VipsImage *lumiere_vips_strip(const char *path, int edge, double limit, int count, int *delays, int *loops);

/// A copy of some lines of an image.
VipsImage *lumiere_vips_lines(VipsImage *image, int top, int count);

/// Images of one size below each other.
VipsImage *lumiere_vips_stack(VipsImage **images, int count);

/// A WebP file in memory, to be freed with lumiere_vips_free. `effort`: 0 (fast) to 6 (small).
void *lumiere_vips_encode_strip(
    VipsImage *strip, int count, const int *delays, int loops, int quality, int effort, double limit, size_t *length);

#endif
