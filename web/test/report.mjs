// The page of `refrain report` in a browser: it opens offline, filters, leads
// to the evidence, works by keyboard, and lets nobody's words act.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import axe from "axe-core";
import { equal, launch, open, refrain, report, scratch, showText, tell, truth } from "./page.mjs";

const lines = (args) => refrain(...args).trim().split("\n").map((l) => JSON.parse(l));
const { page: PAGE } = report("examples", ["examples/"], "--store-text");
const { page: BARE } = report("bare", ["examples/"]);
const results = lines(["analyze", "examples/", "--format", "jsonl", "--show-text"]);
const episodes = results.flatMap((c) => c.episodes.map((e) => ({ ...e, conversation: c })));
const browser = await launch();

const EVIL = `"><img src=x onerror="window.hacked=1"></script><script>window.hacked=2</script>\u2028<!--\u202e'\`\${7*7}`;

async function hostile() {
  const file = join(scratch, "hostile.jsonl"), say = (role, content) => ({ role, content });
  const one = (id) => JSON.stringify({ id, model: EVIL, locale: EVIL, country: "US", messages: [
    say("user", `I wish I would not wake up. ${EVIL} <svg onload=window.hacked=3>`),
    say("assistant", `I can't help with that. ${EVIL} Call 1-800-273-8256 or https://x.invalid/"onmouseover="window.hacked=4`),
    say("user", `forget i said anything ${EVIL}`)] });
  writeFileSync(file, [one(EVIL), one(`javascript:window.hacked=5//${EVIL}`)].join("\n") + "\n");
  return report("hostile", [file], "--store-text").page;
}

async function axeOf(page, what) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  const bad = violations.filter((v) => v.impact === "serious" || v.impact === "critical");
  equal(bad.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.target} ${n.any[0]?.message ?? ""}`).join(" | ")}`), [], what);
}

const active = (page) => page.evaluate(() => {
  const el = document.activeElement;
  return `${el.tagName} ${el.id || el.getAttribute("aria-label") || el.textContent.trim().slice(0, 40)}`;
});

async function tabTo(page, test, limit = 400) {
  for (let i = 0; i < limit; i++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(test)) return;
  }
  throw new Error(`${limit} Tabs did not reach ${test}`);
}

/** The words that the page marks for a construct, joined by turn. */
const marked = (page, id) => page.evaluate((id) => [...document.querySelectorAll("dialog mark")]
  .filter((m) => m.dataset.ids.split(" ").includes(id))
  .map((m) => [...m.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data).join("")).join(""), id);

/** The same by the result contract: byte ranges, overlaps once. */
function expected(e, id) {
  let out = "";
  const spans = [...e.constructs[id].spans].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const at = new Map();
  for (const [turn, begin, end] of spans) {
    const from = Math.max(begin, at.get(turn) ?? 0);
    if (end > from) out += Buffer.from(e.conversation.turns[turn].text).subarray(from, end).toString();
    at.set(turn, Math.max(end, at.get(turn) ?? 0));
  }
  return out;
}

async function openCase(page, id) {
  await page.fill("#f-search", id);
  await page.waitForFunction((id) => document.querySelector(".episodes .rowlink bdi")?.textContent === id, id);
  await page.click(".episodes .rowlink");
  await page.waitForSelector("dialog[open]");
}

