"""What a form or a request says of one site becomes the record that a spreadsheet would have made of it."""

from __future__ import annotations

import csv
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata import intake
from geodata.areas import Areas
from geodata.editing import Editor, shown_place
from geodata.said import SAID
from locator.datum import point_to_wgs84
from locator.sites import FIELDS, Slot
from tests.conftest import a_site

LEAST = {"name": "某站", "kind": "warm_station", "coordinates": "116.40,39.90"}


@pytest.fixture(scope="session")
def editor(vocabulary) -> Editor:
    return Editor(vocabulary, Areas.load())


def fields(edit):
    return sorted({refusal.field for refusal in edit.errors})


def test_the_least_is_a_name_a_kind_and_a_place_and_makes_a_draft(editor):
    site = editor.edit(LEAST).site

    assert (site.name, site.kind, site.status) == ("某站", "warm_station", "draft")
    assert (site.lon, site.lat) == (116.40, 39.90)
    assert site.district_code == "110101"


def test_a_place_in_another_datum_is_kept_as_it_was_given(editor):
    site = editor.edit({**LEAST, "datum": "gcj02"}).site

    assert (site.source_lon, site.source_lat, site.source_datum) == (116.40, 39.90, "gcj02")
    assert (site.lon, site.lat) == point_to_wgs84(116.40, 39.90, "gcj02")


def test_the_datum_of_a_link_goes_before_the_choice(editor):
    site = editor.edit({**LEAST, "coordinates": "https://apis.map.qq.com/uri/v1/marker?marker=coord:39.90,116.40", "datum": "wgs84"}).site

    assert (site.source_lon, site.source_lat, site.source_datum) == (116.40, 39.90, "gcj02")


def test_an_address_without_a_place_is_a_draft_to_be_located(editor):
    edit = editor.edit({"name": "某站", "kind": "warm_station", "address": "某街 1 号", "status": "active"}, may_accept=True)

    assert (edit.site.lon, edit.site.status) == (None, "draft")
    assert [warning.field for warning in edit.warnings] == ["status"]


def test_every_fault_is_told_at_its_field(editor):
    edit = editor.edit({"name": " ", "kind": "暖心站站", "coordinates": "116.4", "entrance": "x", "capacity": "许多", "verified_on": "昨天",
                        "opening_hours": "Mo-Fx 09:00-10:00", "slots": [{"hours": "Mo 25:99", "mode": "staffed"}, {"hours": "", "mode": ""}],
                        "facilities": {"water": "maybe", "sauna": "yes"}, "district_code": "没有的区", "season_from": "13-40",
                        "colour": "red", "version": 3})

    assert edit.site is None
    assert fields(edit) == sorted(["name", "kind", "coordinates", "entrance", "capacity", "verified_on", "opening_hours", "slots.0",
                                   "facilities.water", "facilities.sauna", "district_code", "season_from", "colour", "version"])


def test_unreadable_hours_are_refused_with_the_position(editor):
    (refusal,) = editor.edit({**LEAST, "opening_hours": "Mo-Fr 09:00-17:00; Sx off"}).errors

    assert refusal.field == "opening_hours"
    assert "第 20 个字符" in refusal.words.zh
    assert "character 20" in refusal.words.en


@pytest.mark.parametrize(("said", "expression", "rule"), [
    ("每天8点到20点", "Mo-Su 08:00-20:00", "unstated"), ("24/7", "24/7", "unstated"),
    ("工作日 09:00-17:00", "Mo-Fr 09:00-17:00; PH off", "official"), ("Mo-Fr 9-17", "Mo-Fr 09:00-17:00", "unstated")])
def test_hours_may_be_chinese_or_an_expression(editor, said, expression, rule):
    site = editor.edit({**LEAST, "opening_hours": said, "workday_rule": "unstated"}).site

    assert (site.opening_hours, site.workday_rule) == (expression, rule)
    assert site.hours_text == (said if any(c > "⺀" for c in said) else None)


