// What the browser tests share: facts in TAP, a browser, stores and reports.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
export const REFRAIN = resolve(process.argv[2] ?? join(ROOT, "build/refrain"));
export const scratch = mkdtempSync(join(tmpdir(), "refrain-web-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));

export const refrain = (...args) => execFileSync(REFRAIN, args, { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "pipe"] });

/** examples/ or other files → a store → a page; both stay in the scratch folder. */
export function report(name, inputs, ...options) {
  const store = join(scratch, `${name}.sqlite`), page = join(scratch, `${name}.html`);
  refrain("analyze", ...inputs, "-o", store, "--quiet", ...options);
  refrain("report", store, "-o", page);
  return { store, page };
}

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

export async function launch() {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-dev-shm-usage"],
  });
}

/** A page with the report open and ready. `wrong` collects console errors, exceptions and requests. */
export async function open(browser, file, { width = 1280, height = 900, scheme = "light", hash = "", timeout = 180000 } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, reducedMotion: "reduce" });
  const page = await context.newPage();
  page.setDefaultTimeout(timeout); // of a machine under load; nothing waits that long on a quiet one
  const wrong = [];
  page.on("console", (m) => { if (m.type() === "error" || m.type() === "warning") wrong.push(`console: ${m.text()}`); });
  page.on("pageerror", (e) => wrong.push(`exception: ${e.message}`));
  page.on("dialog", (d) => { wrong.push(`dialog: ${d.message()}`); d.dismiss(); });
  page.on("request", (r) => { if (!r.url().startsWith("file://") && !r.url().startsWith("data:")) wrong.push(`request: ${r.url()}`); });
  page.on("requestfailed", (r) => wrong.push(`failed: ${r.url()}`));
  await page.goto(`file://${file}${hash}`, { timeout });
  await page.waitForSelector("html[data-ready]", { timeout });
  return { page, wrong, close: () => context.close() };
}

export async function showText(page) {
  await page.getByRole("button", { name: "Show the conversation" }).click();
  await page.waitForSelector("dialog .turns");
}

// ---- facts ----

export function equal(got, want, what = "") {
  const [a, b] = [JSON.stringify(got), JSON.stringify(want)];
  if (a !== b) throw new Error(`${what}: ${a} should be ${b}`);
}

export function truth(ok, what) {
  if (!ok) throw new Error(what);
}

export async function tell(facts) {
  const names = Object.keys(facts);
  console.log(`1..${names.length}`);
  let bad = 0;
  for (const [i, name] of names.entries()) {
    try {
      const note = await facts[name]();
      console.log(`ok ${i + 1} - ${name}`);
      if (note) console.log(`# ${note}`);
    } catch (e) {
      bad++;
      console.log(`not ok ${i + 1} - ${name}\n# ${String(e.stack ?? e).split("\n").slice(0, 6).join("\n# ")}`);
    }
  }
  process.exitCode = bad ? 1 : 0;
}
