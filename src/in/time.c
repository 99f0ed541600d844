/* Times as records write them → milliseconds since the epoch. */
#include "in/read.h"

/* Epoch seconds until the year 5138, then milli-, micro-, nanoseconds. */
static int64_t epoch_ms(double v)
{
    if (!(v > -1e11 && v < 1e20)) return TS_NONE;
    if (v < 1e11) return (int64_t)(v * 1000 + (v < 0 ? -.5 : .5));
    if (v < 1e14) return (int64_t)v;
    if (v < 1e17) return (int64_t)(v / 1e3);
    return (int64_t)(v / 1e6);
}

static bool digits(const char **p, const char *end, int n, int *out)
{
    int v = 0;
    for (int i = 0; i < n; i++, (*p)++) {
        if (*p >= end || **p < '0' || **p > '9') return false;
        v = v * 10 + (**p - '0');
    }
    *out = v;
    return true;
}

static int64_t days_from_civil(int y, int m, int d) /* H. Hinnant, chrono-compatible date algorithms */
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int yoe = (int)(y - era * 400), doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static bool zone_minutes(const char *p, const char *end, int *out)
{
    *out = 0;
    while (p < end && *p == ' ') p++;
    if (p >= end || *p == 'Z' || *p == 'z') return true;
    if (end - p >= 3 && memcmp(p, "UTC", 3) == 0) return true;
    if (*p != '+' && *p != '-') return false;
    int sign = *p++ == '-' ? -1 : 1, h, m = 0;
    if (!digits(&p, end, 2, &h)) return false;
    if (p < end && *p == ':') p++;
    if (p < end && !digits(&p, end, 2, &m)) return false;
    *out = sign * (h * 60 + m);
    return true;
}

/* YYYY-MM-DD[T ]HH:MM[:SS[.fff…]][Z|±HH[:MM]]; without a zone it is UTC. */
static int64_t iso_ms(str s)
{
    const char *p = s.p, *end = s.p + s.n;
    int y, mo, d, h = 0, mi = 0, sec = 0, zone = 0, ms = 0;
    if (!digits(&p, end, 4, &y) || p >= end || *p++ != '-' || !digits(&p, end, 2, &mo) || p >= end || *p++ != '-' ||
        !digits(&p, end, 2, &d))
        return TS_NONE;
    if (p < end) {
        if (*p != 'T' && *p != 't' && *p != ' ') return TS_NONE;
        p++;
        if (!digits(&p, end, 2, &h) || p >= end || *p++ != ':' || !digits(&p, end, 2, &mi)) return TS_NONE;
        if (p < end && *p == ':' && (p++, !digits(&p, end, 2, &sec))) return TS_NONE;
        if (p < end && (*p == '.' || *p == ',')) {
            int scale = 100;
            for (p++; p < end && *p >= '0' && *p <= '9'; p++, scale /= 10) ms += (*p - '0') * scale;
        }
        if (!zone_minutes(p, end, &zone)) return TS_NONE;
    }
    if (mo < 1 || mo > 12 || d < 1 || d > 31 || h > 24 || mi > 59 || sec > 60) return TS_NONE;
    return (((days_from_civil(y, mo, d) * 24 + h) * 60 + mi - zone) * 60 + sec) * 1000 + ms;
}

int64_t conv_time(str s)
{
    s = str_trim(s);
    bool number = s.n > 0 && s.n < 30;
    size_t dots = 0;
    for (size_t i = 0; i < s.n && number; i++) {
        if (s.p[i] == '.') dots++;
        else if (!(s.p[i] >= '0' && s.p[i] <= '9') && !(i == 0 && s.p[i] == '-')) number = false;
    }
    if (!number || dots > 1) return iso_ms(s);
    double v = 0, unit = 1;
    bool frac = false;
    for (size_t i = s.p[0] == '-'; i < s.n; i++) {
        if (s.p[i] == '.') { frac = true; continue; }
        v = v * 10 + (s.p[i] - '0');
        if (frac) unit *= 10;
    }
    return epoch_ms((s.p[0] == '-' ? -v : v) / unit);
}

int64_t val_time(yyjson_val *v)
{
    if (yyjson_is_num(v)) return epoch_ms(yyjson_get_num(v));
    if (yyjson_is_str(v)) return conv_time(val_str(v));
    return TS_NONE;
}
