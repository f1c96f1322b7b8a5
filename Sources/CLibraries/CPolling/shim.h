#pragma once
#include <stddef.h>
#include <sys/epoll.h>

// Declared here, for <string.h> does so only with extensions that the other modules were built without.
extern void *memmem(const void *haystack, size_t haystacklen, const void *needle, size_t needlelen);
