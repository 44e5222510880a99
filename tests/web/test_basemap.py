"""What lies under the maps: the operator's tiles, in their datum, with their source and approval number on every map."""

from __future__ import annotations

import html
import json
import re

import pytest

from locator import datum
from locator.errors import BadValue
from tests.web.conftest import HERE, WEDNESDAY_TEN
from tests.web.test_settings import TILES
from web import create_app
from web.settings import Settings

MAP = "/planner/sites/map"


def client_of(atlas, **settings):
    return create_app({"atlas": atlas, "clock": lambda: WEDNESDAY_TEN, **settings}).test_client()


@pytest.mark.parametrize("path", ["/", "/?lon=116.4&lat=39.9"])
def test_the_finders_map_names_its_source_and_its_approval_number(few, path):
    page = client_of(few, **TILES).get(path).text

    assert "某地图 · 审图号：GS(2024)0650号" in re.search(r'data-attribution="([^"]*)"', page)[1]
    base = json.loads(html.unescape(re.search(r'data-base="([^"]*)"', page)[1]))
    assert base == {"templates": [TILES["base_map"]], "maxZoom": 18, "datum": "gcj02", "subdomains": ""}
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


TIANDITU = {"base_map": "tianditu", "tianditu_key": "0123456789abcdef0123456789abcdef", "base_map_approval": "GS(2024)0650号"}


def test_tianditu_needs_a_key_and_an_approval_number_and_nothing_else(few):
    client = client_of(few, **TIANDITU)
    page = client.get("/", query_string=HERE)

    base = json.loads(html.unescape(re.search(r'data-base="([^"]*)"', page.text)[1]))
    assert [re.search("LAYER=([a-z]*)", template)[1] for template in base["templates"]] == ["vec", "cva"]
    assert all(template.startswith("https://t{s}.tianditu.gov.cn/") and template.endswith(TIANDITU["tianditu_key"]) for template in base["templates"])
    assert (base["subdomains"], base["datum"]) == ("01234567", "wgs84")  # CGCS2000 is WGS-84 to some centimetres
    assert "天地图（国家地理信息公共服务平台） · 审图号：GS(2024)0650号" in page.text
    pictures = re.search("img-src ([^;]*)", page.headers["Content-Security-Policy"])[1].split()
    assert pictures == ["'self'", *(f"https://t{n}.tianditu.gov.cn" for n in range(8)), "data:"]
    assert '"01234567"' in client.get(MAP).text


@pytest.mark.parametrize(("settings", "field"), [
    ({**TIANDITU, "tianditu_key": None}, "tianditu_key"), ({**TIANDITU, "tianditu_key": "a b&c=d"}, "tianditu_key"),
    ({**TIANDITU, "base_map_approval": None}, "base_map_approval"), ({**TIANDITU, "base_map_datum": "gcj02"}, "base_map_datum"),
    ({**TIANDITU, "base_map_labels": "https://a.example/{z}/{x}/{y}"}, "base_map_labels"),
    ({**TIANDITU, "base_map_max_zoom": 19}, "base_map_max_zoom"), ({**TIANDITU, "base_map": "outlines"}, "tianditu_key"),
    ({**TILES, "tianditu_key": "0123456789abcdef"}, "tianditu_key")])
def test_tianditu_that_is_not_whole_is_refused_without_showing_the_key(settings, field):
    with pytest.raises(BadValue) as refused:
        Settings(**settings)

    assert refused.value.field == field
    assert "a b&c" not in str(refused.value)


@pytest.mark.parametrize(("settings", "said"), [
    ({}, "区界示意：china-geojson（MIT），边界为近似"), ({"base_map": "none"}, "本登记库的站点，无底图"), (TILES, "某地图 · 审图号：GS(2024)0650号"),
    (TIANDITU, "天地图（国家地理信息公共服务平台） · 审图号：GS(2024)0650号")], ids=["outlines", "none", "tiles", "tianditu"])
def test_every_map_carries_its_source_and_its_approval_number(few, settings, said):
    client = client_of(few, **settings)
    pages = {rule.rule: client.get(re.sub("<site_id>", "s1", rule.rule)) for rule in client.application.url_map.iter_rules()
             if "GET" in rule.methods and re.fullmatch("(/[a-z]*)*(<site_id>(/[a-z]+)*)?", rule.rule)}
    maps = {rule: page.text for rule, page in pages.items()
            if page.mimetype == "text/html" and re.search(r'class="([^"]* )?map[ "]|L\.map\(', page.text)}

    assert {"/", MAP} <= set(maps)
    for rule, text in maps.items():
        assert said in html.unescape(text) or json.dumps(said)[1:-1] in text, rule


def test_no_base_map_is_none(few):
    client = client_of(few, base_map="none")
    page = client.get("/").text

    assert 'data-attribution="本登记库的站点，无底图"' in page
    assert 'data-outlines=""' in page
    assert "china-geojson" not in client.get(MAP).text


def test_filing_numbers_stand_in_every_footer_and_lead_where_the_rule_demands(few):
    client = client_of(few, icp="京ICP备12345678号-1", police="京公网安备 11010102001234号")

    for path in ("/", "/sites/s1", "/planner/sites", "/nothing", "/api/docs"):
        page = client.get(path).text
        assert '<a href="https://beian.miit.gov.cn/" rel="noreferrer" lang="zh-CN">京ICP备12345678号-1</a>' in page
        assert "https://beian.mps.gov.cn/#/query/webSearch?code=11010102001234" in page
    assert "beian" not in client_of(few).get("/").text
