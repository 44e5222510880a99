"""Every map, print and drawing carries its source and, when it is set, its approval number."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

import web
from geodata.registry import Registry
from tests.web.conftest import QUICK, Clock, sign_in
from tests.web.test_settings import TILES
from web import create_app
from web.basemap import BaseMap, Under
from web.settings import Settings

TEMPLATES = Path(web.__file__).parent / "templates"
MAP = re.compile(r'class="map[" ]|id="map"|picture_of\(|drawing\(|whereabouts')
SOURCE = re.compile(r"base_map\.words(?:_of_outlines|_of_drawing)?\(\)|admin/_map_data\.html|zh\.source \}\}")
ONLY_DRAWS = {"imports/_parts.html", "site/_where.html"}
"""Macros: whoever calls them says whose the drawing is."""
APPROVED = {"base_map_approval": "京S(2026)012号"}
PUBLIC = {"public_url": "https://nuanxin.example"}
DRAWN = ("/sites/s1", "/sites/s1/poster")
"""Pages whose picture is a drawing of ours."""
SHOWN = ("/", "/?lon=116.4&lat=39.9", "/?area=110101", *DRAWN)
INTERNAL = ("/planner/sites/map", "/admin", "/admin/sites/new")


def test_every_template_with_a_map_says_whose_it_is():
    written = {file.relative_to(TEMPLATES).as_posix(): file.read_text("utf-8") for file in TEMPLATES.rglob("*.html")}
    with_maps = {name: text for name, text in written.items() if MAP.search(text)}

    assert {"finder/nearest.html", "site/page.html", "site/poster.html", "admin/site.html", "admin/sites.html", "imports/evidence.html",
            "imports/preview.html"} <= set(with_maps)
    for name, text in with_maps.items():
        if name not in ONLY_DRAWS:
            # as often as something is drawn, so often its source is told
            drawn = len(re.findall(r"\{\{ (?:picture_of|drawing)\(", text)) or 1
            assert len(SOURCE.findall(text)) >= min(drawn, 2), name


@pytest.mark.parametrize(("config", "told"), [
    ({}, ["china-geojson"]), (APPROVED, ["china-geojson", "审图号：京S(2026)012号"]), (TILES, ["某地图", "审图号：GS(2024)0650号"])])
@pytest.mark.parametrize("path", SHOWN + INTERNAL)
def test_every_page_with_a_map_shows_it(few, empty_home, config, told, path):
    with Registry.open(empty_home) as registry:
        app = create_app({"atlas": few, "home": empty_home, "registry": registry, "clock": Clock(), "passwords": QUICK, **PUBLIC, **config})
        client = sign_in(app, "city", "110000") if path in INTERNAL else app.test_client()

        page = client.get(path)

    text = html.unescape(page.text)
    if path == "/planner/sites/map":
        text = text.encode().decode("unicode_escape", "ignore") + text
    assert page.status_code == 200
    if config is TILES and path in DRAWN:  # a number is for the map it was given to, which is not in the drawing
        assert "按本站数据绘制" in text
        assert "审图号" not in text
    else:
        assert [words for words in told if words not in text] == []


def test_a_drawing_with_our_outlines_says_so_even_beside_somebodys_tiles():
    tiles = BaseMap.of(Settings(**TILES))

    assert Under(None, outlines=True).words_of_outlines() == Under(None, outlines=True).words()
    assert "京S" in Under(None, outlines=True, approval="京S(2026)012号").words_of_outlines()
    beside = Under(tiles, outlines=False, approval="GS(2024)0650号")
    assert "china-geojson" in beside.words_of_outlines()
    assert beside.words_of_outlines().count("GS(2024)0650号") == 1
    assert "china-geojson" not in beside.words_of_drawing()
