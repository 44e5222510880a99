"""The shipped outlines against a newer outline of the same districts, and on real points."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
import shapely
from pyproj import Geod, Transformer
from shapely.geometry import shape

from geodata.areas import Areas
from tests.real.conftest import shared

BEIJING = Areas.load()
METRES = Transformer.from_crs(4326, 4548, always_xy=True)


def in_metres(outline):
    return shapely.transform(outline, lambda pairs: np.column_stack(METRES.transform(pairs[:, 0], pairs[:, 1])))


@pytest.fixture(scope="module")
def judges():
    features = json.loads(shared("beijing_districts/beijing_districts_wgs84.geojson").read_bytes())["features"]
    return {str(f["properties"]["adcode"]): shape(f["geometry"]) for f in features}


def test_the_same_districts_are_known(judges):
    assert set(judges) == {a.code for a in BEIJING.tree.children("110000") if a.has_outline}


def test_each_district_has_at_least_93_percent_of_its_area_in_common_with_the_newer_outline(judges):
    for code, judge in judges.items():
        ours, theirs = in_metres(BEIJING.polygon(code)), in_metres(judge)
        common = ours.intersection(theirs).area

        assert common / ours.union(theirs).area >= 0.93, code
        assert common / theirs.area >= 0.95, code


def test_borders_lie_close_to_the_newer_ones(judges):
    for code, judge in judges.items():
        ours = shapely.segmentize(in_metres(BEIJING.polygon(code)).boundary, 100)

        off_m = shapely.distance(shapely.points(shapely.get_coordinates(ours)), in_metres(judge).boundary)

        assert np.median(off_m) <= 110, code
        assert np.quantile(off_m, 0.9) <= 600, code
        assert off_m.max() <= 3_000, code


def test_the_whole_city_measures_the_same(judges):
    earth = Geod(ellps="WGS84")

    ours, theirs = (sum(abs(earth.geometry_area_perimeter(p)[0]) for p in outlines) / 1e6
                    for outlines in ((BEIJING.polygon(code) for code in judges), judges.values()))

    assert ours == pytest.approx(theirs, rel=0.002)


def test_left_in_gcj02_the_outlines_would_fit_worse(judges):
    """The package says nothing of its datum; the newer outline decides."""
    from locator.datum import from_wgs84

    def common(move):
        return sum(in_metres(shapely.transform(BEIJING.polygon(code), move)).intersection(in_metres(judge)).area
                   for code, judge in judges.items())

    assert common(lambda pairs: pairs) > common(lambda pairs: from_wgs84(pairs, "gcj02"))


def shelters():
    with shared("beijing_shelters/shelters.csv").open(encoding="utf-8-sig") as lines:
        return np.array([(float(r["wgs84_lon"]), float(r["wgs84_lat"])) for r in csv.DictReader(lines)])


def cafes():
    features = json.loads(shared("beijing_cafes/beijing_cafes_wgs84.geojson").read_bytes())["features"]
    return np.array([f["geometry"]["coordinates"][:2] for f in features])


@pytest.mark.parametrize(("points", "least_share"), [(shelters, 0.985), (cafes, 0.985)])
def test_real_points_fall_in_the_same_district_except_near_borders(judges, points, least_share):
    lonlat = points()
    codes, outlines = list(judges), list(judges.values())
    theirs: list[str | None] = [None] * len(lonlat)
    for point, outline in zip(*shapely.STRtree(outlines).query(shapely.points(lonlat), "intersects"), strict=True):
        theirs[point] = codes[outline]

    ours = BEIJING.district_of(lonlat)

    differ = [i for i in range(len(lonlat)) if ours[i] != theirs[i]]
    borders = in_metres(shapely.union_all([p.boundary for p in outlines]))
    off_m = [shapely.distance(in_metres(shapely.Point(lonlat[i])), borders) for i in differ]
    # measured: 98.98 % of 1,181 shelters, the others within 282 m of a border; 99.28 % of 139 cafes, within 4 m
    assert 1 - len(differ) / len(lonlat) >= least_share
    assert max(off_m, default=0) <= 300
