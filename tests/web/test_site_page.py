"""One site's page without a script: the way there, the door, the week, the holidays, where it is, what is near."""

from __future__ import annotations

import html
import re
from datetime import datetime
from urllib.parse import parse_qs, unquote, urlsplit

import numpy as np
import pytest

from geodata import pasted
from locator import datum
from locator.sites import Slot
from locator.typed import BEIJING
from tests.conftest import a_site
from tests.web.test_handoff import ANDROID, IPHONE, WECHAT
from tests.web.test_pages import page
from web import whereabouts

PUBLIC = {"public_url": "https://nuanxin.example"}


def section(text: str, name: str) -> str:
    """Return one section of a page, by the id of what names it."""
    return re.search(rf'<section[^>]*aria-labelledby="{name}".*?</section>', text, re.DOTALL)[0]


def ways(text: str) -> dict[str, str]:
    """Return the https links by app, in the page's order."""
    return {app: html.unescape(link) for app, link in re.findall(r'data-app="(\w+)"><a class="button" href="([^"]+)"', text)}


# --- getting there --------------------------------------------------------------------------------------


def test_the_way_leads_by_four_apps_to_the_entrance_in_their_datum(client_of):
    client = client_of(a_site(1, entrance_lon=116.4111, entrance_lat=39.9011, district_code="110101"))

    found = ways(client.get("/sites/s1").text)

    assert list(found) == ["amap", "baidu", "tencent", "apple"]
    for link in found.values():
        read = pasted.read(link)
        assert (read.lon, read.lat) == pytest.approx(datum.point_from_wgs84(116.4111, 39.9011, "gcj02"), abs=1e-6)
    assert parse_qs(urlsplit(found["baidu"]).query)["region"] == ["北京市"]


def test_on_foot_or_by_e_bike_is_a_plain_link_and_decides_what_the_apps_are_asked(client_of):
    client = client_of(a_site(1))

    on_foot, riding = client.get("/sites/s1").text, client.get("/sites/s1?by=ride").text

    assert re.search(r'href="/sites/s1\?by=walk#go" aria-current="true"', on_foot)
    assert re.search(r'href="/sites/s1\?by=ride#go" aria-current="true"', riding)
    assert ["mode=ride" in riding, "mode=riding" in riding, "type=bike" in riding] == [True] * 3
    assert "mode=ride" not in on_foot
    assert "骑行时间为估算" in riding
    assert "骑行时间为估算" not in on_foot
    assert "只有步行" in riding  # Apple's


def test_another_way_of_going_is_refused_in_plain_words(client_of):
    shown = page(client_of(a_site(1)), "/sites/s1?by=drive", expect=400)

    assert "步行或骑电动车“drive”" in shown.text
    assert "walk" in shown.text


def test_inside_wechat_tencent_is_first_no_link_is_a_scheme_and_the_way_out_is_told(client_of):
    text = client_of(a_site(1)).get("/sites/s1", headers={"User-Agent": WECHAT}).text

    assert next(iter(ways(text))) == "tencent"
    assert "data-wechat" in text
    assert "在浏览器打开" in text
    assert set(re.findall(r'href="(\w+)://', text)) <= {"https"}


@pytest.mark.parametrize(("agent", "schemes"), [
    (ANDROID, {"https", "amapuri", "bdapp"}), (IPHONE, {"https", "iosamap", "baidumap"}), ("", {"https"})])
def test_a_phones_own_schemes_wait_behind_the_https_links(client_of, agent, schemes):
    text = client_of(a_site(1)).get("/sites/s1", headers={"User-Agent": agent}).text

    assert set(re.findall(r'href="(\w+)://', text)) == schemes
    assert all(link.startswith("https://") for link in ways(text).values())


@pytest.mark.parametrize("fields", [{"lon": None, "lat": None}, {"status": "closed"}, {"status": "suspended"}])
def test_no_link_leads_to_a_place_that_is_not_located_or_not_in_service(client_of, fields):
    text = client_of(a_site(1, **fields), a_site(2)).get("/sites/s1").text

    assert ways(text) == {}
    if fields.get("lon", 1) is None:
        assert "还没有标到地图上" in text


