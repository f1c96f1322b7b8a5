#define _GNU_SOURCE
#include "CConfinement.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// MARK: Landlock (Documentation/userspace-api/landlock.rst), whose headers may be older than the running kernel

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

enum {
    CREATE_RULESET_VERSION = 1,
    RULE_PATH_BENEATH = 1,
};

static const uint64_t FS_EXECUTE = 1 << 0, FS_WRITE_FILE = 1 << 1, FS_READ_FILE = 1 << 2, FS_READ_DIR = 1 << 3;
static const uint64_t FS_REMOVE_FILE = 1 << 5, FS_MAKE_REG = 1 << 8, FS_TRUNCATE = 1 << 14;
static const uint64_t FS_VERSION_1 = (1 << 13) - 1, FS_REFER = 1 << 13, FS_IOCTL_DEV = 1 << 15;
static const uint64_t NET_BIND_AND_CONNECT_TCP = 3, SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS = 3;

struct ruleset_attributes {
    uint64_t handled_fs, handled_net, scoped;
};

struct path_beneath_attributes {
    uint64_t allowed;
    int32_t parent;
} __attribute__((packed));

int lumiere_landlock_version(void) {
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);
    return version > 0 ? (int)version : 0;
}

/// All rights to files that the kernel can forbid; naming one that it does not know would be an error.
static uint64_t known_rights(int version) {
    uint64_t rights = FS_VERSION_1;
    if (version >= 2) rights |= FS_REFER;
    if (version >= 3) rights |= FS_TRUNCATE;
    if (version >= 5) rights |= FS_IOCTL_DEV;
    return rights;
}

int lumiere_landlock_begin(void) {
    int version = lumiere_landlock_version();
    if (version == 0) return -ENOSYS;
    struct ruleset_attributes attributes = {.handled_fs = known_rights(version)};
    size_t size = offsetof(struct ruleset_attributes, handled_net);
    if (version >= 4) {
        attributes.handled_net = NET_BIND_AND_CONNECT_TCP;
        size = offsetof(struct ruleset_attributes, scoped);
    }
    if (version >= 6) {
        attributes.scoped = SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS;
        size = sizeof attributes;
    }
    long ruleset = syscall(SYS_landlock_create_ruleset, &attributes, size, 0);
    return ruleset < 0 ? -errno : (int)ruleset;
}

int lumiere_landlock_allow(int ruleset, const char *path, int writable) {
    int parent = open(path, O_PATH | O_CLOEXEC);
    if (parent < 0) return errno;
    uint64_t rights = FS_READ_FILE | FS_READ_DIR;
    if (writable) rights |= FS_WRITE_FILE | FS_MAKE_REG | FS_REMOVE_FILE | FS_TRUNCATE;
    rights &= known_rights(lumiere_landlock_version());
    struct stat status;
    // Rights that only make sense for a folder are an error on a file.
    if (fstat(parent, &status) == 0 && !S_ISDIR(status.st_mode)) rights &= FS_READ_FILE | FS_WRITE_FILE | FS_TRUNCATE;
    struct path_beneath_attributes rule = {.allowed = rights, .parent = parent};
    int failure = syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0) ? errno : 0;
    close(parent);
    return failure;
}

int lumiere_landlock_enforce(int ruleset) {
    int failure = 0;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(SYS_landlock_restrict_self, ruleset, 0)) failure = errno;
    close(ruleset);
    return failure;
}

// MARK: seccomp

// Newer than some C libraries' headers; one number for all architectures.
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
#ifndef SYS_setxattrat
#define SYS_setxattrat 463
#define SYS_removexattrat 466
#endif

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#ifdef ARCHITECTURE

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ANSWER(value) BPF_STMT(BPF_RET | BPF_K, value)
#define REFUSE SECCOMP_RET_ERRNO | EPERM
#define NO_SUCH_CALL SECCOMP_RET_ERRNO | ENOSYS
// The answer follows the comparison: taken when equal, jumped over otherwise.
#define REFUSE_CALL(number) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), ANSWER(REFUSE)
// Calls for which the first argument decides: those where it is `value` are allowed. It has 32 bits: the kernel looks
// at no more of it.
#define REFUSE_UNLESS_FIRST_IS(value, number) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 4), LOAD(args[0]), \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1), ANSWER(SECCOMP_RET_ALLOW), ANSWER(REFUSE)

