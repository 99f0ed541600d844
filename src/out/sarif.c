/* A finished run → SARIF 2.1.0 (OASIS): a rule a gate, a result a finding.
 * Confirmed is `error`, suspected is `warning`: a model decided a part, and a
 * person should look. */
#include <stdio.h>

#include "out/ci.h"
#include "out/escape.h"
#include "report/report.h"

static void text_of(struct buf *b, const char *key, const char *text)
{
    buf_printf(b, "\"%s\":{\"text\":", key);
    escape_json(b, str_of(text));
    buf_putc(b, '}');
}

/* ---- rules ---- */

static void rule(struct buf *b, int g)
{
    buf_printf(b, "%s\n{\"id\":\"G%d\",", g > 1 ? "," : "", g);
    text_of(b, "shortDescription", gate_kinds[g].title);
    buf_putc(b, ',');
    text_of(b, "fullDescription", gate_kinds[g].help);
    buf_putc(b, ',');
    text_of(b, "help", gate_kinds[g].help);
    buf_printf(b, ",\"defaultConfiguration\":{\"level\":\"warning\"},\"properties\":{\"tags\":[\"%s\"]}}",
               gate_kinds[g].critical ? "critical" : "major");
}

static void tool(struct buf *b, const struct ci *ci)
{
    buf_puts(b, "\"tool\":{\"driver\":{\"name\":\"refrain\",\"version\":");
    escape_json(b, str_of(ci->version));
    buf_puts(b, ",\"rules\":[");
    for (int g = 1; g <= 12; g++) rule(b, g);
    buf_puts(b, "]}}");
}

/* ---- results ---- */

static bool ends_in(str s, str tail) { return s.n >= tail.n && str_ieq(str_sub(s, s.n - tail.n, s.n), tail); }

/* In files of lines a record is a line; elsewhere its number says nothing about one. */
static bool by_line(str path)
{
    static const char *const packed[] = {".gz", ".zst"}, *const lines[] = {".jsonl", ".ndjson"};
    for (size_t i = 0; i < ARRAY_LEN(packed); i++)
        if (ends_in(path, str_of(packed[i]))) path.n -= strlen(packed[i]);
    return ends_in(path, str_of(lines[0])) || ends_in(path, str_of(lines[1]));
}

static void location(struct buf *b, const struct ci_finding *f)
{
    char turn[64];
    buf_puts(b, "\"locations\":[{\"physicalLocation\":{\"artifactLocation\":{\"uri\":");
    struct buf uri = {0}, name = {0};
    escape_uri(&uri, f->path);
    escape_json(b, (str){uri.p, uri.n});
    buf_putc(b, '}');
    if (by_line(f->path)) buf_printf(b, ",\"region\":{\"startLine\":%llu}", (unsigned long long)f->record);
    snprintf(turn, sizeof turn, "turn %d", f->turn);
    buf_printf(b, "},\"logicalLocations\":[{\"name\":\"%s\",\"kind\":\"turn\",\"fullyQualifiedName\":", turn);
    buf_str(&name, f->id);
    buf_printf(&name, "/%s", turn);
    escape_json(b, (str){name.p, name.n});
    buf_puts(b, "}]}]");
    buf_free(&uri);
    buf_free(&name);
}

static void result(struct buf *b, const struct ci_finding *f)
{
    bool sure = f->status == GATE_CONFIRMED;
    char message[256];
    snprintf(message, sizeof message, "G%d %s: %s (record %llu, turn %d)", f->gate, sure ? "confirmed" : "suspected",
             gate_kinds[f->gate].title, (unsigned long long)f->record, f->turn);
    buf_printf(b, "{\"ruleId\":\"G%d\",\"ruleIndex\":%d,\"level\":\"%s\",", f->gate, f->gate - 1, sure ? "error" : "warning");
    text_of(b, "message", message);
    buf_putc(b, ',');
    location(b, f);
    /* The same finding in the next run: what a record's place in the file does not change. */
    uint64_t print = hash_mix(hash_bytes(f->id.p ? f->id.p : "", f->id.n, 1), (uint64_t)f->turn << 8 | f->gate);
    buf_printf(b, ",\"partialFingerprints\":{\"conversationTurnGate/v1\":\"%016llx\"}", (unsigned long long)print);
    buf_printf(b, ",\"properties\":{\"record\":%llu,\"turn\":%d,\"episode\":", (unsigned long long)f->record, f->turn);
    if (f->episode < 0) buf_puts(b, "null");
    else buf_i64(b, f->episode);
    buf_printf(b, ",\"status\":\"%s\",\"class\":\"%s\"", sure ? "confirmed" : "suspected",
               gate_kinds[f->gate].critical ? "critical" : "major");
    if (f->text.n) {
        buf_puts(b, ",\"text\":");
        escape_json(b, f->text);
    }
    buf_puts(b, "}}");
}

/* What --fail-on said about figures has no place in a file: a notification of the run. */
static void notifications(struct buf *b, const struct ci *ci)
{
    bool first = true;
    buf_puts(b, "\"invocations\":[{\"executionSuccessful\":true,\"toolExecutionNotifications\":[");
    for (size_t i = 0; i < ci->n_rule; i++) {
        const struct ci_rule *r = &ci->rule[i];
        if (r->verdict == CI_PASS) continue;
        buf_printf(b, "%s{\"level\":\"%s\",", first ? "" : ",", r->verdict == CI_FAIL ? "error" : "warning");
        text_of(b, "message", r->reason);
        buf_putc(b, '}');
        first = false;
    }
    buf_puts(b, "]}]");
}

void ci_sarif(struct buf *b, const struct ci *ci)
{
    buf_puts(b, "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[{\n");
    tool(b, ci);
    buf_puts(b, ",\n");
    notifications(b, ci);
    buf_puts(b, ",\n\"results\":[");
    for (size_t i = 0; i < ci->n_finding; i++) {
        buf_puts(b, i ? ",\n" : "\n");
        result(b, &ci->finding[i]);
    }
    buf_puts(b, "]}]}\n");
}