def test_coordinates_are_there_in_every_datum_to_be_selected(client_of):
    text = client_of(a_site(1)).get("/sites/s1").text

    told = dict(zip(re.findall(r"<dt>(WGS-84|GCJ-02|BD-09|CGCS2000)</dt>", text), re.findall(r'id="pair-\d">([\d.,]+)<', text), strict=True))

    assert told["WGS-84"] == told["CGCS2000"] == "116.410000,39.900000"
    for name, code in (("GCJ-02", "gcj02"), ("BD-09", "bd09")):
        assert tuple(map(float, told[name].split(","))) == pytest.approx(datum.point_from_wgs84(116.41, 39.9, code), abs=1e-6)


def test_a_name_with_signs_of_its_own_reaches_the_app_whole(client_of):
    name = "他说\"来\",坐|歇 & <b>"
    found = ways(client_of(a_site(1, name=name)).get("/sites/s1").text)

    assert unquote(found["tencent"]).split("&to=")[1].startswith(name)


# --- the door -------------------------------------------------------------------------------------------


def test_who_may_use_it_and_how_to_enter_are_told_or_said_to_be_unknown(client_of):
    client = client_of(a_site(1, eligibility="members", entry_note="凭会员卡刷门禁", slots=(Slot("24/7", "code"),)), a_site(2))

    known, unknown = (section(client.get(f"/sites/s{n}").text, "in-title") for n in (1, 2))

    assert "工会会员" in known
    assert "凭会员卡刷门禁" in known
    assert "凭码进入" in known
    assert "未注明，请先询问" in unknown


def test_the_door_is_told_as_on_a_card_of_the_list(client_of):
    client = client_of(
        a_site(1, opening_hours="Mo-Su 09:00-22:00", slots=(Slot("09:00-12:00", "staff_only"), Slot("12:00-22:00", "staffed"))),
        a_site(2, opening_hours="Mo-Fr 08:30-12:00,13:00-17:30"), a_site(3, opening_hours=None))
    cards = client.get("/?lon=116.42&lat=39.9").text

    for number, words in ((1, "现在仅限内部人员，12:00 起对外开放"), (2, "开放中，12:00–13:00 中间休息"), (3, "开放时间未注明")):
        text = client.get(f"/sites/s{number}").text
        assert words in re.search(r'<p class="when">.*?</p>', text, re.DOTALL)[0]
        assert words in re.search(r'property="og:description" content="([^"]*)"', text)[1]
        assert words in cards
        assert text.split('class="going"')[0].count('class="reason"') == 0


def test_the_week_tells_who_may_enter_when_in_words_and_as_a_drawing(client_of):
    site = a_site(1, opening_hours="24/7", slots=(Slot("Mo-Su 08:00-20:00", "staffed"), Slot("24/7", "code")))

    hours = section(client_of(site).get("/sites/s1").text, "hours-title")

    assert hours.count("<tr") == 7
    assert re.search(r"08:00–20:00\s*<small>有人值守", hours)
    assert re.search(r"20:00–24:00\s*<small>凭码进入", hours)
    assert hours.count('class="timeline"') == 7
    assert '<div aria-hidden="true"><svg class="timeline"' in hours  # the table is what a reader's voice tells


def on(year, month, day, hour=10):
    return datetime(year, month, day, hour, tzinfo=BEIJING)


@pytest.mark.parametrize(("hours", "now", "told"), [
    ("Mo-Fr 09:00-17:00", on(2026, 9, 28), ["10月1日至10月2日</b> <span>国庆节：是否开放未注明", "10月3日至10月4日</b> <span>国庆节：关门",
                                           "10月10日</b> <span>调休上班日：是否开放未注明"]),
    ("24/7", on(2026, 9, 28), ["10月1日至10月7日</b> <span>国庆节：00:00–24:00", "10月10日</b> <span>调休上班日：00:00–24:00"]),
    ("Mo-Fr 09:00-17:00; PH off", on(2026, 9, 28), ["10月1日至10月7日</b> <span>国庆节：关门"]),
    ("Mo-Fr 09:00-17:00", on(2026, 12, 28), ["2027 年放假安排尚未公布"]),
])
def test_holidays_and_make_up_days_of_the_coming_two_weeks_are_told(client_of, hours, now, told):
    shown = section(client_of(a_site(1, opening_hours=hours), now=now).get("/sites/s1").text, "hours-title")

    for words in told:
        assert words in shown, shown[shown.index("ahead"):][:900] if "ahead" in shown else shown[-300:]


