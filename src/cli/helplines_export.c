/* The directory as JSON, CSV or Open Referral HSDS 3.0 (https://docs.openreferral.org). */
#include "cli/helplines.h"
#include "out/escape.h"

static void export_json(struct buf *b, const struct directory *d)
{
    buf_puts(b, "{\"version\":"), buf_json(b, str_of(directory_version(d))), buf_puts(b, ",\"license\":\"CC0-1.0\",\"lines\":[\n");
    for (size_t i = 0; i < d->n_line; i++) line_json(b, d->line[i], d->stale[i]), buf_puts(b, i + 1 < d->n_line ? ",\n" : "\n");
    buf_puts(b, "],\"known_bad\":[\n");
    for (size_t i = 0; i < d->n_bad; i++) {
        const struct dir_bad *x = d->bad[i];
        buf_puts(b, "{\"country\":"), buf_json(b, str_of(x->country));
        for (const struct dir_field *f = dir_bad_fields; f->name; f++) {
            const char *at = (const char *)x + f->offset;
            if (f->kind != DF_STR || !**(const char *const *)at) continue;
            buf_printf(b, ",\"%s\":", f->name), buf_json(b, str_of(*(const char *const *)at));
        }
        buf_puts(b, ",\"source\":"), buf_json(b, str_of(x->evidence->source)), buf_puts(b, ",\"source_date\":"), buf_json(b, str_of(x->evidence->date));
        buf_puts(b, i + 1 < d->n_bad ? "},\n" : "}\n");
    }
    buf_puts(b, "]}\n");
}

static void csv_cell(struct buf *b, const char *z)
{
    escape_csv(b, str_of(z));
    buf_putc(b, ',');
}

static void export_csv(struct buf *b, const struct directory *d)
{
    buf_puts(b, "country");
    for (const struct dir_field *f = dir_line_fields; f->name; f++) buf_printf(b, ",%s", f->name);
    buf_puts(b, ",stale\n");
    for (size_t i = 0; i < d->n_line; i++) {
        const struct dir_line *l = d->line[i];
        csv_cell(b, l->country);
        for (const struct dir_field *f = dir_line_fields; f->name; f++) {
            const char *at = (const char *)l + f->offset;
            char cell[2048] = "";
            size_t n = 0;
            if (f->kind == DF_LIST)
                for (dir_list x = *(const dir_list *)at; *x && n < sizeof cell - 200; x++) n += (size_t)snprintf(cell + n, sizeof cell - n, "%s%s", n ? ";" : "", *x);
            if (f->kind == DF_AGES && l->age_max) snprintf(cell, sizeof cell, "%u-%u", l->age_min, l->age_max);
            if (f->kind == DF_EVIDENCE)
                for (const struct dir_evidence *e = l->evidence; e->source && n < sizeof cell - 400; e++)
                    n += (size_t)snprintf(cell + n, sizeof cell - n, "%s%s [%s]", n ? " ; " : "", e->source, e->date);
            csv_cell(b, f->kind == DF_STR ? *(const char *const *)at : cell);
        }
        buf_puts(b, d->stale[i] ? "true\n" : "false\n");
    }
}

/* ---- HSDS ---- */

/* A stable UUID (version 8: our own hash) from the record's name. */
static void uuid(struct buf *b, const char *kind, const char *id)
{
    uint64_t h = hash_bytes(id, strlen(id), hash_bytes(kind, strlen(kind), 11)), l = hash_mix(h, 17);
    buf_printf(b, "\"%08x-%04x-8%03x-%04x-%012llx\"", (unsigned)(h >> 32), (unsigned)(h >> 16 & 0xffff), (unsigned)(h & 0xfff),
               (unsigned)(l >> 48 & 0x3fff) | 0x8000, (unsigned long long)(l & 0xffffffffffffull));
}

static void pair(struct buf *b, const char *key, const char *value)
{
    if (!*value) return;
    buf_printf(b, ",\"%s\":", key), buf_json(b, str_of(value));
}

static bool is_number(const struct dir_line *l) { return *l->dial && !strchr(l->dial, '.') && strcmp(l->channel, "chat") && strcmp(l->channel, "web"); }

