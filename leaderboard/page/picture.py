"""Picture: what the page looks like, for the README."""

from __future__ import annotations

from pathlib import Path

BROWSERS = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
WIDTH, HEIGHT = 1200, 860
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")


def draw(page: Path, picture: Path) -> str:
    """Photograph the page into a PNG.

    Returns:
        What stood in the way; empty if the picture was made. It is for looks alone: the board is whole
        without it, and most machines have no browser that can be driven.
    """
    browser = next((path for path in BROWSERS if Path(path).is_file()), None)
    if browser is None:
        return f"no browser at {', '.join(BROWSERS)}"
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        return "playwright is not installed"
    part = picture.with_name(f".{picture.name}.part")
    try:
        with sync_playwright() as started:
            tab = started.chromium.launch(executable_path=browser, args=list(ARGUMENTS)).new_page(
                viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light"
            )
            tab.goto(page.resolve().as_uri())
            tab.wait_for_selector("html[data-ready]")
            tab.screenshot(path=part, type="png")
        part.replace(picture)
    except Error as error:
        return str(error).splitlines()[0]
    finally:
        part.unlink(missing_ok=True)
    return ""
