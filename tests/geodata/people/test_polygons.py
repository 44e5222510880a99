"""People of polygons, even over each one's cells; no polygon loses anybody."""

from __future__ import annotations

import json
from fractions import Fraction

import geopandas
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geodata.people import files, polygons
from geodata.people.grid import CELL_M, CELL_M2
from locator import earth
from locator.datum import from_wgs84
from locator.errors import BadCoordinate, BadFile, BadValue
from tests.geodata.people.conftest import BEIJING

EPSG = 4548


@pytest.fixture
def read(tmp_path, vocabulary):
    def reader(rows, name="people.geojson", crs="EPSG:4326", **options):
        path = tmp_path / name
        geopandas.GeoDataFrame([{k: v for k, v in row.items() if k != "outline"} for row in rows], geometry=[row["outline"] for row in rows],
                               crs=crs).to_file(path)
        return files.read(path, BEIJING, vocabulary=vocabulary, **options)
    return reader


def box(lon=116.40, lat=39.90, side=0.02):
    return shapely.box(lon, lat, lon + side, lat + side)


@pytest.mark.parametrize("name", ["people.geojson", "people.gpkg", "people.shp"])
def test_people_of_each_polygon_are_even_over_the_cells_it_holds(read, name):
    outlines = [box(), box(116.30, 39.95, 0.03)]

    found = read([{"people": 1000, "outline": outlines[0]}, {"people": 250.5, "outline": outlines[1]}], name, source="规划院", date="2023")

    figures = found.figures
    assert found.errors == found.warnings == []
    assert (figures.cell_m2, figures.note.en, figures.source.zh, figures.date) == (CELL_M2, "even within each polygon", "规划院", "2023")
    for outline, people in zip(outlines, (1000, 250.5), strict=True):
        mine = figures.people[shapely.intersects_xy(outline, figures.lonlat[:, 0], figures.lonlat[:, 1])]
        assert mine.sum() == people
        assert np.ptp(mine) <= 2**-30
    assert [found.lies_in.sets[row][0] for row in found.lies_in.rows] == BEIJING.finest_of(figures.lonlat)


