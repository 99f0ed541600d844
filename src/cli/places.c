/* Codes of countries and jurisdictions that a person gave, against the directory's tables. */
#include <ctype.h>

#include "cli/cli.h"
#include "helpline/helpline.h"
#include "helpline/room.h"

static void upper(char out[3], const char *given)
{
    memset(out, 0, 3);
    for (size_t i = 0; i < 2 && given[i]; i++) out[i] = (char)toupper((unsigned char)given[i]);
}

bool cli_country(char out[3], const char *given)
{
    upper(out, given);
    return strlen(given) == 2 && country_index(out) < n_builtin_country;
}

/* A code that is often written for another: reserved by ISO 3166 for that very reason. */
static const char *meant(const char *given)
{
    static const char *const often[][2] = {{"UK", "GB"}, {"EN", "GB"}, {"EL", "GR"}};
    char code[3];
    upper(code, given);
    for (size_t i = 0; strlen(given) == 2 && i < ARRAY_LEN(often); i++)
        if (!strcmp(code, often[i][0])) return often[i][1];
    return NULL;
}

int cli_country_check(const char *where, const char *given)
{
    char code[3];
    const char *near = meant(given);
    if (!*given || cli_country(code, given)) return 0; /* "": none, as if it were not given */
    if (near) return cli_error("%s: no country '%s'; did you mean %s?", where, given, near);
    return cli_error("%s: '%s' is not an ISO 3166-1 alpha-2 code of a country that the directory knows, such as 'IE'", where, given);
}

/* The directory has laws of some states only, so the others are named here, for "US-ZZ" is a slip and "US-TX" is none. */
static bool us_state(const char *z)
{
    static const char all[] = "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC "
                              "ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC AS GU MP PR UM VI";
    char code[3];
    upper(code, z);
    return strlen(z) == 2 && isalpha((unsigned char)z[0]) && isalpha((unsigned char)z[1]) && strstr(all, code);
}

static bool known(const char *given, const struct directory *d)
{
    char code[3], country[3] = {0};
    const char *part = strchr(given, '-');
    if (law_find(given, d) || cli_country(code, given)) return true;
    if (!part || part - given != 2) return false;
    memcpy(country, given, 2);
    if (!cli_country(code, country)) return false;
    if (!strcmp(code, "US")) return us_state(part + 1);
    size_t n = 0;
    while (isalnum((unsigned char)part[1 + n])) n++;
    return n >= 1 && n <= 3 && !part[1 + n];
}

int cli_jurisdiction_check(const char *given, const struct directory *d)
{
    if (!given || !*given || known(given, d)) return 0;
    const char *near = meant(given);
    if (near) return cli_error("jurisdiction: no country '%s'; did you mean %s?", given, near);
    return cli_error("jurisdiction: nothing is known as '%s'; right would be a country such as 'IE', a part of one such as 'US-CA', or 'EU'", given);
}