// Opening for reading empties a file if it is asked to, and Landlock before version 3 does not see that.
#define REFUSE_EMPTYING(number, flags) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 5), LOAD(flags), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, O_TRUNC | O_ACCMODE), \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, O_TRUNC, 0, 1), ANSWER(REFUSE), ANSWER(SECCOMP_RET_ALLOW)

static const struct sock_filter refusals[] = {
    LOAD(arch),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
    ANSWER(SECCOMP_RET_KILL_PROCESS),
    LOAD(nr),
    // Calls that came after removexattrat, whatever they may do; the C library knows how to do without. The x32 numbers,
    // a second way to every call below, are higher still.
    BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, SYS_removexattrat, 0, 1), ANSWER(NO_SUCH_CALL),
#if defined(__x86_64__)
    REFUSE_CALL(SYS_fork), REFUSE_CALL(SYS_vfork),
    REFUSE_CALL(SYS_chmod), REFUSE_CALL(SYS_chown), REFUSE_CALL(SYS_lchown), REFUSE_CALL(SYS_link),
    REFUSE_CALL(SYS_utime), REFUSE_CALL(SYS_utimes), REFUSE_CALL(SYS_futimesat),
    REFUSE_CALL(SYS_iopl), REFUSE_CALL(SYS_ioperm),
    REFUSE_EMPTYING(SYS_open, args[1]),
