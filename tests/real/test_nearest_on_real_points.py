"""Nearest on real, uneven, repeated points, against pyproj's geodesic to every one of them."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from locator.index import SiteIndex
from tests import oracles
from tests.real.conftest import shared

SAME_M = 5e-8


def from_csv(name):
    with shared(name).open(encoding="utf-8-sig") as lines:
        rows = list(csv.DictReader(lines))
    return np.array([[float(row["wgs84_lon"]), float(row["wgs84_lat"])] for row in rows])


def real_points(name):
    if name == "beijing_cafes":
        features = json.loads(shared("beijing_cafes/beijing_cafes_wgs84.geojson").read_text(encoding="utf-8"))["features"]
        return np.array([feature["geometry"]["coordinates"][:2] for feature in features], float)
    if name == "beixinqiao_street":
        parts = ("convenience", "recreation_sports", "street_management")
        return np.vstack([from_csv(f"beixinqiao_street/{part}_facilities.csv") for part in parts])
    return from_csv({"beijing_shelters": "beijing_shelters/shelters.csv",
                     "zhengzhou_union_stations": "zhengzhou_union_stations/stations_part_a.csv"}[name])


@pytest.mark.parametrize(("name", "count"), [("beijing_shelters", 1181), ("beijing_cafes", 139),
                                             ("zhengzhou_union_stations", 41), ("beixinqiao_street", 139)])
def test_the_nearest_ten_real_places_are_the_nearest_ten(name, count):
    lonlat = real_points(name)
    assert len(lonlat) == count
    index = SiteIndex(lonlat)
    rng = np.random.default_rng(20261122)
    beside = lonlat[rng.integers(0, count, 60)] + rng.normal(scale=0.004, size=(60, 2))
    onto = lonlat[rng.integers(0, count, 60)]
    far = np.array([[121.47, 31.23], [87.6, 43.8], [-0.13, 51.5]])
    here = np.vstack([beside, onto, far])
    among = rng.random(count) < 0.3

    many, many_m = index.nearest_many(here, k=10)

    for q, point in enumerate(here):
        for mask in (None, among):
            rows, metres = index.nearest(*point, k=10, among=mask)
            expected_rows, expected_m = oracles.nearest(point, lonlat, k=10, among=mask)
            np.testing.assert_allclose(metres, expected_m, rtol=0, atol=SAME_M)
            assert rows.tolist() == expected_rows
        assert many[q].tolist() == index.nearest(*point, k=10)[0].tolist()
        np.testing.assert_allclose(many_m[q], index.nearest(*point, k=10)[1], rtol=0, atol=SAME_M)


def test_real_places_with_the_same_coordinates_are_answered_by_row():
    lonlat = real_points("beijing_shelters")
    distinct, shared_by = np.unique(lonlat, axis=0, return_counts=True)
    assert (len(lonlat), len(distinct)) == (1181, 1073)
    crowded = distinct[np.argmax(shared_by)]
    expected = np.flatnonzero((lonlat == crowded).all(axis=1))
    index = SiteIndex(lonlat)

    for k in range(1, len(expected) + 1):
        assert index.nearest(*crowded, k=k)[0].tolist() == expected[:k].tolist()
    assert index.within(*crowded, radius_m=0)[0].tolist() == expected.tolist()
