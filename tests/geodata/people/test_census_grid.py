from __future__ import annotations

import json
import math
import shutil

import numpy as np
import pytest
import shapely

from geodata import areas as shipped
from geodata import people
from geodata.areas import Areas
from geodata.people.grid import CELL_M, spread
from locator import earth
from locator.demand import NOWHERE
from locator.errors import BadValue, NotThere
from tests.geodata.people.conftest import BEIJING

CENSUS = shipped.census()
OUTLINES = {code: BEIJING.polygon(code) for code in CENSUS}


# the figures


def test_every_district_has_its_census_figure_to_the_last_bit(census):
    for code, figure in CENSUS.items():
        mine = census.people[census.within({code})]

        assert math.fsum(mine) == mine.sum() == figure
        assert np.ptp(mine) <= 2**-20  # even: a millionth of a person
    assert census.total == sum(CENSUS.values()) == 21_893_095


def test_it_says_what_it_is_of_when_and_that_it_is_even_within_each_district(census):
    assert "人口普查" in census.source.zh
    assert "census of 2020" in census.source.en
    assert census.date == "2020-11-01"
    assert census.note == ("各区内均匀分布", "even within each district")


def test_cells_are_the_whole_hundreds_of_metres_of_the_local_grid_each_once(census):
    assert (census.cell_m2 == CELL_M**2).all()
    assert census.cell_m2.sum() / 1e6 == pytest.approx(16_410, rel=0.001)  # what Beijing is said to measure

    metres = earth.on_grid(census.lonlat[::37], epsg=4548) / CELL_M

    np.testing.assert_allclose(metres % 1, 0.5, atol=1e-6)
    assert len(np.unique(census.lonlat, axis=0)) == len(census)


def test_a_cell_is_there_if_and_only_if_its_centre_lies_in_a_district():
    """Around the old city and at a far border, cell by cell, by the plainest test there is."""
    spread_out = spread(CENSUS, BEIJING)
    kept = {tuple(pair) for pair in np.rint(earth.on_grid(spread_out.lonlat, epsg=4548) * 2 / CELL_M).astype(int)}
    for lon, lat in ((116.40, 39.87), (115.45, 39.78), (117.32, 40.62)):
        east, north = np.floor(earth.on_grid(np.array([[lon, lat]]), epsg=4548)[0] / CELL_M).astype(int)
        for column in range(east, east + 40):
            for row in range(north, north + 40):
                pair = earth.off_grid(np.array([[column + 0.5, row + 0.5]]) * CELL_M, epsg=4548)[0]
                inside = any(outline.intersects(shapely.Point(pair)) for outline in OUTLINES.values())

                assert ((2 * column + 1, 2 * row + 1) in kept) == inside


def test_the_district_of_a_cell_is_the_one_that_holds_its_centre(census):
    rows = np.random.default_rng(5).choice(len(census), 2_000, replace=False)

    for row in rows:
        point = shapely.Point(census.lonlat[row])
        assert census.area_sets[census.areas[row]][1:] == ("110000",)
        assert OUTLINES[census.area_sets[census.areas[row]][0]].intersects(point)
        assert sum(outline.intersects(point) for outline in OUTLINES.values()) >= 1


# kept in the home


def test_it_is_built_once_and_then_the_same_from_the_files(home_of_census, census):
    before = {path: path.stat().st_mtime_ns for path in (home_of_census / people.CACHE).rglob("*")}

    again = people.load(home_of_census, Areas.load(home_of_census))

    assert {path: path.stat().st_mtime_ns for path in (home_of_census / people.CACHE).rglob("*")} == before
    assert again.version == census.version
    for one, other in ((again.lonlat, census.lonlat), (again.people, census.people), (again.areas, census.areas)):
        assert not one.flags.writeable
        np.testing.assert_array_equal(one, other)


def test_a_home_that_cannot_be_written_to_does_without(tmp_path, census):
    blocked = tmp_path / "home"
    blocked.mkdir()
    (blocked / people.CACHE).write_text("not a folder")

    demand = people.load(blocked, BEIJING)

    assert (demand.version, demand.total) == (census.version, census.total)


@pytest.mark.parametrize("spoil", [
    lambda folder: (folder / "people.npy").write_bytes(b"\x93NUMPY"), lambda folder: (folder / "lonlat.npy").unlink(),
    lambda folder: (folder / "about.json").write_text("{}"), lambda folder: np.save(folder / "people.npy", np.ones(3))])
def test_a_damaged_cache_is_made_anew(tmp_path, home_of_census, census, spoil):
    shutil.copytree(home_of_census, tmp_path, dirs_exist_ok=True)
    [folder] = (tmp_path / people.CACHE).iterdir()
    spoil(folder)

    demand = people.load(tmp_path, BEIJING)

    np.testing.assert_array_equal(demand.people, census.people)
    np.testing.assert_array_equal(people.load(tmp_path, BEIJING).people, census.people)


# an operator's own areas


def square(lon, lat, side):
    return {"type": "Polygon", "coordinates": [[[lon, lat], [lon + side, lat], [lon + side, lat + side], [lon, lat + side], [lon, lat]]]}


def load_areas(home, *areas):
    features = [{"type": "Feature", "geometry": geometry, "properties": {"code": code, "name": code, "parent": parent}}
                for code, parent, geometry in areas]
    file = home / "given.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    shipped.load_file(file, home)
    return Areas.load(home)


def test_streets_that_an_operator_adds_hold_their_cells_and_districts_keep_their_census(tmp_path, census):
    """The street crosses the border of two districts: each of its cells counts for it, and for the district that holds it."""
    areas = load_areas(tmp_path, ("110101901", "110101", square(116.39, 39.90, 0.05)), ("110101902", "110101", square(116.41, 39.91, 0.01)))

    demand = people.load(tmp_path, areas)

    for code, figure in CENSUS.items():
        assert demand.people[demand.within({code})].sum() == figure
    held = [demand.area_sets[position][0] for position in demand.areas]
    assert len(demand) == len(census)
    sample = np.random.default_rng(6).choice(len(held), 3_000, replace=False)
    assert [held[row] for row in sample] == areas.finest_of(demand.lonlat[sample])
    assert {"110101901", "110101"} <= set(held)
    assert demand.version != census.version


def test_an_area_without_an_outline_cannot_be_spread_over_and_says_so():
    with pytest.raises(NotThere) as refused:
        spread({"110101": 5, "110302": 100}, BEIJING)

    assert refused.value.value == "110302"
    assert "has no outline" in str(refused.value)


def test_an_area_that_holds_no_cell_is_refused_rather_than_lost(tmp_path):
    areas = load_areas(tmp_path, ("110101901", "110101", square(116.4001, 39.9001, 0.0001)))

    with pytest.raises(NotThere, match="too small"):
        spread({"110101901": 7}, areas)


def test_areas_half_the_world_apart_are_refused(tmp_path):
    areas = load_areas(tmp_path, ("w", "110000", square(-170.0, 10.0, 0.1)), ("e", "110000", square(170.0, 60.0, 0.1)))

    with pytest.raises(BadValue, match="too far apart"):
        spread({"w": 7, "e": 8}, areas)


def test_people_of_a_few_areas_are_spread_over_those_alone():
    spread_out = spread({"110101": 1000, "110102": 0}, BEIJING)

    districts = [spread_out.lies_in.sets[position][0] for position in spread_out.lies_in.rows]
    assert districts == BEIJING.finest_of(spread_out.lonlat)
    assert NOWHERE not in spread_out.lies_in.rows
    assert set(districts) == {"110101", "110102"}
    assert spread_out.people.sum() == 1000
