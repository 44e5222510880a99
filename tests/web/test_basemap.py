"""What lies under the maps: the operator's tiles, in their datum, with their source and approval number on every map."""

from __future__ import annotations

import html
import json
import re

import pytest

from locator import datum
from tests.web.conftest import HERE, WEDNESDAY_TEN
from tests.web.test_settings import TILES
from web import create_app

MAP = "/planner/sites/map"


def client_of(atlas, **settings):
    return create_app({"atlas": atlas, "clock": lambda: WEDNESDAY_TEN, **settings}).test_client()


@pytest.mark.parametrize("path", ["/", "/?lon=116.4&lat=39.9"])
def test_the_finders_map_names_its_source_and_its_approval_number(few, path):
    page = client_of(few, **TILES).get(path).text

    assert "某地图 · 审图号：GS(2024)0650号" in re.search(r'data-attribution="([^"]*)"', page)[1]
    base = json.loads(html.unescape(re.search(r'data-base="([^"]*)"', page)[1]))
    assert base == {"templates": [TILES["base_map"]], "maxZoom": 18, "datum": "gcj02"}
    assert 'data-outlines=""' in page


def test_the_planners_map_names_them_too(few):
    page = client_of(few, **TILES).get(MAP).text

    assert "审图号" in page.encode().decode("unicode_escape", "ignore") or "审图号" in page
    assert TILES["base_map"] in page
    assert "china-geojson" not in page
    assert '"FeatureCollection"' not in page


@pytest.mark.parametrize("path", ["/", "/sites/s1", MAP])
def test_pictures_may_come_from_that_host_and_from_no_other(few, path):
    plain, tiled = (re.sub(r"'sha256-[^']*' ?", "", client.get(path).headers["Content-Security-Policy"]) for client in (
        client_of(few), client_of(few, **TILES, base_map_labels="http://10.0.0.9:8081/{z}/{x}/{y}.png")))

    assert "http" not in plain
    assert tiled.replace(" data:", "") == plain.replace(" data:", "").replace(
        "img-src 'self'", "img-src 'self' https://tiles.example http://10.0.0.9:8081")
    assert tiled.count("data:") == 1


def test_data_has_no_pictures(few):
    assert "tiles" not in client_of(few, **TILES).get("/api/v1/vocabulary").headers["Content-Security-Policy"]


@pytest.mark.parametrize(("said", "drawn"), [("gcj02", "gcj02"), ("wgs84", "wgs84"), ("cgcs2000", "wgs84")])
def test_markers_are_in_the_datum_of_the_tiles(few, said, drawn):
    client = client_of(few, **{**TILES, "base_map_datum": said})
    page = client.get("/", query_string=HERE).text
    here = datum.point_from_wgs84(HERE["lon"], HERE["lat"], drawn)
    first = datum.point_from_wgs84(*few.sites.lonlat[few.sites.row_of("s1")], drawn)

    start = re.search(r'id="answer"[^>]*data-lon="([^"]*)" data-lat="([^"]*)"', page)
    card = re.search(r'data-id="s1" data-lon="([^"]*)" data-lat="([^"]*)"', page)
    assert [float(v) for v in start.groups()] == pytest.approx(here, abs=1e-9)
    assert [float(v) for v in card.groups()] == pytest.approx(first, abs=1e-9)
    assert f'data-datum="{drawn}"' in page

    blocks = [json.loads(b) for b in re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', client.get(MAP).text, re.DOTALL)]
    drawn_at = {}
    for block in blocks:
        lon = lat = 0
        for name, east, north in zip(block["name"], block["lon"], block["lat"], strict=True):
            lon, lat = lon + east, lat + north
            drawn_at[name] = (lon * block["step"], lat * block["step"])
    assert drawn_at["第1暖心驿站"] == pytest.approx(first, abs=1e-5)


def test_links_keep_what_was_asked_whatever_the_tiles_are_in(few):
    page = client_of(few, **TILES).get("/", query_string=HERE).text

    assert 'name="lon" value="116.4"' in page


def test_searching_from_a_spot_of_such_a_map_says_which_datum_it_is_in(few):
    client = client_of(few, **TILES)
    lon, lat = datum.point_from_wgs84(HERE["lon"], HERE["lat"], "gcj02")

    page = client.get("/", query_string={"lon": lon, "lat": lat, "datum": "gcj02"}).text

    start = re.search(r'id="answer"[^>]*data-lon="([^"]*)" data-lat="([^"]*)"', page)
    assert [float(v) for v in start.groups()] == pytest.approx((lon, lat), abs=1e-6)


def test_without_tiles_the_outlines_carry_their_source(few):
    page = client_of(few).get("/").text

    assert "china-geojson" in re.search(r'data-attribution="([^"]*)"', page)[1]
    assert "data-base" not in page
    assert "china-geojson" in client_of(few).get(MAP).text


def test_no_base_map_is_none(few):
    client = client_of(few, base_map="none")
    page = client.get("/").text

    assert 'data-attribution=""' in page
    assert 'data-outlines=""' in page
    assert "china-geojson" not in client.get(MAP).text


def test_filing_numbers_stand_in_every_footer_and_lead_where_the_rule_demands(few):
    client = client_of(few, icp="京ICP备12345678号-1", police="京公网安备 11010102001234号")

    for path in ("/", "/sites/s1", "/planner/sites", "/nothing", "/api/docs"):
        page = client.get(path).text
        assert '<a href="https://beian.miit.gov.cn/" rel="noreferrer" lang="zh-CN">京ICP备12345678号-1</a>' in page
        assert "https://beian.mps.gov.cn/#/query/webSearch?code=11010102001234" in page
    assert "beian" not in client_of(few).get("/").text
