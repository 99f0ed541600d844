// 100,000 episodes: how large the page is, how long it takes to make, to open
// and to answer the first click. Bounds are generous, for machines under load;
// the figures themselves are printed and stand in docs/performance.md.
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { equal, launch, open, refrain, report, ROOT, scratch, tell, truth } from "./page.mjs";

const N = 100000;
const { store } = report("small", ["examples/"]);
const big = join(scratch, "big.sqlite"), page = join(scratch, "big.html");
execFileSync("python3", [join(ROOT, "web/test/many.py"), store, big, String(N)]);
const browser = await launch();

await tell({
  async is_made_in_time_and_small_enough() {
    const from = Date.now();
    refrain("report", big, "-o", page);
    const s = (Date.now() - from) / 1000, mb = statSync(page).size / 1e6;
    truth(mb < 30, `${mb} MB`);
    truth(s < 300, `${s} s`);
    return `made in ${s.toFixed(1)} s, ${mb.toFixed(1)} MB`;
  },
  async answers_the_first_click() {
    const from = Date.now();
    const { page: p, wrong, close } = await open(browser, page, { timeout: 300000 });
    const ready = Date.now() - from;
    const inside = await p.evaluate(() => performance.now());
    await p.click(".qcell.q4");
    await p.waitForSelector(".chip");
    const done = Date.now() - from;
    truth(Number((await p.locator(".count b").textContent()).replace(/,/g, "")) > 1000, "the filter");
    const click = await p.evaluate(() => {
      const t = performance.now();
      document.querySelector(".chip").click();
      return performance.now() - t;
    });
    equal(wrong, []);
    truth(done < 120000, `${done} ms`);
    await close();
    return `ready after ${ready} ms (${Math.round(inside)} in the page), first click answered after ${done} ms; a further change takes ${Math.round(click)} ms`;
  },
  async says_which_details_it_left_out() {
    const { page: p, close } = await open(browser, page, { hash: `#case-${N - 1}`, timeout: 300000 });
    await p.waitForSelector("dialog[open]");
    truth((await p.locator("dialog").textContent()).includes("were left out"), "it says so");
    truth(/worst of/.test(await p.locator("#method").textContent()), "method says so");
    await close();
  },
});
await browser.close();
