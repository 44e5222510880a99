"""An area of a million corners: a circle with a fine wave, whose area and people are known, beside its plain one."""

from __future__ import annotations

import math

import numpy as np
import pyogrio
import pytest
import shapely

from geodata import area_files, ground, polygon_files
from geodata.areas import Areas
from locator import earth
from locator.coverage import coverage
from locator.demand import Demand
from locator.errors import BadFile
from locator.ground import Ground
from locator.questions import CoverageQuestion
from locator.uncovered import GapsQuestion, uncovered
from locator.words import Words
from tests.conftest import SOME_DAY, a_site

CORNERS, RADIUS_M, WAVES, WAVE = 1_000_000, 8_000.0, 1_000, 0.001
MIDDLE = (116.4, 39.9)
ZONE = 4548
BETWEEN_KM2 = 4 * RADIUS_M**2 * WAVE / 1e6
"""The ground between the wave and the plain circle, on both its sides."""
SITES = ((0.0, 0.0), (7_500.0, 0.0), (-3_000.0, -6_500.0))
"""Metres east and north of the middle; two near the rim, whose reach crosses it."""


def at(metres):
    return earth.off_grid(earth.on_grid(np.array([MIDDLE]), epsg=ZONE)[0] + np.asarray(metres), epsg=ZONE)


def ring(corners, wave):
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    far = RADIUS_M * (1 + wave * np.cos(WAVES * angle))
    return shapely.Polygon(at(np.column_stack([far * np.cos(angle), far * np.sin(angle)])))


@pytest.fixture(scope="module")
def areas(tmp_path_factory):
    home = tmp_path_factory.mktemp("fine")
    pyogrio.write_dataframe(_frame(ring(CORNERS, WAVE), ring(4_000, 0.0)), home / "a.gpkg")
    loaded = area_files.load_file(home / "a.gpkg", home, Areas.load(), parent="110000")
    assert loaded.added == ("wavy", "plain")
    return Areas.load(home)


def _frame(*polygons):
    import geopandas

    return geopandas.GeoDataFrame({"code": ["wavy", "plain"], "name": ["波", "圆"], "tier": ["zone", "zone"]}, geometry=[*polygons], crs=4326)


def test_coverage_and_gaps_of_a_million_corners_are_exact_and_those_of_the_plain_circle_within_the_ground_between(areas, make_atlas):
    outline_of = ground.outlines(areas)
    wavy = outline_of("wavy")
    assert shapely.get_num_coordinates(wavy.geometry) > 0.99 * CORNERS
    assert wavy.epsg == ZONE
    assert wavy.geometry.area == pytest.approx(math.pi * RADIUS_M**2 * (1 + WAVE**2 / 2), rel=1e-6)

    sites = [a_site(number, lon=lon, lat=lat) for number, (lon, lat) in enumerate(at(SITES))]
    atlas = make_atlas(sites, areas=areas.tree)
    metres = np.random.default_rng(7).uniform(-9_000, 9_000, (20_000, 2))
    weights = np.arange(20_000) % 7 + 1.0
    lonlat = at(metres)
    who = Ground(Demand(lonlat, weights, *areas.overlay(lonlat), None, Words("试", "a test"), None, Words("点", "points"), "v1"))

    found = {}
    for code in ("wavy", "plain"):
        asked = CoverageQuestion(radius_m=2_500.0, area=code, by=None)
        total = coverage(asked, atlas, who, SOME_DAY, outline_of=outline_of).total
        gaps = uncovered(GapsQuestion(asked), atlas, who, SOME_DAY, outline_of=outline_of, area_of=areas.finest_of).as_dict("en")["gaps"]
        found[code] = total, gaps
        left = sum(gap["area_km2"] for gap in gaps)
        assert left == pytest.approx(total.figures["area_km2"] - total.figures["covered_km2"], rel=1e-6)
        assert sum(gap["people"] for gap in gaps) == pytest.approx(total.people - total.figures["covered"])

    (wavy_total, wavy_gaps), (plain_total, plain_gaps) = found["wavy"], found["plain"]
    for name in ("area_km2", "covered_km2"):
        assert wavy_total.figures[name] == pytest.approx(plain_total.figures[name], abs=BETWEEN_KM2)
    assert len(wavy_gaps) >= len(plain_gaps)
    assert wavy_gaps[0]["area_km2"] == pytest.approx(plain_gaps[0]["area_km2"], abs=BETWEEN_KM2)
    inside = np.hypot(*metres.T) <= RADIUS_M * (1 + WAVE * np.cos(WAVES * np.arctan2(metres[:, 1], metres[:, 0])))
    assert wavy_total.people == weights[inside].sum()


def test_a_file_beyond_what_is_read_is_refused_with_the_bound(tmp_path, monkeypatch):
    with (tmp_path / "a.geojson").open("wb") as stream:
        stream.truncate(polygon_files.MOST_BYTES + 1)  # sparse: nothing is written

    with pytest.raises(BadFile, match="larger than 200 MB") as refused:
        area_files.load_file(tmp_path / "a.geojson", tmp_path, Areas.load())

    assert "200 MB" in refused.value.words.zh
    assert not (tmp_path / "areas").exists()
