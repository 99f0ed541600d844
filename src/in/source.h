/* A file's bytes: plain, gzip or zstd, told by content, through one buffer. */
#ifndef REFRAIN_IN_SOURCE_H
#define REFRAIN_IN_SOURCE_H

#include "base/base.h"

struct source;
struct source_options {
    uint64_t ratio_max, total_max;
};

/* What came of asking for more bytes. */
enum source_state { SOURCE_OK, SOURCE_END, SOURCE_BROKEN };

struct source *source_new(void); /* buffers are kept from file to file; NULL: out of memory */
void source_free(struct source *s);
/* Takes fd over. `read_bytes` grows by the bytes taken from fd. */
void source_start(struct source *s, int fd, const struct source_options *opt, _Atomic uint64_t *read_bytes);
void source_stop(struct source *s); /* closes */
void source_halt(struct source *s); /* from another thread: what is still read, or waited for, ends here */
/* Decoded bytes not yet taken are [*at, *end); more appends behind them where
 * there is room, so what is asked for again stays put until it is taken. */
enum source_state source_more(struct source *s);
const char *source_reason(const struct source *s);
int source_status(const struct source *s);

/* Window on the decoded bytes; the splitter advances `at`. */
struct window { char *at, *end; };
struct window *source_window(struct source *s);
size_t source_room(const struct source *s); /* how much one window can hold at most */
#endif
