"""A study's report in a real Chromium: on A4, on a small phone, by night; and what its pictures look like there."""

from __future__ import annotations

import io
import re
import shutil

import numpy as np
import pytest
from PIL import Image

from tests.browser.barriers import NIGHT, SIDEWAYS, barriers
from tests.browser.conftest import DESK, office_of
from tests.web.planning import HERE, SITES, give_people

SMALL = {"width": 320, "height": 640}
DRAWN = "[...document.images].every((image) => image.complete && image.naturalWidth > 0)"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """The address of a kept study, and of the server's root."""
    home = tmp_path_factory.mktemp("planning") / "home"
    with office_of(home, SITES) as (address, app):
        give_people(home)
        client = app.test_client()
        for _ in range(60):
            key = re.search(r'data-key="([0-9a-f]{32})"', client.get(f"/planner?area={HERE}&by=none&radius=500&at=2026-03-04T12:00",
                                                                      follow_redirects=True).text)
            if key:
                break
        yield f"{address}/planner/studies/{key[1]}"
    shutil.rmtree(home / "jobs", ignore_errors=True)  # processes that wait for more work end


def test_the_report_prints_on_sheets_of_a4_with_every_picture_and_no_button(study, open_page):
    page = open_page(f"{study}/report", viewport=DESK)
    page.wait_for_function(DRAWN, timeout=60_000)

    paper = page.pdf(prefer_css_page_size=True, print_background=True)

    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", paper)
    assert len(boxes) >= 2
    assert {tuple(round(float(side)) for side in box) for box in boxes} == {(595, 842)}
    page.emulate_media(media="print")
    assert not page.locator("#print").is_visible()
    assert not page.locator(".top").is_visible()
    assert page.locator("figure img").first.is_visible()


def test_no_table_of_the_report_is_wider_than_its_sheet_however_long_a_name_is(study, open_page):
    page = open_page(f"{study}/report", viewport={"width": 703, "height": 1000})  # A4 without its margins, in pixels of CSS
    page.emulate_media(media="print")
    page.evaluate("document.querySelector('.paper tbody th').textContent = '北京经济技术开发区（北京市）'.repeat(3)")

    wider = page.evaluate("[...document.querySelectorAll('.paper table')].map((table) => table.scrollWidth - table.parentNode.clientWidth)")
    assert len(wider) >= 2
    assert max(wider) <= 0


def test_the_report_has_no_barrier_and_does_not_scroll_sideways_on_a_small_phone(study, open_page):
    page = open_page(f"{study}/report", viewport=SMALL)
    page.wait_for_function(DRAWN, timeout=60_000)

    assert page.evaluate(SIDEWAYS) <= 0
    assert page.locator("#print").bounding_box()["height"] >= 48
    assert barriers(page, NIGHT) == {}


def test_a_chart_on_a_page_is_dark_on_light_by_day_and_light_on_dark_by_night(study, open_page):
    for scheme, lighter in (("light", False), ("dark", True)):
        page = open_page(f"{study}/report", viewport=DESK, color_scheme=scheme)
        page.evaluate("""async (address) => {
            const image = new Image();
            image.src = address;
            image.id = "shown";
            document.body.replaceChildren(image);
            document.body.className = "";
            await image.decode();
        }""", f"{study}/chart/distances.svg")
        seen = np.asarray(Image.open(io.BytesIO(page.locator("#shown").screenshot())).convert("L"), int)
        paper = int(np.median(seen))
        words = seen[:60][np.abs(seen[:60] - paper) > 100]  # the title

        assert len(words) > 100
        assert (np.median(words) > paper) == lighter
