/* constructs.yaml and cues/NAME.yaml as libcyaml is told of them. For pack.c alone. */
#ifndef REFRAIN_MATCH_SCHEMA_H
#define REFRAIN_MATCH_SCHEMA_H

#include <cyaml/cyaml.h>

#include "base/base.h"

struct y_category { char *name; double *good; };
struct y_weight { double user, mhp; };
struct y_construct {
    char *id, *name, *definition, *method, *source, *applies;
    uint8_t polarity, scale, severity;
    struct y_weight weight;
    bool scored, every_reply;
    struct y_category *categories; unsigned categories_count;
    char **fires; unsigned fires_count;
    char **near; unsigned near_count;
};
struct y_constructs { int version; struct y_construct *constructs; unsigned constructs_count; };
struct y_cue {
    char *id, *act, *construct, *tag, *value;
    char **role; unsigned role_count;
    bool rule;
    char **phrases; unsigned phrases_count;
    char **fire; unsigned fire_count;
    char **near; unsigned near_count;
};
struct y_cues { int version; struct y_cue *cues; unsigned cues_count; };

static const cyaml_schema_value_t y_text = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 0, CYAML_UNLIMITED)};
static const cyaml_strval_t y_polarity[] = {{"negative", 0}, {"positive", 1}, {"descriptive", 2}};
static const cyaml_strval_t y_scale[] = {{"binary", 0}, {"ordinal", 1}, {"count", 2}, {"category", 3}};
static const cyaml_strval_t y_severity[] = {{"none", 0}, {"minor", 1}, {"major", 2}, {"critical", 3}};
#define Y_STR(key, s, f, flags) CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | (flags), s, f, 0, CYAML_UNLIMITED)
#define Y_LIST(key, s, f) CYAML_FIELD_SEQUENCE(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, s, f, &y_text, 0, CYAML_UNLIMITED)
#define Y_ENUM(key, s, f, e) CYAML_FIELD_ENUM(key, CYAML_FLAG_DEFAULT, s, f, e, ARRAY_LEN(e))
static const cyaml_schema_field_t y_category_fields[] = {
    Y_STR("name", struct y_category, name, 0),
    CYAML_FIELD_FLOAT_PTR("good", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct y_category, good),
    CYAML_FIELD_END};
static const cyaml_schema_value_t y_category_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct y_category, y_category_fields)};
static const cyaml_schema_field_t y_weight_fields[] = {
    CYAML_FIELD_FLOAT("user", CYAML_FLAG_DEFAULT, struct y_weight, user),
    CYAML_FIELD_FLOAT("mhp", CYAML_FLAG_DEFAULT, struct y_weight, mhp), CYAML_FIELD_END};
static const cyaml_schema_field_t y_construct_fields[] = {
    Y_STR("id", struct y_construct, id, 0), Y_STR("name", struct y_construct, name, 0),
    Y_STR("definition", struct y_construct, definition, 0), Y_STR("method", struct y_construct, method, 0),
    Y_STR("source", struct y_construct, source, 0), Y_STR("applies", struct y_construct, applies, CYAML_FLAG_OPTIONAL),
    Y_ENUM("polarity", struct y_construct, polarity, y_polarity), Y_ENUM("scale", struct y_construct, scale, y_scale),
    Y_ENUM("severity", struct y_construct, severity, y_severity),
    CYAML_FIELD_MAPPING("weight", CYAML_FLAG_DEFAULT, struct y_construct, weight, y_weight_fields),
    CYAML_FIELD_BOOL("scored", CYAML_FLAG_DEFAULT, struct y_construct, scored),
    CYAML_FIELD_BOOL("every_reply", CYAML_FLAG_DEFAULT, struct y_construct, every_reply),
    CYAML_FIELD_SEQUENCE("categories", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct y_construct, categories,
                         &y_category_value, 0, CYAML_UNLIMITED),
    Y_LIST("fires", struct y_construct, fires), Y_LIST("near", struct y_construct, near), CYAML_FIELD_END};
static const cyaml_schema_value_t y_construct_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct y_construct, y_construct_fields)};
static const cyaml_schema_field_t y_constructs_fields[] = {
    CYAML_FIELD_INT("version", CYAML_FLAG_DEFAULT, struct y_constructs, version),
    CYAML_FIELD_SEQUENCE("constructs", CYAML_FLAG_POINTER, struct y_constructs, constructs, &y_construct_value, 1,
                         CYAML_UNLIMITED),
    CYAML_FIELD_END};
static const cyaml_schema_value_t y_constructs_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct y_constructs, y_constructs_fields)};
static const cyaml_schema_field_t y_cue_fields[] = {
    Y_STR("id", struct y_cue, id, 0), Y_STR("act", struct y_cue, act, CYAML_FLAG_OPTIONAL),
    Y_STR("construct", struct y_cue, construct, CYAML_FLAG_OPTIONAL), Y_STR("tag", struct y_cue, tag, CYAML_FLAG_OPTIONAL),
    Y_STR("value", struct y_cue, value, CYAML_FLAG_OPTIONAL), Y_LIST("role", struct y_cue, role),
    CYAML_FIELD_BOOL("rule", CYAML_FLAG_OPTIONAL, struct y_cue, rule), Y_LIST("phrases", struct y_cue, phrases),
    Y_LIST("fire", struct y_cue, fire), Y_LIST("near", struct y_cue, near),
    CYAML_FIELD_END};
static const cyaml_schema_value_t y_cue_value = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct y_cue, y_cue_fields)};
static const cyaml_schema_field_t y_cues_fields[] = {
    CYAML_FIELD_INT("version", CYAML_FLAG_OPTIONAL, struct y_cues, version),
    CYAML_FIELD_SEQUENCE("cues", CYAML_FLAG_POINTER, struct y_cues, cues, &y_cue_value, 0, CYAML_UNLIMITED),
    CYAML_FIELD_END};
static const cyaml_schema_value_t y_cues_schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct y_cues, y_cues_fields)};

#endif
