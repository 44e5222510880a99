"""The sheet for a door: what it says, in two languages, and when it may not be printed."""

from __future__ import annotations

import re
from datetime import date
from xml.etree import ElementTree

import pytest

from locator.sites import Slot
from tests.conftest import a_site
from tests.web.test_site_page import PUBLIC
from web import create_app, i18n, regular


def sheet(text: str) -> str:
    """Return the words of a sheet."""
    inner = text[text.index("<article"):text.index("</article>")]
    return " ".join(re.sub(r"<[^>]*>", " ", inner).split())


def test_it_says_what_a_passer_by_asks_in_chinese_with_english_beneath(client_of):
    site = a_site(1, name="南锣鼓巷暖心驿站", address="东城区南锣鼓巷 13 号", opening_hours="Mo-Fr 08:30-12:00,13:00-17:30; Sa,Su 10:00-16:00",
                  eligibility="outdoor_workers", entry_note="按门铃", facilities={"hot_water": "yes", "microwave": "yes", "toilet": "no"},
                  slots=(Slot("24/7", "staffed"),), phone="010-12345678")

    said = sheet(client_of(site, **PUBLIC).get("/sites/s1/poster").text)

    for words in ("南锣鼓巷暖心驿站", "暖心驿站 warm station", "东城区南锣鼓巷 13 号", "周一至周五 Mon to Fri",
                  "08:30–12:00、 13:00–17:30", "周六、周日 Sat and Sun", "10:00–16:00", "户外劳动者 outdoor workers",
                  "有人值守 staffed", "按门铃", "热水 hot water", "微波炉 microwave",
                  "扫一扫，看现在开不开 Open now? Scan",
                  "https://nuanxin.example/sites/s1", "12351 职工服务热线 Union hotline", "示意图", "china-geojson", "010-12345678", "2026-03-04"):
        assert words in said, (words, said)
    assert "厕所" not in said


def test_it_says_as_of_when_it_was_verified_and_when_it_was_printed(client_of):
    """The day of printing says nothing of the record: who stands at the door wants to know when somebody last looked."""
    verified, never = a_site(1, verified_on=date(2026, 2, 1)), a_site(2, verified_on=None)
    client = client_of(verified, never, **PUBLIC)

    assert "核实日期 Verified on 2026-02-01 打印日期 Printed on 2026-03-04" in sheet(client.get("/sites/s1/poster").text)
    assert "未经核实 Not verified 打印日期 Printed on 2026-03-04" in sheet(client.get("/sites/s2/poster").text)


def test_it_is_the_same_whatever_language_its_reader_has(client_of):
    client = client_of(a_site(1), **PUBLIC)

    assert sheet(client.get("/sites/s1/poster").text) == sheet(client.get("/sites/s1/poster?lang=en").text)


def test_what_is_unknown_is_said_to_be(client_of):
    said = sheet(client_of(a_site(1, opening_hours=None), **PUBLIC).get("/sites/s1/poster").text)

    assert "未注明，请扫码或询问 Not stated: scan the code or ask" in said
    assert said.count("请先询问 Please ask first") == 2


@pytest.mark.parametrize("config", [{}, {"public_url": "http://127.0.0.1:8000"}, {"public_url": "http://localhost"}, {"public_url": "https://[::1]:8443"},
                                    {"public_url": "http://0.0.0.0:8000"}, {"public_url": "http://a.localhost"}])
@pytest.mark.parametrize("path", ["/sites/s1/poster", "/sites/s1/qr.svg"])
def test_without_an_address_that_visitors_can_open_nothing_is_printed_and_the_setting_is_named(client_of, config, path):
    client = client_of(a_site(1), **config)
    answer = client.get(path)

    assert answer.status_code == 409
    assert answer.content_type.startswith("text/html")
    for words in ("public_url", "NUANXIN_PUBLIC_URL", "settings.toml", "还没有设置访客可以打开的网址"):
        assert words in answer.text
    assert "no address that visitors" not in answer.text  # in the reader's language alone
    assert "<code>public_url" not in answer.text
    english = client.get(f"{path}?lang=en").text
    assert "no address that visitors can open has been set" in english
    assert "还没有设置" not in english
    assert 'class="qr"' not in answer.text
    assert "<article class=\"sheet" not in answer.text


def test_the_host_that_was_asked_never_becomes_the_codes(client_of):
    answer = client_of(a_site(1), **PUBLIC).get("/sites/s1/poster", headers={"Host": "evil.example"})

    assert "https://nuanxin.example/sites/s1" in answer.text
    assert "evil.example" not in answer.text


