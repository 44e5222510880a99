from __future__ import annotations

import csv

import numpy as np
import pytest

from geodata import places, readings
from geodata.areas import Areas
from locator.errors import BadCoordinate, BadFile, BadRadius
from locator.names import Names
from tests import oracles

HEADER = "code,zh,en,lon,lat,accuracy_m,category,aliases,district_code,reading\n"


def rows() -> list[dict[str, str]]:
    with places.SHIPPED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", [
    "什刹海", "大栅栏", "长阳", "天安门", "王府井", "西单", "国贸", "三里屯", "望京", "中关村", "五道口", "东直门", "西直门", "北京站", "北京西站",
    "北京南站", "南锣鼓巷", "虎坊桥", "通州北苑", "亦庄", "回龙观", "天通苑", "密云鼓楼", "怀柔", "首都机场", "大兴机场"])
def test_beijings_best_known_places_are_found_by_name_pinyin_and_initials(name):
    shipped = places.load()
    names = Names.of_places(shipped)
    place = next(p for p in shipped if p.words.zh == name)
    said = place.reading.split("|")[0]

    assert shipped[names.search(name, 1)[0].row] is place
    assert shipped[names.search(said.replace(" ", ""), 1)[0].row] is place
    assert shipped[names.search(said, 1)[0].row] is place
    assert place in [shipped[f.row] for f in names.search("".join(s[0] for s in said.split()), 10)]


def test_codes_are_unique_and_every_place_says_how_vague_it_is():
    shipped = places.load()

    assert len({p.code for p in shipped}) == len(shipped) >= 60
    assert all(200 <= p.accuracy_m <= 800 for p in shipped)
    assert all(p.words.en.isascii() for p in shipped)
    assert all(115.4 < p.lon < 117.6 and 39.4 < p.lat < 41.1 for p in shipped)


def test_the_readings_in_the_file_are_the_ones_the_names_have():
    for row in rows():
        assert row["reading"] == readings.of_names(row["zh"], row["aliases"].split("|")), row["zh"]


def test_an_operators_own_list_replaces_the_shipped_one(tmp_path):
    (tmp_path / places.NAME).write_text("\ufeffcode,zh,lon,lat,aliases\nerqi,二七塔,113.66,34.75,二七广场|二七纪念塔\n", "utf-8")

    [place] = places.load(tmp_path)

    assert (place.words.zh, place.words.en, place.lon, place.lat) == ("二七塔", "二七塔", 113.66, 34.75)
    assert place.aliases == ("二七广场", "二七纪念塔")
    assert place.reading.split("|")[0] == "er qi ta"


def test_a_home_without_a_list_has_the_shipped_one(tmp_path):
    assert places.load(tmp_path) == places.load()


@pytest.mark.parametrize(("text", "error", "at"), [
    (HEADER + "x,甲,甲,39.9,116.4,300,area,,,\n", BadCoordinate, "places.csv:2"),
    (HEADER + "x,甲,甲,abc,39.9,300,area,,,\n", BadCoordinate, "places.csv:2"),
    (HEADER + "x,甲,甲,116.4,nan,300,area,,,\n", BadCoordinate, "places.csv:2"),
    (HEADER + "x,甲,甲,116.4,39.9,-1,area,,,\n", BadRadius, "places.csv:2"),
    (HEADER + "x,甲,甲,116.4,39.9,far,area,,,\n", BadRadius, "places.csv:2"),
    (HEADER + ",甲,甲,116.4,39.9,300,area,,,\n", BadFile, "places.csv:2"),
    (HEADER + "x,甲,,116.4,39.9,300,,,,\nx,乙,,116.4,39.9,300,,,,\n", BadFile, "places.csv:3"),
    ("name,lon,lat\n甲,116.4,39.9\n", BadFile, ""),
    ("", BadFile, ""),
    (HEADER + "x,甲\n", BadCoordinate, "places.csv:2"),
])
def test_a_list_with_a_fault_is_refused_by_line(tmp_path, text, error, at):
    (tmp_path / places.NAME).write_text(text, "utf-8")

    with pytest.raises(error) as refused:
        places.load(tmp_path)

    assert refused.value.at == at


def test_a_file_that_is_not_utf8_text_is_refused(tmp_path):
    (tmp_path / places.NAME).write_bytes(HEADER.encode() + "x,什刹海,,116.4,39.9,300,,,,\n".encode("gb18030"))

    with pytest.raises(BadFile):
        places.load(tmp_path)


def test_every_shipped_landmark_lies_in_the_district_it_names():
    listed = rows()
    lies_in = Areas.load().district_of(np.array([(float(r["lon"]), float(r["lat"])) for r in listed]))

    assert [r["zh"] for r, code in zip(listed, lies_in, strict=True) if code != r["district_code"]] == ["大兴机场"]  # on the border


@pytest.mark.parametrize(("one", "other", "least_m", "most_m"), [
    ("天安门", "天安门广场", 200, 600), ("天安门", "前门", 700, 1_200), ("东单", "西单", 3_500, 4_100), ("东四", "东单", 1_600, 2_000),
    ("西直门", "东直门", 6_300, 7_000), ("北京站", "北京西站", 8_500, 9_500), ("鸟巢", "水立方", 400, 800), ("国贸", "双井", 1_400, 1_900),
    ("首都机场", "大兴机场", 60_000, 70_000), ("五道口", "清华大学", 700, 1_900), ("复兴门", "建国门", 6_200, 6_800)])
def test_shipped_landmarks_are_as_far_apart_as_everybody_knows(one, other, least_m, most_m):
    shipped = {p.words.zh: p for p in places.load()}
    here, there = (np.array([shipped[name].lon, shipped[name].lat]) for name in (one, other))

    assert least_m < oracles.geodesic_m(here, there[None])[0] < most_m
