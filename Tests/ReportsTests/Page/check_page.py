"""Opens pages that `equipoise report` wrote in headless Chromium and uses them as a reader does.

    check_page.py REPORT.html… [--screenshots FOLDER] [--browser /usr/bin/chromium]

At desktop and phone width, light and dark: no console error, no request to the network, no sideways scrolling, no finding of
axe-core. Then sorting, filtering, hovering, the keyboard, a layer's panel and every download.
"""

import argparse
import csv
import io
import json
import pathlib
import sys

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

VIEWS = [(width, scheme) for width in (1280, 390) for scheme in ("light", "dark")]
passed = []
failures = []


def check(condition, message):
    (passed if condition else failures).append(message)
    if not condition:
        print("FAILS:", message)


def soon(page, condition):
    """Whether something holds within five seconds: the page answers to an event when the browser hands it over."""
    for _ in range(100):
        if condition():
            return True
        page.wait_for_timeout(50)
    return False


def open_page(browser, path, width, scheme):
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, accept_downloads=True, reduced_motion="reduce"
    )
    page = context.new_page()
    where = f"{path.name} at {width}, {scheme}"
    page.on("console", lambda message: check(message.type not in ("error", "warning"), f"{where}: console: {message.text}"))
    page.on("pageerror", lambda error: check(False, f"{where}: {error}"))
    page.on("request", lambda request: check(request.url.startswith(("file:", "blob:", "data:")), f"{where}: asks for {request.url}"))
    page.goto(path.resolve().as_uri())
    return page, where


def look(page, where, screenshots):
    """What has to hold of every view."""
    name = where.replace(" ", "-").replace(",", "")
    if screenshots:
        page.screenshot(path=str(screenshots / f"{name}-first.png"))
    panels = page.locator("details.layer:not([hidden])")
    if panels.count():
        panels.first.locator("summary").click()
        check(soon(page, lambda: panels.first.locator("svg").count() >= 1), f"{where}: a layer's panel draws pictures")
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    check(overflow <= 0, f"{where}: the page scrolls sideways by {overflow} pixels")
    texts = page.evaluate(
        """[...document.querySelectorAll('svg text')].filter((t) => { const b = t.getBoundingClientRect(), s = t.ownerSVGElement.getBoundingClientRect();
        return b.width && (b.left < s.left - 1 || b.right > s.right + 1); }).map((t) => t.textContent)"""
    )
    check(not texts, f"{where}: text runs out of its picture: {texts[:5]}")
    findings = Axe().run(page).response["violations"]
    for finding in findings:
        targets = [node["target"] for node in finding["nodes"]][:3]
        check(False, f"{where}: axe: {finding['id']} ({finding['impact']}): {finding['help']}: {targets}")
    if screenshots:
        page.screenshot(path=str(screenshots / f"{name}.png"), full_page=True)


def column(page, index):
    """A column of the table as numbers, `None` where there is none, of the rows that are shown."""
    cells = page.locator(f"#table tbody tr:not([hidden]) > :nth-child({index + 1})")
    values = cells.evaluate_all("(cells) => cells.map((cell) => cell.dataset.v)")
    return [None if value in (None, "null") else float(value) for value in values]


def names(page):
    return page.locator("#table tbody tr:not([hidden]) th").all_inner_texts()


def download(page, kind):
    with page.expect_download() as waiting:
        page.locator(f"[data-download={kind}]").click()
    return waiting.value.suggested_filename, pathlib.Path(waiting.value.path()).read_text(encoding="utf-8")


