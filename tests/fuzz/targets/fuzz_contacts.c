/* Two letters of a country, what a person says, a 0 byte, a reply: contacts,
 * place and verdicts. Ranges stand inside the fold, and cut whole characters of
 * the original; what is printed of a contact is text. */
#include "fuzz.h"

static void judge(struct walk *w, struct arena *a, struct turn *turn, size_t n, const char *country)
{
    memset(w, 0, sizeof *w);
    w->a = a;
    w->dir = fuzz_engine()->dir;
    w->caller_country = country;
    w->caller_jurisdiction = "";
    w->conv = arena_new(a, struct conv);
    w->conv->turn = turn;
    w->conv->n_turn = n;
    w->text = arena_array(a, struct text, n);
    w->tcode = arena_array(a, struct tcode, n);
    w->turn_codes = arena_array(a, struct reply_codes *, n);
    text_wash(w);
    helpline_judge(w);
}

static void check_contact(const struct walk *w, const struct contact *c)
{
    const struct text *x = &w->text[c->turn];
    CHECK(c->status < N_CONTACT_STATUS && c->kind && c->line && c->service && c->instead && c->why && c->country);
    CHECK(c->begin < c->end && c->end <= x->fold.n && c->sent >= x->sent0 && c->sent < x->sent1);
    fuzz_check_text(c->canonical);
    fuzz_check_text(str_of(c->why));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) return 0;
    static struct arena a;
    arena_reset(&a);
    char country[3] = {0};
    for (int i = 0; i < 2; i++) country[i] = (char)(data[i] >= 'A' && data[i] <= 'Z' ? data[i] : 0);
    str all = {(const char *)data + 2, utf8_valid_prefix((const char *)data + 2, size - 2)};
    const char *nul = all.n ? memchr(all.p, 0, all.n) : NULL;
    size_t said = nul ? (size_t)(nul - all.p) : 0;
    struct turn turn[] = {{.role = ROLE_USER, .text = {all.p, said}, .ts = TS_NONE},
                          {.role = ROLE_ASSISTANT, .text = str_sub(all, nul ? said + 1 : 0, all.n), .ts = TS_NONE}};
    struct walk w;
    judge(&w, &a, turn, 2, country[1] ? country : "");
    for (size_t i = 0; i < w.contact.n; i++) check_contact(&w, &w.contact.p[i]);
    report_view(&w);
    for (size_t i = 0; i < w.contact.n; i++)
        fuzz_check_range(turn[w.contact.p[i].turn].text, w.contact.p[i].begin, w.contact.p[i].end);
    return 0;
}
