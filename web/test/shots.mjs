// Pictures of the main views, of the examples, into docs/img/: light, dark, a
// phone, one conversation.   shots.mjs REFRAIN
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { launch, open, report, ROOT, showText } from "./page.mjs";

const OUT = join(ROOT, "docs/img");
mkdirSync(OUT, { recursive: true });
const { page: file } = report("shots", ["examples/"], "--store-text");
const browser = await launch();

async function shot(name, options, act = async () => {}) {
  const { page, close } = await open(browser, file, options);
  await act(page);
  await page.waitForTimeout(300);
  await page.screenshot({ path: join(OUT, `${name}.png`) });
  console.log(`docs/img/${name}.png`);
  await close();
}

const to = (id) => (page) => page.evaluate((id) => {
  document.getElementById(id).scrollIntoView();
  window.scrollBy(0, 40);
}, id);

await shot("report-light", { width: 1200, height: 1320 });
await shot("report-dark", { width: 1200, height: 1240, scheme: "dark" }, to("path"));
await shot("report-next", { width: 1200, height: 900 }, to("next"));
await shot("report-phone", { width: 390, height: 844 }, to("path"));
await shot("report-phone-dark", { width: 390, height: 844, scheme: "dark" });
await shot("report-case", { width: 1200, height: 900 }, async (page) => {
  await page.fill("#f-search", "g12-hotline");
  await page.waitForFunction(() => document.querySelectorAll(".episodes tbody tr").length === 1);
  await page.click(".episodes .rowlink");
  await showText(page);
  await page.click("button.code[data-id='P3.cold']");
});
await browser.close();
