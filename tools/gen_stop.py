#!/usr/bin/env python3
"""packs/en/stop.txt → stop.gen.h: an open-addressing table of token hashes.

The hash must be that of src/text/text.h (text_hash), cut to 32 bits.
"""
import sys

SLOTS = 1024


def mix(a, b):
    m = (a ^ 0x9E3779B97F4A7C15) * (b ^ 0xD1B54A32D192ED03)
    return (m ^ m >> 64) & 0xFFFFFFFFFFFFFFFF


def token_hash(word):
    b = word.encode()
    h = 0x243F6A8885A308D3 ^ len(b)
    while len(b) > 8:
        h = mix(h ^ int.from_bytes(b[:8], "little"), 0xA4093822299F31D0)
        b = b[8:]
    h = mix(h ^ int.from_bytes(b, "little"), 0x082EFA98EC4E6C89)
    return h & 0xFFFFFFFF or 1


words = set()
for line in open(sys.argv[1], encoding="utf-8"):
    if not line.startswith("#"):
        words.update(line.split())
assert len(words) < SLOTS // 2, "stop list too long for its table"
slot = [0] * SLOTS
for w in sorted(words):
    i = token_hash(w) % SLOTS
    while slot[i]:
        i = (i + 1) % SLOTS
    slot[i] = token_hash(w)
with open(sys.argv[2], "w", encoding="utf-8") as out:
    out.write("/* Generated from packs/en/stop.txt; do not edit. 0 is an empty slot. */\n"
              f"#define STOP_SLOTS {SLOTS}u\nstatic const uint32_t stop_slot[STOP_SLOTS] = {{\n")
    for i in range(0, SLOTS, 8):
        out.write("    " + ", ".join(f"{v}u" for v in slot[i:i + 8]) + ",\n")
    out.write("};\n")