def use(page, where):
    """Sorting, filtering, hovering, keyboard and downloads."""
    everything = names(page)
    check(len(everything) > 0, f"{where}: the table has rows")
    headings = page.locator("#table thead th")
    for index in range(2, headings.count()):
        title = headings.nth(index).inner_text()
        for direction in ("ascending", "descending"):
            headings.nth(index).locator("button").click()
            check(headings.nth(index).get_attribute("aria-sort") == direction, f"{where}: {title} says it is {direction}")
            values = column(page, index)
            known = [value for value in values if value is not None]
            check(known == sorted(known, reverse=direction == "descending"), f"{where}: {title} is {direction}: {known}")
            check(values[: len(known)] == known, f"{where}: what is not defined comes last")
    headings.nth(0).locator("button").click()
    check(sorted(names(page)) == sorted(everything), f"{where}: sorting loses no row")

    wanted = everything[0]
    page.fill("#filter", wanted.upper())
    check(names(page) and all(wanted.lower() in name.lower() for name in names(page)), f"{where}: the filter leaves what it names")
    page.fill("#filter", "no such layer")
    check(names(page) == [] and "0 of" in page.inner_text("#shown"), f"{where}: the filter may leave nothing, and says so")
    page.fill("#filter", "")
    page.check("#only")
    data = json.loads(download(page, "document")[1])
    significant = {layer["layer"] or "(top)" for layer in data["layers"] if layer["significant"]}
    check(set(names(page)) == significant, f"{where}: only layers that differ: {names(page)}")
    page.uncheck("#only")

    marks = page.locator("#volcano [data-layer]")
    if marks.count():
        marks.last.hover()
        tip = page.locator("#tip")
        check(soon(page, lambda: tip.is_visible() and "norm B/A" in tip.inner_text()), f"{where}: hovering tells of a layer")
        page.mouse.move(1, 1)
        check(soon(page, lambda: not tip.is_visible()), f"{where}: and stops when the pointer leaves")
        page.locator("[data-walk]:has(#volcano)").focus()
        page.keyboard.press("ArrowRight")
        check(soon(page, tip.is_visible), f"{where}: the arrow keys walk through the marks")
        page.keyboard.press("Escape")
        check(soon(page, lambda: not tip.is_visible()), f"{where}: Escape takes the words away")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        check(soon(page, lambda: page.locator("details.layer[open]").count() >= 1), f"{where}: Enter opens the layer")

    link = page.locator("#table tbody tr:not([hidden]) th a").last
    target = link.get_attribute("href")
    link.click()
    panel = page.locator(target)
    check(soon(page, lambda: panel.get_attribute("open") is not None), f"{where}: a name in the table opens its layer")
    check(soon(page, lambda: panel.locator("table tbody tr").count() > 0), f"{where}: the layer lists its tests")
    if panel.locator("input[value=laplace]").count():
        before = panel.locator("svg").first.inner_html()
        panel.locator("input[value=laplace]").check()
        check(soon(page, lambda: panel.locator("svg").first.inner_html() != before), f"{where}: another fit is another picture")
    units = panel.locator("[data-walk] [data-tip]")
    if units.count():
        units.first.hover(force=True)
        told = units.first.get_attribute("data-tip")
        check(soon(page, lambda: page.locator("#tip").inner_text().split() == told.split()), f"{where}: hovering tells of a unit or a run")

    for kind, key in (("layers", "layer"), ("tensors", "name"), ("tests", "p_value")):
        name, text = download(page, kind)
        records = list(csv.DictReader(io.StringIO(text)))
        check(name == f"{kind}.csv" and records and key in records[0], f"{where}: {name} has rows with {key}")
    check(len(list(csv.DictReader(io.StringIO(download(page, "layers")[1])))) == len(data["layers"]), f"{where}: a row a layer")
    check(data["schema"].startswith("equipoise."), f"{where}: the document says what it is")
    return data


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("reports", nargs="+", type=pathlib.Path)
    parser.add_argument("--screenshots", type=pathlib.Path)
    parser.add_argument("--browser", default="/usr/bin/chromium")
    parser.add_argument("--document", type=pathlib.Path, help="JSON of `equipoise significance` of the first page's models")
    arguments = parser.parse_args()
    if arguments.screenshots:
        arguments.screenshots.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=arguments.browser, args=["--no-sandbox"])
        for path in arguments.reports:
            for width, scheme in VIEWS:
                page, where = open_page(browser, path, width, scheme)
                look(page, where, arguments.screenshots)
                page.context.close()
            page, where = open_page(browser, path, 1280, "light")
            data = use(page, where) if page.locator("#table").count() else None
            if arguments.screenshots:
                page.emulate_media(media="print")
                page.pdf(path=str(arguments.screenshots / f"{path.stem}.pdf"))
            page.context.close()
            if data and arguments.document and path == arguments.reports[0]:
                compare(data, json.loads(arguments.document.read_text()), str(path.name))
        browser.close()
    print(f"{len(passed)} passed, {len(failures)} failed")
    sys.exit(1 if failures else 0)


def compare(found, expected, where):
    """The page's document is the command's, to seven digits; how it came to be differs."""
    if isinstance(expected, dict):
        names = set(expected) - {"provenance"}
        check(names == set(found) - {"provenance"}, f"{where}: members {sorted(names ^ (set(found) - {'provenance'}))}")
        for name in names & set(found):
            compare(found[name], expected[name], f"{where}.{name}")
    elif isinstance(expected, list):
        check(len(found) == len(expected), f"{where}: {len(found)} items, not {len(expected)}")
        for i, (x, y) in enumerate(zip(found, expected)):
            compare(x, y, f"{where}[{i}]")
    elif isinstance(expected, float) and isinstance(found, (int, float)):
        check(abs(found - expected) <= 1e-6 * abs(expected), f"{where}: {found}, not {expected}")
    else:
        check(found == expected, f"{where}: {found}, not {expected}")


if __name__ == "__main__":
    main()
