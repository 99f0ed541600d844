/* Runs a fuzz target over every file of the given folders, and over every cut
 * of each small one that has a name (libFuzzer's own, named by a hash, are many),
 * as one TAP case a file. The target aborts on a failure. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CUTS_BELOW = 600 };

static void replay(const char *path, int n)
{
    char *bytes;
    size_t size;
    if (file_read(&bytes, &size, path, 1 << 20, NULL)) {
        printf("not ok %d - %s: unreadable\n", n, path);
        return;
    }
    LLVMFuzzerTestOneInput((const uint8_t *)bytes, size);
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    bool hash = strlen(name) == 40 && strspn(name, "0123456789abcdef") == 40;
    for (size_t cut = 0; !hash && size < CUTS_BELOW && cut < size; cut++) LLVMFuzzerTestOneInput((const uint8_t *)bytes, cut);
    free(bytes);
    printf("ok %d - %s\n", n, name);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    int n = 0;
    for (int i = 1; i < argc; i++) {
        struct dirent **list;
        int count = scandir(argv[i], &list, NULL, alphasort);
        for (int k = 0; k < count; k++) {
            char path[4096];
            snprintf(path, sizeof path, "%s/%s", argv[i], list[k]->d_name);
            if (list[k]->d_name[0] != '.') replay(path, ++n);
            free(list[k]);
        }
        if (count >= 0) free(list);
    }
    printf("1..%d\n", n);
    return n == 0;
}
