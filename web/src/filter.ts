// Which rows the page speaks of. One filter for all charts and the list; a
// choice within one heading widens, several headings narrow.
import { NONE16, Report } from "./data";

export interface Filter {
  search: string;
  set: Record<Kind, Set<number>>;
  phase: { p: number; who: "u" | "m"; below: number } | null;
  code: { id: string; values: number[] } | null;
}
export type Kind = "gate" | "status" | "quadrant" | "decision" | "rtype" | "risk" | "next" | "model" | "locale" | "country" | "population";
export const KINDS: Kind[] = ["gate", "status", "quadrant", "decision", "rtype", "risk", "next", "model", "locale", "country", "population"];

export const CONFIRMED = 0, SUSPECTED = 1, NO_GATE = 2;

export const empty = (): Filter => ({
  search: "", phase: null, code: null,
  set: Object.fromEntries(KINDS.map((k) => [k, new Set<number>()])) as Record<Kind, Set<number>>,
});

type Test = (row: number) => boolean;

const mask = (set: Set<number>): number => [...set].reduce((m, i) => m | (1 << i), 0);

function gateTest(r: Report, f: Filter): Test | null {
  const ids = mask(f.set.gate) || 0xffff;
  const { gate, status } = f.set;
  if (!gate.size && !status.size) return null;
  const { gc, gs } = r.row;
  const any = !status.size;
  return (i) =>
    ((any || status.has(CONFIRMED)) && (gc[i] & ids) !== 0) || ((any || status.has(SUSPECTED)) && (gs[i] & ids) !== 0) ||
    (status.has(NO_GATE) && (gc[i] | gs[i]) === 0);
}

function tests(r: Report, f: Filter): Test[] {
  const out: Test[] = [];
  const gates = gateTest(r, f);
  if (gates) out.push(gates);
  for (const k of ["quadrant", "decision", "rtype", "risk"] as const) {
    const set = f.set[k], column = r.row[k];
    if (set.size) out.push((i) => set.has(column[i]));
  }
  if (f.set.next.size) {
    const m = mask(f.set.next), column = r.row.next;
    out.push((i) => (column[i] & m) !== 0);
  }
  for (const k of ["model", "locale", "country", "population"] as const) {
    const set = f.set[k], column = r.conv[k], conv = r.row.conv;
    if (set.size) out.push((i) => set.has(column[conv[i]]));
  }
  if (f.phase) {
    const { p, who, below } = f.phase, column = r.row[`p${p}${who}`];
    out.push((i) => column[i] !== NONE16 && column[i] < below * 10);
  }
  if (f.code) {
    const set = new Set(f.code.values), column = r.row[f.code.id];
    out.push((i) => set.has(column[i]));
  }
  const words = f.search.trim().toLowerCase();
  if (words) {
    const conv = r.row.conv;
    out.push((i) => r.id(conv[i]).toLowerCase().includes(words));
  }
  return out;
}

export function apply(r: Report, f: Filter): Uint32Array {
  const all = tests(r, f), out = new Uint32Array(r.meta.rows);
  let n = 0;
  for (let i = 0; i < r.meta.rows; i++) if (all.every((t) => t(i))) out[n++] = i;
  return out.subarray(0, n);
}

export const isEmpty = (f: Filter): boolean =>
  !f.search.trim() && !f.phase && !f.code && KINDS.every((k) => f.set[k].size === 0);
