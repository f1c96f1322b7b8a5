#ifndef SETTLE_H
#define SETTLE_H

#include <vips/vips.h>

/// Evaluates an image (whose reference it takes) into memory as 8-bit sRGB or grey without metadata.
VipsImage *lumiere_vips_settle(VipsImage *image);

#endif
