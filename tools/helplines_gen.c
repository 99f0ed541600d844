/* helplines/CC.yaml, packs/en/places.yaml and law.yaml → one C file of constant tables.
 *
 * usage: helplines_gen OUT.c PLACES LAW DIR
 * Runs at build time, so that starting the program parses no YAML and a wrong
 * directory file breaks the build with its line. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

#include "gen.h"
#include "helpline/directory.h"

static FILE *out;
static void quoted(const char *z) { gen_quoted(out, z); }

static void list(dir_list l)
{
    fputs("(const char *const[]){", out);
    for (; *l; l++) quoted(*l), fputs(", ", out);
    fputs("NULL}", out);
}

static const char *member(const struct dir_field *f)
{
    return strcmp(f->name, "operator") == 0 ? "operated_by" : f->name;
}

static void record(const void *rec, const struct dir_field *f, const char *country)
{
    fputs("    {.country = ", out);
    quoted(country);
    for (; f->name; f++) {
        const char *at = (const char *)rec + f->offset;
        if (f->kind == DF_AGES) {
            const uint8_t *age = (const uint8_t *)at;
            fprintf(out, ", .age_min = %u, .age_max = %u", age[0], age[1]);
            continue;
        }
        fprintf(out, ", .%s = ", member(f));
        if (f->kind == DF_STR) quoted(*(const char *const *)at);
        else if (f->kind == DF_LIST) list(*(const dir_list *)at);
        else {
            fputs("(const struct dir_evidence[]){", out);
            for (const struct dir_evidence *e = *(const struct dir_evidence *const *)at; e->source; e++) {
                fputs("{", out), quoted(e->source), fputs(", ", out), quoted(e->date), fputs(", ", out);
                quoted(e->family), fputs("}, ", out);
            }
            fputs("{0}}", out);
        }
    }
    fputs("},\n", out);
}

static void die(const char *what) { gen_die("helplines_gen", what); }

static void load(yaml_document_t *doc, const char *path)
{
    yaml_parser_t p;
    FILE *f = fopen(path, "rb");
    if (!f || !yaml_parser_initialize(&p)) die(path);
    yaml_parser_set_input_file(&p, f);
    if (!yaml_parser_load(&p, doc)) {
        fprintf(stderr, "%s:%zu: %s\n", path, p.problem_mark.line + 1, p.problem);
        exit(1);
    }
    yaml_parser_delete(&p);
    fclose(f);
}

static yaml_node_t *get(yaml_document_t *d, yaml_node_t *map, const char *key)
{
    for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top; p++)
        if (strcmp((char *)yaml_document_get_node(d, p->key)->data.scalar.value, key) == 0)
            return yaml_document_get_node(d, p->value);
    return NULL;
}
static const char *scalar(yaml_document_t *d, yaml_node_t *map, const char *key)
{
    yaml_node_t *n = get(d, map, key);
    return n && n->type == YAML_SCALAR_NODE ? (const char *)n->data.scalar.value : "";
}
#define EACH(d, n, x) \
    for (yaml_node_item_t *i_##x = (n) ? (n)->data.sequence.items.start : NULL; \
         (n) && i_##x < (n)->data.sequence.items.top; i_##x++) \
        for (yaml_node_t *x = yaml_document_get_node(d, *i_##x); x; x = NULL)

static size_t n_place;
static void place(const char *name, size_t country, const char *kind)
{
    fputs("    {", out), quoted(name), fprintf(out, ", %zu, %s},\n", country, kind);
    n_place++;
}

static void places(const char *path)
{
    yaml_document_t d;
    load(&d, path);
    yaml_node_t *root = yaml_document_get_root_node(&d), *cs = get(&d, root, "countries");
    size_t n = 0;
    const char *last = "";
    fputs("const struct place_country builtin_country[] = {\n", out);
    EACH(&d, cs, c) {
        if (strcmp(last, scalar(&d, c, "code")) >= 0) die("countries are not in the order of their codes");
        last = scalar(&d, c, "code");
        fprintf(out, "    {\"%s\", ", scalar(&d, c, "code")), quoted(scalar(&d, c, "name")), fputs(", ", out);
        quoted(scalar(&d, c, "call")), fputs(", ", out), quoted(scalar(&d, c, "trunk")), fputs("},\n", out);
        n++;
    }
    if (n > 254) die("more countries than a byte holds");
    fprintf(out, "};\nconst size_t n_builtin_country = %zu;\nconst struct place_name builtin_place[] = {\n", n);
    n = 0;
    EACH(&d, cs, c) {
        place(scalar(&d, c, "name"), n, "PLACE_COUNTRY");
        static const char *const keys[3] = {"also", "towns", "demonym"}, *const kinds[3] = {"PLACE_REGION", "PLACE_TOWN", "PLACE_DEMONYM"};
        for (int k = 0; k < 3; k++) {
            yaml_node_t *l = get(&d, c, keys[k]);
            EACH(&d, l, x) place((const char *)x->data.scalar.value, n, kinds[k]);
        }
        n++;
    }
    yaml_node_t *am = get(&d, root, "ambiguous"), *sv = get(&d, root, "services");
    EACH(&d, am, x) place((const char *)x->data.scalar.value, 255, "PLACE_AMBIGUOUS");
    EACH(&d, sv, s) {
        size_t at = 0, found = 255;
        EACH(&d, cs, c) {
            if (strcmp(scalar(&d, c, "code"), scalar(&d, s, "code")) == 0) found = at;
            at++;
        }
        if (found == 255) die("places: a service names an unknown country");
        yaml_node_t *names = get(&d, s, "names");
        EACH(&d, names, x) place((const char *)x->data.scalar.value, found, "PLACE_SERVICE");
    }
    fprintf(out, "};\nconst size_t n_builtin_place = %zu;\n", n_place);
    yaml_document_delete(&d);
}

static void laws(const char *path)
{
    static const char *const keys[] = {"place", "name", "since", "duty", "text", "source", "date"};
    yaml_document_t d;
    load(&d, path);
    yaml_node_t *ls = get(&d, yaml_document_get_root_node(&d), "laws");
    size_t n = 0;
    fputs("const struct law builtin_law[] = {\n", out);
    EACH(&d, ls, l) {
        fputs("    {", out);
        for (size_t k = 0; k < ARRAY_LEN(keys); k++) quoted(scalar(&d, l, keys[k])), fputs(", ", out);
        fputs("},\n", out);
        n++;
    }
    fprintf(out, "};\nconst size_t n_builtin_law = %zu;\n", n);
    yaml_document_delete(&d);
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static size_t list_dir(char ***names, const char *dir)
{
    DIR *d = opendir(dir);
    if (!d) die(dir);
    size_t n = 0;
    *names = calloc(4096, sizeof **names);
    for (struct dirent *e; (e = readdir(d)) && n < 4096;) {
        size_t k = strlen(e->d_name);
        if (k < 6 || e->d_name[0] == '.' || strcmp(e->d_name + k - 5, ".yaml") != 0) continue;
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        (*names)[n++] = strdup(path);
    }
    closedir(d);
    qsort(*names, n, sizeof **names, by_name);
    return n;
}

int main(int argc, char **argv)
{
    if (argc != 5) die("usage: helplines_gen OUT.c PLACES LAW DIR");
    char *text = NULL;
    size_t n_text = 0;
    out = open_memstream(&text, &n_text);
    struct arena a;
    arena_init(&a, 0);
    char **name;
    size_t n_file = list_dir(&name, argv[4]), n_line = 0, n_bad = 0;
    struct dir_file *file = arena_array(&a, struct dir_file, n_file);
    uint64_t hash = 0;
    for (size_t i = 0; i < n_file; i++) {
        char *bytes;
        size_t n;
        refrain_error err;
        if (file_read(&bytes, &n, name[i], 1u << 24, &err) ||
            dir_parse(&file[i], &a, name[i], (str){bytes, n}, &err))
            die(err.message);
        if (file[i].place.n || file[i].law.n) die("places and laws of our own are in packs/en");
        hash = hash_bytes(bytes, n, hash);
        free(bytes);
    }
    fputs("/* Generated by tools/helplines_gen.c; do not edit. */\n#include \"helpline/directory.h\"\n\n"
          "const struct dir_line builtin_line[] = {\n", out);
    for (size_t i = 0; i < n_file; i++)
        for (size_t j = 0; j < file[i].line.n; j++, n_line++) record(&file[i].line.p[j], dir_line_fields, file[i].country);
    fputs("};\nconst struct dir_bad builtin_bad[] = {\n", out);
    for (size_t i = 0; i < n_file; i++)
        for (size_t j = 0; j < file[i].bad.n; j++, n_bad++) record(&file[i].bad.p[j], dir_bad_fields, file[i].country);
    fprintf(out, "};\nconst size_t n_builtin_line = %zu, n_builtin_bad = %zu;\n", n_line, n_bad);
    fprintf(out, "const uint64_t builtin_directory_hash = 0x%016llxull;\n", (unsigned long long)hash);
    places(argv[2]);
    laws(argv[3]);
    if (ferror(out) || fclose(out)) die("out of memory");
    arena_free(&a);
    for (size_t i = 0; i < n_file; i++) free(name[i]);
    free(name);
    if (!gen_write(argv[1], text, n_text)) die(argv[1]);
    free(text);
    return 0;
}
