"""What the month costs a browser: `python -m bench.screen <commit>`, that commit and this folder in turn.

A wide screen, and a processor slowed down four times. Style and layout are what Chromium says that it spent until the
page stood; from a right click to the menu, and from sending to the changed cell, is what a person waits for, the
portal's answer included.
"""

import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from bench import checkout
from bench.against import in_turn, print_in_turn
from bench.checkout import Checkout
from tests.browser.conftest import ARGUMENTS, chromium_binary

TURNS = 10
SLOWER = 4
MONTH, FREE_MONTH = "/planning/2015-05", "/planning/2015-06"
"""The month that is looked at, and one of which many cells may be booked."""
_BEGINS = "kind => addEventListener(kind, () => { window.began = performance.now(); }, {capture: true, once: true})"
_CHANGES = """selector => { window.took = new Promise(tell => new MutationObserver((changes, observer) => {
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => tell(performance.now() - window.began)));
}).observe(document.querySelector(selector), {subtree: true, childList: true, attributes: true})); }"""


def main(commit: str) -> None:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        pair = stack.enter_context(checkout.laid_out(commit, Path(folder)))
        script = Path(__file__).with_name("serving.py")
        served = {one: stack.enter_context(checkout.talking(one, script, str(one.data))).hear() for one in pair}
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=chromium_binary(), args=ARGUMENTS)

        def look(side: Checkout) -> dict[str, float]:
            return one_look(browser, f"http://{served[side]['host']}", served[side]["cookie"])

        print_in_turn("ms", in_turn(pair, look, TURNS))


def one_look(browser: Browser, host: str, cookie: str) -> dict[str, float]:
    """Milliseconds of each thing, in a window of its own that keeps no file."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        context.add_cookies([{"name": "preau", "value": cookie, "url": host}])
        page = context.new_page()
        inside = context.new_cdp_session(page)
        inside.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        inside.send("Performance.enable")
        page.goto(host + MONTH, wait_until="networkidle")
        style, layout = _spent(inside, "RecalcStyleDuration"), _spent(inside, "LayoutDuration")
        page.goto(host + FREE_MONTH, wait_until="networkidle")
        cell = page.locator("td[data-state=free] > a").first
        cell.scroll_into_view_if_needed()
        to_menu = _until(page, "contextmenu", "#menu", lambda: cell.click(button="right"))
        page.locator("#menu a.menu-entry").first.click()
        send = page.locator("#dialog form button[type=submit]").first
        to_cell = _until(page, "submit", "#planning", send.click)
    return {"style and layout": style + layout, "right click to menu": to_menu, "sending to changed cell": to_cell}


def _spent(inside: CDPSession, metric: str) -> float:
    """What Chromium counts of this page, in milliseconds."""
    metrics = inside.send("Performance.getMetrics")["metrics"]
    return next(one["value"] for one in metrics if one["name"] == metric) * 1000


def _until(page: Page, begins: str, changes: str, act: Callable[[], Any]) -> float:
    """Milliseconds from this event, which `act` causes, until what the selector finds has changed on screen."""
    page.evaluate(_BEGINS, begins)
    page.evaluate(_CHANGES, changes)
    act()
    return float(page.evaluate("() => window.took"))


if __name__ == "__main__":
    main(sys.argv[1])
