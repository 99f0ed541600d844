/* Built-in lines plus an overlay → one indexed directory.
 *
 * Keys are the digits of a number in each usual writing, or a host name. The
 * index is built at load: 450 entries, about 1,500 keys, well under 1 ms. */
#include "helpline/near.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define STALE_DAYS 90 /* codebook: evidence older than this is a warning */

uint64_t number_key(const char *digits, size_t n)
{
    if (n == 0 || n > 17) return 0;
    uint64_t k = 1; /* keeps leading zeros apart */
    for (size_t i = 0; i < n; i++) k = k * 10 + (uint64_t)(digits[i] - '0');
    return k;
}

uint64_t host_key(str host)
{
    if (str_has_prefix(host, STR("www."))) host = str_sub(host, 4, host.n);
    return hash_bytes(host.p, host.n, 1) | 1ull << 63;
}

const struct ref *directory_find(const struct directory *d, uint64_t key)
{
    if (!key) return NULL;
    for (size_t i = hash_mix(key, 7) & (d->cap - 1); d->key[i]; i = (i + 1) & (d->cap - 1))
        if (d->key[i] == key) return &d->ref.p[d->head[i] - 1];
    return NULL;
}

static void add_key(struct directory *d, uint64_t key, uint32_t line, bool bad, enum key_how how)
{
    if (!key || d->ref.n * 2 >= d->cap) return; /* the table is sized for four times what the data needs */
    size_t i = hash_mix(key, 7) & (d->cap - 1);
    while (d->key[i] && d->key[i] != key) i = (i + 1) & (d->cap - 1);
    for (uint32_t r = d->head[i]; r; r = d->ref.p[r - 1].next)
        if (d->ref.p[r - 1].i == line && d->ref.p[r - 1].bad == bad) return;
    struct ref *ref = vec_push(&d->a, &d->ref);
    *ref = (struct ref){line, bad, (uint8_t)how, d->head[i]};
    d->key[i] = key;
    d->head[i] = (uint32_t)d->ref.n;
}

static unsigned code_number(const char *code) { return (unsigned)(unsigned char)code[0] << 8 | (unsigned char)code[1]; }

size_t country_index(const char *code) /* asked of every number of the directory at a start */
{
    size_t lo = 0, hi = n_builtin_country;
    if (!code[0] || !code[1] || code[2]) return n_builtin_country;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (code_number(builtin_country[mid].code) < code_number(code)) lo = mid + 1;
        else hi = mid;
    }
    return lo < n_builtin_country && code_number(builtin_country[lo].code) == code_number(code) ? lo : n_builtin_country;
}

/* Host of an address, or an empty view when `z` is a number. */
static str host_of(const char *z)
{
    const char *scheme = strstr(z, "://"), *h = scheme ? scheme + 3 : z;
    size_t n = strcspn(h, "/?#");
    bool letter = false;
    for (size_t i = 0; i < n; i++) letter |= h[i] >= 'a' && h[i] <= 'z';
    return (str){h, letter && memchr(h, '.', n) ? n : 0};
}

static void key2(struct directory *d, const char *pre, const char *digits, uint32_t i, bool bad, enum key_how how)
{
    char b[40];
    size_t n_pre = strlen(pre), n = strlen(digits);
    if (n_pre + n > sizeof b) return; /* no number is so long */
    memcpy(b, pre, n_pre);
    memcpy(b + n_pre, digits, n);
    add_key(d, number_key(b, n_pre + n), i, bad, how);
}

