/* The built-in pack → one C file of constant tables; beside it, as blocks, the index of its wordings and its models
 * laid out.
 *
 * usage: pack_gen OUT.c OUT.index OUT.models
 * Runs at build time, linked with the core and no prepared tables, so that what
 * it writes is what a start would have made: parsing, indexing and laying out
 * would cost each start some 50 ms. A wrong pack breaks the build with its line. */
#include "gen.h"
#include "base/embed.h"
#include "match/match.h"
#include "turn/turn.h"

static FILE *out;

static void die(const char *what) { gen_die("pack_gen", what); }

static void text(const char *name, const char *z)
{
    fprintf(out, ", .%s = ", name);
    gen_quoted(out, z);
}

static void list(const char *name, const char *const *z, size_t n)
{
    if (!n) return;
    fprintf(out, ",\n     .n_%s = %zu, .%s = (const char *const[]){", name, n, name);
    for (size_t i = 0; i < n; i++) gen_quoted(out, z[i]), fputs(", ", out);
    fputc('}', out);
}

static void construct(const struct construct_def *d)
{
    fprintf(out, "    {.phase = %u, .polarity = %u, .scale = %u, .severity = %u, .weight = {%a, %a}, .scored = %d, .every_reply = %d",
            d->phase, d->polarity, d->scale, d->severity, (double)d->weight[SH_USER], (double)d->weight[SH_MHP], d->scored, d->every_reply);
    text("id", d->id), text("name", d->name), text("definition", d->definition), text("source", d->source);
    text("method", d->method), text("applies", d->applies);
    if (d->n_category) fprintf(out, ",\n     .n_category = %zu, .category = (const struct category[]){", d->n_category);
    for (size_t i = 0; i < d->n_category; i++) {
        fputc('{', out), gen_quoted(out, d->category[i].name);
        if (d->category[i].good == d->category[i].good) fprintf(out, ", %a}, ", (double)d->category[i].good);
        else fputs(", NAN}, ", out);
    }
    if (d->n_category) fputc('}', out);
    list("fires", d->fires, d->n_fires), list("near", d->near, d->n_near);
    fputs("},\n", out);
}

static void cue(const struct cue *c)
{
    fprintf(out, "    {.line = %u, .key = 0x%016llxull, .roles = %u, .act = %d, .rule = %d, .denies = %u, .construct = %d, "
            ".risk = %d, .risk_when = %u, .flag = %u", c->line, (unsigned long long)c->key, c->roles, c->act, c->rule,
            c->denies, c->construct, c->risk, c->risk_when, c->flag);
    text("id", c->id), text("file", c->file), text("tag", c->tag), text("value", c->value);
    list("phrase", c->phrase, c->n_phrase), list("fire", c->fire, c->n_fire), list("near", c->near, c->n_near);
    fputs("},\n", out);
}

/* ---- models ---- */

static struct buf models; /* the block: arrays, each on a line of the cache of its own */

/* A field that points to that array, of `size` bytes. */
static void array(const char *name, const void *p, size_t size)
{
    static const char zeros[64];
    if (!p) return;
    buf_put(&models, zeros, -models.n % 64);
    fprintf(out, ".%s = AT(%zu), ", name, models.n);
    buf_put(&models, p, size);
}

static void weights(const char *name, const struct weights *m)
{
    fprintf(out, "static const struct weights %s = {.n_out = %u, .width = %u, .n_row = %u, .mask = %u, ", name, m->n_out,
            m->width, m->n_row, m->mask);
    fprintf(out, ".n_gram = %u, .slot_place = %uu, .n_word_row = %u, .trained_on = 0x%016llxull, ", m->n_gram,
            m->slot_place, m->n_word_row, (unsigned long long)m->trained_on);
    float threshold[MAX_OUT] = {0};
    memcpy(threshold, m->threshold, m->n_out * sizeof *threshold);
    array("gram_step", m->gram_step, GRAM_BUCKETS * sizeof *m->gram_step);
    array("gram_key", m->gram_key, m->n_gram * sizeof *m->gram_key);
    array("sum_row", m->sum_row, (size_t)m->n_row * m->width * sizeof *m->sum_row);
    array("word_row", m->word_row, (size_t)m->n_word_row * WORD_OUT * sizeof *m->word_row);
    array("gram_refusing", m->gram_refusing, m->n_gram * sizeof *m->gram_refusing);
    array("threshold", threshold, sizeof threshold);
    array("scale", m->scale, m->width * sizeof *m->scale);
    array("shift", m->shift, m->width * sizeof *m->shift);
    array("filter", m->filter, sizeof model_every_key);
    array("slot", m->slot, ((size_t)m->mask + 1) * sizeof *m->slot);
    fputs("};\n", out);
}

