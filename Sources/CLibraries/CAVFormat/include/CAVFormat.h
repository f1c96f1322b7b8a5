#ifndef CAVFORMAT_H
#define CAVFORMAT_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

// Values that libav* define as macros Swift cannot see.

static const int64_t lumiere_av_no_timestamp = AV_NOPTS_VALUE;
static const int64_t lumiere_av_time_base = AV_TIME_BASE;
static const int lumiere_av_again = AVERROR(EAGAIN);
static const int lumiere_av_end_of_file = AVERROR_EOF;
static const int lumiere_av_tag_hvc1 = MKTAG('h', 'v', 'c', '1');

/// Colour conversion to full-range RGB as the frame itself declares its colours; high definition is BT.709 when it does not.
static inline void lumiere_sws_use_colours(struct SwsContext *scaler, const AVFrame *frame) {
    int space = frame->colorspace == AVCOL_SPC_UNSPECIFIED
        ? (frame->height >= 720 ? SWS_CS_ITU709 : SWS_CS_DEFAULT) : (int)frame->colorspace;
    const int *table = sws_getCoefficients(space);
    sws_setColorspaceDetails(
        scaler, table, frame->color_range == AVCOL_RANGE_JPEG, sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16, 1 << 16);
}

#endif
