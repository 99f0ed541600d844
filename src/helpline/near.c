/* Look-alikes: a number one slip away from a line of the directory. Reported,
 * never corrected: it may be somebody's real number. */
#include "helpline/near.h"

/* Edit distance of exactly one: a digit changed, missing, added, or two neighbours swapped. */
static bool one_slip(const char *a, size_t n, const char *b, size_t m)
{
    size_t p = 0, s = 0;
    while (p < n && p < m && a[p] == b[p]) p++;
    while (s < n - p && s < m - p && a[n - 1 - s] == b[m - 1 - s]) s++;
    size_t x = n - p - s, y = m - p - s;
    if (x + y == 0) return false;
    if (x <= 1 && y <= 1) return true;
    return x == 2 && y == 2 && a[p] == b[p + 1] && a[p + 1] == b[p];
}

static size_t digits_of(char *out, size_t cap, const char *z)
{
    size_t n = 0;
    for (; *z && n < cap; z++)
        if (*z >= '0' && *z <= '9') out[n++] = *z;
    return n;
}

static void site_table(struct directory *d)
{
    d->site = arena_alloc(&d->a, sizeof *d->site * (d->n_line + 1));
    for (size_t i = 0; i < d->n_line; i++) {
        const char *u = strstr(d->line[i]->url, "://");
        if (!u) continue;
        u += 3;
        if (strncmp(u, "www.", 4) == 0) u += 4;
        size_t n = strcspn(u, "/"), k = strcspn(u, ".");
        if (k < 8 || k > n || n > 255) continue;
        d->site[i].host = u, d->site[i].n = (uint8_t)n, d->site[i].dot = (uint8_t)k;
        d->site[i].web = strncmp(d->line[i]->channel, "web", 3) == 0;
    }
}

/* ---- which numbers may be near one ----
 * Two numbers one slip apart are equal once a digit is left out of each, or of one. So a number can be near a line only
 * when it, or it with a digit left out, is in the set of the lines' numbers, whole and with a digit left out. */

enum { NEAR_BITS = 1 << 19 };

static uint32_t near_hash(uint64_t value, size_t n) { return (uint32_t)((value * 16 + n) * 0x9E3779B97F4A7C15ull >> 45); }

/* hash[0]: of all n digits; hash[1 + i]: without digit i. n at most 19. */
static void hashes_of(uint32_t hash[static 20], const char *z, size_t n)
{
    uint64_t whole = 0, head = 0, tail = 0, ten[20] = {1};
    for (size_t i = 0; i < n; i++) whole = whole * 10 + (uint64_t)(z[i] - '0'), ten[i + 1] = ten[i] * 10;
    hash[0] = near_hash(whole, n);
    for (size_t i = 0; i < n; i++) {
        uint64_t digit = (uint64_t)(z[i] - '0') * ten[n - 1 - i];
        tail = whole - head * ten[n - i] - digit; /* of the digits behind i */
        hash[1 + i] = near_hash(head * ten[n - 1 - i] + tail, n - 1);
        head = head * 10 + (uint64_t)(z[i] - '0');
    }
}

static void near_add(struct directory *d, const char *z, size_t n)
{
    uint32_t hash[20];
    if (n > 19) return; /* nor is a number of the text so long */
    hashes_of(hash, z, n);
    for (size_t i = 0; i <= n; i++) d->near_bit[hash[i] >> 6] |= 1ull << (hash[i] & 63);
}

static bool near_some(const struct directory *d, const char *z, size_t n)
{
    uint32_t hash[20];
    hashes_of(hash, z, n);
    for (size_t i = 0; i <= n; i++)
        if (d->near_bit[hash[i] >> 6] >> (hash[i] & 63) & 1) return true;
    return false;
}

/* Calling codes of one to four digits, each a bit: number and length in one. */
enum { MOST_CALL = 4, CALL_BITS = 20000 };
static uint32_t call_bit(const char *z, size_t n)
{
    uint32_t v = 0, ten = 1;
    for (size_t i = 0; i < n; i++) v = v * 10 + (uint32_t)(z[i] - '0'), ten *= 10;
    return v + ten; /* below CALL_BITS */
}

/* Digits as printed, or behind a calling code that some line has. */
static bool near_possible(const struct directory *d, const struct raw *r)
{
    const char *z = r->digit;
    size_t n = r->n_digit;
    if (!r->plus) return near_some(d, z, n) || (n == 11 && *z == '1' && near_some(d, z + 1, n - 1));
    if (n > 2 && memcmp(z, "00", 2) == 0) z += 2, n -= 2;
    for (size_t cc = 1; cc <= MOST_CALL && cc < n; cc++) {
        uint32_t bit = call_bit(z, cc);
        if ((d->near_call[bit >> 6] >> (bit & 63) & 1) && near_some(d, z + cc, n - cc)) return true;
    }
    return false;
}