def test_new_hours_do_not_keep_the_words_for_the_old_ones(editor):
    was = a_site(opening_hours="Mo-Su 08:00-20:00", hours_text="每天8点到20点")

    assert editor.edit({"opening_hours": "24/7", "hours_text": "每天8点到20点"}, existing=was).site.hours_text is None
    assert editor.edit({"opening_hours": "24/7", "hours_text": "随到随进"}, existing=was).site.hours_text == "随到随进"
    left = editor.edit({"opening_hours": "", "hours_text": "问前台"}, existing=was).site
    assert (left.opening_hours, left.hours_text) == (None, "问前台")


def test_slots_are_read_as_hours_are(editor):
    site = editor.edit({**LEAST, "slots": [{"hours": "周一至周五 9:00-12:00", "mode": "有人值守"}, {"hours": "", "mode": ""}]}).site

    assert site.slots == (Slot("Mo-Fr 09:00-12:00", "staffed"),)


def test_an_absent_field_stays_and_a_blank_one_is_emptied(editor):
    was = a_site(address="某街 1 号", phone="123", facilities={"water": "yes", "toilet": "no"}, basis={"hours": "stated"}, aliases=("甲", "乙"))

    site = editor.edit({"phone": "", "facilities": {"toilet": "", "wifi": "limited"}, "basis": {"facilities": "inspected"}, "aliases": None},
                       existing=was).site

    assert (site.address, site.phone, site.aliases) == ("某街 1 号", None, ())
    assert site.facilities == {"water": "yes", "wifi": "limited"}
    assert site.basis == {"hours": "stated", "facilities": "inspected"}
    assert editor.edit({"basis": {"hours": None}}, existing=was).site.basis == {}


def test_a_place_that_is_taken_away_takes_its_source_along(editor):
    was = a_site(status="draft", source_lon=116.41, source_lat=39.9, source_datum="wgs84", accuracy_m=5.0, address="某街")

    site = editor.edit({"coordinates": ""}, existing=was).site

    assert [getattr(site, name) for name in ("lon", "lat", "source_lon", "source_lat", "source_datum", "accuracy_m")] == [None] * 6
    assert fields(editor.edit({"lon": None, "lat": None}, existing=a_site())) == ["coordinates"]


def test_a_district_left_empty_is_the_one_it_lies_in_and_another_is_doubted(editor):
    assert editor.edit({**LEAST, "district_code": ""}).site.district_code == "110101"
    doubted = editor.edit({**LEAST, "district_code": "朝阳区"})
    assert doubted.site.district_code == "110105"
    assert [warning.field for warning in doubted.warnings] == ["district_code"]
    assert doubted.lies_in == "110101"


def test_a_street_is_found_by_name_within_its_district(editor):
    assert editor.edit({**LEAST, "district_code": "110101", "street_code": "东华门街道"}).site.street_code == "110101001"


def test_a_place_outside_every_district_is_told(editor):
    edit = editor.edit({**LEAST, "coordinates": "121.47,31.23"})

    assert edit.site is not None
    assert [warning.field for warning in edit.warnings] == ["coordinates"]


@pytest.mark.parametrize(("was", "to", "accepts", "may"), [
    (None, "draft", False, True), (None, "submitted", False, True), (None, "active", False, False), (None, "active", True, True),
    ("draft", "active", True, True), ("draft", "active", False, False), ("submitted", "draft", False, True), ("active", "active", False, True),
    ("active", "draft", True, False), ("active", "closed", True, False), ("closed", "active", True, False), ("suspended", "draft", True, False)])
def test_states_change_freely_before_acceptance_and_by_actions_after_it(editor, was, to, accepts, may):
    edit = editor.edit({**LEAST, "status": to}, existing=a_site(status=was) if was else None, may_accept=accepts)

    assert (edit.site is not None) == may
    assert fields(edit) == ([] if may else ["status"])


@pytest.mark.parametrize(("said", "field"), [({"id": "other"}, "id"), ({"demo": True}, "demo"), ({"updated_by": "x"}, "updated_by"),
                                             ({"name": {"zh": "x"}}, "name"), ({"lon": "116.4", "lat": ""}, "lat"), ({"datum": "mars"}, "datum")])
def test_what_cannot_be_said_is_refused(editor, said, field):
    assert field in fields(editor.edit(said, existing=a_site()))