/* Every usual writing of one number: national, with calling code, with and without trunk prefix. */
static void add_number(struct directory *d, const char *dial, const char *country, bool sms, uint32_t i, bool bad)
{
    char dg[24];
    size_t n = 0;
    for (const char *c = dial; *c && n < sizeof dg - 1; c++)
        if (*c >= '0' && *c <= '9') dg[n++] = *c;
    dg[n] = 0;
    size_t ci = country_index(country);
    const char *cc = ci < n_builtin_country ? builtin_country[ci].call : "", *trunk = ci < n_builtin_country ? builtin_country[ci].trunk : "";
    size_t n_cc = strlen(cc), n_trunk = strlen(trunk);
    if (dial[0] == '+') {
        if (bad) { add_key(d, number_key(dg, n), i, true, KEY_PLUS); return; }
        add_key(d, number_key(dg, n), i, false, KEY_INTERNATIONAL);
        if (n_cc && strncmp(dg, cc, n_cc) == 0) {
            key2(d, trunk, dg + n_cc, i, false, KEY_DIALLED);
            key2(d, "", dg + n_cc, i, false, KEY_DIALLED);
        }
        return;
    }
    add_key(d, number_key(dg, n), i, bad, KEY_DIALLED);
    if (!n_cc) return;
    if (n <= 6) { /* a code: dialled as it stands; a calling code before it reaches nobody, but for 116 xxx and 13 xx xx */
        if (!bad) key2(d, cc, dg, i, bad, n == 6 && !sms ? KEY_INTERNATIONAL : KEY_FORCED);
    } else if (strcmp(cc, "1") == 0) {
        const char *nsn = n == 11 && dg[0] == '1' ? dg + 1 : dg;
        key2(d, "", nsn, i, bad, KEY_DIALLED), key2(d, "1", nsn, i, bad, KEY_DIALLED);
    } else {
        if (n_trunk && strncmp(dg, trunk, n_trunk) == 0) {
            key2(d, cc, dg + n_trunk, i, bad, KEY_INTERNATIONAL);
            key2(d, "", dg + n_trunk, i, bad, KEY_DIALLED);
        } else if (n_trunk)
            key2(d, trunk, dg, i, bad, KEY_DIALLED);
        key2(d, cc, dg, i, bad, KEY_INTERNATIONAL); /* also "+44 (0)800 …" */
    }
}

static void add_line(struct directory *d, uint32_t i)
{
    const struct dir_line *l = d->line[i];
    for (size_t k = 0; k == 0 || l->also[k - 1]; k++) {
        const char *dial = k ? l->also[k - 1] : l->dial;
        bool text = strncmp(dial, "text ", 5) == 0;
        str host = host_of(dial);
        if (host.n) add_key(d, host_key(host), i, false, KEY_SITE);
        else add_number(d, dial + (text ? 5 : 0), l->country, text || strcmp(l->channel, "sms") == 0, i, false);
        if (k == 0 && !*dial && !l->also[0]) break;
    }
    str host = host_of(l->url);
    if (host.n) add_key(d, host_key(host), i, false, KEY_SITE);
}

/* The name as a sentence would have it: "Trevor Project (TrevorLifeline)" → "trevor project". */
static const char *mention_of(struct arena *a, const char *name)
{
    size_t n = strcspn(name, "(");
    const char *dash = strstr(name, " - ");
    if (dash && (size_t)(dash - name) < n) n = (size_t)(dash - name);
    while (n && name[n - 1] == ' ') n--;
    char *z = (char *)arena_str(a, (str){name, n}).p;
    for (size_t i = 0; i < n; i++)
        if (z[i] >= 'A' && z[i] <= 'Z') z[i] = (char)(z[i] + 32);
    return z;
}

/* The row, and the source that vouches for its newest date. */
static const char *why_of(struct arena *a, const struct dir_line *l)
{
    const struct dir_evidence *e = l->evidence;
    for (const struct dir_evidence *x = e; *l->last_verified && x->source; x++)
        if (strstr(x->date, l->last_verified)) { e = x; break; }
    const char *const part[] = {l->id, ": ", e->source, ", ", e->date};
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(part); i++) n += strlen(part[i]);
    char *z = arena_raw(a, n + 1), *at = z;
    for (size_t i = 0; i < ARRAY_LEN(part); i++) at = stpcpy(at, part[i]);
    return z;
}

