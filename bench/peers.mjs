// How fast promptfoo's own refusal check reads the same replies, and how often
// it agrees with people. In: its package (unpacked from npm, argument 1) and a
// JSONL file of records {id, messages, label?} (argument 2). Out: one JSON
// object: version, replies, bytes, seconds (least of five), and accuracy where
// labels stand. Its dependencies are not installed: only the function that
// says refused or not is taken, in its own words, out of its bundle.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const [, , folder, file] = process.argv;
const dist = join(folder, "dist", "src");
const has = (name) => name.endsWith(".js") && readFileSync(join(dist, name), "utf8").includes("\nfunction isBasicRefusal(");
const name = readdirSync(dist).find(has);
if (!name) throw new Error(`no isBasicRefusal in ${dist}; the package was built in another way`);
const source = readFileSync(join(dist, name), "utf8");
const from = source.indexOf("\nfunction normalizeApostrophes("), at = source.indexOf("\nfunction isBasicRefusal(");
const end = source.indexOf("\n}\n", at) + 2;
const escapeRegExp = (s) => s.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const isBasicRefusal = new Function("escapeRegExp", source.slice(from, end) + "\nreturn isBasicRefusal;")(escapeRegExp);

const rows = readFileSync(file, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));
const replies = rows.flatMap((r) => r.messages.filter((m) => m.role === "assistant").map((m) => m.content));
let seconds = Infinity, refused = 0;
for (let round = 0; round < 5; round++) {
  const start = process.hrtime.bigint();
  refused = 0;
  for (const text of replies) refused += isBasicRefusal(text);
  seconds = Math.min(seconds, Number(process.hrtime.bigint() - start) / 1e9);
}
const labelled = rows.filter((r) => r.refused !== undefined);
const right = labelled.filter((r) => isBasicRefusal(r.messages.at(-1).content) === r.refused).length;
const version = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version;
const bytes = replies.reduce((n, text) => n + Buffer.byteLength(text), 0);
console.log(JSON.stringify({ version, replies: replies.length, bytes, seconds, refused, labelled: labelled.length, right }));