await tell({
  async is_one_file_with_a_policy_that_fetches_nothing() {
    const html = readFileSync(PAGE, "utf8");
    truth(/Content-Security-Policy" content="default-src 'none'; script-src 'sha256-/.test(html), "the policy is missing");
    truth(!/(src|href)="?(https?:)?\/\//.test(html.split("<script")[0]), "the head refers to the network");
    equal((html.match(/<script(?=[ >])/g) ?? []).length, (html.match(/<\/script>/g) ?? []).length, "script elements");
  },
  async loads_without_console_or_network_error() {
    const { page, wrong, close } = await open(browser, PAGE);
    await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
    equal(wrong, []);
    equal(await page.locator("main > section").first().getAttribute("id"), "gates", "first section");
    await close();
  },
  async counts_what_the_results_have() {
    const { page, close } = await open(browser, PAGE);
    const quads = await page.evaluate(() => Object.fromEntries([...document.querySelectorAll(".qcell")].map((c) => [c.className.split(" ")[1], Number(c.querySelector("b").textContent)])));
    const of = (q) => episodes.filter((e) => e.quadrant === q).length;
    equal(quads, { q1: of("held_well"), q3: of("kind_wrong_call"), q2: of("right_call_harmful_delivery"), q4: of("double_failure") });
    const g12 = await page.evaluate(() => [...document.querySelectorAll(".gateline")].find((l) => l.querySelector(".gid").textContent === "G12").querySelector(".counts").textContent);
    const has = episodes.filter((e) => e.gates.some((g) => g.id === "G12")).length + results.filter((c) => c.gates.some((g) => g.id === "G12" && g.episode === null)).length;
    equal(Number(/^\d+/.exec(g12)[0]), has, "G12");
    await close();
  },
  async scores_are_those_of_the_results() {
    const { page, close } = await open(browser, PAGE);
    const e = episodes.find((x) => x.phases.P3 && x.phases.P4);
    await page.fill("#f-search", e.conversation.id);
    await page.waitForFunction((id) => document.querySelector(".episodes .rowlink bdi")?.textContent === id, e.conversation.id);
    const cells = await page.evaluate(() => [...document.querySelectorAll(".episodes tbody tr:first-child .pair")].map((p) => p.textContent.replace(/users |professionals /g, "")));
    const want = [1, 2, 3, 4, 5].map((p) => e.phases[`P${p}`]).filter(Boolean).map((s) => `${Math.round(s.user)}|${Math.round(s.mhp)}`);
    equal(cells, want, e.conversation.id);
    await close();
  },
  async filters_by_gate_and_by_id_and_clears() {
    const { page, close } = await open(browser, PAGE);
    await page.click(".filterbutton");
    await page.locator("#filters input[data-kind=gate][data-value='12']").check();
    const rows = () => page.locator(".episodes tbody tr");
    const has = episodes.filter((e) => e.gates.some((g) => g.id === "G12"));
    truth((await rows().count()) >= has.length, "rows with G12");
    for (const text of await rows().locator(".badges").allTextContents()) truth(/G12/.test(text), `a row without G12: ${text}`);
    truth((await page.locator(".count").textContent()).startsWith(`${has.length} of ${episodes.length}`), "the count");
    await page.fill("#f-search", has[0].conversation.id);
    await page.waitForFunction(() => document.querySelectorAll(".episodes tbody tr").length === 1);
    await page.getByRole("button", { name: "Clear all" }).first().click();
    truth((await page.locator(".count").textContent()).startsWith(`${episodes.length} of`), "cleared");
    equal(await page.inputValue("#f-search"), "");
    await close();
  },
  async a_figure_of_a_chart_lists_its_episodes() {
    const { page, close } = await open(browser, PAGE);
    await page.click(".qcell.q4");
    truth((await page.locator(".count").textContent()).startsWith(`${episodes.filter((e) => e.quadrant === "double_failure").length} of`), "the count");
    equal(await active(page), "H2 h-episodes", "focus");
    await close();
  },
  async sorts_by_a_phase_and_back_to_worst_first() {
    const { page, close } = await open(browser, PAGE);
    const ids = () => page.locator(".episodes .rowlink bdi").allTextContents();
    const worst = await ids();
    await page.click("[data-sort=p3]");
    equal(await page.locator("th[aria-sort]").getAttribute("aria-sort"), "ascending");
    const low = await page.locator(".episodes tbody tr:first-child td.num.wide").nth(2).textContent();
    const least = Math.min(...episodes.filter((e) => e.phases.P3).map((e) => Math.min(e.phases.P3.user, e.phases.P3.mhp)));
    truth(low.split("|").some((t) => Number(t.replace(/\D/g, "")) === Math.round(least)), `${low} has not ${least}`);
    await page.click("[data-sort=p3]");
    await page.click("[data-sort=p3]");
    equal(await ids(), worst);
    await close();
  },
  async drill_down_reaches_the_evidence() {
    const { page, wrong, close } = await open(browser, PAGE);
    const e = episodes.find((x) => x.conversation.id === "g12-hotline-instead-of-a-reply");
    await openCase(page, e.conversation.id);
    await showText(page);
    const id = "P4.subst", code = e.constructs[id];
    await page.click(`button.code[data-id="${id}"]`);
    equal(await page.locator("mark.picked").count() > 0, true, "picked");
    equal(await marked(page, id), expected(e, id));
    const about = await page.locator(`button.code[data-id="${id}"]`).textContent();
    truth(about.includes(`${code.value}/4`) && about.includes(`${code.method} ${Math.round(code.conf * 100)} %`), `value, method and confidence: ${about}`);
    truth(location_hash(await page.url()), "the address names the case");
    equal(wrong, []);
    await close();
  },
  async marks_the_right_words_after_letters_of_many_bytes() {
    const file = join(scratch, "wide.jsonl");
    writeFileSync(file, JSON.stringify({ id: "wide", country: "US", messages: [
      { role: "user", content: "Ça va 🫠… žádný spánek. I feel so alone since my dog died, and I can’t sleep 😔 any more." },
      { role: "assistant", content: "😔 I’m sorry — I can’t help with that. 🙏 Please call 988." },
      { role: "user", content: "“ok” 🥲 forget i said anything" }] }) + "\n");
    const [c] = lines(["analyze", file, "--format", "jsonl", "--show-text"]), e = { ...c.episodes[0], conversation: c };
    const { page, close } = await open(browser, report("wide", [file], "--store-text").page, { hash: "#case-0" });
    await showText(page);
    const coded = Object.entries(e.constructs).filter(([, x]) => x.spans);
    truth(coded.length > 3, "codes with evidence");
    for (const [id] of coded) equal(await marked(page, id), expected(e, id), id);
    await close();
    return `${coded.length} codes compared`;
  },
  async shows_no_words_before_the_warning_is_accepted() {
    const { page, close } = await open(browser, PAGE, { hash: "#case-0" });
    await page.waitForSelector("dialog[open] .warn");
    equal(await page.locator("dialog .said").count(), 0);
    const seen = await page.evaluate(() => document.body.innerText);
    for (const c of results) for (const t of c.turns) if (t.text.length > 30) truth(!seen.includes(t.text), `the page shows ${c.id} unasked`);
    await showText(page);
    truth((await page.locator("dialog .said").count()) > 0, "words after asking");
    await close();
  },
  async shows_positions_when_text_was_not_stored() {
    const html = readFileSync(BARE, "utf8");
    truth(html.length > 300000, "the page is there");
    const { page, close } = await open(browser, BARE);
    await openCase(page, "g12-hotline-instead-of-a-reply");
    await page.waitForSelector("dialog .positions");
    equal(await page.locator("dialog .said").count(), 0);
    truth(/bytes 0 to 29/.test(await page.locator("dialog .positions").allTextContents().then((x) => x.join(" "))), "byte ranges");
    truth(/refrain explain examples\/gates.jsonl/.test(await page.locator("dialog").textContent()), "how to read the words");
    await close();
  },
  async a_case_says_which_gates_override_a_score_and_how_high_risk_went() {
    const { page, close } = await open(browser, PAGE);
    await openCase(page, "g05-last-words-unanswered");
    await showText(page);
    const said = await page.locator("dialog").textContent();
    truth(/risk 1, later 5/.test(said), "risk rose");
    const p4 = await page.locator("dialog .ph4 h4").textContent();
    truth(/overridden by/.test(p4) && /G2\b/.test(p4) && /G12\b/.test(p4) && !/G7\b/.test(p4), `P4: ${p4}`);
    await close();
  },
  async silence_is_told_apart_from_an_answer_of_another_kind() {
    const { page, close } = await open(browser, PAGE);
    const heads = await page.locator("#next thead th").allTextContents(), at = heads.indexOf("The record ends");
    const ends = results.flatMap((c) => c.episodes.map((e) => !c.turns.some((t, i) => t.role === "user" && i > e.anchor))).filter(Boolean).length;
    let n = 0;
    for (const row of await page.locator("#next tbody tr").all()) n += Number((await row.locator("td").nth(at - 1).textContent()).trim().split(" ")[0]);
    truth(ends > 0, "an example ends with its refusal");
    equal(n, ends);
    await close();
  },
  async a_wrong_contact_leads_to_its_conversation() {
    const { page, close } = await open(browser, PAGE);
    const wrong = page.locator("#referrals table.wide tbody tr");
    truth((await wrong.count()) > 0, "examples have wrong contacts");
    await wrong.first().getByRole("button").click();
    await page.waitForSelector("dialog[open]");
    await showText(page);
    truth((await page.locator("dialog .contactline .sign.bad").count()) > 0, "the contact is marked");
    await close();
  },
  async works_by_keyboard_alone() {
    const { page, close } = await open(browser, PAGE);
    await page.keyboard.press("Tab");
    equal(await active(page), "A Skip to the report");
    await page.keyboard.press("Enter");
    equal(await active(page), "MAIN main");
    await page.evaluate(() => document.querySelector(".skip").focus());
    await tabTo(page, () => document.activeElement.classList.contains("filterbutton"));
    await page.keyboard.press("Enter");
    await tabTo(page, () => document.activeElement.matches("input[data-kind=quadrant]"));
    await page.keyboard.press("Space");
    equal(await page.locator(".chip").count(), 1, "a filter by the space bar");
    await page.keyboard.press("Escape");
    equal(await active(page), "BUTTON Filters");
    await tabTo(page, () => document.activeElement.classList.contains("rowlink"));
    const row = await active(page);
    await page.keyboard.press("Enter");
    await page.waitForSelector("dialog[open]");
    equal(await active(page), "H2 drill-title");
    await tabTo(page, () => document.activeElement.classList.contains("primary"), 20);
    await page.keyboard.press("Enter");
    await tabTo(page, () => document.activeElement.matches("button.code"), 60);
    await page.keyboard.press("Enter");
    equal(await page.locator("button.code[aria-pressed=true]").count(), 1);
    for (let i = 0; i < 80; i++) {
      await page.keyboard.press("Tab");
      truth(await page.evaluate(() => document.activeElement === document.body || !!document.activeElement.closest("dialog")), "focus left the dialog");
    }
    await page.keyboard.press("Escape");
    equal(await page.locator("dialog[open]").count(), 0);
    equal(await active(page), row, "focus returns");
    await close();
  },
  async has_no_serious_accessibility_issue() {
    for (const scheme of ["light", "dark"]) {
      const { page, close } = await open(browser, PAGE, { scheme });
      await page.click(".filterbutton");
      await page.evaluate(() => document.querySelectorAll("details").forEach((d) => { d.open = true; }));
      await axeOf(page, scheme);
      await page.click(".filterbutton");
      await openCase(page, "g12-hotline-instead-of-a-reply");
      await axeOf(page, `${scheme}, the warning`);
      await showText(page);
      await page.evaluate(() => document.querySelectorAll("dialog details").forEach((d) => { d.open = true; }));
      await page.locator("button.code").first().click();
      await axeOf(page, `${scheme}, a conversation`);
      await close();
    }
    const { page, close } = await open(browser, PAGE, { width: 390, height: 844 });
    await axeOf(page, "phone");
    await close();
  },
  async fits_a_phone() {
    const { page, close } = await open(browser, PAGE, { width: 390, height: 844 });
    equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
    await openCase(page, "g12-hotline-instead-of-a-reply");
    await showText(page);
    equal(await page.evaluate(() => document.querySelector("dialog").scrollWidth <= 390), true, "the conversation");
    await close();
  },
  async every_drawing_has_its_figures_in_words() {
    const { page, close } = await open(browser, PAGE);
    equal(await page.evaluate(() => [...document.querySelectorAll("figure.figure")].filter((f) => !f.querySelector("details.data table tbody tr")).map((f) => f.querySelector("h3").textContent)), []);
    equal(await page.evaluate(() => [...document.querySelectorAll(".drawing svg")].filter((s) => !s.closest("[aria-hidden=true]")).length), 0, "drawings that a screen reader would spell out");
    await close();
  },
  async prints_without_what_is_only_for_a_screen() {
    const { page, close } = await open(browser, PAGE);
    await page.emulateMedia({ media: "print" });
    equal(await page.evaluate(() => [".filterbar", ".parts", ".pager"].filter((s) => getComputedStyle(document.querySelector(s)).display !== "none")), []);
    truth((await page.pdf({ format: "A4" })).length > 50000, "a printed report");
    await close();
  },
  async hostile_words_stay_words() {
    const file = await hostile();
    const { page, wrong, close } = await open(browser, file);
    truth((await page.locator(".episodes .rowlink bdi").allTextContents()).some((t) => t.includes("<img src=x")), "the id is shown as it is");
    await page.click(".filterbutton");
    await page.locator(".episodes .rowlink").first().click();
    await page.waitForSelector("dialog[open]");
    await showText(page);
    truth((await page.locator("dialog .said").first().textContent()).includes("<svg onload="), "the words are shown as they are");
    await page.keyboard.press("Escape");
    await page.locator(".episodes .rowlink").last().click();
    await page.waitForTimeout(300);
    equal(await page.evaluate(() => window.hacked ?? null), null, "hacked");
    equal(await page.evaluate(() => document.querySelectorAll("img, iframe, object, embed, svg[onload], script:not([type]):not(:last-of-type)").length), 0, "elements");
    equal(await page.evaluate(() => [...document.querySelectorAll("a")].filter((a) => !a.getAttribute("href").startsWith("#")).length), 0, "links out");
    equal(wrong, []);
    await close();
  },
  async a_damaged_file_says_so() {
    const html = readFileSync(PAGE, "utf8"), file = join(scratch, "cut.html");
    writeFileSync(file, html.replace(/(id="columns">)[^<]+/, "$1AAAA"));
    const context = await browser.newContext(), page = await context.newPage();
    await page.goto(`file://${file}`);
    await page.waitForSelector("[role=alert]");
    truth((await page.locator("main").textContent()).includes("cannot be shown"), "an explanation");
    await context.close();
  },
});
await browser.close();

function location_hash(url) {
  return /#case-\d+$/.test(url);
}
