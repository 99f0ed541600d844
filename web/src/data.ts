// What `refrain report` wrote into the page, made readable. `meta` is JSON; the
// columns are one compressed block of little-endian arrays, so that 100,000
// episodes are a few megabytes; what is only needed when somebody opens one
// (codes, spans, turns) comes in compressed pieces that are read on demand.
// docs/reading-a-report.md#the-data-in-the-page describes the format.

export interface Construct {
  id: string; phase: number; name: string; definition: string; polarity: string; scale: string; severity: string;
  categories: string[]; source: string;
}
export interface Value { id: string; value: number | null; lo: number | null; hi: number | null; n: number }
export interface Figure extends Value {
  name: string; family: string; unit: string; better: number; censored: number; about: string; of: string; reason: string;
}
export interface Group { name: string; conversations: number; episodes: number; metrics: Value[] }
export interface WrongContact {
  text: string; status: string; where: string; country: string; instead: string; line: string; why: string; n: number;
  conversations: number; first: number;
}
type Words = [string, string][];
export interface Meta {
  format: number;
  run: {
    version: string; started: string; whole: number; text: number; pack: string; pack_hash: string; directory: string; as_of: string;
    options: Record<string, unknown>; source: string[];
  };
  counts: {
    conversations: number; turns: number; replies: number; episodes: number; rejected: number; with_episode: number; simulated: number;
    stale: number; contacts: Record<string, number>; warnings: Record<string, number>;
  };
  words: {
    rtype: Words; decision: Words; quadrant: Words; end: Words; next: Words; contact: Words; reason: Words; flag: Words; phase: string[];
    gate: [string, string, number, string, number][]; // id, title, critical, what fires it, phases whose scores it overrides (bit 0: P1)
  };
  constructs: Construct[];
  dict: Record<"model" | "locale" | "country" | "population" | "path", string[]>;
  metrics: Figure[];
  draws: number;
  groups: { by: string; n: number; draws: number; groups: Group[] }[];
  time: { unit: string; buckets: { start: string; conversations: number; replies: number; refusals: number }[] };
  contacts: WrongContact[];
  referrals: { where: string; country: string; n: number }[];
  columns: Record<"row" | "conv", Record<string, [string, number, number]>>;
  rows: number; convs: number; detailed: number;
  chunks: number[]; // at which conversation each begins
}

export interface Code {
  value: unknown; method?: string; conf?: number; lag?: number; spans: [number, number, number][]; searched?: [number, number]; reason?: string;
}
export interface Contact {
  begin: number; end: number; text: string; status: string; stale: boolean; country: string; instead: string; why: string;
}
export interface Turn {
  role: string; time: string; risk: number | null; flags: number; rtype: string | null; decision: string | null; text: string | null;
  contacts: Contact[];
}
export interface Detail {
  turns: Turn[];
  episodes: { start: number; anchor: number; end: number; coverage: (number | null)[]; codes: Map<string, Code> }[];
  outside: Map<string, Code>; // of the reply that a row outside the episodes is about
  gates: { id: string; turn: number; episode: number | null; status: string; why: string }[];
  warnings: { code: string; turn: number | null }[];
}

// ---- details as they come: rows of tables ----

type Cell = string | number | null;
interface Wire {
  turns: Cell[][]; episodes: Cell[][]; contacts: Cell[][]; gates: Cell[][]; warnings: Cell[][];
  codes: [number | null, string, Cell, string | null, string | null, number | null, string | null, number | null, number | null, number | null, number[]][];
}

