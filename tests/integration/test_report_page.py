# SPDX-License-Identifier: Apache-2.0
"""report.html in a real browser: it opens without scripts, is found by keyboard, is readable on light and on dark,
searches all cases, and stays quick with 100,000 of them."""
import json
import unittest

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from harness import TREE, ProgramTest

QUIET = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1200,900")
LARGEST_PAGE = 15_000_000  # bytes, of 100,000 cases
READABLE = 4.5             # contrast of text: WCAG 2.1, level AA

# The lowest contrast of text in the page, and where it is. Colours behind text are those of the page.
CONTRAST = """
const shown = (element) => element.getClientRects().length > 0 && element.innerText && element.children.length === 0;
const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
const rgb = (colour, below) => {
  canvas.fillStyle = below; canvas.fillRect(0, 0, 1, 1);
  canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
  return canvas.getImageData(0, 0, 1, 1).data;
};
const light = (pixel) => [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => {
  const part = pixel[i] / 255;
  return sum + weight * (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
}, 0);
const page = matchMedia('(prefers-color-scheme: dark)').matches ? '#121212' : '#ffffff';
let worst = {ratio: 99, text: ''};
for (const element of document.querySelectorAll('main *')) {
  if (!shown(element)) continue;
  const behind = element.closest('pre') ? getComputedStyle(element.closest('pre')).backgroundColor : page;
  const a = light(rgb(behind, page)), b = light(rgb(getComputedStyle(element).color, page));
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < worst.ratio) worst = {ratio, text: element.innerText.slice(0, 60), tag: element.tagName};
}
return worst;
"""


