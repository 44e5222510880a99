"""Search by name on Beijing's 349 streets and townships, Zhengzhou's stations, and the landmarks in their districts."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
import shapely

from geodata import places, readings
from locator.names import Names
from tests import oracles
from tests.real.conftest import shared


@pytest.fixture(scope="module")
def streets() -> list[str]:
    with shared("beijing_subdistrict_codes/beijing_streets_2023.csv").open(encoding="utf-8") as file:
        return [row["name"] for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def names(streets) -> Names:
    return Names(streets, readings=readings.readings(streets))


def test_every_street_is_found_first_by_its_characters(streets, names):
    for name in streets:
        assert streets[names.search(name, 1)[0].row] == name


def test_every_street_is_found_by_full_pinyin_with_and_without_blanks(streets, names):
    for row, name in enumerate(streets):
        for said in readings.reading(name).split("|"):
            for typed in (said, said.replace(" ", ""), said.title(), said.upper()):
                assert row in [f.row for f in names.search(typed, 10)], (name, typed)


def test_every_street_is_found_by_its_initials(streets, names):
    for row, name in enumerate(streets):
        typed = "".join(syllable[0] for syllable in readings.reading(name).split("|")[0].split())
        assert row in [f.row for f in names.search(typed, 20)], (name, typed)


def test_every_street_is_found_by_half_its_characters_and_the_rest_in_pinyin(streets, names):
    for row, name in enumerate(streets):
        said = readings.reading(name).split("|")[0].split()
        assert row in [f.row for f in names.search(name[:2] + "".join(said[2:]), 10)], name


def test_the_fast_search_finds_what_a_slow_one_finds(streets, names):
    read = readings.readings(streets)
    for row in range(0, len(streets), 7):
        said = read[row].split("|")[0].split()
        for typed in ("".join(said[:2]), "".join(s[0] for s in said[:3]), said[0][0] + "".join(said[1:2])):
            heard = {r for alternative in range(4) for r in oracles.heard_in(
                [(text.split("|") + [""] * 4)[alternative] for text in read], typed)}
            assert {f.row for f in names.search(typed, 1000)} == heard, typed
        part = streets[row][1:3]
        assert [f.row for f in names.search(part, 1000)] == oracles.found_by_characters(streets, part)


def test_the_names_that_dictionaries_misread_are_found_as_people_say_them(streets, names):
    for typed, name in (("shichahai", "什刹海街道"), ("dashilan", "大栅栏街道"), ("changyang", "长阳镇"), ("changgou", "长沟镇"),
                        ("changxindian", "长辛店街道"), ("changshaoying", "长哨营满族乡"), ("chaoyangmen", "朝阳门街道"),
                        ("fozizhuang", "佛子庄乡"), ("zhangziying", "长子营镇"), ("majiapu", "马家堡街道")):
        assert streets[names.search(typed, 1)[0].row] == name


def test_stations_of_another_city_are_found_by_name_and_by_pinyin():
    with shared("zhengzhou_union_stations/stations_part_a.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    stations = [row["name"] for row in rows]
    names = Names(stations, readings=readings.readings(stations), addresses=[row["address"] for row in rows])

    for row, name in enumerate(stations):
        assert name in [stations[f.row] for f in names.search(name, 3)]
        typed = readings.reading(name).split("|")[0].replace(" ", "")[:60]
        assert name in [stations[f.row] for f in names.search(typed, 5)], name
        assert row in [f.row for f in names.search(rows[row]["address"], 41)]


def test_every_landmark_lies_in_its_district():
    with shared("beijing_districts/beijing_districts_wgs84.geojson").open(encoding="utf-8") as file:
        outlines = {str(f["properties"]["adcode"]): shapely.geometry.shape(f["geometry"]) for f in json.load(file)["features"]}
    with places.SHIPPED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    astray = [row["zh"] for row in rows
              if not outlines[row["district_code"]].covers(shapely.Point(float(row["lon"]), float(row["lat"])))]

    assert astray == ["大兴机场"]  # its terminal stands across the city's border
    airport = next(row for row in rows if row["zh"] == "大兴机场")
    off_m = np.deg2rad(outlines[airport["district_code"]].distance(shapely.Point(float(airport["lon"]), float(airport["lat"])))) * 6_371_009
    assert off_m < float(airport["accuracy_m"])
