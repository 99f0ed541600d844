/* Loaded before the command (LD_PRELOAD) to make the machine fail it:
 *
 *   FAULT_MALLOC=N        the Nth allocation fails; FAULT_MALLOC_ON=1: all after it too
 *   FAULT_COUNT=FILE      at exit, how many allocations there were
 *   FAULT_READ=short      no read brings more than seven bytes
 *   FAULT_READ=eintr      every second read is interrupted
 *   FAULT_TRUNCATE=FILE   FILE loses its second half at the third read
 *   FAULT_SOCKET=1        a socket ends the process with status 77 */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"

static bool read_short, read_eintr, no_socket;
static char cut_file[4096], count_file[4096];
static _Atomic unsigned reads;

static void text_of(char *out, size_t n, const char *name)
{
    const char *z = getenv(name);
    if (z) snprintf(out, n, "%s", z);
}

__attribute__((constructor)) static void begin(void)
{
    const char *z = getenv("FAULT_READ");
    read_short = z && !strcmp(z, "short");
    read_eintr = z && !strcmp(z, "eintr");
    no_socket = getenv("FAULT_SOCKET");
    text_of(cut_file, sizeof cut_file, "FAULT_TRUNCATE");
    text_of(count_file, sizeof count_file, "FAULT_COUNT");
    fault_calls = 0;
    fault_on = getenv("FAULT_MALLOC_ON") != NULL;
    if ((z = getenv("FAULT_MALLOC"))) fault_at = atol(z);
}

__attribute__((destructor)) static void end(void)
{
    long n = fault_calls;
    fault_at = 0;
    FILE *f = count_file[0] ? fopen(count_file, "w") : NULL;
    if (!f) return;
    fprintf(f, "%ld\n", n);
    fclose(f);
}

ssize_t read(int fd, void *to, size_t n)
{
    static ssize_t (*real)(int, void *, size_t);
    if (!real) real = (ssize_t (*)(int, void *, size_t))dlsym(RTLD_NEXT, "read");
    unsigned k = ++reads;
    struct stat st;
    if (cut_file[0] && k == 3 && stat(cut_file, &st) == 0 && truncate(cut_file, st.st_size / 2)) return -1;
    if (read_eintr && k % 2) return errno = EINTR, -1;
    return real(fd, to, read_short && n > 7 ? 7 : n);
}

int socket(int domain, int type, int protocol)
{
    if (no_socket) _exit(77);
    int (*real)(int, int, int) = (int (*)(int, int, int))dlsym(RTLD_NEXT, "socket");
    return real(domain, type, protocol);
}
