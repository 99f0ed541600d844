// web/src → web/dist/report.html: one file with style and script inside, a
// policy that lets that one script run and nothing be fetched, and a mark where
// `refrain report` puts the data. `build.mjs --check` says whether the committed
// file is what the sources give.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "dist", "report.html");
const MARK = "<!--refrain:data-->";
const LIMIT = 500_000;

async function bundle(entry) {
  const done = await build({
    entryPoints: [join(here, "src", entry)],
    bundle: true, minify: true, write: false, format: "iife", target: "es2022", charset: "ascii", legalComments: "none",
    absWorkingDir: here,
  });
  return done.outputFiles[0].text.trim();
}

// The words that would end an inline script; they can only stand in a string or a pattern.
const inert = (js) => js.replace(/<\/(script)/gi, "<\\/$1").replace(/<!--/g, "<\\!--");

const script = inert(await bundle("main.ts"));
const style = await bundle("report.css");
if (/<\/style/i.test(style)) throw new Error("the style would end its own element");
const hash = "sha256-" + createHash("sha256").update(script).digest("base64");
const page = readFileSync(join(here, "src", "index.html"), "utf8")
  .replace("{{hash}}", () => hash).replace("{{style}}", () => style).replace("{{script}}", () => script);
if (page.split(MARK).length !== 2) throw new Error(`the page must have ${MARK} once`);
if (page.length > LIMIT) throw new Error(`the page has ${page.length} bytes; ${LIMIT} are allowed`);

if (process.argv.includes("--check")) {
  if (readFileSync(out, "utf8") !== page) {
    console.error("web/dist/report.html is not what web/src gives: run ./dev web and commit it");
    process.exit(1);
  }
} else {
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, page);
  console.log(`web/dist/report.html: ${page.length} bytes`);
}
