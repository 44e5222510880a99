"""The finder's pages: what they say, without a browser."""

from __future__ import annotations

import re
from datetime import datetime
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from locator.datum import point_from_wgs84
from locator.sites import Slot
from locator.typed import BEIJING
from tests.conftest import a_site
from tests.web.conftest import HOSTILE, WEDNESDAY_TEN
from web import create_app, i18n


class Page(HTMLParser):
    """What a reader without scripts has: words and links."""

    def __init__(self, text):
        super().__init__()
        self.words, self.links = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self.links.append(dict(attrs).get("href", ""))

    def handle_data(self, data):
        if data.strip():
            self.words.append(data.strip())

    @property
    def text(self):
        return " ".join(self.words)


def page(client, path, expect=200, **headers):
    response = client.get(path, headers=headers)
    assert response.status_code == expect, response.text
    assert response.content_type == "text/html; charset=utf-8"
    return Page(response.text)


def linked(shown, **wanted):
    """Return the links whose query holds all of `wanted`."""
    return [link for link in shown.links
            if all(parse_qs(urlsplit(link).query).get(name) == [str(value)] for name, value in wanted.items())]


def test_without_a_position_the_page_offers_search_districts_and_needs(client):
    shown = page(client, "/")

    for word in ("取暖", "热水", "厕所", "热饭", "充电", "母婴室", "24小时", "东城区", "延庆区", "找我附近的"):
        assert word in shown.text, word
    assert linked(shown, area="110101")


def test_the_list_tells_name_kind_distance_state_and_time_on_the_way(client):
    shown = page(client, "/?lon=116.4&lat=39.9")

    for word in ("第1暖心驿站", "母婴关爱室", "860 米", "步行约 13 分钟", "骑行约 5 分钟 估算", "全天开放", "已关门，20:00 开门",
                 "所有人", "热水", "厕所"):
        assert word in shown.text, word
    assert "/sites/s1" in shown.links


def test_sites_stand_under_open_unknown_and_closed_on_arrival_in_that_order(client):
    text = page(client, "/?lon=116.4&lat=39.9").text

    assert text.index("到达时开放") < text.index("第1暖心驿站") < text.index("开放与否不确定") < text.index("第3暖心驿站")
    assert text.index("第3暖心驿站") < text.index("到达时已关门") < text.index("第4暖心驿站")


def test_a_site_that_closes_on_the_way_is_told_to(client):
    text = page(client, "/?lon=116.36&lat=39.9&k=5").text  # an hour and a half from the one that closes at 10:30

    assert "到达前会关门" in text
    assert "还有 30 分钟关门" in text


def test_when_nothing_near_is_surely_open_the_nearest_that_is_comes_first(make_atlas, areas):
    closed = [a_site(n, opening_hours="Mo-Su 20:00-21:00") for n in range(1, 30)]
    atlas = make_atlas([*closed, a_site(99, lon=116.62, name="远处的站")], areas=areas.tree)
    client = create_app({"atlas": atlas, "clock": lambda: WEDNESDAY_TEN}).test_client()

    text = page(client, "/?lon=116.4&lat=39.9").text

    assert text.index("最近的、确定开放的") < text.index("远处的站") < text.index("到达时已关门")


def test_an_empty_list_names_the_filters_and_offers_to_drop_each(client):
    shown = page(client, "/?lon=116.4&lat=39.9&need=hot_water&need=mother_baby")

    assert "没有同时符合这些条件的站点" in shown.text
    assert "不要“热水”" in shown.text
    assert "不要“母婴室”" in shown.text
    without = linked(shown, need="mother_baby", lon="116.4")
    assert without
    assert "第2暖心驿站" in page(client, without[0]).text


def test_a_search_lets_one_choose_where_to_start_and_a_choice_lists_what_is_near(client):
    shown = page(client, "/?q=什刹&need=hot_water")

    start = linked(shown, place="什刹海", need="hot_water")[0]
    answer = page(client, start)

    assert "从“什刹海”出发" in answer.text
    assert "第1暖心驿站" in answer.text


def test_a_search_that_finds_nothing_says_so_and_offers_districts(client):
    shown = page(client, "/?q=zzzzqqqq")

    assert "没有找到“zzzzqqqq”" in shown.text
    assert linked(shown, area="110101")


def test_what_the_map_draws_is_wgs84_whatever_was_asked_in(client):
    plain = client.get("/?lon=116.40&lat=39.90").text
    lon, lat = point_from_wgs84(116.40, 39.90, "gcj02")
    shifted = client.get(f"/?lon={lon}&lat={lat}&datum=gcj02").text

    def drawn(page):
        return [(round(float(lon), 6), round(float(lat), 6)) for lon, lat in re.findall(r'data-lon="([^"]+)" data-lat="([^"]+)"', page)]

    assert len(drawn(plain)) == 6
    assert drawn(shifted) == drawn(plain)
    assert "datum=gcj02" in shifted  # the links go on in what was given


