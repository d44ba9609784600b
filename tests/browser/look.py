"""Let people look at a page: `python -m tests.browser.look reports/sample/survey.html OUT_DIR`.

Writes pictures of the whole page on a desktop, on a phone and in the dark, and of the first sheets of paper.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import DESKTOP, PHONE, launch, opened

SCREENS = {"desktop": (DESKTOP, False), "phone": (PHONE, False), "dark": (DESKTOP, True)}
SHEETS = 3
TALLEST = 2000  # pixels: a taller picture cannot be looked at in one go


def look(browser: Browser, file: Path, folder: Path) -> list[Path]:
    """Take every picture of a page and return where they are."""
    folder.mkdir(parents=True, exist_ok=True)
    return [*screens(browser, file, folder), *sheets(browser, file, folder)]


def screens(browser: Browser, file: Path, folder: Path) -> list[Path]:
    """Take the page as a desktop, a phone and a reader in the dark show it, from top to bottom in pieces."""
    taken = []
    for name, (width, dark) in SCREENS.items():
        with opened(browser, file, width=width, dark=dark) as seen:
            height = seen.page.evaluate("document.documentElement.scrollHeight")
            for at, top in enumerate(range(0, height, TALLEST), start=1):
                picture = folder / f"{file.stem}.{name}-{at}.png"
                piece = {"x": 0, "y": top, "width": width, "height": min(TALLEST, height - top)}
                seen.page.screenshot(path=picture, full_page=True, clip=piece)
                taken.append(picture)
    return taken


def sheets(browser: Browser, file: Path, folder: Path) -> list[Path]:
    """Print the page, and take the first sheets as pictures where pdftoppm (poppler-utils) is installed."""
    printed = folder / f"{file.stem}.pdf"
    with opened(browser, file) as seen:
        printed.write_bytes(seen.paper())
    drawer = shutil.which("pdftoppm")
    if not drawer:
        return [printed]
    start = folder / f"{file.stem}.print"
    subprocess.run([drawer, "-png", "-r", "80", "-l", str(SHEETS), printed, start], check=True)
    return [printed, *sorted(folder.glob(f"{start.name}-*.png"))]


def main() -> None:
    """Take the pictures of the page named on the command line."""
    if len(sys.argv) != 3 or not Path(sys.argv[1]).is_file():
        raise SystemExit("usage: python -m tests.browser.look FILE OUT_DIR, where FILE is a published page")
    executable = shutil.which("chromium") or sys.exit(
        "Chromium is missing: install Debian's package chromium"
    )
    with sync_playwright() as playwright:
        browser = launch(playwright, executable)
        for path in look(browser, Path(sys.argv[1]), Path(sys.argv[2])):
            sys.stdout.write(f"{path}\n")
        browser.close()


if __name__ == "__main__":
    main()
