#!/usr/bin/env python3
"""packs/en/stop.txt → stop.gen.h: rows of two token hashes, by the top bits of a
product with the hash, so that two comparisons tell a stop word.

The hash must be that of src/text/text.h (text_hash), cut to 32 bits.
"""
import sys

BITS, WIDTH = 10, 2


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
hashes = sorted(token_hash(w) for w in words)
for k in range(10000): # most factors leave some row too full
    factor = 0x9E3779B1 + 2 * k & 0xFFFFFFFF
    rows = [[] for _ in range(1 << BITS)]
    for h in hashes:
        rows[(h * factor & 0xFFFFFFFF) >> 32 - BITS].append(h)
    if max(map(len, rows)) <= WIDTH:
        break
else:
    sys.exit("stop list too long for its table: let BITS be more")
with open(sys.argv[2], "w", encoding="utf-8") as out:
    out.write("/* Generated from packs/en/stop.txt; do not edit. Free places repeat a word: no other hash meets it in that row. */\n"
              f"#define STOP_FACTOR {factor}u\n#define STOP_SHIFT {32 - BITS}\n"
              f"static const uint32_t stop_row[{1 << BITS}][{WIDTH}] = {{\n")
    for row in rows:
        out.write("    {" + ", ".join(f"{h}u" for h in row + hashes[:1] * (WIDTH - len(row))) + "},\n")
    out.write("};\n")