function detail(w: Wire): Detail {
  const text = (c: Cell): string => (c === null ? "" : String(c));
  const d: Detail = {
    turns: w.turns.map(([role, time, risk, flags, rtype, decision, words]) => ({
      role: text(role), time: text(time), risk: risk as number | null, flags: Number(flags ?? 0), rtype: rtype as string | null,
      decision: decision as string | null, text: words as string | null, contacts: [],
    })),
    episodes: w.episodes.map(([start, anchor, end, ...coverage]) =>
      ({ start: Number(start), anchor: Number(anchor), end: Number(end), coverage: coverage as (number | null)[], codes: new Map() })),
    outside: new Map(),
    gates: w.gates.map(([id, turn, episode, status, why]) =>
      ({ id: text(id), turn: Number(turn), episode: episode as number | null, status: text(status), why: text(why) })),
    warnings: w.warnings.map(([code, turn]) => ({ code: text(code), turn: turn as number | null })),
  };
  for (const [turn, begin, end, words, status, stale, , country, instead, why] of w.contacts)
    d.turns[Number(turn)]?.contacts.push({ begin: Number(begin), end: Number(end), text: text(words), status: text(status),
      stale: !!stale, country: text(country), instead: text(instead), why: text(why) });
  for (const [episode, id, value, reason, method, conf, , lag, from, to, flat] of w.codes) {
    const spans: Code["spans"] = [];
    for (let i = 0; i + 2 < flat.length; i += 3) spans.push([flat[i], flat[i + 1], flat[i + 2]]);
    const code: Code = { value, spans, reason: reason ?? undefined, method: method ?? undefined, conf: conf ?? undefined, lag: lag ?? undefined,
      searched: from === null ? undefined : [from, to ?? from] };
    (episode === null ? d.outside : d.episodes[episode]?.codes)?.set(id, code);
  }
  return d;
}

type Numbers = Uint8Array | Uint16Array | Uint32Array | Float64Array;
const ARRAYS = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, f64: Float64Array } as const;

export const NONE8 = 255;
export const NONE16 = 65535;
export const OUTSIDE = 255; // episode number of a row that is a gate outside any episode
export const RISK_X = 6;

function block(id: string): HTMLElement {
  const el = document.getElementById(id);
  if (!el) throw new Error(`the report has no block '${id}'`);
  return el;
}

async function inflate(id: string): Promise<ArrayBuffer> {
  const text = block(id).textContent!;
  const coded = atob(text.trim());
  const bytes = new Uint8Array(coded.length);
  for (let i = 0; i < coded.length; i++) bytes[i] = coded.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

export class Report {
  private cache = new Map<number, Promise<(Detail | null)[]>>();
  private ids: (string | undefined)[];
  private utf8 = new TextDecoder();
  readonly row: Record<string, Numbers> = {};
  readonly conv: Record<string, Numbers> = {};
  readonly construct = new Map<string, Construct>();

  private constructor(readonly meta: Meta, bytes: ArrayBuffer) {
    for (const table of ["row", "conv"] as const)
      for (const [name, [type, at, n]] of Object.entries(meta.columns[table]))
        this[table][name] = new ARRAYS[type as keyof typeof ARRAYS](bytes, at, n);
    this.ids = new Array(meta.convs);
    for (const c of meta.constructs) this.construct.set(c.id, c);
  }

  static async read(): Promise<Report> {
    const meta = JSON.parse(block("meta").textContent!) as Meta;
    if (meta.format !== 1) throw new Error(`the data has format ${meta.format}; this page reads 1`);
    return new Report(meta, await inflate("columns"));
  }

  id(conv: number): string {
    let id = this.ids[conv];
    if (id === undefined) {
      const at = this.conv.id_at;
      id = this.ids[conv] = this.utf8.decode((this.conv.id as Uint8Array).subarray(at[conv], at[conv + 1]));
    }
    return id;
  }

  of(row: number, name: keyof Meta["dict"]): string {
    return this.meta.dict[name][this.conv[name][this.row.conv[row]]];
  }

  /** Score in points, or null: too little to go by. */
  score(row: number, phase: number, who: "u" | "m"): number | null {
    const v = this.row[`p${phase}${who}`][row];
    return v === NONE16 ? null : v / 10;
  }

  isEpisode(row: number): boolean {
    return this.row.episode[row] !== OUTSIDE;
  }

  /** Codes, spans and turns of a conversation; null when the report left them out for size. */
  async detail(conv: number): Promise<Detail | null> {
    if (conv >= this.meta.detailed) return null;
    const { chunks } = this.meta;
    let k = chunks.length - 1;
    while (k > 0 && chunks[k] > conv) k--;
    let piece = this.cache.get(k);
    if (!piece) {
      piece = inflate(`d${k}`).then((b) => (JSON.parse(this.utf8.decode(b)) as (Wire | null)[]).map((w) => w && detail(w)));
      this.cache.set(k, piece);
    }
    return (await piece)[conv - chunks[k]];
  }
}

export const REACTIONS = 0xfff; // of row.next: what the person did
export const FOLLOWED = 1 << 12; // of row.next: they wrote again, whatever it was

export const bits = (mask: number): number[] => {
  const out: number[] = [];
  for (let i = 0; mask >> i; i++) if ((mask >> i) & 1) out.push(i);
  return out;
};
