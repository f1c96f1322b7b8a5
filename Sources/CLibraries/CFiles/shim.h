// Of glibc, what Swift does not import because it is only there with _GNU_SOURCE.
#pragma once

// sync_file_range(2), Linux. Both offsets are 64 bits wide on the platforms this is built for.
int sync_file_range(int fd, long offset, long count, unsigned int flags);

// Begins to write dirty pages to the disk and does not wait for them.
static const unsigned int CFILES_SYNC_FILE_RANGE_WRITE = 2;

// copy_file_range(2), Linux. Offsets and lengths are 64 bits wide on the platforms this is built for.
long copy_file_range(int in, long *in_offset, int out, long *out_offset, unsigned long length, unsigned int flags);
