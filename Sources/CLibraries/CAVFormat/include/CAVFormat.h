#ifndef CAVFORMAT_H
#define CAVFORMAT_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/audio_fifo.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/mastering_display_metadata.h>
#include <libavutil/pixdesc.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>

// Values that libav* define as macros Swift cannot see.

static const int64_t lumiere_av_no_timestamp = AV_NOPTS_VALUE;
static const int64_t lumiere_av_time_base = AV_TIME_BASE;
static const int lumiere_av_again = AVERROR(EAGAIN);
static const int lumiere_av_end_of_file = AVERROR_EOF;
static const int lumiere_av_input_changed = AVERROR_INPUT_CHANGED;
static const enum AVPixelFormat lumiere_av_pix_fmt_rgb48 = AV_PIX_FMT_RGB48;
static const int lumiere_av_tag_hvc1 = MKTAG('h', 'v', 'c', '1');

/// The colours of a frame, as it declares them itself. When it does not, a high dynamic range is BT.2020, and high definition
/// BT.709.
static inline int lumiere_av_space(const AVFrame *frame) {
    int is_bright = frame->color_trc == AVCOL_TRC_SMPTE2084 || frame->color_trc == AVCOL_TRC_ARIB_STD_B67;
    return frame->colorspace != AVCOL_SPC_UNSPECIFIED ? (int)frame->colorspace
        : is_bright ? SWS_CS_BT2020 : frame->height >= 720 ? SWS_CS_ITU709 : SWS_CS_DEFAULT;
}

/// Colour conversion to full-range RGB.
static inline void lumiere_sws_use_colours(struct SwsContext *scaler, const AVFrame *frame) {
    sws_setColorspaceDetails(
        scaler, sws_getCoefficients(lumiere_av_space(frame)), frame->color_range == AVCOL_RANGE_JPEG,
        sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16, 1 << 16);
}

/// Conversion to limited-range YUV of a colour space.
static inline void lumiere_sws_keep_colours(struct SwsContext *scaler, const AVFrame *frame, enum AVColorSpace space) {
    const int *table = sws_getCoefficients(space);
    int is_rgb = frame->colorspace == AVCOL_SPC_RGB;
    sws_setColorspaceDetails(
        scaler, is_rgb ? table : sws_getCoefficients(lumiere_av_space(frame)), is_rgb || frame->color_range == AVCOL_RANGE_JPEG,
        table, 0, 0, 1 << 16, 1 << 16);
}

/// Lines written.
static inline int lumiere_sws_scale_frame(struct SwsContext *scaler, AVFrame *target, const AVFrame *source) {
    return sws_scale(
        scaler, (const uint8_t *const *)source->data, source->linesize, 0, source->height, target->data, target->linesize);
}

/// Samples written, or read.
static inline int lumiere_av_fifo_write(AVAudioFifo *queue, AVFrame *frame) {
    return av_audio_fifo_write(queue, (void **)frame->extended_data, frame->nb_samples);
}

static inline int lumiere_av_fifo_read(AVAudioFifo *queue, AVFrame *frame) {
    return av_audio_fifo_read(queue, (void **)frame->extended_data, frame->nb_samples);
}

#endif
