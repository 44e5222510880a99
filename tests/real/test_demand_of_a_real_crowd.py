"""A real grid of crowds over the old city as demand; every point held against newer outlines of the districts."""

from __future__ import annotations

import csv
import json
from collections import Counter

import numpy as np
import pytest
import shapely

from geodata import people
from geodata.areas import Areas
from geodata.people import files
from tests.real.conftest import shared

BEIJING = Areas.load()


@pytest.fixture(scope="module")
def grid():
    return shared("beijing_crowd_grid/crowd_grid.csv")


def test_every_row_is_read_and_the_sums_are_those_that_its_makers_state(grid, vocabulary):
    for year, stated in (("2016", 2_717_841), ("2017", 2_668_865), ("2018", 2_709_679)):
        found = files.read(grid, BEIJING, vocabulary=vocabulary, people=f"count_{year}", date=year)

        assert found.errors == []
        assert (len(found.figures.people), found.figures.people.sum()) == (3_885, stated)


def test_its_two_datums_come_to_the_same_places(grid, vocabulary):
    shifted, true = (files.read(grid, BEIJING, vocabulary=vocabulary, people="count_2018", datum=datum).figures for datum in ("gcj02", "wgs84"))

    apart_m = np.abs(shifted.lonlat - true.lonlat) * (85_400, 111_000)
    assert apart_m.max() < 1


def test_each_point_is_in_the_district_whose_outline_holds_it(grid, vocabulary, tmp_path):
    people.keep(tmp_path, files.read(grid, BEIJING, vocabulary=vocabulary, people="count_2018", datum="wgs84"), BEIJING)

    demand = people.load(tmp_path, BEIJING)

    held = [demand.area_sets[row][0] for row in demand.areas]
    with grid.open(encoding="utf-8") as lines:
        pairs = [(float(row["wgs84_lon"]), float(row["wgs84_lat"])) for row in csv.DictReader(lines)]
    outlines = {code: BEIJING.polygon(code) for code in ("110101", "110102", "110105", "110106", "110108")}
    for row in range(0, len(pairs), 7):
        assert outlines[held[row]].intersects(shapely.Point(pairs[row]))
    told = Counter(held)  # its makers count 1,702 in 东城 and 2,090 in 西城, by outlines of their own
    assert told["110101"] == pytest.approx(1_702, rel=0.05)
    assert told["110102"] == pytest.approx(2_090, rel=0.05)


def test_nearly_all_lie_in_the_same_district_by_newer_outlines(grid, vocabulary):
    features = json.loads(shared("beijing_districts/beijing_districts_wgs84.geojson").read_bytes())["features"]
    newer = {str(f["properties"]["adcode"]): shapely.geometry.shape(f["geometry"]) for f in features}
    found = files.read(grid, BEIJING, vocabulary=vocabulary, people="count_2018", datum="wgs84")

    agree = sum(newer[found.lies_in.sets[row][0]].intersects(shapely.Point(pair))
                for row, pair in zip(found.lies_in.rows, found.figures.lonlat, strict=True))

    assert agree / len(found.lies_in.rows) >= 0.95
