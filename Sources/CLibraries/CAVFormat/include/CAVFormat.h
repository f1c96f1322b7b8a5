#ifndef CAVFORMAT_H
#define CAVFORMAT_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/mastering_display_metadata.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

// Values that libav* define as macros Swift cannot see.

static const int64_t lumiere_av_no_timestamp = AV_NOPTS_VALUE;
static const int64_t lumiere_av_time_base = AV_TIME_BASE;
static const int lumiere_av_again = AVERROR(EAGAIN);
static const int lumiere_av_end_of_file = AVERROR_EOF;
static const enum AVPixelFormat lumiere_av_pix_fmt_rgb48 = AV_PIX_FMT_RGB48;
static const int lumiere_av_tag_hvc1 = MKTAG('h', 'v', 'c', '1');

/// Colour conversion to full-range RGB as the frame itself declares its colours. When it does not, a high dynamic range is
/// BT.2020, and high definition BT.709.
static inline void lumiere_sws_use_colours(struct SwsContext *scaler, const AVFrame *frame) {
    int is_bright = frame->color_trc == AVCOL_TRC_SMPTE2084 || frame->color_trc == AVCOL_TRC_ARIB_STD_B67;
    int space = frame->colorspace != AVCOL_SPC_UNSPECIFIED ? (int)frame->colorspace
        : is_bright ? SWS_CS_BT2020 : frame->height >= 720 ? SWS_CS_ITU709 : SWS_CS_DEFAULT;
    const int *table = sws_getCoefficients(space);
    sws_setColorspaceDetails(
        scaler, table, frame->color_range == AVCOL_RANGE_JPEG, sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16, 1 << 16);
}

#endif
