/* See escape.h. */
#include "out/escape.h"

static const char replacement[] = "\xEF\xBF\xBD";

/* What neither XML 1.0 nor a reader of a code span may meet: controls, non-characters, marks that reorder text. */
static bool forbidden(uint32_t c)
{
    return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || (c >= 0x7F && c < 0xA0) || (c >= 0xD800 && c <= 0xDFFF) ||
           (c & 0xFFFE) == 0xFFFE || c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

void escape_xml(struct buf *b, str s)
{
    uint32_t c;
    for (size_t i = 0, len; i < s.n; i += len) {
        len = utf8_decode(s.p + i, s.n - i, &c);
        switch (c) {
        case '&': buf_puts(b, "&amp;"); break;
        case '<': buf_puts(b, "&lt;"); break;
        case '>': buf_puts(b, "&gt;"); break; /* so that "]]>" cannot be */
        case '"': buf_puts(b, "&quot;"); break;
        case '\'': buf_puts(b, "&#39;"); break;
        case '\t':
        case '\n':
        case '\r': buf_printf(b, "&#%u;", c); break; /* an attribute would lose them */
        default:
            if (forbidden(c) || c == 0xFFFD) buf_puts(b, replacement);
            else buf_put(b, s.p + i, len);
        }
    }
}

static size_t longest_ticks(str s)
{
    size_t longest = 0, run = 0;
    for (size_t i = 0; i < s.n; i++) {
        run = s.p[i] == '`' ? run + 1 : 0;
        if (run > longest) longest = run;
    }
    return longest;
}

void escape_md_code(struct buf *b, str s)
{
    size_t fence = longest_ticks(s) + 1;
    uint32_t c;
    bool pad = fence > 1 || s.n == 0; /* else a tick at an end would lengthen the fence */
    for (size_t i = 0; i < fence; i++) buf_putc(b, '`');
    if (pad) buf_putc(b, ' ');
    for (size_t i = 0, len; i < s.n; i += len) {
        len = utf8_decode(s.p + i, s.n - i, &c);
        if (c == '\t' || c == '\n' || c == '\r') buf_putc(b, ' ');
        else if (forbidden(c) || c == 0xFFFD) buf_puts(b, replacement);
        else buf_put(b, s.p + i, len);
    }
    if (pad) buf_putc(b, ' ');
    for (size_t i = 0; i < fence; i++) buf_putc(b, '`');
}

void escape_json(struct buf *b, str s)
{
    struct buf clean = {0};
    uint32_t c;
    for (size_t i = 0, len; i < s.n; i += len) {
        len = utf8_decode(s.p + i, s.n - i, &c);
        if (c == 0xFFFD || (c >= 0xD800 && c <= 0xDFFF)) buf_puts(&clean, replacement);
        else buf_put(&clean, s.p + i, len);
    }
    if (clean.oom) b->oom = true;
    buf_json(b, (str){clean.p, clean.n});
    buf_free(&clean);
}

void escape_uri(struct buf *b, str path)
{
    static const char hex[] = "0123456789ABCDEF", kept[] = "-._~/!$&'()*+,;=";
    if (path.n && path.p[0] == '/') buf_puts(b, "file://");
    for (size_t i = 0; i < path.n; i++) {
        unsigned char c = (unsigned char)path.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (plain || (c && strchr(kept, c))) {
            buf_putc(b, (char)c);
        } else { /* a colon too: the first segment must not look like a scheme */
            char z[3] = {'%', hex[c >> 4], hex[c & 15]};
            buf_put(b, z, 3);
        }
    }
}

/* Inside a cell's quotes, or a cell that needs none. */
static void clean_put(struct buf *b, str s)
{
    size_t len;
    for (size_t i = 0; i < s.n; i += len) {
        uint32_t c;
        len = utf8_decode(s.p + i, s.n - i, &c);
        bool control = (c < 0x20 && c != '\n' && c != '\t' && c != '\r') || (c >= 0x7F && c < 0xA0);
        if (control || c == 0xFFFD) buf_puts(b, "\xEF\xBF\xBD");
        else buf_put(b, s.p + i, len);
        if (c == '"') buf_putc(b, '"');
    }
}

void escape_csv(struct buf *b, str s)
{
    bool formula = s.n && memchr("=+-@\t\r", s.p[0], 6), quote = formula;
    for (size_t i = 0; i < s.n && !quote; i++)
        quote = s.p[i] == ',' || s.p[i] == '"' || s.p[i] == '\n' || s.p[i] == '\r';
    if (!quote) {
        clean_put(b, s);
        return;
    }
    buf_putc(b, '"');
    if (formula) buf_putc(b, '\'');
    clean_put(b, s);
    buf_putc(b, '"');
}