#endif
    REFUSE_EMPTYING(SYS_openat, args[2]),
    // Its flags lie in memory; the C library uses the others.
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1), ANSWER(NO_SUCH_CALL),
    REFUSE_CALL(SYS_socket), REFUSE_CALL(SYS_socketpair), REFUSE_CALL(SYS_connect), REFUSE_CALL(SYS_bind),
    REFUSE_CALL(SYS_listen), REFUSE_CALL(SYS_accept), REFUSE_CALL(SYS_accept4), REFUSE_CALL(SYS_sendto),
    REFUSE_CALL(SYS_sendmsg), REFUSE_CALL(SYS_sendmmsg),
    // io_uring can open sockets without any of the calls above.
    REFUSE_CALL(SYS_io_uring_setup), REFUSE_CALL(SYS_io_uring_enter), REFUSE_CALL(SYS_io_uring_register),
    REFUSE_CALL(SYS_execve), REFUSE_CALL(SYS_execveat),
    // The memory and the descriptors of other processes of the same user, the server's first of all.
    REFUSE_CALL(SYS_ptrace), REFUSE_CALL(SYS_process_vm_readv), REFUSE_CALL(SYS_process_vm_writev),
    REFUSE_CALL(SYS_process_madvise), REFUSE_CALL(SYS_process_mrelease), REFUSE_CALL(SYS_move_pages),
    REFUSE_CALL(SYS_migrate_pages), REFUSE_CALL(SYS_pidfd_open), REFUSE_CALL(SYS_pidfd_getfd), REFUSE_CALL(SYS_kcmp),
    REFUSE_CALL(SYS_shmget), REFUSE_CALL(SYS_shmat), REFUSE_CALL(SYS_shmctl), REFUSE_CALL(SYS_semget),
    REFUSE_CALL(SYS_semop), REFUSE_CALL(SYS_semtimedop), REFUSE_CALL(SYS_semctl), REFUSE_CALL(SYS_msgget),
    REFUSE_CALL(SYS_msgsnd), REFUSE_CALL(SYS_msgrcv), REFUSE_CALL(SYS_msgctl), REFUSE_CALL(SYS_mq_open),
    REFUSE_CALL(SYS_mq_unlink),
    // Parts of the kernel that have let many a program out of its sandbox.
    REFUSE_CALL(SYS_bpf), REFUSE_CALL(SYS_perf_event_open), REFUSE_CALL(SYS_userfaultfd), REFUSE_CALL(SYS_keyctl),
    REFUSE_CALL(SYS_add_key), REFUSE_CALL(SYS_request_key), REFUSE_CALL(SYS_fanotify_init),
    REFUSE_CALL(SYS_open_by_handle_at), REFUSE_CALL(SYS_unshare), REFUSE_CALL(SYS_setns),
    REFUSE_CALL(SYS_chroot), REFUSE_CALL(SYS_pivot_root), REFUSE_CALL(SYS_mount), REFUSE_CALL(SYS_umount2),
    REFUSE_CALL(SYS_open_tree), REFUSE_CALL(SYS_move_mount), REFUSE_CALL(SYS_fsopen), REFUSE_CALL(SYS_fsconfig),
    REFUSE_CALL(SYS_fsmount), REFUSE_CALL(SYS_fspick), REFUSE_CALL(SYS_mount_setattr),
    // An administrator's calls: a server may run as one.
    REFUSE_CALL(SYS_reboot), REFUSE_CALL(SYS_swapon), REFUSE_CALL(SYS_swapoff), REFUSE_CALL(SYS_kexec_load),
    REFUSE_CALL(SYS_kexec_file_load), REFUSE_CALL(SYS_init_module), REFUSE_CALL(SYS_finit_module),
    REFUSE_CALL(SYS_delete_module), REFUSE_CALL(SYS_acct), REFUSE_CALL(SYS_quotactl), REFUSE_CALL(SYS_quotactl_fd),
    REFUSE_CALL(SYS_settimeofday), REFUSE_CALL(SYS_clock_settime), REFUSE_CALL(SYS_sethostname),
    REFUSE_CALL(SYS_setdomainname), REFUSE_CALL(SYS_syslog),
    // Landlock does not know what a file bears besides its content, and before version 3 not truncation either. A
    // descriptor opened for reading is enough for fchmod and its like.
    REFUSE_CALL(SYS_truncate), REFUSE_CALL(SYS_linkat), REFUSE_CALL(SYS_utimensat),
    REFUSE_CALL(SYS_fchmod), REFUSE_CALL(SYS_fchmodat), REFUSE_CALL(SYS_fchmodat2), REFUSE_CALL(SYS_fchown),
    REFUSE_CALL(SYS_fchownat), REFUSE_CALL(SYS_setxattr), REFUSE_CALL(SYS_lsetxattr), REFUSE_CALL(SYS_fsetxattr),
    REFUSE_CALL(SYS_setxattrat), REFUSE_CALL(SYS_removexattr), REFUSE_CALL(SYS_lremovexattr),
    REFUSE_CALL(SYS_fremovexattr), REFUSE_CALL(SYS_removexattrat),
    // Landlock keeps signals in from version 6 on only.
    REFUSE_CALL(SYS_kill), REFUSE_CALL(SYS_tkill), REFUSE_CALL(SYS_pidfd_send_signal), REFUSE_CALL(SYS_rt_sigqueueinfo),
    REFUSE_CALL(SYS_rt_tgsigqueueinfo),
    // The C library's own limits are those of process 0, the caller; any other number may be another process.
    REFUSE_UNLESS_FIRST_IS(0, SYS_prlimit64),
    // clone3 hides its flags in memory, out of a filter's reach; ENOSYS makes the C library fall back to clone,
    // which may start threads but no processes.
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1), ANSWER(NO_SUCH_CALL),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3),
    LOAD(args[0]),
    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0),
    ANSWER(REFUSE),
    ANSWER(SECCOMP_RET_ALLOW),
};

static int enforce(const struct sock_filter *filter, unsigned short length) {
    struct sock_fprog program = {.len = length, .filter = (struct sock_filter *)filter};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) ? errno : 0;
}

int lumiere_seccomp_enforce(void) {
    // abort needs tgkill; the other filter has seen to the architecture.
    const struct sock_filter own_signals[] = {
        LOAD(nr),
        REFUSE_UNLESS_FIRST_IS((uint32_t)getpid(), SYS_tgkill),
        ANSWER(SECCOMP_RET_ALLOW),
    };
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) return errno;
    int failure = enforce(refusals, sizeof refusals / sizeof *refusals);
    return failure ? failure : enforce(own_signals, sizeof own_signals / sizeof *own_signals);
}

#else

int lumiere_seccomp_enforce(void) { return ENOSYS; }

#endif