def test_an_ordinary_fortnight_has_no_such_list(client_of):
    assert 'class="ahead"' not in client_of(a_site(1)).get("/sites/s1").text


def test_outside_its_season_a_site_says_so(client_of):
    text = client_of(a_site(1, season_from="11-15", season_to="02-28")).get("/sites/s1").text

    assert "11-15 至 02-28" in section(text, "hours-title")
    assert "已关门" in text


# --- where it is, what is near -----------------------------------------------------------------------------


def test_a_drawing_tells_where_it_is_without_a_script_and_names_its_source(client_of):
    shown = section(client_of(a_site(1), a_site(2), *PLACED).get("/sites/s1").text, "where-title")

    assert shown.count('<svg class="whereabouts"') == 1
    assert 'class="pin"' in shown
    assert "示意图，按本站数据绘制，地标为大致位置 · 区界示意：china-geojson" in shown
    assert "<img" not in shown
    assert "data-" not in shown


PLACED = [a_site(9, lon=116.3914, lat=39.9050)]
"""250 m south of where the landmarks have Tian'anmen."""


def test_it_is_told_in_words_how_it_lies_to_what_people_know(client_of):
    client = client_of(*PLACED)

    assert re.search(r"<b>[^<]*天安门以南约 300 米", client.get("/sites/s9").text)
    assert re.search(r"<b>[^<]*about 300 m south of Tian&#39;anmen", client.get("/sites/s9?lang=en").text)


def test_others_nearby_are_at_their_distance_from_this_site_open_ones_first(client_of):
    here = {"lon": 116.40, "lat": 39.90}
    client = client_of(a_site(1, **here), a_site(2, lon=116.402, lat=39.90, opening_hours=None), a_site(3, lon=116.404, lat=39.90),
                   a_site(4, lon=116.403, lat=39.90, opening_hours="Mo-Su 20:00-21:00"))

    shown = section(client.get("/sites/s1").text, "near-title")

    assert re.findall(r'data-id="(\w+)"', shown) == ["s3", "s2"]
    assert "340 米" in shown


def test_a_page_that_refuses_speaks_of_no_field_and_no_code(client_of):
    client = client_of(a_site(1))

    site, need = client.get("/sites/notexist"), client.get("/?need=24h&lon=116.4&lat=39.9")

    assert (site.status_code, need.status_code) == (404, 400)
    assert "<b>“notexist”</b>：没有这个站点" in site.text
    assert "<b>“24h”</b>：没有这个需求；可用：取暖、热水" in need.text
    told = client.get("/api/v1/nearest?need=24h&lon=116.4&lat=39.9").get_json()["errors"][0]
    assert (told["field"], told["value"]) == ("need", "24h")


def test_others_nearby_begin_with_two_of_the_same_kind_and_its_facilities_with_what_the_kind_is_looked_for(client_of):
    room = {"kind": "mother_baby_room", "facilities": {"wifi": "yes", "nursing": "yes", "changing_table": "yes"}}
    client = client_of(a_site(1, lon=116.40, lat=39.90, **room), *(a_site(i, lon=116.40 + i / 1000, lat=39.90) for i in range(2, 7)),
                       *(a_site(i, lon=116.40 + i / 1000, lat=39.90, **room) for i in (20, 21, 22)), a_site(90, lon=116.49, lat=39.90, **room))

    shown = client.get("/sites/s1").text

    assert re.findall(r'data-id="(\w+)"', section(shown, "near-title")) == ["s20", "s21", "s2", "s3"]
    assert re.findall(r'<li class="yes">.*?([^<>]+)</li>', section(shown, "has-title")) == ["哺乳位", "尿布台", "无线网"]
    far_off = re.findall(r'data-id="(\w+)"', section(client.get("/sites/s90").text, "near-title"))
    assert far_off == ["s22", "s21", "s20", "s6"]  # none of its kind within 5 km: simply the nearest


def test_others_nearby_are_judged_by_when_a_rider_gets_there_and_never_in_time_for_staff_only(client_of):
    here = {"lon": 116.40, "lat": 39.90}
    client = client_of(a_site(1, **here), a_site(2, lon=116.41, lat=39.90, opening_hours="Mo-Su 09:00-10:09"),  # 13 minutes on foot, 4 riding
                       a_site(3, lon=116.412, lat=39.90, slots=(Slot("24/7", "staff_only"),)))

    on_foot, riding = client.get("/sites/s1").text, section(client.get("/sites/s1?by=ride").text, "near-title")

    assert "near-title" not in on_foot
    assert re.findall(r'data-id="(\w+)"', riding) == ["s2"]
    assert "到达前会关门" not in riding