static void hsds_service(struct buf *b, const struct directory *d, const struct dir_line *l)
{
    const char *org = *l->operated_by ? l->operated_by : l->name;
    buf_puts(b, "{\"id\":"), uuid(b, "service", l->id);
    pair(b, "name", l->name), pair(b, "url", *l->url ? l->url : is_number(l) ? "" : l->dial);
    buf_printf(b, ",\"status\":\"%s\"", strcmp(l->status, "current") ? "defunct" : "active");
    pair(b, "description", l->note), pair(b, "fees_description", l->cost), pair(b, "assured_date", strlen(l->last_verified) == 10 ? l->last_verified : "");
    if (l->age_max) buf_printf(b, ",\"minimum_age\":%u,\"maximum_age\":%u", l->age_min, l->age_max);
    buf_puts(b, ",\"organization\":{\"id\":"), uuid(b, "organization", org), pair(b, "name", org), buf_puts(b, ",\"description\":"), buf_json(b, str_of(org));
    pair(b, "website", l->url), buf_puts(b, "}");
    if (is_number(l)) {
        buf_puts(b, ",\"phones\":[{\"id\":"), uuid(b, "phone", l->id), pair(b, "number", l->dial);
        if (*l->menu) buf_printf(b, ",\"extension\":%d", l->menu[0] - '0');
        pair(b, "type", !strcmp(l->channel, "sms") ? "text" : !strcmp(l->channel, "whatsapp") ? "cell" : "voice");
        if (*l->keyword) buf_puts(b, ",\"description\":"), buf_json(b, str_of(l->keyword));
        buf_puts(b, "}]");
    }
    buf_puts(b, ",\"languages\":[");
    for (dir_list x = l->languages; *x; x++) {
        char key[96];
        snprintf(key, sizeof key, "%s/%s", l->id, *x);
        buf_puts(b, x == l->languages ? "{\"id\":" : ",{\"id\":"), uuid(b, "language", key), pair(b, "code", *x), buf_putc(b, '}');
    }
    buf_puts(b, "],\"service_areas\":[{\"id\":"), uuid(b, "area", l->id);
    size_t c = country_index(l->country);
    pair(b, "name", *l->region ? l->region : c < n_builtin_country ? builtin_country[c].name : "worldwide"), buf_puts(b, ",\"extent_type\":\"text\"}]");
    if (*l->hours) {
        buf_puts(b, ",\"schedules\":[{\"id\":"), uuid(b, "schedule", l->id);
        if (!strcmp(l->hours, "24/7")) buf_puts(b, ",\"freq\":\"DAILY\",\"opens_at\":\"00:00Z\",\"closes_at\":\"24:00Z\"");
        pair(b, "description", l->hours), buf_puts(b, "}]");
    }
    buf_puts(b, ",\"attributes\":[{\"id\":"), uuid(b, "attribute", l->id), pair(b, "value", l->service);
    buf_puts(b, ",\"link_type\":\"refrain:service\",\"link_entity\":\"service\"}],\"metadata\":[");
    for (const struct dir_evidence *e = l->evidence; e->source; e++) {
        char key[600];
        snprintf(key, sizeof key, "%s/%s", l->id, e->source);
        buf_puts(b, e == l->evidence ? "{\"id\":" : ",{\"id\":"), uuid(b, "metadata", key);
        pair(b, "resource_type", "service"), pair(b, "last_action_type", "source"), pair(b, "last_action_date", e->date), pair(b, "updated_by", e->source), buf_putc(b, '}');
    }
    (void)d;
    buf_puts(b, "]}");
}

static void export_hsds(struct buf *b, const struct directory *d)
{
    buf_puts(b, "{\"hsds_version\":\"3.0\",\"license\":\"CC0-1.0\",\"version\":"), buf_json(b, str_of(directory_version(d))), buf_puts(b, ",\"services\":[\n");
    for (size_t i = 0; i < d->n_line; i++) hsds_service(b, d, d->line[i]), buf_puts(b, i + 1 < d->n_line ? ",\n" : "\n");
    buf_puts(b, "]}\n");
}

int helplines_export(const struct directory *d, const char *format)
{
    struct buf b = {0};
    if (!strcmp(format, "csv")) export_csv(&b, d);
    else if (!strcmp(format, "hsds")) export_hsds(&b, d);
    else export_json(&b, d);
    return cli_print(&b);
}
