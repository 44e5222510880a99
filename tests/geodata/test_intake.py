"""Any office's rows become sites, truthfully: every fault named, nothing written, nothing lost in silence."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata import intake
from geodata.areas import Areas
from geodata.intake import Intake
from locator import datum as datums
from locator.errors import BadCoordinate, BadDatum, BadFile, BadHours, BadValue, Refusal, UnknownCode
from locator.sites import Site, Slot
from locator.vocabulary import Vocabulary


@pytest.fixture(scope="module")
def areas() -> Areas:
    return Areas.load()


@pytest.fixture
def read(tmp_path: Path, vocabulary: Vocabulary):
    """Return a reader of CSV text; the kind is warm_station and the datum wgs84 unless told otherwise."""

    def reader(text: str, *, name: str = "stations.csv", kind: str | None = "warm_station", datum: str | None = "wgs84", **options) -> Intake:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8", newline="")
        return intake.read(path, vocabulary=vocabulary, kind=kind, datum=datum, **options)

    return reader


def only(found: Intake) -> Site:
    assert [str(e) for e in found.errors] == []
    assert len(found.sites) == 1
    return found.sites[0]


def told(refusals: list[Refusal]) -> list[tuple[str, str, object]]:
    return [(r.at, r.field, r.value) for r in refusals]


def test_a_row_whose_coordinates_stand_in_a_column_that_was_not_taken_is_refused_and_never_a_draft(read):
    mixed = read('名称,地址,经纬度,经度,纬度\n一站,东单北大街甲3号,"116.41,39.92",,\n二站,东单北大街5号,,116.42,39.93\n')
    both = read('名称,地址,经纬度,经度,纬度\n一站,东单北大街甲3号,"116.41,39.92",116.41,39.92\n二站,东单北大街5号,,,\n')

    assert told(mixed.errors) == [("stations.csv:2", "经纬度 (lon)", "116.41,39.92")]
    assert "经度、纬度" in mixed.errors[0].words.zh
    assert [site.status for site in both.sites] == ["active", "draft"]


def test_a_file_without_a_column_of_kinds_says_so_once_and_every_other_fault_too(read):
    found = read("名称,经度,纬度\n一站,116.41,39.92\n二站,一百一十六,39.92\n三站,116.43,39.92\n", kind=None)

    assert told(found.errors) == [("stations.csv:2", "kind", None), ("stations.csv:3", "经度 (lon)", "一百一十六")]
    assert "共 3 行" in found.errors[0].words.zh
    assert found.readable == []


def test_mobile_numbers_that_the_public_will_see_are_told_of_once(read):
    found = read("名称,经度,纬度,电话\n一站,116.41,39.92,139 1234 5678\n二站,116.42,39.92,13812345678\n三站,116.43,39.92,010-65123456\n")
    [warning] = [w for w in found.warnings if w.field == "电话 (phone)"]
    again = read("名称,经度,纬度,电话\n一站,116.41,39.92,139 1234 5678\n", existing={s.id: s for s in found.sites})

    assert "手机号" in warning.words.zh
    assert "共 2 行" in warning.words.zh
    assert [w for w in again.warnings if w.field == "电话 (phone)"] == []


# --- headers ------------------------------------------------------------------------------------------


def test_headers_are_known_in_chinese_and_in_english(read):
    chinese = only(read("编号,站点名称,类别,经度（必填）,纬度,详细地址,开放时间,联系电话,面积(㎡),服务对象,验收日期\n"
                        "A-1,一站,职工之家,116.4,39.9,东单北大街甲3号,24小时,010-1,50平方米,户外劳动者,2024年5月1日\n"))
    english = only(read("Station Code,Name,Type,Lng,Latitude,Address,Opening hours,Tel,Area m2,eligibility,verified_on\n"
                        "A-1,一站,workers' home,116.4,39.9,东单北大街甲3号,24/7,010-1,50,outdoor workers,2024-05-01\n"))

    assert chinese.kind == "workers_home"
    assert (chinese.station_code, chinese.name, chinese.area_m2, chinese.eligibility) == ("A-1", "一站", 50.0, "outdoor_workers")
    assert (chinese.verified_on, chinese.opening_hours) == (date(2024, 5, 1), "24/7")
    assert dataclasses.replace(chinese, hours_text=None) == english


def test_a_column_that_means_nothing_known_is_named_in_a_warning(read):
    found = read("name,lon,lat,心情,\na,116.4,39.9,好,x\n")

    assert told(found.warnings) == [("stations.csv:1", "columns", "心情、#5")]
    assert found.columns == {"name": "name", "lon": "lon", "lat": "lat", "心情": None, "": None}


def test_a_mapping_goes_before_what_is_known_and_may_leave_a_column_out(read):
    text = "甲,乙,丙,名称\n一站,116.4,39.9,不是名称\n"

    site = only(read(text, columns={"甲": "name", "乙": "lon", "丙": "lat", "名称": "-"}))

    assert (site.name, site.lon, site.lat) == ("一站", 116.4, 39.9)


@pytest.mark.parametrize(("columns", "nearest"), [({"name": "nmae"}, "name"), ({"name": "facility:watr"}, "facility:water"),
                                                  ({"name": "lon@mars"}, "lon"), ({"name": "opening_hours:rumoured"}, "opening_hours")])
def test_a_mapping_to_no_field_is_refused_with_the_nearest(read, columns, nearest):
    with pytest.raises(BadValue, match=nearest):
        read("name,lon,lat\na,1,2\n", columns=columns)


def test_a_mapping_of_no_header_is_refused(read):
    with pytest.raises(BadValue, match="no such header"):
        read("name,lon,lat\na,1,2\n", columns={"名字": "name"})


@pytest.mark.parametrize("header", ["name,name,lon,lat", "名称,站点名称,lon,lat"])
def test_two_columns_of_one_field_are_refused(read, header):
    with pytest.raises(BadFile, match=r"columns 1 .* and 2"):
        read(f"{header}\na,b,1,2\n")


@pytest.mark.parametrize("text", ["x\n1\n", "甲,乙\n1,2\n"])
def test_a_file_of_unknown_headers_is_refused(read, text):
    with pytest.raises(BadFile, match="no header is known"):
        read(text)


def test_one_column_of_names_says_what_else_is_needed(read):
    found = read("name\na\nb\n")

    assert found.sites == []
    assert "coordinates" in found.errors[0].words.en


# --- coordinates and datum ----------------------------------------------------------------------------


def test_the_source_keeps_its_own_pair_and_datum(read):
    site = only(read("name,lon,lat\na,116.404,39.915\n", datum="gcj02"))

    assert (site.source_lon, site.source_lat, site.source_datum) == (116.404, 39.915, "gcj02")
    assert [[site.lon, site.lat]] == datums.to_wgs84(np.array([[116.404, 39.915]]), "gcj02").tolist()


def test_without_a_datum_every_row_error_is_listed_beside_the_undecided_datum(read):
    for datum in (None, "auto"):
        found = read("name,lon,lat\na,116.4,39.9\nb,39.9,116.4\nc,x,39.9\n", datum=datum)

        assert [type(e) for e in found.errors] == [BadDatum, BadCoordinate, BadCoordinate]
        assert "--datum" in found.errors[0].words.en
        assert (found.sites, found.rows) == ([], 3)


def test_a_datum_may_stand_in_each_row(read):
    found = read("name,lon,lat,坐标系\na,116.4,39.9,高德\nb,116.4,39.9,WGS-84\n", datum=None)
    lacking = read("name,lon,lat,datum\na,116.4,39.9,gcj02\nb,116.4,39.9,\nc,116.4,39.9,mars\n", datum=None)

    assert [s.source_datum for s in found.sites] == ["gcj02", "wgs84"]
    assert [(e.at, type(e)) for e in lacking.errors] == [("stations.csv:3", BadDatum), ("stations.csv:4", BadDatum)]


def test_the_name_of_a_datum_in_the_header_says_what_a_pair_is_in(read):
    text = "name,gcj02_lon,gcj02_lat,百度经度,百度纬度\na,116.404,39.915,116.41,39.921\n"

    site = only(read(text, datum="gcj02"))
    other = only(read(text, datum="bd09"))
    alone = only(read("name,经度(GCJ-02),纬度(GCJ-02)\na,116.404,39.915\n", datum=None))
    undecided = read(text, datum=None)

    assert (site.source_lon, other.source_lon, alone.source_datum) == (116.404, 116.41, "gcj02")
    assert [type(e) for e in undecided.errors] == [BadDatum]


def test_geojson_is_wgs84_unless_told_otherwise(tmp_path: Path, vocabulary: Vocabulary):
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"name": "a"}, "geometry": {"type": "Point", "coordinates": [116.4, 39.9]}}]}))

    plain = only(intake.read(path, vocabulary=vocabulary, kind="water_point"))
    shifted = only(intake.read(path, vocabulary=vocabulary, kind="water_point", datum="gcj02"))

    assert (plain.lon, plain.source_datum) == (116.4, "wgs84")
    assert shifted.lon != 116.4


@pytest.mark.parametrize("pair", ['"116.397,39.908"', "116.397 39.908", '"116.397，39.908"', '"[116.397, 39.908]"', "116.397;39.908",
                                  "116°23′49.2″E 39°54′28.8″N"])
def test_one_column_may_hold_both_coordinates(read, pair):
    site = only(read(f"名称\t经纬度\na\t{pair}\n".replace('"', "")))

    assert (site.lon, site.lat) == pytest.approx((116.397, 39.908), abs=1e-12)


@pytest.mark.parametrize(("lon", "lat"), [("116°23'49.2\"", "39°54'28.8\""), ("东经116度23分49.2秒", "北纬39度54分28.8秒"), ("116.397°E", "N39.908°"),
                                          ("１１６．３９７", "39.908 "), ("116°23.82′", "39° 54.48′"), ("1.16397e2", "39.908")])
def test_degrees_are_read_as_people_write_them(read, lon, lat):
    site = only(read(f"name\tlon\tlat\na\t{lon}\t{lat}\n".replace('"', "″")))

    assert (site.lon, site.lat) == pytest.approx((116.397, 39.908), abs=1e-12)


@pytest.mark.parametrize(("lon", "lat", "fields", "why"), [
    ("39.9", "116.4", ["lat"], "swapped"), ("181", "39.9", ["lon"], "180"), ("116.4", "91", ["lat"], "90"), ("nan", "39.9", ["lon"], "finite"),
    ("116.4", "inf", ["lat"], "finite"), ("abc", "39.9", ["lon"], "degrees"), ("东边", "北边", ["lon", "lat"], "degrees"),
    ("116.4", "", ["lat"], "half"), ("1_16.4", "39.9", ["lon"], "degrees"), ("116°61′", "39.9", ["lon"], "minutes"),
    ("39°54′N", "116°23′E", ["lon", "lat"], "swapped"), ("116.4", "39.9.1", ["lat"], "degrees"), ("--", "39.9", ["lon"], "degrees")])
def test_bad_coordinates_are_row_errors_that_say_what_would_be_right(read, lon, lat, fields, why):
    found = read(f"name,lon,lat\ngood,116.4,39.9\nbad,{lon},{lat}\n")

    assert [(e.at, e.field) for e in found.errors] == [("stations.csv:3", f) for f in fields]
    assert all(isinstance(e, BadCoordinate) for e in found.errors)
    assert why in found.errors[0].words.en
    assert found.sites == []


def test_an_address_without_coordinates_is_a_draft_to_be_located(read):
    found = read("name,lon,lat,地址,状态\na,,,东单北大街甲3号,\nb,,,东单北大街甲4号,启用\nc,,,,\n")
    drafts = read("name,地址\na,东单北大街甲3号\n", datum=None)

    assert [(e.at, type(e)) for e in found.errors] == [("stations.csv:4", BadCoordinate)]
    assert [s.status for s in found.readable] == ["draft", "draft"]
    assert [w.at for w in found.warnings] == ["stations.csv:3"]
    assert (only(drafts).status, only(drafts).lon) == ("draft", None)


# --- every fault of every row -------------------------------------------------------------------------


def test_every_error_is_listed_with_file_line_column_and_value(read):
    found = read("名称,类别,经度,纬度,面积,验收日期,设施\n"
                 "一站,暖心驿站,116.4,39.9,50,2024-05-01,饮水\n"
                 "二站,暖新驿占,216.4,39.9,很大,2024-02-30,饮水、微波戸\n", kind=None)

    assert told(found.errors) == [
        ("stations.csv:3", "类别 (kind)", "暖新驿占"), ("stations.csv:3", "面积 (area_m2)", "很大"),
        ("stations.csv:3", "验收日期 (verified_on)", "2024-02-30"), ("stations.csv:3", "经度 (lon)", 216.4)]
    assert "warm_station" in found.errors[0].words.en
    assert found.sites == []


def test_a_line_is_the_one_people_see(tmp_path: Path, vocabulary: Vocabulary, read):
    book = openpyxl.Workbook()
    for row in (["2024年汇总"], [], ["name", "lon", "lat"], ["a", 1, 2], [], ["b", "x", 2]):
        book.active.append(row)
    book.save(tmp_path / "stations.xlsx")

    sheet = intake.read(tmp_path / "stations.xlsx", vocabulary=vocabulary, kind="water_point", datum="wgs84")
    text = read('name,lon,lat\n"a\nb",1,2\nc,x,2\n')

    assert [e.at for e in sheet.errors] == ["stations.xlsx:6"]
    assert [e.at for e in text.errors] == ["stations.csv:4"]


def test_a_row_longer_than_the_header_is_an_error_and_a_shorter_one_is_not(read):
    found = read("name,lon,lat,address\na,1,2,b,c,d\ne,1,2\n")

    assert told(found.errors) == [("stations.csv:2", "columns", "c、d")]
    assert [s.name for s in found.readable] == ["e"]


def test_an_unknown_kind_argument_is_refused_with_the_nearest(read):
    with pytest.raises(UnknownCode, match="warm_station"):
        read("name,lon,lat\na,1,2\n", kind="warm_stations")


def test_rows_without_any_kind_are_errors(read):
    assert [e.at for e in read("name,lon,lat\na,1,2\n", kind=None).errors] == ["stations.csv:2"]
    assert [e.field for e in read("name,lon,lat,类别\na,1,2,\n", kind=None).errors] == ["类别 (kind)"]


def test_an_excel_error_and_a_formula_without_result_are_errors(tmp_path: Path, vocabulary: Vocabulary):
    book = openpyxl.Workbook()
    for row in (["name", "lon", "lat", "address"], ["a", "=1+1", 2, "#N/A"]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")

    found = intake.read(tmp_path / "a.xlsx", vocabulary=vocabulary, kind="water_point", datum="wgs84")

    assert [(e.at, e.field) for e in found.errors] == [("a.xlsx:2", "address"), ("a.xlsx:2", "lon")]


def test_html_and_quotes_are_text_and_control_characters_are_taken_out_with_a_warning(read):
    found = read('name,lon,lat,address\n"<script>alert(""1"")</script>",1,2,\'<b>&amp;\x1b\x07甲\u202e乙\n')

    site = only(found)
    assert (site.name, site.address) == ('<script>alert("1")</script>', "'<b>&amp;甲乙")
    assert [(w.at, w.field) for w in found.warnings] == [("stations.csv:2", "address")]


def test_a_name_or_text_that_is_too_long_is_an_error(read):
    found = read(f"name,lon,lat,address\n{'长' * 201},1,2,\na,1,2,{'长' * 2001}\n")

    assert [(e.at, e.field) for e in found.errors] == [("stations.csv:2", "name"), ("stations.csv:3", "address")]


@pytest.mark.parametrize("site_id", ["a b", "a/b", "a?b", "<b>", "x" * 101])
def test_an_id_that_could_not_stand_in_an_address_is_an_error(read, site_id):
    assert [e.field for e in read(f"id,name,lon,lat\n{site_id},a,1,2\n").errors] == ["id"]


# --- facilities, hours, areas -------------------------------------------------------------------------


@pytest.mark.parametrize(("said", "expected"), [
    ("water|toilet", {"water": "yes", "toilet": "yes"}), ("饮水机、微波炉", {"water": "yes", "microwave": "yes"}),
    ("water=yes;toilet=no;wifi=limited", {"water": "yes", "toilet": "no", "wifi": "limited"}),
    ("饮水：有；厕所：无", {"water": "yes", "toilet": "no"}), ("无厕所,有微波炉", {"toilet": "no", "microwave": "yes"}),
    ('{"water": "yes", "厕所": "无"}', {"water": "yes", "toilet": "no"}), ("饮水机 微波炉", {"water": "yes", "microwave": "yes"}),
    ("", {})])
def test_facilities_are_read_from_a_list(read, said, expected):
    assert only(read(f"name\tlon\tlat\t设施\na\t1\t2\t{said}\n".replace('"', "") if "{" not in said else
                     f"name\tlon\tlat\t设施\na\t1\t2\t\"{said.replace(chr(34), chr(34) * 2)}\"\n")).facilities == expected


@pytest.mark.parametrize(("said", "level"), [("有", "yes"), ("√", "yes"), ("是", "yes"), ("TRUE", "yes"), ("1", "yes"), ("无", "no"), ("×", "no"),
                                             ("否", "no"), ("limited", "limited"), ("部分", "limited")])
def test_a_facility_may_have_a_column_of_its_own(read, said, level):
    site = only(read(f"name,lon,lat,微波炉,facility:water,toilet\na,1,2,{said},{said},\n"))

    assert site.facilities == {"microwave": level, "water": level}


def test_a_remark_in_a_facility_column_leaves_it_unknown_with_a_warning(read):
    found = read("name,lon,lat,厕所\na,1,2,商场内有，比较远。\n".replace("，", "、"))

    assert only(found).facilities == {}
    assert told(found.warnings) == [("stations.csv:2", "厕所 (facility:toilet)", "商场内有、比较远。")]


def test_hours_are_checked_or_translated_or_kept_as_text_with_a_warning(read):
    found = read("name\tlon\tlat\t开放时间\na\t1\t2\tMo-Fr 09:00-17:00\nb\t1\t2\t周一至周五 08:30-12:00,13:00-17:30\nc\t1\t2\t看门口通知\n")

    assert [(s.opening_hours, s.hours_text) for s in found.sites] == [
        ("Mo-Fr 09:00-17:00", None), ("Mo-Fr 08:30-12:00,13:00-17:30", "周一至周五 08:30-12:00,13:00-17:30"), (None, "看门口通知")]
    assert [(w.at, type(w), w.value) for w in found.warnings] == [("stations.csv:4", BadHours, "看门口通知")]


def test_a_basis_comes_from_a_column_or_from_the_mapping(read):
    text = "name,lon,lat,hours,guessed\na,1,2,24/7,yes\nb,1,2,24/7,no\nc,1,2,,\n"

    by_column = read(text, columns={"guessed": "hours_are_inferred"})
    by_mapping = read(text, columns={"hours": "opening_hours:inferred", "guessed": "-"})

    assert [s.basis for s in by_column.sites] == [{"hours": "inferred"}, {"hours": "stated"}, {}]
    assert [s.basis for s in by_mapping.sites] == [{"hours": "inferred"}, {"hours": "inferred"}, {}]


def test_slots_seasons_and_lists_are_read(read):
    site = only(read('name\tlon\tlat\tslots\tseason_from\tseason_to\taliases\na\t1\t2\t'
                     '"[[""Mo-Fr 09:00-17:00"", ""有人值守""]]"\t11月15日\t03-15\t甲、乙|甲\n'))

    assert site.slots == (Slot("Mo-Fr 09:00-17:00", "staffed"),)
    assert (site.season_from, site.season_to, site.aliases) == ("11-15", "03-15", ("甲", "乙"))


def test_a_district_comes_from_the_coordinates_and_a_stated_one_that_disagrees_is_a_warning(read, areas: Areas):
    found = read("name,lon,lat,行政区,街道\na,116.417,39.940,,\nb,116.417,39.940,东城区,北新桥街道\nc,116.417,39.940,朝阳区,\nd,113.6,34.8,经开区,\n"
                 "e,113.6,34.8,410102,\n", areas=areas)

    dongcheng, chaoyang = areas.code("东城区"), areas.code("朝阳区")
    assert [s.district_code for s in found.sites] == [dongcheng, dongcheng, chaoyang, None, "410102"]
    assert found.sites[1].street_code == areas.code("东城区北新桥街道")
    assert [(w.at, w.value) for w in found.warnings] == [("stations.csv:4", "朝阳区"), ("stations.csv:5", "经开区")]


def test_a_site_for_staff_only_is_internal_unless_said_otherwise(read):
    found = read("name,lon,lat,eligibility,visibility\na,1,2,staff_only,\nb,1,2,staff_only,public\nc,1,2,,\n")

    assert [s.visibility for s in found.sites] == ["internal", "public", "public"]


# --- ids and importing again --------------------------------------------------------------------------

TWICE = "名称,经度,纬度,地址\n一站,116.4,39.9,甲\n二站,116.5,39.9,乙\n一站,116.4,39.9,甲\n"


def test_the_same_file_gives_the_same_ids_and_equal_rows_are_told_apart(read):
    first, again = read(TWICE), read(TWICE, name="renamed.csv")

    assert [s.id for s in first.sites] == [s.id for s in again.sites]
    assert len({s.id for s in first.sites}) == 3
    assert [(w.at, w.value) for w in first.warnings] == [("stations.csv:4", "一站")]
    assert [s.id for s in read(TWICE, source="东城").sites] != [s.id for s in first.sites]


@pytest.mark.parametrize("key", ["id", "station_code", "source_id"])
def test_a_key_that_stands_twice_is_an_error_naming_the_first_line(read, key):
    found = read(f"{key},name,lon,lat\nk1,a,1,2\nk2,b,1,2\nk1,c,1,2\n")

    assert told(found.errors) == [("stations.csv:4", key, "k1")]
    assert "line 2" in found.errors[0].words.en


@pytest.mark.parametrize("key", ["id", "station_code", "source_id"])
def test_a_known_key_changes_its_site_whatever_its_id(read, key):
    known = Site(id="k1", station_code="k1", source_id="k1", source="东城", name="旧名", kind="workers_home", lon=116.4, lat=39.9,
                 phone="010", facilities={"water": "yes", "toilet": "no"}, status="suspended", basis={"hours": "stated"})

    site = only(read(f"{key},name,phone,设施\nk1,新名,,微波炉|无饮水\n", existing={"k1": known}, source="东城", datum=None))

    assert site == dataclasses.replace(known, name="新名", facilities={"water": "no", "toilet": "no", "microwave": "yes"})


def test_an_empty_cell_changes_nothing_and_the_word_for_emptying_empties(read):
    known = Site(id="k1", name="一站", kind="water_point", lon=116.4, lat=39.9, phone="010", award="奖", opening_hours="24/7",
                 hours_text="全天", facilities={"water": "yes", "toilet": "no"}, district_code="110101")
    text = "id,name,lon,lat,phone,award,开放时间,facility:water,区\n"

    same = only(read(text + "k1,,,,,,,,\n", existing={"k1": known}))
    emptied = only(read(text + "k1,,,,清空,,清空,清空,清空\n", existing={"k1": known}))
    refused = read(text + "k1,清空,,,,,,,\n", existing={"k1": known})

    assert same == known
    assert emptied == dataclasses.replace(known, phone=None, opening_hours=None, hours_text=None, district_code=None,
                                          facilities={"toilet": "no"})
    assert [e.field for e in refused.errors] == ["name"]


def test_importing_again_what_was_imported_changes_nothing(read, areas: Areas):
    text = ("编号,名称,经度,纬度,区,开放时间,设施,状态\nA-1,一站,116.42,39.93,东城区,周一至周五 08:30-12:00,饮水,\nA-2,,116.42,39.93,,不定,,停业\n"
            ",三站,116.43,39.93,朝阳区,,,\n")
    first = read(text, datum="gcj02", areas=areas, source="东城").sites
    known = {site.id: site for site in first}

    again = read(text, datum="gcj02", areas=areas, source="东城", existing=known)
    by_function = read(text, datum="gcj02", areas=areas, source="东城", existing=known.get)

    assert len(first) == 3
    assert first[1].status == "closed"
    assert again.sites == first
    assert by_function.sites == first


def test_a_moved_site_gets_the_district_it_lies_in(read, areas: Areas):
    known = Site(id="k1", name="一站", kind="water_point", lon=116.417, lat=39.940, district_code=areas.code("东城区"))

    moved = only(read("id,lon,lat\nk1,116.30,39.96\n", existing={"k1": known}, areas=areas))
    nowhere = dataclasses.replace(known, district_code=None)
    stayed = only(read("id,lon,lat\nk1,116.417000001,39.940\n", existing={"k1": nowhere}, areas=areas))

    assert moved.district_code == areas.code("海淀区")
    assert (stayed.lon, stayed.district_code) == (116.417, None)


def test_a_row_without_a_name_is_called_by_what_is_known(read):
    found = read("名称,编号,经度,纬度,地址\n,A-1,1,2,\n,,1,2,甲路1号\n,,3,4,\n")

    assert [s.name for s in found.sites] == ["暖心驿站 A-1", "甲路1号", "暖心驿站"]
    assert [(w.at, w.field) for w in found.warnings] == [("stations.csv:2", "名称 (name)")]


# --- speed and robustness -----------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_ten_thousand_rows_are_read_and_tell_their_progress(tmp_path: Path, vocabulary: Vocabulary, areas: Areas, suffix: str):
    header = ["编号", "名称", "类别", "经度", "纬度", "地址", "区", "开放时间", "设施", "电话", "服务对象", "面积"]
    hours = ["24小时", "周一至周五 08:30-17:30", "Mo-Su 08:00-20:00", "每天8点到20点"]
    rows = [[f"A-{i}", f"第{i}驿站", "暖心驿站", 116.2 + i % 100 * 0.003, 39.8 + i // 100 * 0.002, f"某路{i}号", "", hours[i % 4],
             "饮水、微波炉、厕所", f"010-{i:08}", "户外劳动者", 20 + i % 30] for i in range(10_000)]
    path = tmp_path / f"big{suffix}"
    if suffix == ".csv":
        path.write_text("\n".join(",".join(map(str, row)) for row in [header, *rows]), encoding="gb18030")
    else:
        book = openpyxl.Workbook(write_only=True)
        page = book.create_sheet()
        for row in [header, *rows]:
            page.append(row)
        book.save(path)
    seen: list[tuple[int, int]] = []
    found = intake.read(path, vocabulary=vocabulary, areas=areas, datum="gcj02", progress=lambda done, total: seen.append((done, total)))

    assert len(found.sites) == 10_000
    assert seen[0] == (0, 10_000)
    assert seen[-1] == (10_000, 10_000)
    assert seen == sorted(seen)


ODD = ["116.4", "39.9", "清空", "暖心驿站", "有", "=1", "{", "[", "24/7", "2024-05-01"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=st.lists(st.lists(st.text(max_size=12) | st.sampled_from(ODD), min_size=9, max_size=10), min_size=1, max_size=4))
def test_any_cells_are_sites_or_row_errors(tmp_path: Path, vocabulary: Vocabulary, cells: list[list[str]]):
    header = ["id", "名称", "经度", "纬度", "开放时间", "设施", "slots", "basis", "aliases"]
    path = tmp_path / "any.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "geometry": None, "properties": dict(zip(header, row, strict=False))} for row in cells]}))

    found = intake.read(path, vocabulary=vocabulary, kind="water_point")

    assert bool(found.errors) != bool(found.sites)
    assert all(e.at.startswith("any.geojson") for e in found.errors)


def test_working_days_in_chinese_are_the_official_ones_unless_the_file_says_otherwise(read):
    header = "编号,名称,经度,纬度,开放时间"
    official = only(read(f"{header}\nA-1,一站,116.4,39.9,工作日 09:00-17:00\n"))
    weekdays = only(read(f"{header}\nA-1,一站,116.4,39.9,周一至周五 09:00-17:00\n"))
    told = only(read(f"{header},workday_rule\nA-1,一站,116.4,39.9,工作日 09:00-17:00,calendar\n"))

    assert [site.workday_rule for site in (official, weekdays, told)] == ["official", "unstated", "calendar"]


@pytest.mark.parametrize("nothing", ["/", "／", "-", "—", "——", "N/A", "null", "\\"])
def test_a_sign_for_nothing_is_an_empty_cell_and_a_text_that_is_one_survives_export(read, nothing: str):
    known = Site(id="k1", name="一站", kind="water_point", lon=116.4, lat=39.9, phone="010", capacity=8)

    changed = only(read(f"id,phone,capacity,开放时间,微波炉\nk1,{nothing},{nothing},{nothing},{nothing}\n", existing={"k1": known}))
    kept = only(read(f"id,phone\nk1,'{nothing}\n", existing={"k1": known}))

    assert changed == known
    assert kept.phone == nothing


def test_a_copy_of_a_row_without_its_id_is_one_more_site_and_never_the_same_id_twice(read):
    first = only(read("名称,地址,电话\n一站,某路,1\n"))

    found = read(f"id,名称,地址,电话\n{first.id},一站,某路,1\n,一站,某路,2\n", existing={first.id: first})

    assert [site.phone for site in found.sites] == ["1", "2"]
    assert found.sites[0].id == first.id != found.sites[1].id
    assert [w.at for w in found.warnings if w.field == "name"] == ["stations.csv:3"]


@pytest.mark.parametrize("cell", ["2024-05-01", "2024/5/1", "2024.5.1", "2024年5月1日", "2024年5月1号", "20240501", "2024-05-01 00:00:00",
                                  45_413, 45_413.75, 20_240_501, date(2024, 5, 1)])
def test_a_day_is_read_in_every_form_that_spreadsheets_leave(tmp_path: Path, vocabulary: Vocabulary, cell):
    book = openpyxl.Workbook()
    for row in (["名称", "地址", "核实日期"], ["一站", "某路", cell]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")

    assert only(intake.read(tmp_path / "a.xlsx", vocabulary=vocabulary, kind="water_point")).verified_on == date(2024, 5, 1)


def test_a_code_that_lost_its_last_digits_is_an_error(tmp_path: Path, vocabulary: Vocabulary):
    book = openpyxl.Workbook()
    for row in (["编号", "名称", "地址"], [110101199003071234, "一站", "某路"], [123456789012345, "二站", "某路"]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")

    found = intake.read(tmp_path / "a.xlsx", vocabulary=vocabulary, kind="water_point")

    assert [(e.at, e.field) for e in found.errors] == [("a.xlsx:2", "编号 (station_code)")]
    assert [site.station_code for site in found.readable] == ["123456789012345"]