def test_the_ring_and_the_marks_stay_within_the_drawing(client_of):
    for lon, lat in ((116.3914, 39.9073), (116.60, 40.55), (115.98, 40.46), (117.1, 40.2), (116.41, 39.99)):
        app = client_of(a_site(1, lon=lon, lat=lat)).application
        with app.test_request_context("/?lang=en"):
            drawn = whereabouts.of_site(app.extensions["atlas"].held, (lon, lat), None, width=480, height=340)
        assert drawn.here == pytest.approx((240, 170), abs=1)
        assert drawn.ring < 0.4 * 340
        boxes = [(m.x, m.x + 9 * len(m.text)) if m.anchor == "start" else (m.x - 9 * len(m.text), m.x) for m in drawn.landmarks]
        assert all(left >= 0 and right <= 480 for left, right in boxes)
        assert all(0 < m.y < 340 for m in drawn.landmarks)


def test_no_words_of_the_drawing_lie_on_others(client_of):
    app = client_of(a_site(1)).application
    moved = 0
    for number, (lon, lat) in enumerate((lon, lat) for lon in np.arange(116.36, 116.44, 0.004) for lat in np.arange(39.89, 39.93, 0.004)):
        with app.test_request_context("/?lang=" + ("zh-CN", "en")[number % 2]):
            drawn = whereabouts.of_site(app.extensions["atlas"].held, (lon, lat), None, width=480, height=340)
        boxes = []
        for m in drawn.landmarks:  # 17 high on the sheets
            wide = sum(9 if c.isascii() else 17 for c in m.text) + 9
            boxes.append((m.x, m.y - 9, m.x + wide, m.y + 9) if m.anchor == "start" else (m.x - wide, m.y - 9, m.x, m.y + 9))
        wide, (x, y) = sum(7 if c.isascii() else 14 for c in drawn.ring_words) / 2, drawn.ring_at
        boxes.append((x - wide, y - 8, x + wide, y + 8))
        assert not [(a, b) for i, a in enumerate(boxes) for b in boxes[:i] if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]]
        assert np.hypot(x - drawn.here[0], y - drawn.here[1]) < drawn.ring
        moved += x != drawn.here[0] or y < drawn.here[1]
    assert moved > 3  # where a name stands in the south of the ring


# --- what travels with a link ---------------------------------------------------------------------------------


def test_a_shared_link_shows_name_and_state_with_their_time(client_of):
    text = client_of(a_site(1, address="东城区某街 1 号"), **PUBLIC).get("/sites/s1").text

    assert '<meta property="og:title" content="第1暖心驿站">' in text
    assert re.search(r'<meta property="og:description" content="暖心驿站 · 10:00 时? ?全天开放 · 东城区某街 1 号">', text)
    assert '<meta property="og:url" content="https://nuanxin.example/sites/s1">' in text
    assert 'itemtype="https://schema.org/Place"' in text
    for name in ("name", "address", "latitude", "longitude"):
        assert f'itemprop="{name}"' in text


def test_a_code_is_shown_only_where_it_leads_to_an_address_that_lasts(client_of):
    known, unknown, here = (client_of(a_site(1), **config).get("/sites/s1").text for config in (PUBLIC, {}, {"public_url": "http://127.0.0.1:8000"}))

    assert 'class="qr"' in known
    assert "/sites/s1/poster" in known
    for text in (unknown, here):
        assert 'class="qr"' not in text
        assert "/poster" not in text
        assert "og:url" not in text
        assert "127.0.0.1" not in text


def test_the_page_speaks_english_whole(client_of):
    text = client_of(a_site(1, opening_hours="Mo-Fr 09:00-17:00"), now=on(2026, 9, 28), **PUBLIC).get("/sites/s1?lang=en&by=ride").text
    body = re.sub(r"<[^>]*>", " ", text[text.index("<main"):text.index("</main>")])

    # the name is what it is
    assert re.findall(r"[一-鿿]+", body.replace("第1暖心驿站", "")) == []
