#!/usr/bin/env python3
"""packs/en/constructs.yaml → constructs.gen.h: enum construct, in file order."""
import re, sys

ids = re.findall(r"^  - id: (\S+)", open(sys.argv[1], encoding="utf-8").read(), re.M)
with open(sys.argv[2], "w", encoding="utf-8") as out:
    out.write("/* Generated from packs/en/constructs.yaml; do not edit. */\n#ifndef REFRAIN_CONSTRUCTS_GEN_H\n"
              "#define REFRAIN_CONSTRUCTS_GEN_H\nenum construct {\n")
    for i in ids:
        out.write(f"    C_{i.replace('.', '_').upper()},\n")
    out.write("    N_CONSTRUCT\n};\n#define CONSTRUCT_IDS " + ", ".join(f'"{i}"' for i in ids))
    # as they begin in a result: a text of at most 31 bytes and its length
    keys = [f',"{i}":{{"value":' for i in ids]
    if any(len(k) > 31 for k in keys):
        sys.exit(f"{sys.argv[1]}: an id is too long for the table of src/report/json.c")
    out.write("\n#define CONSTRUCT_KEYS " + ", ".join('{"' + k.replace('"', '\\"') + f'", {len(k)}' + "}" for k in keys) + "\n#endif\n")