def form_of(site):
    """Return what a form shows of a site: every field as text or as the lists a browser sends."""
    said = {name: "" if getattr(site, name) is None else getattr(site, name) for name in SAID if name in FIELDS}
    for name in ("lon", "lat", "source_lon", "source_lat", "source_datum", "entrance_lon", "entrance_lat"):
        del said[name]
    said |= {name: value.isoformat() for name, value in said.items() if isinstance(value, date)}
    said["slots"] = [{"hours": slot.hours, "mode": slot.mode} for slot in site.slots]
    said |= {"aliases": list(site.aliases), "photos": list(site.photos), "facilities": dict(site.facilities), "basis": dict(site.basis)}
    place = shown_place(site)
    said["coordinates"], said["datum"] = ("", "wgs84") if place is None else (f"{place[0]!r},{place[1]!r}", place[2])
    entrance = (site.entrance_lon, site.entrance_lat)
    if None not in entrance:
        return said | {"entrance": f"{entrance[0]!r},{entrance[1]!r}"} if said["datum"] == "wgs84" else said
    return said | {"entrance": ""}


@settings(max_examples=40)
@given(lon=st.floats(115.5, 117.4), lat=st.floats(39.5, 41.0), datum=st.sampled_from(["wgs84", "gcj02", "bd09", "cgcs2000"]),
       facilities=st.dictionaries(st.sampled_from(["water", "toilet", "wifi"]), st.sampled_from(["yes", "no", "limited"])),
       name=st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=9), capacity=st.none() | st.integers(0, 500))
def test_a_form_sent_back_untouched_changes_nothing(editor, lon, lat, datum, facilities, name, capacity):
    site = editor.edit({"name": name, "kind": "warm_station", "lon": lon, "lat": lat, "datum": datum, "facilities": facilities,
                        "capacity": capacity, "opening_hours": "工作日 9:00-17:00"}).site

    edit = editor.edit(form_of(site), existing=site)

    assert (edit.site, edit.errors) == (site, [])


CELLS = {"name": "某站", "kind": "母婴室", "station_code": "DC-001", "aliases": "甲、乙", "host": "银行",
         "address": "某街 1 号", "district_code": "东城区", "street_code": "东华门街道", "lon": "116.40", "lat": "39.90", "datum": "gcj02",
         "opening_hours": "周一至周五 08:30-12:00,13:00-17:30", "season_from": "11月15日", "season_to": "3-15",
         "eligibility": "工会会员", "gender": "女", "fee": "免费", "capacity": "12人", "area_m2": "50㎡", "phone": "010-1234",
         "visibility": "内部", "workday_rule": "按日历星期", "manager": "张三", "status": "草稿",
         "verified_on": "2024年5月1日", "verified_how": "电话", "next_check_on": "20250501", "award": "最美",
         "accuracy_m": "10", "entry_note": "扫码", "floor": "B1"}


def test_a_form_the_api_and_a_spreadsheet_make_the_same_record(editor, vocabulary, tmp_path):
    path = tmp_path / "one.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([[*CELLS, "facilities"], [*CELLS.values(), "water=yes;toilet=no"]])
    (imported,) = intake.read(path, vocabulary=vocabulary, areas=Areas.load()).sites

    by_form = {name: value for name, value in CELLS.items() if name not in ("lon", "lat")} | {"coordinates": "116.40 , 39.90"}
    by_api = CELLS | {"lon": 116.40, "lat": 39.90, "capacity": 12, "area_m2": 50.0, "aliases": ["甲", "乙"]}

    for said in (by_form, by_api):
        assert editor.edit({**said, "facilities": {"water": "有", "toilet": "无"}}).site == imported


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(SAID), st.none() | st.text(max_size=12) | st.integers() | st.floats() | st.booleans()
                       | st.lists(st.text(max_size=3), max_size=2) | st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2)))
def test_nothing_that_can_be_said_is_more_than_refused(editor, said):
    for existing in (None, a_site()):
        edit = editor.edit(said, existing=existing)
        assert (edit.site is None) == bool(edit.errors)
