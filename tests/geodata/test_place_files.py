"""A list of places from any office's table: all of it or nothing, every fault with line and column."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata import place_files, places
from geodata.areas import Areas
from locator import earth
from locator.datum import to_wgs84
from locator.errors import BadCoordinate, BadDatum, BadFile, BadValue
from locator.names import Place
from locator.words import Words


@pytest.fixture(scope="module")
def areas() -> Areas:
    return Areas.load()


@pytest.fixture
def read(tmp_path: Path, vocabulary, areas):
    def reader(text: str, *, datum: str | None = "wgs84", name: str = "list.csv", encoding: str = "utf-8") -> place_files.Read:
        (tmp_path / name).write_bytes(text.encode(encoding))
        return place_files.read(tmp_path / name, vocabulary=vocabulary, areas=areas, datum=datum)

    return reader


def spot(name: str, lon: float = 116.4, lat: float = 39.9, accuracy_m: float = 100.0, **fields) -> Place:
    return Place(fields.pop("code", name), Words(name, name), lon, lat, accuracy_m, fields.pop("category", "landmark"), **fields)


def test_a_row_that_leaves_its_datum_out_is_an_error_and_never_left_out_in_silence(read):
    found = read("名称,经度,纬度,source_datum\n甲,116.41,39.9,gcj02\n乙,116.41,39.9,\n", datum=None)

    assert [(type(e), e.at) for e in found.errors] == [(BadDatum, "list.csv:3")]
    assert found.places == []


def test_a_rows_datum_is_understood_in_the_words_that_stations_have(read):
    named, coded = (read(f"名称,经度,纬度,坐标系\n甲,116.41,39.9,{said}\n", datum=None).places[0] for said in ("火星坐标系", "gcj02"))

    assert (named.lon, named.lat) == (coded.lon, coded.lat)


def test_every_column_is_read(read):
    [place] = read("code,zh,en,lon,lat,accuracy_m,category,aliases,reading,source\n"
                   "erqi,二七塔,Erqi Tower,113.66,34.75,80,landmark,二七广场|二七纪念塔,er qi ta,市政\n").places

    assert place == Place("erqi", Words("二七塔", "Erqi Tower"), 113.66, 34.75, 80.0, "landmark", ("二七广场", "二七纪念塔"), "er qi ta", "市政")


def test_chinese_headers_gb18030_and_the_datum_of_the_caller_are_understood(read):
    found = read("地名,经度,纬度,类别,精度\n国贸商城,116.4618,39.9101,mall,60米\n", datum="gcj02", encoding="gb18030")

    [place] = found.places
    assert [place.lon, place.lat] == pytest.approx(to_wgs84(np.array([[116.4618, 39.9101]]), "gcj02")[0].tolist(), abs=1e-7)
    assert (place.category, place.accuracy_m, place.source) == ("mall", 60.0, "list.csv")


def test_a_datum_may_stand_in_each_row_or_in_the_header(read):
    rows = read("名称,经度,纬度,坐标系\n甲,116.41,39.9,GCJ-02\n乙,116.41,39.9,wgs84\n", datum=None).places
    header = read("名称,gcj02_lon,gcj02_lat\n甲,116.41,39.9\n", datum=None).places

    assert rows[0].lon == header[0].lon != rows[1].lon == 116.41


def test_a_list_that_does_not_say_its_datum_is_asked_about(read):
    found = read("名称,经度,纬度\n甲,116.41,39.9\n乙,abc,39.9\n", datum=None)

    assert [type(e) for e in found.errors] == [BadDatum, BadCoordinate]
    assert found.places == []


@pytest.mark.parametrize(("row", "column", "error"), [
    (",116.4,39.9,", "名称 (zh)", BadValue), ("甲,,39.9,", "经度 (lon)", BadCoordinate), ("甲,116.4,199,", "纬度 (lat)", BadCoordinate),
    ("甲,116.4,x,", "纬度 (lat)", BadCoordinate), ("甲,116.4,39.9,-3", "精度 (accuracy_m)", BadValue),
    ("甲,116.4,39.9,0", "精度 (accuracy_m)", BadValue),
    ("甲,116.4,39.9,很准", "精度 (accuracy_m)", BadValue)])
def test_a_fault_is_named_by_line_and_column_and_keeps_all_rows_out(read, row, column, error):
    found = read(f"名称,经度,纬度,精度\n好,116.4,39.9,50\n{row}\n")

    assert [(type(e), e.at, e.field) for e in found.errors] == [(error, "list.csv:3", column)]
    assert found.places == []


def test_a_code_twice_is_a_fault(read):
    found = read("code,zh,lon,lat\nx,甲,116.4,39.9\nx,乙,116.5,39.9\n")

    assert [(e.at, e.value) for e in found.errors] == [("list.csv:3", "x")]


def test_a_file_without_names_or_pairs_says_what_is_missing(read):
    assert "zh" in read("经度,纬度\n116.4,39.9\n").errors[0].field
    assert read("名称,地址\n甲,某街\n").errors[0].field == "lon"
    with pytest.raises(BadFile):
        read("")


def test_the_same_file_gives_the_same_codes(read):
    text = "名称,经度,纬度\n甲,116.4,39.9\n乙,116.5,39.9\n"

    assert [p.code for p in read(text).places] == [p.code for p in read(text).places]


def test_places_of_one_name_and_spot_are_one_with_the_less_vague_pair_and_all_aliases():
    one, other = spot("国贸", accuracy_m=250, aliases=("国贸桥",), code="a"), spot("国贸", 116.401, accuracy_m=30, aliases=("国贸站",), code="b")

    [kept] = places.merged([one, other])

    assert (kept.code, kept.lon, kept.accuracy_m, kept.aliases) == ("a", 116.401, 30, ("国贸桥", "国贸站"))


def test_places_of_one_name_far_apart_stay_two():
    assert len(places.merged([spot("文化路", code="a"), spot("文化路", 116.41, code="b")])) == 2  # 850 m


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.sampled_from([30.0, 280.0, 900.0])), max_size=12),
       st.sampled_from([0.0, 39.9, 80.0]))
def test_what_is_one_place_is_what_measuring_every_pair_of_a_name_says(spots, south):
    listed = [spot("公共厕所", 116.4 + east * 1e-3, south + north * 1e-3, accuracy_m, code=str(i))
              for i, (east, north, accuracy_m) in enumerate(spots)]

    kept: list[Place] = []
    for place in listed:
        here = np.array([[place.lon, place.lat]])
        same = next((i for i, held in enumerate(kept) if earth.geodesic_m(np.array([held.lon, held.lat]), here)[0]
                     <= max(places.SAME_M, min(held.accuracy_m, place.accuracy_m))), None)
        if same is None:
            kept.append(place)
        elif place.accuracy_m < kept[same].accuracy_m:
            kept[same] = replace(kept[same], lon=place.lon, lat=place.lat, accuracy_m=place.accuracy_m)

    assert places.merged(listed) == kept


def test_a_stored_list_is_loaded_as_it_was(tmp_path):
    listed = [spot("什刹海", 116.383, source="市政", aliases=("前海",)), spot("a,b\"c", 116.5, category="mall")]

    places.store(listed, tmp_path)

    assert [replace(p, reading="") for p in places.load(tmp_path)] == listed
    assert places.load(tmp_path)[0].reading == "shi cha hai|qian hai"
