// Spans are bytes of the original UTF-8; a script counts UTF-16 units. This
// turns one into the other and cuts a turn into pieces by what they are evidence for.

/** For each boundary in bytes, ascending: the index in the string. One that falls inside a character moves to its start. */
export function toUnits(text: string, bytes: number[]): number[] {
  const out: number[] = [];
  let at = 0, unit = 0;
  for (const b of bytes) {
    while (unit < text.length) {
      const c = text.codePointAt(unit)!, size = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
      if (at + size > b) break;
      at += size;
      unit += c >= 0x10000 ? 2 : 1;
    }
    out.push(unit);
  }
  return out;
}

export interface Mark { id: string; begin: number; end: number }
export interface Piece { text: string; ids: string[] }

export function pieces(text: string, marks: Mark[]): Piece[] {
  const bytes = [...new Set(marks.flatMap((m) => [m.begin, m.end]))].sort((a, b) => a - b);
  const units = toUnits(text, bytes), unit = new Map(bytes.map((b, i) => [b, units[i]]));
  const cuts = [...new Set([0, ...units, text.length])].sort((a, b) => a - b);
  const out: Piece[] = [];
  for (let i = 0; i + 1 < cuts.length; i++) {
    const [a, b] = [cuts[i], cuts[i + 1]];
    const ids = marks.filter((m) => unit.get(m.begin)! <= a && b <= unit.get(m.end)!).map((m) => m.id);
    out.push({ text: text.slice(a, b), ids: [...new Set(ids)] });
  }
  return out;
}
