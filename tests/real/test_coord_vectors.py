"""The datums against 405 vectors of two public libraries."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from locator import datum, earth, mainland
from tests.real.conftest import shared

DIGITS = 6e-10  # the vectors have nine decimals


@pytest.fixture(scope="module")
def vectors():
    with shared("coord_vectors/coord_vectors.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))

    def pairs(stem, library=""):
        return np.array([[float(row[f"{stem}_lon{library}"]), float(row[f"{stem}_lat{library}"])] for row in rows])

    area = np.array([row["area"] for row in rows])
    return {"area": area, "wgs84": pairs("wgs84"), "gcj02": pairs("gcj02", "_gcoord"), "bd09": pairs("bd09", "_gcoord"),
            "gcj02 coordtransform": pairs("gcj02", "_coordtransform"), "bd09 coordtransform": pairs("bd09", "_coordtransform")}


@pytest.mark.parametrize("name", ["gcj02", "bd09", "gcj02 coordtransform", "bd09 coordtransform"])
def test_every_place_in_the_mainland_is_where_both_libraries_put_it(vectors, name):
    inside = mainland.share(vectors["wgs84"]) == 1
    assert inside[vectors["area"] == "beijing"].all()

    there = datum.from_wgs84(vectors["wgs84"][inside], name.split()[0])

    assert np.abs(there - vectors[name][inside]).max() <= DIGITS


@pytest.mark.parametrize("name", ["gcj02", "bd09"])
def test_the_way_back_is_good_to_a_millimetre(vectors, name):
    inside = mainland.share(vectors["wgs84"]) == 1

    back = datum.to_wgs84(vectors[name][inside], name)

    assert earth.geodesic_m(vectors["wgs84"][inside], back).max() < 0.001


@pytest.mark.parametrize("name", ["gcj02", "bd09"])
def test_places_abroad_are_never_shifted_although_the_libraries_shift_them(vectors, name):
    outside = mainland.share(vectors["wgs84"]) == 0
    rectangle_only = outside & (vectors["area"] == "china")
    assert outside[~np.isin(vectors["area"], ["beijing", "china"])].all()
    assert rectangle_only.sum() == 53  # sea, Mongolia, India, Korea, ...: no more than half the rectangle is mainland

    there = datum.from_wgs84(vectors["wgs84"], name)

    assert (there[outside] == vectors["wgs84"][outside]).all()
    assert (np.abs(vectors[name] - vectors["wgs84"])[rectangle_only] > 1e-6).any(axis=1).all()


def test_in_beijing_the_shift_is_what_is_on_record(vectors):
    here = vectors["wgs84"][vectors["area"] == "beijing"]

    gcj_m = earth.geodesic_m(here, datum.from_wgs84(here, "gcj02"))
    bd_m = earth.geodesic_m(here, datum.from_wgs84(here, "bd09"))

    assert 503 < gcj_m.min() < gcj_m.max() < 610
    assert bd_m.mean() == pytest.approx(1357, abs=2)
