/* Text transcripts: a turn begins at a line that opens with who speaks, and
 * goes on over the lines that do not: "user: …", "agent: …", "[User]: …",
 * "**Assistant:** …", in any case. */
#include "in/read.h"
#include "in/sniff.h"

static const struct role_name speakers[] = {
    {"user", ROLE_USER},         {"agent", ROLE_ASSISTANT},   {"assistant", ROLE_ASSISTANT}, {"chatbot", ROLE_ASSISTANT},
    {"bot", ROLE_ASSISTANT},     {"ai", ROLE_ASSISTANT},      {"model", ROLE_ASSISTANT},     {"system", ROLE_SYSTEM},
    {"platform", ROLE_PLATFORM}, {"human", ROLE_HUMAN},       {"tool", ROLE_TOOL},           {"developer", ROLE_SYSTEM},
    {"person", ROLE_USER},       {"member", ROLE_USER},       {"patient", ROLE_USER},        {"client", ROLE_USER},
    {"chatgpt", ROLE_ASSISTANT}, {"claude", ROLE_ASSISTANT},  {"gpt", ROLE_ASSISTANT},       {"provider", ROLE_ASSISTANT},
};

bool text_speaker(str line, int *role, size_t *label)
{
    size_t i = 0;
    while (i < line.n && (line.p[i] == '*' || line.p[i] == '[' || line.p[i] == ' ')) i++;
    size_t b = i;
    while (i < line.n && i - b < 12 && ((line.p[i] | 32) >= 'a' && (line.p[i] | 32) <= 'z')) i++;
    if (i == b) return false;
    str name = str_sub(line, b, i);
    while (i < line.n && (line.p[i] == '*' || line.p[i] == ']' || line.p[i] == ' ')) i++;
    if (i >= line.n || line.p[i] != ':') return false;
    for (i++; i < line.n && line.p[i] == '*';) i++;
    for (size_t k = 0; k < ARRAY_LEN(speakers); k++)
        if (str_ieq(name, str_of(speakers[k].name))) {
            *role = (int)speakers[k].role;
            *label = i;
            return true;
        }
    return false;
}
