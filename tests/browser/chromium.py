"""A page in Debian's Chromium as its reader meets it: no network, every request and complaint noted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Route

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
DESKTOP, PHONE = 1280, 390
COMPLAINTS = {"error", "warning"}
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# Draws Hangul syllables with the fonts of an element. Without a Korean font all are the same empty box.
GLYPHS = """(element) => {
  const style = getComputedStyle(element);
  const drawn = (letter) => {
    const canvas = Object.assign(document.createElement('canvas'), {width: 40, height: 40});
    const pen = canvas.getContext('2d');
    pen.font = `28px ${style.fontFamily}`;
    pen.fillText(letter, 4, 30);
    return pen.getImageData(0, 0, 40, 40).data.join();
  };
  return new Set([...'가나힣뷁', '\\u{10FFFF}'].map(drawn)).size;
}"""


@dataclass
class Opened:
    """A page in a browser, with what it asked for and complained about."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def sideways(self) -> int:
        """Return how many pixels the page can be scrolled sideways."""
        return self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")

    def violations(self) -> list[str]:
        """Return what axe finds against WCAG 2.2 AA and its best practices, one line a rule."""
        options = {"runOnly": {"type": "tag", "values": AXE_TAGS}, "resultTypes": ["violations"]}
        found = Axe().run(self.page, options=options).response["violations"]
        return [f"{v['id']}: {[n['html'][:120] for n in v['nodes'][:3]]}" for v in found]

    def different_glyphs(self, selector: str = "body") -> int:
        """Return how many different pictures four Hangul syllables and one empty box give: five when real."""
        return self.page.locator(selector).first.evaluate(GLYPHS)

    def paper(self) -> bytes:
        """Return the page printed to PDF on A4, as its print style lays it out."""
        return self.page.pdf(prefer_css_page_size=True, print_background=True)


def launch(playwright: Playwright, executable: str) -> Browser:
    """Start the browser."""
    return playwright.chromium.launch(executable_path=executable, args=list(FLAGS))


@contextmanager
def opened(
    browser: Browser, file: Path, *, width: int = DESKTOP, dark: bool = False, axe: bool = False, **more: Any
) -> Iterator[Opened]:
    """Open a file with the network cut and list every request besides the file itself.

    axe is a script of its own, so only its run may go round the page's content security policy.
    """
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
        bypass_csp=axe,
        **more,
    )
    try:
        yield visit(context, file.resolve().as_uri())
    finally:
        context.close()


def visit(context: BrowserContext, address: str) -> Opened:
    """Cut the network, then open the address."""
    seen = Opened(context.new_page())

    def keep_in(route: Route) -> None:
        if route.request.url.split("#")[0] == address:
            route.continue_()
            return
        seen.requests.append(route.request.url)
        route.abort()

    context.route("**/*", keep_in)
    context.set_offline(True)
    seen.page.on(
        "console", lambda m: seen.complaints.append(m.text) if m.type in {"error", "warning"} else None
    )
    seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    seen.page.goto(address, wait_until="load")
    return seen
