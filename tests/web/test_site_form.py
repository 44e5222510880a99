"""A form shows a site whole, says it back unchanged, and two people's forms are merged field by field."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from geodata.areas import Areas
from geodata.editing import Editor
from locator.datum import point_to_wgs84
from locator.sites import Slot
from tests.conftest import a_site
from web.site_form import merged, posted, replaced, said, shown

LON, LAT = point_to_wgs84(116.4123456, 39.9123456, "bd09")
WHOLE = a_site(
    lon=LON, lat=LAT, source_lon=116.4123456, source_lat=39.9123456, source_datum="bd09", entrance_lon=116.4000001, entrance_lat=39.9000001,
    station_code="DC-1", aliases=("甲,乙", "丙"), subtype="public_area", host="bank", host_brand="某银行", source="区", source_id="7", accuracy_m=2.5,
    address="某街 1 号", district_code="110101", street_code="110101001", floor="B1", directions="进门左转", opening_hours="Mo-Fr 09:00-17:00",
    hours_text="周一至周五 9:00-17:00", season_from="11-15", season_to="03-15", slots=(Slot("Mo 09:00-10:00", "staffed"), Slot("Tu", "code")),
    eligibility="members", gender="any", fee="free", capacity=12, area_m2=33.25, facilities={"water": "yes", "toilet": "no"}, phone="010-1",
    photos=("a.jpg",), visibility="internal", entry_note="扫码", workday_rule="calendar", basis={"hours": "stated"}, manager="张三",
    manager_phone="138", verified_on=date(2025, 1, 2), verified_by="李四", verified_how="visit", next_check_on=date(2026, 1, 2), award="奖",
    kind="workers_home", version=4)


@pytest.fixture(scope="module")
def editor(vocabulary):
    return Editor(vocabulary, Areas.load())


@pytest.mark.parametrize("site", [WHOLE, a_site(district_code="110101"), a_site(lon=None, lat=None, status="draft", address="某街"),
                                  a_site(lon=1 / 3 + 116, district_code="110102")],
                         ids=["whole", "plain", "unlocated", "many digits"])
def test_a_form_sent_back_untouched_says_the_same_site(editor, vocabulary, site):
    sent = posted(MultiDict(shown(site) | {"csrf_token": "x", "facilities.wifi": ""}))

    edit = editor.edit(said(sent, vocabulary.terms("facility")), existing=site)

    assert (edit.site, edit.errors) == (site, [])


def test_an_emptied_form_empties_every_field_that_may_be_empty(editor, vocabulary):
    sent = {"name": "某站", "kind": "warm_station", "coordinates": "116.4,39.9", "datum": "wgs84", "status": "active", "visibility": "public",
            "workday_rule": "unstated", "district_code": "110101"}

    site = editor.edit(said(sent, vocabulary.terms("facility")), existing=WHOLE).site

    plain = a_site(id=WHOLE.id, name="某站", lon=116.4, lat=39.9, source_lon=116.4, source_lat=39.9, source_datum="wgs84", district_code="110101",
                   opening_hours=None, verified_by="李四", version=4)
    assert site == plain


def test_what_only_one_of_two_changed_is_merged_and_what_both_changed_is_asked():
    base = {"name": "甲", "phone": "1", "opening_hours": "24/7", "facilities.water": "yes", "coordinates": "116.4, 39.9", "datum": "wgs84"}
    theirs = base | {"phone": "2", "opening_hours": "Mo 09:00-10:00", "facilities.toilet": "no", "datum": "gcj02"}
    mine = base | {"name": "乙", "opening_hours": "Tu 09:00-10:00", "coordinates": "116.5, 39.9"}

    found = merged(base, theirs, mine)

    assert found.taken == ("phone", "facilities.toilet")
    assert set(found.both) == {"opening_hours", "coordinates"}
    assert found.values == mine | {"phone": "2", "facilities.toilet": "no"}
    chosen = replaced(found.values, theirs, "coordinates")
    assert (chosen["coordinates"], chosen["datum"]) == ("116.4, 39.9", "gcj02")


def test_a_field_that_both_changed_alike_is_no_conflict():
    assert merged({"name": "甲"}, {"name": "乙"}, {"name": "乙"}) == ({"name": "乙"}, (), ())


NAMES = ("name", "phone", "opening_hours", "hours_text", "facilities.water", "slots.0.hours", "slots.0.mode")
forms = st.dictionaries(st.sampled_from(NAMES), st.sampled_from("abc"))


@given(base=forms, theirs=forms, mine=forms)
def test_merging_loses_nobodys_change(base, theirs, mine):
    found = merged(base, theirs, mine)

    for name in NAMES:
        if mine.get(name) != base.get(name):
            assert found.values.get(name) == mine.get(name)
    assert merged(base, theirs, base).values == theirs
    assert merged(base, base, mine).values == mine