def large_journal(path, cases=100_000):
    """A run of so many cases on 64 cards; one in 300 fails, for one of twenty causes."""
    a_file, a_batch = 250, 50
    batches = [{"id": f"b{i:05}", "file": f"test/test_f{i * a_batch // a_file}.py",
                "units": [f"test/test_f{i * a_batch // a_file}.py::TestOps::test_{i}"]} for i in range(cases // a_batch)]
    trace = "\n".join(f'  File "test/test_ops.py", line {i}, in call\n    self.check(a, b)' for i in range(30))
    with open(path, "w", encoding="utf-8") as journal:
        def write(event, t, **more):
            journal.write(json.dumps({"event": event, "t": t, **more}) + "\n")

        write("run_started", 0, schema="spyre-ci/journal@1", run_id="large", revision="b2a59f0", stage="4",
              started="2026-01-22T02:00:00.000Z", tests=len(batches), card_kind="spyre", batches=batches)
        for i, batch in enumerate(batches):
            start = i // 64 * 10.0
            ids = [f"{batch['file']}::TestOpsPRIVATEUSE1::test_{i}_privateuse1_float{k}" for k in range(a_batch)]
            write("batch_started", start, batch=batch["id"], cards=[i % 64])
            write("batch_collected", start + 3, batch=batch["id"], import_s=3,
                  cases=[{"id": each, "unit": batch["units"][0]} for each in ids])
            for k, each in enumerate(ids):
                number = i * a_batch + k
                result = {"outcome": "skipped", "message": "not on this card"} if number % 3 == 0 else \
                    {"outcome": "failed", "message": f"AssertionError: cause {number % 20}", "details": trace} \
                    if number % 300 == 1 else {"outcome": "passed"}
                write("case_finished", start + 3 + k * 0.1, batch=batch["id"], id=each, unit=batch["units"][0],
                      duration_s=0.1, **result)
            write("batch_finished", start + 9, batch=batch["id"])
        write("card_cordoned", 20, card=7, length_s=60, message="card 7: RAS error; it is not used for 1 min")
        write("run_finished", 400)


class ReportPageTest(ProgramTest):
    def browser(self, scripts=True):
        options = webdriver.ChromeOptions()
        for flag in QUIET:
            options.add_argument(flag)
        options.add_argument(f"--user-data-dir={self.home}/browser-{scripts}")
        if not scripts:
            options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        browser = webdriver.Chrome(service=webdriver.chrome.service.Service("/usr/bin/chromedriver"), options=options)
        self.addCleanup(browser.quit)
        browser.set_page_load_timeout(120)
        return browser

    def report_of_a_run(self):
        self.program("run", "--source", TREE, "--fraction", "1", "--only", "test/test_outcomes.py", "--cards", "cpu:2",
                     "--run-dir", "run", code=1)
        return (self.home / "run/report.html").as_uri()

    def test_without_scripts_everything_but_the_search_is_there(self):
        browser = self.browser(scripts=False)
        browser.get(self.report_of_a_run())
        text = browser.find_element(By.TAG_NAME, "main").text
        for heading in ("Failures", "Cards", "Slowest cases", "Run the failures again"):
            self.assertIn(heading, text)
        self.assertFalse(browser.find_element(By.ID, "search").is_displayed())
        pictures = browser.find_elements(By.CSS_SELECTOR, "svg[role=img]")
        self.assertGreaterEqual(len(pictures), 2)
        for picture in pictures:
            self.assertTrue(picture.is_displayed())
            self.assertGreater(picture.size["width"], 500)

    def test_the_search_finds_cases_by_words_and_outcome(self):
        browser = self.browser()
        browser.get(self.report_of_a_run())
        self.assertEqual([entry["message"] for entry in browser.get_log("browser")], [])
        summary = json.loads((self.home / "run/summary.json").read_text())
        browser.find_element(By.ID, "query").send_keys("test_")
        rows = browser.find_elements(By.CSS_SELECTOR, "#cases tr")
        self.assertGreater(len(rows), 2)
        failed = summary["totals"]["failed"]
        self.assertGreater(failed, 0)
        browser.find_element(By.ID, "query").clear()
        browser.find_element(By.CSS_SELECTOR, "#outcome option[value='1']").click()
        self.assertEqual(browser.find_element(By.ID, "found").text, f"{failed} cases")
        self.assertEqual(len(browser.find_elements(By.CSS_SELECTOR, "#cases tr")), failed + 1)
        browser.find_element(By.ID, "query").send_keys("there is no such case")
        self.assertEqual(browser.find_element(By.ID, "found").text, "0 cases")

    def test_the_keyboard_reaches_and_opens_the_failures(self):
        browser = self.browser()
        browser.get(self.report_of_a_run())
        for _ in range(100):
            browser.switch_to.active_element.send_keys(Keys.TAB)
            focused = browser.switch_to.active_element
            if focused.tag_name == "summary" and focused.find_element(By.XPATH, "..").get_attribute("open") is None:
                break
        else:
            self.fail("no closed part of the page can be reached with the keyboard")
        style = browser.execute_script("return getComputedStyle(document.activeElement).outlineStyle")
        self.assertNotEqual(style, "none", "the focus cannot be seen")
        focused.send_keys(Keys.ENTER)
        self.assertIsNotNone(focused.find_element(By.XPATH, "..").get_attribute("open"))
        reached = browser.execute_script(
            "return [...document.querySelectorAll('input, select')].every("
            "(each) => each.tabIndex >= 0 && document.querySelector(`label[for=${each.id}]`))")
        self.assertTrue(reached, "fields without a label, or out of reach")

    def test_text_is_readable_on_light_and_on_dark(self):
        browser = self.browser()
        page = self.report_of_a_run()
        seen = []
        for scheme in ("light", "dark"):
            browser.execute_cdp_cmd("Emulation.setEmulatedMedia",
                                    {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
            browser.get(page)
            browser.execute_script("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
            worst = browser.execute_script(CONTRAST)
            self.assertGreaterEqual(worst["ratio"], READABLE, f"{scheme}: {worst}")
            seen.append(browser.execute_script("return getComputedStyle(document.body).color"))
        self.assertNotEqual(seen[0], seen[1], "dark is like light")

    def test_a_hundred_thousand_cases(self):
        (self.home / "large").mkdir()
        large_journal(self.home / "large/journal.jsonl")
        self.program("report", "large", code=1)
        page = self.home / "large/report.html"
        self.assertLess(page.stat().st_size, LARGEST_PAGE)
        browser = self.browser()
        browser.get(page.as_uri())
        timing = browser.execute_script(
            "const [page] = performance.getEntriesByType('navigation');"
            "const paint = performance.getEntriesByName('first-contentful-paint')[0];"
            "return {loaded: page.loadEventEnd, painted: paint ? paint.startTime : -1,"
            "        elements: document.querySelectorAll('*').length}")
        print(f"\n100,000 cases: {page.stat().st_size / 1e6:.1f} MB, {timing['elements']} elements, first paint after "
              f"{timing['painted']:.0f} ms, loaded after {timing['loaded']:.0f} ms")
        self.assertLess(timing["elements"], 20_000)
        browser.find_element(By.ID, "query").send_keys("test_1999_ float49")
        WebDriverWait(browser, 60).until(lambda each: each.find_element(By.ID, "found").text == "1 cases")
        self.assertIn("cordoned from", browser.find_element(By.CSS_SELECTOR, "path[fill='url(#cordoned)']")
                      .get_attribute("innerHTML"))


if __name__ == "__main__":
    unittest.main()
