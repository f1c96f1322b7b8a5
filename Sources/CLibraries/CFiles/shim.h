// Of glibc and the kernel, what Swift does not import: declared only with _GNU_SOURCE, or in headers of no module.
#pragma once

#include <linux/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>

// sync_file_range(2), Linux. Both offsets are 64 bits wide on the platforms this is built for.
int sync_file_range(int fd, long offset, long count, unsigned int flags);

// Begins to write dirty pages to the disk and does not wait for them.
static const unsigned int CFILES_SYNC_FILE_RANGE_WRITE = 2;

// copy_file_range(2), Linux. Offsets and lengths are 64 bits wide on the platforms this is built for.
long copy_file_range(int in, long *in_offset, int out, long *out_offset, unsigned long length, unsigned int flags);

// statx(2): which file of its file system a path names, and when that came into being: seconds and nanoseconds since 1970.
// Together they are never given out again. Not 0 when there is no such file, or its file system does not tell.
int statx(int folder, const char *path, int flags, unsigned int mask, struct statx *result);

struct CFilesIdentity {
    unsigned long long inode;
    long long seconds;
    unsigned int nanoseconds;
};

static inline int cfiles_identity(const char *path, struct CFilesIdentity *identity) {
    const unsigned int wanted = STATX_INO | STATX_BTIME;
    const int current_folder = -100;
    struct statx found;
    if (statx(current_folder, path, 0, wanted, &found) != 0 || (found.stx_mask & wanted) != wanted) return -1;
    identity->inode = found.stx_ino;
    identity->seconds = found.stx_btime.tv_sec;
    identity->nanoseconds = found.stx_btime.tv_nsec;
    return 0;
}

long syscall(long number, ...);

// openat2(2), Linux 5.6, which glibc does not wrap: opens below a folder, following no link on the way.
static inline int cfiles_open_beneath(int folder, const char *path, int flags) {
    // RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH, of linux/openat2.h.
    struct { unsigned long long flags, mode, resolve; } how = {(unsigned int)flags, 0, 0x04 | 0x08};
    return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}

// preadv2(2) of one byte with RWF_NOWAIT: 1 when it is in memory, 0 behind the end of the file, -1 when it would have to be
// waited for or the file system cannot tell.
static inline int cfiles_peek(int file, long offset) {
    const int RWF_NOWAIT_FLAG = 0x08;
    char byte;
    struct { void *base; unsigned long length; } vector = {&byte, 1};
    return (int)syscall(SYS_preadv2, file, &vector, 1L, offset, 0L, RWF_NOWAIT_FLAG);
}

// cachestat(2), Linux 6.5: how many pages of a part of a file are not in the page cache; -1 when the kernel cannot tell.
static inline long cfiles_holes(int file, unsigned long long offset, unsigned long long length) {
    const long cachestat_number = 451, page = 4096;
    struct { unsigned long long offset, length; } range = {offset, length};
    struct { unsigned long long cached, dirty, writeback, evicted, recently_evicted; } found;
    if (syscall(cachestat_number, file, &range, &found, 0) != 0) return -1;
    unsigned long long pages = (offset + length - 1) / page - offset / page + 1;
    return found.cached >= pages ? 0 : (long)(pages - found.cached);
}