void near_table(struct directory *d)
{
    site_table(d);
    d->near_bit = arena_array(&d->a, uint64_t, NEAR_BITS / 64);
    d->near_call = arena_array(&d->a, uint64_t, CALL_BITS / 64 + 1);
    d->near = arena_alloc(&d->a, sizeof *d->near * (d->n_line + 1));
    for (size_t i = 0; i < d->n_line; i++) {
        const struct dir_line *l = d->line[i];
        size_t ci = country_index(l->country), n;
        if (ci == n_builtin_country || strcmp(l->status, "current") != 0 || strcmp(l->service, "emergency") == 0) continue;
        if (strchr(l->dial, '/') || (n = digits_of(d->near[i].digit, sizeof d->near[i].digit, l->dial)) < 5) continue;
        const struct place_country *c = &builtin_country[ci];
        size_t skip = l->dial[0] == '+' ? strlen(c->call) : strcmp(c->call, "1") == 0 && n == 11 && l->dial[0] == '1' ? 1 : 0;
        memmove(d->near[i].digit, d->near[i].digit + skip, n - skip); /* the national number, as dialled there */
        d->near[i].n = (uint8_t)(n - skip), d->near[i].country = (uint8_t)ci, d->near[i].sms = strcmp(l->channel, "sms") == 0;
        if (*c->call && strlen(c->call) <= MOST_CALL) {
            uint32_t bit = call_bit(c->call, strlen(c->call));
            d->near_call[bit >> 6] |= 1ull << (bit & 63);
        }
        near_add(d, d->near[i].digit, d->near[i].n);
        if (*c->trunk && d->near[i].n > 1 && d->near[i].digit[0] == *c->trunk) near_add(d, d->near[i].digit + 1, d->near[i].n - 1u);
    }
}

static bool near_line(const struct directory *d, size_t i, const struct raw *r)
{
    size_t m = d->near[i].n, n = r->n_digit;
    if (m == 0 || n + 1 < m) return false;
    const char *a = r->digit, *b = d->near[i].digit;
    const struct place_country *c = &builtin_country[d->near[i].country];
    if (r->plus) { /* compare behind the calling code */
        if (n > 2 && memcmp(a, "00", 2) == 0) a += 2, n -= 2;
        size_t n_cc = strlen(c->call);
        if (n <= n_cc || memcmp(a, c->call, n_cc) != 0) return false;
        a += n_cc, n -= n_cc;
        if (*c->trunk && m > 1 && *b == *c->trunk) b++, m--;
    } else if (c->call[0] == '1' && !c->call[1] && n == 11 && *a == '1')
        a++, n--;
    if (m < 7) return d->near[i].sms && n == m && r->kind == RAW_SMS && one_slip(a, n, b, m);
    return n >= 7 && n <= m + 1 && one_slip(a, n, b, m);
}

const struct dir_line *near_find(const struct directory *d, const struct raw *r, const char *country)
{
    const struct dir_line *best = NULL;
    if (r->n_digit < 5 || !near_possible(d, r)) return NULL;
    for (size_t i = 0; i < d->n_line; i++)
        if (near_line(d, i, r) && (!best || strcmp(d->line[i]->country, country) == 0)) best = d->line[i];
    return best;
}

const struct dir_line *near_named(const struct directory *d, const struct raw *r, const char *country)
{
    const struct dir_line *best = NULL;
    for (size_t i = 0; r->of && i < d->n_line; i++) {
        bool theirs = strcmp(d->mention[i], d->mention[r->of - 1]) == 0;
        if (!theirs || !d->near[i].n || !one_slip(r->digit, r->n_digit, d->near[i].digit, d->near[i].n)) continue;
        if (!best || strcmp(d->line[i]->country, country) == 0) best = d->line[i];
    }
    return best;
}

/* findahelpline.org for .com: the same name under another ending, or one letter off. */
const struct dir_line *near_site(const struct directory *d, str host)
{
    if (str_has_prefix(host, STR("www."))) host = str_sub(host, 4, host.n);
    size_t dot = str_find(host, STR("."));
    if (dot == SIZE_MAX || dot < 8) return NULL;
    for (size_t i = 0; i < d->n_line; i++) {
        const char *u = d->site[i].host;
        if (!u) continue;
        size_t n = d->site[i].n, k = d->site[i].dot;
        if (k == dot && d->site[i].web && memcmp(u, host.p, k) == 0) return d->line[i];
        if (n > 10 && n <= host.n + 1 && host.n <= n + 1 && one_slip(u, n, host.p, host.n)) return d->line[i];
    }
    return NULL;
}
