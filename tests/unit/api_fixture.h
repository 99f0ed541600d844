/* One engine for all tests of a file, judged as of one day. */
#ifndef API_FIXTURE_H
#define API_FIXTURE_H

#include "refrain/refrain.h"

#define S(lit) ((refrain_str){(lit), sizeof(lit) - 1})

static refrain_engine *engine;

static int load(void **state)
{
    (void)state;
    refrain_engine_options o = REFRAIN_ENGINE_OPTIONS_INIT;
    o.as_of = "2026-10-01";
    return refrain_engine_new(&engine, &o, NULL);
}

static int unload(void **state)
{
    (void)state;
    refrain_engine_free(engine);
    return 0;
}

#endif