def test_a_district_lists_its_own_sites_only(client):
    text = page(client, "/?area=110101").text

    assert "东城区，由区中心向外" in text
    assert "第3暖心驿站" in text
    assert "第1暖心驿站" not in text
    assert "第4暖心驿站" in page(client, "/?area=朝阳区").text


def test_an_area_without_an_outline_is_still_an_answer(client):
    page(client, "/?area=110302")


@pytest.mark.parametrize("path", ["/?lon=x&lat=39.9", "/?lon=116.4", "/?lon=116.4&lat=39.9&k=0", "/?lon=116.4&lat=39.9&kind=nope",
                                  "/?area=nowhere", "/?lon=116.4&lat=39.9&at=never"])
def test_what_cannot_be_asked_is_told_in_plain_words_with_a_way_on(client, path):
    shown = page(client, path, expect=400)

    assert "这样查不了" in shown.text
    assert linked(shown, area="110101")


def test_names_a_page_does_not_know_are_passed_over(client):
    assert "第1暖心驿站" in page(client, "/?lon=116.4&lat=39.9&utm_source=wechat&from=x&need=").text


def test_the_site_page_tells_what_is_known_and_marks_what_is_not(client):
    shown = page(client, "/sites/s1")

    for word in ("第1暖心驿站", "东城区某街 1 号", "010-1234 5678", "00:00–24:00", "热水", "厕所", "无线网", "未注明", "未核实", "周三"):
        assert word in shown.text, word
    assert "tel:010-12345678" in shown.links


def test_a_closed_site_keeps_its_page_and_offers_others(client):
    shown = page(client, "/sites/s8")

    assert "目前停用" in shown.text
    assert "第1暖心驿站" in shown.text


@pytest.mark.parametrize("site_id", ["s6", "s7", "nope", "%3Cb%3E", "x" * 300])
def test_drafts_internal_sites_and_unknown_ids_have_no_page(client, site_id):
    page(client, f"/sites/{site_id}", expect=404)


def test_the_code_on_a_site_page_leads_to_the_public_address(few):
    client = create_app({"atlas": few, "public_url": "https://nuanxin.example/"}).test_client()

    response = client.get("/sites/s1")

    assert "https://nuanxin.example/sites/s1" in response.text
    assert '<svg class="qr"' in response.text.replace("'", '"') or 'class="qr"' in response.text


@pytest.mark.parametrize("path", ["/?lon=116.4&lat=39.9", "/sites/s5", "/?q=第1", "/?q=" + "%3Cscript%3Ealert(1)%3C/script%3E",
                                  "/?lon=116.4&lat=39.9&place=%3Cscript%3Ealert(1)%3C/script%3E", "/?lon=%3Cscript%3E&lat=1"])
def test_what_others_typed_never_becomes_markup(client, path):
    text = client.get(path).text

    assert "<script>" not in text
    assert "<b>" + "\x07" not in text
    assert HOSTILE not in text


def test_demonstration_records_are_announced_on_every_page(client, make_atlas):
    real = create_app({"atlas": make_atlas([a_site(1)])}).test_client()

    for path in ("/", "/?lon=116.4&lat=39.9", "/sites/s1", "/nothing", "/api/docs"):
        assert "演示数据 Demonstration data" in client.get(path).text, path
        assert "演示数据" not in real.get(path).text, path


def test_pages_speak_english_when_asked_by_header_link_or_cookie(client):
    for shown in (page(client, "/", **{"Accept-Language": "en-GB,en;q=0.9,zh;q=0.1"}), page(client, "/?lang=en"), page(client, "/")):
        assert "What do you need near you?" in shown.text  # the last one by the cookie that the link left
        assert linked(shown, lang="zh-CN")


def test_the_language_link_keeps_the_question(client):
    assert linked(page(client, "/?lon=116.4&lat=39.9&need=toilet"), lang="en", lon="116.4", need="toilet")


def test_every_message_of_pages_is_in_chinese():
    folder = i18n._FILES.parent
    with (folder / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file, "babel.cfg")
    with (i18n._FILES / "zh_CN" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file)

    def ours(path):
        return not path.endswith(("node_modules", "vendor"))

    for name, line, message, _, context in extract_from_dir(str(folder), methods, options, directory_filter=ours):
        said = catalogue.get(message if isinstance(message, str) else message[0], context)
        assert said is not None, f"{name}:{line} {message!r}"
        assert said.string, f"{name}:{line} {message!r}"


