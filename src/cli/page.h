/* A store → the web page of `refrain report`: one HTML file that carries its
 * data (docs/reading-a-report.md, "The data in the page").
 *
 * In: an open store. Out: the template of web/ with three kinds of blocks in
 * it: `meta` (JSON), `columns` (one compressed block of little-endian arrays,
 * a value a row) and d0, d1, … (codes, spans and turns, 64 conversations a
 * block). A row is an episode, or a reply outside any episode at which a gate
 * fired or a wrong contact was given. The page owns everything until it ends. */
#ifndef REFRAIN_CLI_PAGE_H
#define REFRAIN_CLI_PAGE_H

#include <sqlite3.h>

#include "cli/cli.h"
#include "out/store.h"

struct page_options {
    uint64_t details;       /* conversations whose codes and turns may go in, worst first … */
    uint64_t detail_bytes;  /* … until they take this much of the file */
    unsigned threads;
    uint32_t draws;         /* of the bootstrap, for tests that need no intervals; 0: as many as these take */
};

/* 0; FAILED after a line, or SINK_CLOSED. */
int page_write(struct sink *out, sqlite3 *db, const struct store_run *run, const struct page_options *o);

/* ---- between page*.c ---- */

enum {
    PAGE_CHUNK = 64,            /* conversations, or … */
    PAGE_CHUNK_BYTES = 4 << 20, /* … bytes of JSON: what is read to open one of them */
    PAGE_OUTSIDE = 255, /* episode of a row that is no episode */
    PAGE_NONE8 = 255,   /* a code without a value; risk that was not read */
    PAGE_NONE16 = 65535,
    PAGE_RISK_X = 6,
    PAGE_FOLLOWED = 1 << 12, /* in next: the person wrote again, whatever it was */
    PAGE_CONTACTS = 200 /* wrong contacts listed */
};
#define PAGE_NO_ROW UINT32_MAX

struct page_row {
    uint32_t conversation, conv; /* id in the store; place in the page */
    uint32_t ordinal;            /* as read: ties, and the way from episode to row */
    uint16_t anchor, next, flags, gc, gs; /* gc, gs: bit per gate id, confirmed and suspected */
    uint16_t score[10];          /* tenths of points, P1 user, P1 mhp, … */
    uint8_t episode, refusals, rtype, decision, quadrant, end, decay;
    uint8_t risk, top;           /* when first refused; the highest from there to the end of the episode */
    uint64_t rank;
};

struct page {
    sqlite3 *db;
    const struct store_run *run;
    const struct page_options *o;
    struct arena a;
    refrain_error err;
    vec_of(struct page_row) row;
    size_t n_episode;
    uint32_t n_conversation;     /* ids in the store are below it */
    uint32_t *first;             /* [n_conversation] ordinal of its first episode */
    uint32_t *outside;           /* [n_conversation] ordinal of its row outside episodes */
    uint32_t *conv_of;           /* [n_conversation] place in the page */
    uint32_t *place;             /* [row.n] ordinal → row */
    uint32_t *conversation;      /* [n_conv] place in the page → id in the store */
    uint32_t n_conv;
    uint32_t n_detailed;         /* conversations whose codes and turns are in the page */
    struct buf chunks;           /* JSON: at which conversation each chunk begins */
    struct buf columns;          /* the arrays */
    struct buf dir[2];           /* JSON of where they are: rows, conversations */
    struct buf dict;             /* JSON of the dictionaries */
    struct buf construct;        /* JSON of the constructs, with the categories that occur */
    sqlite3_stmt *detail[8];     /* page_detail's */
    struct page_figures *figures; /* under way, or NULL */
};

/* Errors go to page.err; after one, nothing is returned any more. */
sqlite3_stmt *page_query(struct page *p, const char *sql);
bool page_step(struct page *p, sqlite3_stmt *q); /* is there a row? NULL: no */
bool page_next(struct page *p, sqlite3_stmt *q); /* the same, and finalizes at the end */
str page_text(sqlite3_stmt *q, int column);
/* Index of a name among n (entries may be NULL), or `otherwise`. */
size_t page_name(str name, const char *const *names, size_t n, size_t otherwise);

bool page_rows(struct page *p);        /* page_rows.c: row, sorted worst first, and the maps */
bool page_columns(struct page *p);     /* page_columns.c */
bool page_meta(struct page *p, struct buf *b);    /* page_meta.c: JSON, without what could end a script element */
/* page_figures.c: "metrics", "draws" and "groups" of meta. What was begun must be ended; b NULL: unread. */
struct page_figures *page_figures_begin(const struct page *p);
void page_figures_end(struct page_figures *f, struct buf *b, refrain_error *err);
/* page_detail.c: JSON of a chunk; returns where the next begins. */
uint32_t page_detail(struct page *p, uint32_t from, uint32_t to, struct buf *b);

#endif