static int32_t civil_days(int y, int m, int dd)
{ /* H. Hinnant, days_from_civil */
    y -= m <= 2;
    int era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400, doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + dd - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

/* YYYY-MM-DD, as nearly all dates are: each start reads hundreds of them. */
static bool whole_date(const char *z, int *y, int *m, int *dd)
{
    static const char form[] = "0000-00-00";
    int v[10];
    for (size_t i = 0; form[i]; i++) {
        v[i] = z[i] - '0';
        if (form[i] == '-' ? z[i] != '-' : v[i] < 0 || v[i] > 9) return false;
    }
    *y = v[0] * 1000 + v[1] * 100 + v[2] * 10 + v[3], *m = v[5] * 10 + v[6], *dd = v[8] * 10 + v[9];
    return true;
}

int32_t date_days(const char *z)
{
    int y = 0, m = 1, dd = 1, n = whole_date(z, &y, &m, &dd) ? 3 : sscanf(z, "%4d-%2d-%2d", &y, &m, &dd);
    if (n < 1 || y < 1900 || y > 2200 || m < 1 || m > 12 || dd < 1 || dd > 31)
        return INT32_MIN;
    return civil_days(y, m, dd);
}

/* ---- overlay ---- */

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static int list_yaml(char **names, size_t cap, size_t *n, const char *dir, refrain_error *err)
{
    DIR *dp = opendir(dir);
    if (!dp) return errno == ENOMEM ? err_errno(err, dir) : err_set(err, REFRAIN_E_IO, "%s: cannot be read as a directory", dir);
    int rc = 0;
    for (struct dirent *e; !rc && (e = readdir(dp));) {
        size_t k = strlen(e->d_name);
        if (k <= 5 || e->d_name[0] == '.' || strcmp(e->d_name + k - 5, ".yaml") != 0) continue;
        if (*n == cap) rc = err_set(err, REFRAIN_E_LIMIT, "%s: more than %zu files", dir, cap);
        else if (!(names[(*n)++] = strdup(e->d_name))) --*n, rc = err_errno(err, dir);
    }
    closedir(dp);
    qsort(names, *n, sizeof *names, by_name);
    return rc;
}

struct loading {
    vec_of(const struct dir_line *) line;
    vec_of(const struct dir_bad *) bad;
    vec_of(const char *) off;
    vec_of(struct place_name) place;
    vec_of(const struct law *) law;
    uint64_t hash;
    char *file[512]; size_t n_file; /* names in the overlay, and the bytes of the one in hand: no arena owns them */
    char *bytes;
};

enum { MAX_OVERLAY_SERVICES = 100 }; /* their first words share a table of fixed size (self.c) */

/* An overlay's names come before the built-in ones, so that they win. */
static int merge_places(struct directory *d, struct loading *l, const struct dir_file *f, const char *path, refrain_error *err)
{
    size_t country = country_index(f->country), services = 0;
    for (size_t i = 0; i < f->place.n; i++) {
        struct place_name x = f->place.p[i];
        if (x.kind != PLACE_AMBIGUOUS && country == n_builtin_country)
            return err_set(err, REFRAIN_E_PACK, "%s: places of no known country; 'country' is '%s'", path, f->country);
        for (const char *z = x.name; *z; z++)
            if (*z >= 'A' && *z <= 'Z') return err_set(err, REFRAIN_E_PACK, "%s: '%s': places are written in lower case", path, x.name);
        if (!*x.name) return err_set(err, REFRAIN_E_PACK, "%s: a place without a name", path);
        x.country = x.kind == PLACE_AMBIGUOUS ? 255 : (uint8_t)country;
        *vec_push(&d->a, &l->place) = x;
    }
    for (size_t i = 0; i < l->place.n; i++) services += l->place.p[i].kind == PLACE_SERVICE;
    if (services > MAX_OVERLAY_SERVICES) return err_set(err, REFRAIN_E_PACK, "%s: more than %d services among the places", path, MAX_OVERLAY_SERVICES);
    return 0;
}

static int merge_laws(struct directory *d, struct loading *l, const struct dir_file *f, const char *path, refrain_error *err)
{
    for (size_t i = 0; i < f->law.n; i++) {
        const struct law *x = &f->law.p[i];
        if (*x->since && date_days(x->since) == INT32_MIN)
            return err_set(err, REFRAIN_E_PACK, "%s: law of '%s': since '%s' is no date; write YYYY-MM-DD", path, x->place, x->since);
        *vec_push(&d->a, &l->law) = x;
    }
    return 0;
}

const char *dir_id_prefix(char out[4], const struct dir_line *l)
{
    if (*l->country) snprintf(out, 4, "%c%c-", l->country[0] + 32, l->country[1] + 32);
    else memcpy(out, "int", 4);
    return out;
}

/* What `helplines lint` calls a mistake and would make a line of nowhere, or quietly take another country's place. */
static int check_country(const struct dir_file *f, const char *path, refrain_error *err)
{
    char prefix[4];
    if (*f->country && country_index(f->country) == n_builtin_country)
        return err_set(err, REFRAIN_E_PACK, "%s: '%s' is no country that the directory knows; an ISO 3166-1 alpha-2 "
                       "code such as GB, or \"\" for anywhere", path, f->country);
    for (size_t i = 0; i < f->line.n; i++)
        if (strncmp(f->line.p[i].id, dir_id_prefix(prefix, &f->line.p[i]), 3))
            return err_set(err, REFRAIN_E_PACK, "%s: %s: an id begins with its country: '%s'", path,
                           f->line.p[i].id, prefix);
    return 0;
}

static int merge_file(struct directory *d, struct loading *l, const char *path, refrain_error *err)
{
    size_t n;
    int rc = file_read(&l->bytes, &n, path, 16u << 20, err);
    if (rc) return rc;
    struct dir_file f;
    rc = dir_parse(&f, &d->a, path, (str){l->bytes, n}, err);
    l->hash = hash_bytes(l->bytes, n, l->hash);
    free(l->bytes);
    l->bytes = NULL;
    if (!rc) rc = check_country(&f, path, err);
    if (rc) return rc;
    for (size_t i = 0; i < f.line.n; i++) {
        size_t k = 0;
        while (k < l->line.n && strcmp(l->line.p[k]->id, f.line.p[i].id) != 0) k++;
        if (k == l->line.n) *vec_push(&d->a, &l->line) = &f.line.p[i];
        else l->line.p[k] = &f.line.p[i];
    }
    for (size_t i = 0; i < f.bad.n; i++) *vec_push(&d->a, &l->bad) = &f.bad.p[i];
    for (dir_list o = f.off; *o; o++) *vec_push(&d->a, &l->off) = *o;
    rc = merge_places(d, l, &f, path, err);
    return rc ? rc : merge_laws(d, l, &f, path, err);
}

static int merge_overlay(struct directory *d, struct loading *l, const char *dir, refrain_error *err)
{
    int rc = list_yaml(l->file, ARRAY_LEN(l->file), &l->n_file, dir, err);
    if (!rc && !l->n_file) rc = err_set(err, REFRAIN_E_PACK, "%s: no directory: no file NAME.yaml stands in it", dir);
    for (size_t i = 0; !rc && i < l->n_file; i++) {
        char path[4096];
        if ((size_t)snprintf(path, sizeof path, "%s/%s", dir, l->file[i]) < sizeof path) rc = merge_file(d, l, path, err);
        else rc = err_set(err, REFRAIN_E_LIMIT, "%s: the name of a file is too long", dir);
    }
    return rc;
}

static int switch_off(struct directory *d, const struct loading *l, const char *dir, refrain_error *err)
{
    for (size_t o = 0; o < l->off.n; o++) {
        size_t k = 0;
        while (k < d->n_line && strcmp(d->line[k]->id, l->off.p[o]) != 0) k++;
        if (k == d->n_line) return err_set(err, REFRAIN_E_PACK, "%s: 'off' names an unknown line '%s'", dir, l->off.p[o]);
        d->off[k] = true;
    }
    return 0;
}

/* ---- load ---- */

static void index_all(struct directory *d)
{
    for (d->cap = 1024; d->cap < (d->n_line + d->n_bad) * 16; d->cap *= 2) {}
    d->key = arena_array(&d->a, uint64_t, d->cap);
    d->head = arena_array(&d->a, uint32_t, d->cap);
    for (size_t i = 0; i < d->n_line; i++) add_line(d, (uint32_t)i);
    for (size_t i = 0; i < d->n_bad; i++) add_number(d, d->bad[i]->dial, d->bad[i]->country, false, (uint32_t)i, true);
    self_table(d);
    place_table(d);
    near_table(d);
    said_table(d);
    offer_table(d);
    word_table(d);
    d->place_cap = 4096;
    while (d->place_cap < d->n_name * 2) d->place_cap *= 2;
    d->place = arena_array(&d->a, struct place_slot, d->place_cap);
    for (size_t i = 0; i < d->n_name; i++) {
        uint64_t h = hash_bytes(d->name[i].name, strlen(d->name[i].name), 3);
        size_t k = h & (d->place_cap - 1);
        while (d->place[k].i) k = (k + 1) & (d->place_cap - 1);
        d->place[k] = (struct place_slot){h, (uint32_t)i + 1};
    }
}

static void date_lines(struct directory *d, uint64_t hash)
{
    const char *newest = "";
    for (size_t i = 0; i < d->n_line; i++) {
        int32_t t = date_days(d->line[i]->last_verified);
        d->stale[i] = t == INT32_MIN || d->as_of - t > (int32_t)d->stale_days;
        if (strcmp(d->line[i]->last_verified, newest) > 0) newest = d->line[i]->last_verified;
    }
    snprintf(d->version, sizeof d->version, "%s %016llx", newest, (unsigned long long)hash);
}

static void take_names(struct directory *d, const struct loading *l)
{
    d->name = builtin_place, d->n_name = n_builtin_place;
    if (l->place.n) {
        struct place_name *all = arena_array(&d->a, struct place_name, l->place.n + n_builtin_place);
        memcpy(all, l->place.p, l->place.n * sizeof *all);
        memcpy(all + l->place.n, builtin_place, n_builtin_place * sizeof *all);
        d->name = all, d->n_name = l->place.n + n_builtin_place;
    }
    d->n_law = l->law.n;
    d->law = arena_array(&d->a, const struct law *, l->law.n + 1);
    for (size_t i = 0; i < l->law.n; i++) d->law[i] = l->law.p[l->law.n - 1 - i];
}

static int fill(struct directory *d, struct loading *l, const struct directory_options *opt, refrain_error *err)
{
    for (size_t i = 0; i < n_builtin_line; i++) *vec_push(&d->a, &l->line) = &builtin_line[i];
    for (size_t i = 0; i < n_builtin_bad; i++) *vec_push(&d->a, &l->bad) = &builtin_bad[i];
    const char *overlay = opt ? opt->overlay : NULL;
    int rc = overlay ? merge_overlay(d, l, overlay, err) : 0;
    if (rc) return rc;
    take_names(d, l);
    d->line = l->line.p, d->n_line = l->line.n;
    d->bad = l->bad.p, d->n_bad = l->bad.n;
    d->stale = arena_array(&d->a, bool, d->n_line + 1);
    d->off = arena_array(&d->a, bool, d->n_line + 1);
    d->mention = arena_array(&d->a, const char *, d->n_line + 1);
    for (size_t i = 0; i < d->n_line; i++) d->mention[i] = mention_of(&d->a, d->line[i]->name);
    d->why = arena_array(&d->a, const char *, d->n_line + 1);
    for (size_t i = 0; i < d->n_line; i++) d->why[i] = why_of(&d->a, d->line[i]);
    d->bad_mention = arena_array(&d->a, const char *, d->n_bad + 1);
    for (size_t i = 0; i < d->n_bad; i++) d->bad_mention[i] = mention_of(&d->a, d->bad[i]->presented_as);
    rc = switch_off(d, l, overlay, err);
    if (rc) return rc;
    index_all(d);
    d->stale_days = opt && opt->stale_days ? opt->stale_days : STALE_DAYS;
    d->as_of = (int32_t)(time(NULL) / 86400);
    if (opt && opt->as_of) {
        d->as_of = strlen(opt->as_of) == 10 ? date_days(opt->as_of) : INT32_MIN;
        if (d->as_of == INT32_MIN) return err_set(err, REFRAIN_E_USAGE, "'%s' is no date; write YYYY-MM-DD", opt->as_of);
    }
    date_lines(d, l->hash);
    return 0;
}

int directory_load(struct directory **out, const struct directory_options *opt, refrain_error *err)
{
    *out = NULL;
    struct directory *d = calloc(1, sizeof *d);
    if (!d) return err_set(err, REFRAIN_E_NOMEM, "out of memory");
    arena_init(&d->a, 0);
    struct loading l = {.hash = builtin_directory_hash};
    jmp_buf oom;
    volatile int rc;
    if (setjmp(oom) == 0) {
        d->a.on_oom = &oom;
        rc = fill(d, &l, opt, err);
    } else
        rc = err_set(err, REFRAIN_E_NOMEM, "out of memory");
    d->a.on_oom = NULL;
    free(l.bytes);
    for (size_t i = 0; i < l.n_file; i++) free(l.file[i]);
    if (rc) directory_free(d);
    else *out = d;
    return rc;
}

void directory_free(struct directory *d)
{
    if (!d) return;
    arena_free(&d->a);
    free(d);
}

const char *directory_version(const struct directory *d) { return d->version; }
