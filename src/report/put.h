/* Bounded pieces of JSON, written at p: the caller has asked for the room. Each
 * gives the place behind what it wrote. */
#ifndef REFRAIN_REPORT_PUT_H
#define REFRAIN_REPORT_PUT_H

#include "base/base.h"

static inline char *put(char *p, const char *z, size_t n) { return (char *)memcpy(p, z, n) + n; }
#define LIT(p, z) put(p, z, sizeof(z) - 1)
static inline char *putz(char *p, const char *z) { return stpcpy(p, z); }

/* Up to 31 bytes that are known, copied at once. */
struct json_piece { char z[31]; uint8_t n; };
static inline char *put_piece(char *p, const struct json_piece *x) { return memcpy(p, x, sizeof *x), p + x->n; }

static inline char *put_long(char *p, int64_t v)
{
    char t[20];
    size_t i = sizeof t;
    uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    if (v < 0) *p++ = '-';
    do t[--i] = (char)('0' + u % 10);
    while (u /= 10);
    return put(p, t + i, sizeof t - i);
}

/* 00 to 99 */
static const char pair[] = "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"
                           "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";

/* Turns, offsets and values: four digits hold nearly all of them. How many cannot be foreseen: there is no branch. */
static inline char *put_int(char *p, int64_t v)
{
    if ((uint64_t)v >= 10000) return put_long(p, v);
    uint32_t u = (uint32_t)v, zeros = (u < 10) + (u < 100) + (u < 1000), digits;
    uint16_t high, low;
    memcpy(&high, pair + 2 * (u / 100), 2);
    memcpy(&low, pair + 2 * (u % 100), 2);
    digits = ((uint32_t)low << 16 | high) >> 8 * zeros; /* little-endian: the first digit is the lowest byte */
    memcpy(p, &digits, 4);
    return p + 4 - zeros;
}

/* Levels and the first turns: a branch that is foreseen. */
static inline char *put_digit(char *p, int64_t v)
{
    if ((uint64_t)v >= 10) return put_int(p, v);
    *p = (char)('0' + v);
    return p + 1;
}

/* 0..1 with at most two decimals, "0", "0.5", "0.05", "1"; no branch on them. */
static inline char *put_ratio(char *p, float v)
{
    int k = v > 0 ? (int)(v * 100 + 0.5f) : 0, whole = k >= 100, cents = whole ? 0 : k;
    *p = (char)('0' + whole), p[1] = '.';
    memcpy(p + 2, pair + 2 * cents, 2);
    return p + 1 + (cents != 0) * (3 - (cents % 10 == 0));
}

static inline char *put_score(char *p, float v)
{
    int k = v > 0 ? (int)(v * 10 + 0.5f) : 0;
    p = put_int(p, k / 10);
    *p++ = '.';
    *p++ = (char)('0' + k % 10);
    return p;
}

static inline char *put_2(char *p, int v) { return *p = (char)('0' + v / 10), p[1] = (char)('0' + v % 10), p + 2; }

#endif
