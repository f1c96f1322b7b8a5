#ifndef CCONFINEMENT_H
#define CCONFINEMENT_H

// Confines the calling thread, and every thread it starts afterwards, for good: files through Landlock, system
// calls through seccomp. Functions return 0 or an errno value unless they say otherwise.

/// The kernel's Landlock version; 0 when it offers none.
int lumiere_landlock_version(void);

/// Starts a set of rules that forbids every access to files, and TCP and foreign signals where the kernel can.
/// - Returns: a descriptor for the two functions below, or a negated errno value.
int lumiere_landlock_begin(void);

/// Allows reading `path` and what lies beneath, and changing it too when `writable` is not 0.
int lumiere_landlock_allow(int ruleset, const char *path, int writable);

/// Enforces the rules and closes the descriptor. Descriptors that are already open stay usable.
int lumiere_landlock_enforce(int ruleset);

/// Refuses (EPERM) sockets, new processes and programs, the memory, descriptors, signals and limits of other processes,
/// changes to a file's owner, mode, times and links, and the system calls that lead out of a sandbox or need an
/// administrator. Calls newer than this list do not exist (ENOSYS).
int lumiere_seccomp_enforce(void);

#endif
