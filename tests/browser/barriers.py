"""What axe objects to on a page, and what scrolls sideways."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page

PLAIN = {"color_scheme": "light", "contrast": "no-preference", "forced_colors": "none"}
NIGHT = {"color_scheme": "dark"}
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

_AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text("utf-8")
_OBJECTIONS = """async (only) => (await axe.run(document, { resultTypes: ["violations"], ...(only ? { runOnly: only } : {}) }))
    .violations.map((found) => [found.id, found.nodes.map((node) => node.html)])"""


def barriers(page: Page, *media: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return what axe objects to: by day to anything, under each other medium to the contrast of colours, all that it changes.

    Empty where it objects to nothing; the page is left as by day.
    """
    page.emulate_media(**PLAIN)  # type: ignore[arg-type]
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE)
    found: dict[str, list[Any]] = {"plain": page.evaluate(_OBJECTIONS, None)}
    for more in media:
        page.emulate_media(**{**PLAIN, **more})
        found[str(more)] = page.evaluate(_OBJECTIONS, ["color-contrast"])
    page.emulate_media(**PLAIN)  # type: ignore[arg-type]
    return {name: objections for name, objections in found.items() if objections}
