#include <libpq-fe.h>

// OpenSSL keeps something for every thread in which libpq has used it, and gives it back when the thread ends. That may be
// while the process ends too, when OpenSSL has cleaned up after itself already: so it must not.
int OPENSSL_init_crypto(unsigned long options, const void *settings);

static inline int cpostgres_keep_openssl(void) {
    const unsigned long no_atexit = 0x00080000;  // OPENSSL_INIT_NO_ATEXIT of openssl/crypto.h
    return OPENSSL_init_crypto(no_atexit, 0);
}