static void scales(const struct scale_model *m)
{
    fprintf(out, "static const struct scale_model scales = {");
    array("low", m->low, N_SCALE_MEASURE * sizeof *m->low);
    array("high", m->high, N_SCALE_MEASURE * sizeof *m->high);
    array("weight", m->weight, N_SCALE_MEASURE * SCALE_LANES * sizeof *m->weight);
    array("bias", m->bias, SCALE_LANES * sizeof *m->bias);
    fputs("};\n", out);
}

static void sentence_tables(const char *name, const struct act_tables *t, const struct weights *m, size_t n_cue)
{
    fprintf(out, "static const struct act_tables %s = {.contact = {%u, %u}, ", name, t->contact[0], t->contact[1]);
    array("form", t->form, sizeof *t->form * N_FORM * m->width);
    array("cue", t->cue, sizeof *t->cue * n_cue);
    fputs("};\n", out);
}

/* ---- all of it ---- */

static void block(const char *name, const char *path)
{
    fprintf(out, "__asm__(\".section .rodata\\n.balign 64\\n%s:\\n.incbin \\\"%s\\\"\\n%s_end:\\n.byte 0\\n\"\n"
            "    \".previous\\n\");\n"
            "extern const char %s[] __attribute__((visibility(\"hidden\")));\n"
            "extern const char %s_end[] __attribute__((visibility(\"hidden\")));\n", name, path, name, name, name);
}

static uint64_t digest_of(const char *name)
{
    const struct embedded *e = embedded_pack;
    while (e->name && strcmp(e->name, name) != 0) e++;
    return e->digest;
}

/* The hashes of the blocks are written so that new ones make a new object. */
static void tables(const struct pack *p, const char *index_path, const char *models_path)
{
    str index = match_block(p->db);
    fprintf(out, "/* Generated by tools/pack_gen.c; do not edit. Index %016llx. */\n"
            "#include <math.h>\n\n#include \"act/act.h\"\n\nstatic const struct construct_def construct[N_CONSTRUCT] = {\n", (unsigned long long)hash_bytes(index.p, index.n, 0));
    for (size_t i = 0; i < N_CONSTRUCT; i++) construct(&p->construct[i]);
    fputs("};\nstatic const struct cue cue[] = {\n", out);
    for (size_t i = 0; i < p->n_cue; i++) cue(&p->cue[i]);
    fputs("};\n", out);
    block("pack_index", index_path);
    block("pack_models", models_path);
    fputs("#define AT(offset) ((const void *)(pack_models + (offset)))\n", out);
    const struct models *m = &p->model;
    weights("assistant", m->assistant), weights("user", m->user), weights("reply", m->reply);
    scales(m->scales);
    sentence_tables("assistant_acts", p->acts[0], m->assistant, p->n_cue);
    sentence_tables("user_acts", p->acts[1], m->user, p->n_cue);
    fprintf(out, "const struct pack_prepared pack_prepared = {0x%016llxull, 0x%016llxull, construct, cue, %zu, pack_index, pack_index_end,\n"
            "    .model = {&assistant, &user, &reply, &scales}, .acts = {&assistant_acts, &user_acts}, ",
            (unsigned long long)p->table_hash, (unsigned long long)pack_table_digest(), p->n_cue);
    array("ladders", p->ladders, sizeof *p->ladders * N_MEASURE * N_STEP * m->reply->width);
    const struct { const char *name; uint64_t value; } hash[] = {
        {"model_digest", digest_of("acts.model")}, {"model_hash", p->model_hash}, {"content_hash", p->content_hash}};
    for (size_t i = 0; i < ARRAY_LEN(hash); i++)
        fprintf(out, "\n    .%s = 0x%016llxull,", hash[i].name, (unsigned long long)hash[i].value);
    fprintf(out, "};\n/* Models %016llx. */\n", (unsigned long long)hash_bytes(models.p, models.n, 0));
}

int main(int argc, char **argv)
{
    if (argc != 4) die("usage: pack_gen OUT.c OUT.index OUT.models");
    struct pack *p;
    refrain_error err;
    if (pack_load(&p, NULL, &err)) die(err.message);
    turn_add_up(p);
    if (!p->model.reply || !p->acts[0] || !p->acts[1] || !p->ladders) die("acts.model lacks one of its three models");
    char *source = NULL;
    size_t n_source = 0;
    out = open_memstream(&source, &n_source);
    if (!out) die("out of memory");
    tables(p, argv[2], argv[3]);
    if (ferror(out) || fclose(out) || models.oom) die("out of memory");
    str index = match_block(p->db);
    if (!gen_write(argv[2], index.p, index.n)) die(argv[2]);
    if (!gen_write(argv[3], models.p, models.n)) die(argv[3]);
    if (!gen_write(argv[1], source, n_source)) die(argv[1]);
    free(source);
    buf_free(&models);
    pack_free(p);
    return 0;
}