def test_cells_are_those_whose_centre_a_polygon_holds_and_no_others(read):
    """The oracle goes over every centre of the grid around the polygon."""
    outline = shapely.Polygon([(116.400, 39.900), (116.437, 39.903), (116.41, 39.93), (116.415, 39.91)])

    lonlat, people, owners, small = polygons.spread([outline], np.array([64.0]))

    flat = shapely.transform(outline, lambda pairs: earth.on_grid(pairs, epsg=EPSG))
    west, south, east, north = (int(side // CELL_M) for side in flat.bounds)
    wanted = {(2 * column + 1, 2 * row + 1) for column in range(west - 2, east + 3) for row in range(south - 2, north + 3)
              if flat.intersects(shapely.Point((column + 0.5) * CELL_M, (row + 0.5) * CELL_M))}
    assert {tuple(pair) for pair in np.rint(earth.on_grid(lonlat, epsg=EPSG) * 2 / CELL_M).astype(int).tolist()} == wanted
    assert people.sum() == 64.0
    assert (set(owners.tolist()), small) == ({0}, [])


def test_where_polygons_overlap_the_cells_add_up(read):
    figures = read([{"people": 300, "outline": box()}, {"people": 100, "outline": box()}]).figures

    assert figures.people.sum() == 400
    assert len(np.unique(figures.lonlat, axis=0)) == len(figures.lonlat)


def test_holes_hold_nobody(read):
    outline = shapely.Polygon(box().exterior.coords, [box(116.405, 39.905, 0.01).exterior.coords])

    figures = read([{"people": 300, "outline": outline}]).figures

    assert figures.people.sum() == 300
    assert not shapely.intersects_xy(box(116.4051, 39.9051, 0.0098), figures.lonlat[:, 0], figures.lonlat[:, 1]).any()


def test_a_polygon_too_small_for_any_cell_counts_at_the_one_it_lies_in_and_is_told(read):
    found = read([{"people": 300, "outline": box()}, {"people": 7, "outline": box(116.5001, 39.9001, 0.0001)}])

    [warning] = found.warnings
    assert warning.at == "people.geojson:2"
    assert found.figures.people.sum() == 307
    far = earth.geodesic_m(np.array([116.50015, 39.90015]), found.figures.lonlat[found.figures.people == 7])
    assert far.max() <= CELL_M / 2**0.5 + 0.1


def test_other_reference_systems_and_datums_are_brought_to_wgs84(read):
    plain = read([{"people": 300, "outline": box()}]).figures
    projected = shapely.transform(box(), lambda pairs: earth.on_grid(pairs, epsg=EPSG))
    shifted = shapely.transform(box(), lambda pairs: from_wgs84(pairs, "gcj02"))

    for other in (read([{"people": 300, "outline": projected}], "people.gpkg", crs=f"EPSG:{EPSG}"),
                  read([{"people": 300, "outline": shifted}], datum="gcj02")):
        np.testing.assert_allclose(other.figures.lonlat, plain.lonlat, atol=1e-9)


@pytest.mark.parametrize(("row", "said"), [
    ({"people": -1.0, "outline": box()}, "at least 0"), ({"people": None, "outline": box()}, "must be a number"),
    ({"people": float("nan"), "outline": box()}, "must be a number"), ({"people": float("inf"), "outline": box()}, "must be a number"),
    ({"people": 3.0, "outline": shapely.Point(116.4, 39.9)}, "no polygon"), ({"people": 3.0, "outline": None}, "no polygon"),
    ({"people": 3.0, "outline": shapely.Polygon([(116, 39), (117, 40), (116, 39)])}, "encloses nothing"),
    ({"people": 3.0, "outline": shapely.box(-179.9, 39, 179.9, 40)}, "180th meridian")])
def test_a_polygon_that_cannot_be_used_refuses_the_file_and_is_named(read, row, said):
    found = read([{"people": 5.0, "outline": box()}, row], "people.gpkg")

    [error] = found.errors
    assert error.at == "people.gpkg:2"
    assert said in str(error)
    assert found.figures is None


def test_an_outline_that_crosses_itself_is_repaired_and_told(read):
    bow = shapely.Polygon([(116.40, 39.90), (116.42, 39.92), (116.42, 39.90), (116.40, 39.92)])

    found = read([{"people": 300, "outline": bow}])

    assert [warning.at for warning in found.warnings] == ["people.geojson:1"]
    assert found.figures.people.sum() == 300


def test_polygons_outside_every_area_are_told_and_if_all_are_the_file_is_refused(read):
    found = read([{"people": 300, "outline": box()}, {"people": 40, "outline": box(115.0, 38.0)}])
    refused = read([{"people": 40, "outline": box(115.0, 38.0)}])

    assert "with 40 people" in str(found.warnings[0])
    assert found.warnings[0].at == "people.geojson:2"
    assert isinstance(refused.errors[0], BadCoordinate)


def test_no_people_no_column_no_degrees_and_half_a_continent_are_refused(read, tmp_path, vocabulary):
    assert "adds up to 0" in str(read([{"people": 0, "outline": box()}]).errors[0])
    with pytest.raises(BadValue, match="inhabitants"):
        read([{"inhabitants": 4, "outline": box()}])
    with pytest.raises(BadValue, match="too large"):
        read([{"people": 4, "outline": box(100, 20, 10)}])
    assert "no longitude and latitude" in str(read([{"people": 4, "outline": box(500_000, 4_400_000, 50)}], "far.gpkg").errors[0])
    (tmp_path / "broken.geojson").write_text('{"type": "FeatureCollection", "features": [{"type": "Feature", "geom')
    with pytest.raises(BadFile):
        files.read(tmp_path / "broken.geojson", BEIJING, vocabulary=vocabulary)


def test_an_open_ring_is_refused_and_named(tmp_path, vocabulary):
    ring = [[116.40, 39.90], [116.42, 39.90], [116.42, 39.92], [116.40, 39.92]]
    features = [{"type": "Feature", "properties": {"people": 9}, "geometry": {"type": "Polygon", "coordinates": [one]}}
                for one in ([*ring, ring[0]], ring)]
    path = tmp_path / "open.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))

    [error] = files.read(path, BEIJING, vocabulary=vocabulary).errors

    assert error.at == "open.geojson:2"
    assert "not closed" in str(error)


@given(st.lists(st.tuples(st.floats(116.2, 116.5), st.floats(39.8, 40.0), st.floats(1e-5, 0.01), st.integers(0, 10_000_000)), min_size=1, max_size=6))
def test_every_polygon_keeps_its_people_wherever_it_lies(rows):
    people = np.array([row[3] for row in rows], np.float64)

    _, on_cells, _, _ = polygons.spread([box(*row[:3]) for row in rows], people)

    assert (on_cells >= 0).all()
    assert sum(map(Fraction, on_cells.tolist()), Fraction(0)) == sum(row[3] for row in rows)
