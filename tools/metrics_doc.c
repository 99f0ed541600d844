/* The table of corpus metrics as Markdown, for docs/statistics.md (a test holds the two together):
 *   ninja -C build tools/metrics-doc && build/tools/metrics-doc */
#include <stdio.h>

#include "stats/metrics_write.h"

int main(void)
{
    struct buf b = {0};
    metrics_definitions_markdown(&b);
    fwrite(b.p, 1, b.n, stdout);
    buf_free(&b);
    return 0;
}
