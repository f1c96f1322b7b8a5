#include "CVips.h"

#include "Settle.h"

static void stop_when_late(VipsImage *image, VipsProgress *progress, const gint64 *deadline) {
    (void)progress;
    if (g_get_monotonic_time() > *deadline) vips_image_set_kill(image, TRUE);
}

static void free_deadline(gpointer deadline, GClosure *closure) {
    (void)closure;
    g_free(deadline);
}

/// Has whatever is evaluated through an image from now on end when so many seconds have passed.
static void limit_time(VipsImage *image, double seconds) {
    gint64 *deadline = g_new(gint64, 1);
    *deadline = g_get_monotonic_time() + (gint64)(seconds * G_USEC_PER_SEC);
    vips_image_set_progress(image, TRUE);
    g_signal_connect_data(image, "eval", G_CALLBACK(stop_when_late), deadline, free_deadline, 0);
}

int lumiere_vips_frames(const char *path, int *count, int *width, int *height) {
    VipsSource *source = vips_source_new_from_file(path);
    if (!source) return -1;
    VipsImage *image = vips_image_new_from_source(source, "[n=-1]", "access", VIPS_ACCESS_SEQUENTIAL, NULL);
    g_object_unref(source);
    if (!image) return -1;
    *width = vips_image_get_width(image);
    *height = vips_image_get_page_height(image);
    *count = vips_image_get_height(image) / *height;
    g_object_unref(image);
    return 0;
}

static void read_times(VipsImage *image, int count, int *delays, int *loops) {
    int *known = NULL, length = 0;
    if (vips_image_get_typeof(image, "delay")) vips_image_get_array_int(image, "delay", &known, &length);
    for (int i = 0; i < count; i++) delays[i] = i < length ? known[i] : 0;
    *loops = 0;
    if (vips_image_get_typeof(image, "loop")) vips_image_get_int(image, "loop", loops);
}

VipsImage *lumiere_vips_strip(const char *path, int edge, double limit, int count, int *delays, int *loops) {
    VipsSource *source = vips_source_new_from_file(path);
    if (!source) return NULL;
    VipsImage *image = NULL;
    int failed = vips_thumbnail_source(
        source, &image, edge, "height", edge, "size", VIPS_SIZE_DOWN, "option_string", "[n=-1,fail_on=none]", NULL);
    g_object_unref(source);
    if (failed) return NULL;
    if (vips_image_get_page_height(image) * count != vips_image_get_height(image)) {
        g_object_unref(image);
        vips_error("strip", "frames of different heights");
        return NULL;
    }
    read_times(image, count, delays, loops);
    limit_time(image, limit);
    return lumiere_vips_settle(image);
}

VipsImage *lumiere_vips_lines(VipsImage *image, int top, int count) {
    VipsImage *part = NULL;
    if (vips_extract_area(image, &part, 0, top, vips_image_get_width(image), count, NULL)) return NULL;
    return lumiere_vips_settle(part);
}

VipsImage *lumiere_vips_stack(VipsImage **images, int count) {
    VipsImage *strip = NULL;
    if (vips_arrayjoin(images, &strip, count, "across", 1, NULL)) return NULL;
    return lumiere_vips_settle(strip);
}

void *lumiere_vips_encode_strip(
    VipsImage *strip, int count, const int *delays, int loops, int quality, int effort, double limit, size_t *length) {
    VipsImage *timed = NULL;
    void *bytes = NULL;
    if (vips_copy(strip, &timed, NULL)) return NULL;
    vips_image_set_int(timed, VIPS_META_PAGE_HEIGHT, vips_image_get_height(timed) / count);
    vips_image_set_int(timed, VIPS_META_N_PAGES, count);
    vips_image_set_array_int(timed, "delay", delays, count);
    vips_image_set_int(timed, "loop", loops);
    limit_time(timed, limit);
    int failed = vips_webpsave_buffer(timed, &bytes, length, "Q", quality, "effort", effort, NULL);
    g_object_unref(timed);
    return failed ? NULL : bytes;
}
