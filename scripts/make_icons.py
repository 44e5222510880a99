"""Paint the app's icons from ``web/static/icon.svg`` with Chromium; run after the drawing changes, and commit what it paints.

    python -m scripts.make_icons

The maskable one fills its square and keeps the drawing within the middle four fifths, which no launcher cuts off.
"""

from __future__ import annotations

import base64
import shutil

import click
from playwright.sync_api import sync_playwright

from web.assets import STATIC
from web.offline_pages import ICONS

_SAFE, _GROUND = 0.8, "#a8340e"


@click.command()
def main() -> None:
    """Paint every icon."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise click.ClickException("没有 Chromium。 There is no Chromium: apt-get install chromium")
    drawing = base64.b64encode((STATIC / "icon.svg").read_bytes()).decode()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--headless", "--no-sandbox"])
        for name, sizes, purpose in ICONS:
            side = int(sizes.partition("x")[0])
            drawn = round(side * (_SAFE if purpose == "maskable" else 1))
            page = browser.new_page(viewport={"width": side, "height": side})
            ground = _GROUND if purpose == "maskable" else "transparent"
            page.set_content(
                f'<style>body{{margin:0;display:grid;place-items:center;height:100vh;background:{ground}}}</style>'
                f'<img width="{drawn}" height="{drawn}" src="data:image/svg+xml;base64,{drawing}">')
            page.wait_for_function("document.images[0].complete")
            (STATIC / name).parent.mkdir(exist_ok=True)
            page.screenshot(path=STATIC / name, omit_background=True)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
