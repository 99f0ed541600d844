/* malloc and its kin for a test program: counted, and made to fail at a chosen
 * call. Libraries that the program uses (yyjson, libcyaml, zlib) and libc itself
 * come through here too. Not under a sanitizer, which has a malloc of its own. */
#ifndef FAULT_ALLOC_H
#define FAULT_ALLOC_H

#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define FAULT_OFF 1
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define FAULT_OFF 1
#endif
#endif

/* Of this process: calls so far, blocks not freed, the call that fails (0: none), and whether all after it do. */
static _Atomic long fault_calls, fault_live, fault_at;
static _Atomic bool fault_on;

#ifndef FAULT_OFF
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t align, size_t n);
void __libc_free(void *p);

static bool fault_now(void)
{
    long n = ++fault_calls, at = fault_at;
    bool now = at && (fault_on ? n >= at : n == at);
    if (now) errno = ENOMEM;
    return now;
}

static void *fault_given(void *p)
{
    fault_live += p != NULL;
    return p;
}

void *malloc(size_t n) { return fault_now() ? NULL : fault_given(__libc_malloc(n)); }
void *calloc(size_t n, size_t size) { return fault_now() ? NULL : fault_given(__libc_calloc(n, size)); }
void *memalign(size_t align, size_t n) { return fault_now() ? NULL : fault_given(__libc_memalign(align, n)); }
void *aligned_alloc(size_t align, size_t n) { return memalign(align, n); }

void *realloc(void *p, size_t n)
{
    if (fault_now()) return NULL;
    if (p && n) return __libc_realloc(p, n);
    void *out = __libc_realloc(p, n);
    fault_live += (out != NULL) - (p != NULL);
    return out;
}

void free(void *p)
{
    fault_live -= p != NULL;
    __libc_free(p);
}
#endif

#endif