@pytest.mark.parametrize("fields", [{"visibility": "internal"}, {"status": "draft"}])
@pytest.mark.parametrize("path", ["/sites/s1/poster", "/sites/s1/qr.svg"])
def test_a_site_that_strangers_do_not_see_has_none(client_of, fields, path):
    assert client_of(a_site(1, **fields), **PUBLIC).get(path).status_code == 404


def test_one_that_is_out_of_service_or_a_demonstration_says_so_on_the_sheet(client_of):
    client = client_of(a_site(1, status="suspended"), a_site(2, demo=True), **PUBLIC)

    assert "目前停用 Out of service at present" in sheet(client.get("/sites/s1/poster").text)
    assert "演示数据，请勿张贴" in sheet(client.get("/sites/s2/poster").text)


def test_the_code_as_a_file_is_the_same_code(client_of):
    answer = client_of(a_site(1), **PUBLIC).get("/sites/s1/qr.svg")

    drawn = ElementTree.fromstring(answer.data)
    assert answer.content_type == "image/svg+xml"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "https://nuanxin.example/sites/s1" in "".join(drawn.itertext())
    assert drawn.attrib["width"] == drawn.attrib["height"]


def test_under_a_path_prefix_the_code_leads_there(few):
    client = create_app({"atlas": few, "path_prefix": "/nuanxin", **PUBLIC}).test_client()

    assert "https://nuanxin.example/nuanxin/sites/s1" in client.get("/nuanxin/sites/s1/poster").text


# --- hours that may hang for months --------------------------------------------------------------------------


def told(client_of, day, **fields):
    """Return the lines and the sentence about holidays that are printed on a day, in English."""
    app = client_of(a_site(1, **fields)).application
    with app.test_request_context("/?lang=en"), i18n.speaking("en"):
        atlas = app.extensions["atlas"].held.atlas
        return [tuple(line) for line in regular.week(0, atlas, day)], regular.holidays(0, atlas, day)


@pytest.mark.parametrize(("hours", "lines", "holidays"), [
    ("24/7", [("Every day", "24 hours")], "Public holidays: as usual"),
    ("Mo-Su 09:00-20:00", [("Every day", "09:00–20:00")], "Public holidays: as usual"),
    ("Mo-Fr 09:00-17:00", [("Mon to Fri", "09:00–17:00"), ("Sat and Sun", "closed")], "Public holidays: not stated, ask first"),
    ("Mo-Fr 09:00-17:00; PH off", [("Mon to Fri", "09:00–17:00"), ("Sat and Sun", "closed")], "Closed on public holidays"),
    ("Tu-Su 09:00-20:00; PH 10:00-16:00", [("Mon", "closed"), ("Tue to Sun", "09:00–20:00")], "Public holidays: other hours, scan the code"),
    ("Mo-Su 22:00-06:00", [("Every day", "00:00–06:00, 22:00–24:00")], "Public holidays: as usual"),
    (None, [], ""),
])
@pytest.mark.parametrize("day", [date(2026, 3, 4), date(2026, 9, 30), date(2026, 12, 31)])
def test_the_sheet_tells_an_ordinary_week_on_whatever_day_it_is_printed(client_of, hours, lines, holidays, day):
    assert told(client_of, day, opening_hours=hours) == (lines, holidays)


def test_hours_that_were_only_inferred_are_probable(client_of):
    lines, holidays = told(client_of, date(2026, 3, 4), opening_hours="Mo-Su 09:00-17:00", basis={"hours": "inferred"})

    assert lines == [("Every day", "probably 09:00–17:00")]
    assert holidays == "Public holidays: not stated, ask first"


def test_the_week_of_a_seasonal_site_is_one_of_its_season(client_of):
    lines, _ = told(client_of, date(2026, 3, 4), opening_hours="Mo-Su 09:00-17:00", season_from="06-15", season_to="09-15")

    assert lines == [("Every day", "09:00–17:00")]


def test_who_may_enter_when_stands_beside_the_hours_where_it_changes(client_of):
    lines, _ = told(client_of, date(2026, 3, 4), opening_hours="24/7", slots=(Slot("Mo-Su 08:00-20:00", "staffed"), Slot("24/7", "code")))

    assert lines == [("Every day", "00:00–08:00, 20:00–24:00 door code; 08:00–20:00 staffed")]