def test_whoever_reads_chinese_is_addressed_in_one_way_alone():
    root = Path(i18n.__file__).parents[1]
    sources = [path for room in ("locator", "geodata", "web/templates", "scripts") for path in (root / room).rglob("*.*")
               if path.suffix in (".py", ".html")]
    texts = [i18n._FILES / "zh_CN" / "LC_MESSAGES" / "messages.po", *(root / "web").glob("*.py"), *sources]

    assert [path.name for path in texts if "你" in path.read_text("utf-8")] == []


HALF_WIDTH = re.compile(r"(?<=[\u4e00-\u9fff”）])\s*[:;,](?!//)|[:;,](?=[\u4e00-\u9fff“（])"
                        r"|\d\d:\d\d-\d\d:\d\d|(?<=[\u4e00-\u9fff])-(?=[\u4e00-\u9fff])")
"""Western signs between Chinese words, and times whose range is no dash."""


def test_chinese_messages_are_punctuated_as_chinese_is():
    with (i18n._FILES / "zh_CN" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        said = [(message.id, message.string) for message in read_po(file) if message.id]
    typed = ("such as", "Month and day")  # what somebody is to type, hours and dates, stays as it is typed

    assert [zh for en, zh in said if not any(words in str(en) for words in typed) and HALF_WIDTH.search(str(zh))] == []


def test_chinese_pages_are_punctuated_as_chinese_is(client_of, signed_in):
    now = datetime(2026, 9, 28, 10, 0, tzinfo=BEIJING)
    client = client_of(
        a_site(1, aliases=("小站", "驿站"), opening_hours="Mo-Su 04:00-20:00", basis={"hours": "inferred"}),
        a_site(2, slots=(Slot("08:00-12:00,14:00-18:00", "staffed"),), opening_hours="Mo-Fr 08:00-12:00,14:00-18:00; PH 10:00-12:00,13:00-15:00"),
        a_site(3, opening_hours="Mo-Fr 09:00-17:00", district_code="110101"), now=now)
    pages = [(client, path) for path in (
        "/", "/?trouble=denied", "/?lon=116.4&lat=39.9&accuracy_m=400", "/?area=110101", "/?q=什刹", "/?lon=x&lat=1",
        "/?lon=116.4&lat=39.9&facility=wifi", "/sites/s1", "/sites/s2", "/sites/s3", "/privacy")]
    pages += [(signed_in("hotline", "110000"), "/hotline?q=什刹海不知何物"), (signed_in("city", "110000"), "/admin/reports"),
              (signed_in("city", "110000"), "/account")]

    found = {path: [text for text in page(one, path, expect=400 if "=x" in path else 200).words if HALF_WIDTH.search(text)] for one, path in pages}
    joined = {path: HALF_WIDTH.findall(page(one, path, expect=400 if "=x" in path else 200).text) for one, path in pages}

    assert ({path: texts for path, texts in found.items() if texts}, {path: signs for path, signs in joined.items() if signs}) == ({}, {})
    assert "国庆节" in page(client, "/sites/s2").text
    assert "可能 04:00–20:00" in page(client, "/sites/s1").text


def test_until_there_is_an_atlas_pages_ask_for_patience(tmp_path):
    client = create_app({"home": tmp_path, "poll_s": 60}).test_client()

    ready = client.get("/readyz")

    assert (ready.status_code, ready.content_type) == (503, "application/problem+json")
    assert ready.headers["Retry-After"]
    assert page(client, "/", expect=503)
    assert client.get("/healthz").status_code == 200
    client.application.extensions["atlas"].stop()


@pytest.mark.parametrize(("only", "there", "not_there"), [("public", "/", "/planner/sites"), ("internal", "/readyz", "/sites/s1")])
def test_one_side_can_be_served_without_the_other(few, only, there, not_there):
    client = create_app({"atlas": few, "only": only}).test_client()

    assert client.get(there).status_code == 200
    assert client.get(not_there).status_code == 404


def test_headings_descend_without_a_leap(client):
    for path in ("/", "/?lon=116.4&lat=39.9", "/sites/s1", "/?q=什刹", "/api/docs"):
        levels = [int(level) for level in re.findall(r"<h([1-6])", client.get(path).text)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels)), (path, levels)


def test_the_finders_style_is_asked_for_before_its_page_has_come(client):
    page = client.get("/?lon=116.4&lat=39.9")
    style = re.search('href="([^"]*page.css)"', page.text)[1]

    assert page.headers["Link"] == f"<{style}>; rel=preload; as=style"
