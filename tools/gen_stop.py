#!/usr/bin/env python3
"""packs/en/stop.txt → stop.gen.h: an open-addressing table of FNV-1a hashes.

The hash must be that of src/text/overlap.c (word_hash).
"""
import sys

SLOTS = 1024


def fnv(word):
    h = 2166136261
    for b in word.encode():
        h = ((h ^ b) * 16777619) & 0xFFFFFFFF
    return h or 1


words = set()
for line in open(sys.argv[1], encoding="utf-8"):
    if not line.startswith("#"):
        words.update(line.split())
assert len(words) < SLOTS // 2, "stop list too long for its table"
slot = [0] * SLOTS
for w in sorted(words):
    i = fnv(w) % SLOTS
    while slot[i]:
        i = (i + 1) % SLOTS
    slot[i] = fnv(w)
with open(sys.argv[2], "w", encoding="utf-8") as out:
    out.write("/* Generated from packs/en/stop.txt; do not edit. 0 is an empty slot. */\n"
              f"#define STOP_SLOTS {SLOTS}u\nstatic const uint32_t stop_slot[STOP_SLOTS] = {{\n")
    for i in range(0, SLOTS, 8):
        out.write("    " + ", ".join(f"{v}u" for v in slot[i:i + 8]) + ",\n")
    out.write("};\n")
