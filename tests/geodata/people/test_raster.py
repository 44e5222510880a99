"""Rasters of counts, as WorldPop and GHSL come: each cell where it lies, nobody counted twice or invented."""

from __future__ import annotations

import math
import sys

import numpy as np
import pyproj
import pytest

from geodata.people import files, raster
from locator import earth
from locator.datum import from_wgs84
from locator.errors import BadCoordinate, BadFile, BadValue, NotBuilt
from tests.geodata.people.conftest import BEIJING

THREE_SECONDS = 1 / 1200  # WorldPop's cells of about 100 m


def read(path, vocabulary, **options):
    return files.read(path, BEIJING, vocabulary=vocabulary, **options)


def test_without_rasterio_a_raster_is_refused_and_what_to_install_is_said(tmp_path, vocabulary, monkeypatch):
    (tmp_path / "people.tif").write_bytes(b"II*\0")
    monkeypatch.setitem(sys.modules, "rasterio", None)

    with pytest.raises(NotBuilt) as refused:
        read(tmp_path / "people.tif", vocabulary)

    assert refused.value.value == "people.tif"
    assert raster.INSTALL in refused.value.words.zh
    assert raster.INSTALL in refused.value.words.en


@pytest.fixture
def draw(tmp_path):
    rasterio = pytest.importorskip("rasterio", reason="rasterio is not installed: the extra `raster`")

    def drawn(values, *, west=116.38, north=39.94, step=THREE_SECONDS, crs="EPSG:4326", nodata=-99999.0, transform=None, name="people.tif",
              bands=1, dtype="float32"):
        values = np.asarray(values)
        placed = rasterio.Affine(*(transform or (step, 0, west, 0, -step, north)))
        with rasterio.open(tmp_path / name, "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=bands, dtype=dtype,
                           crs=crs, transform=placed, nodata=nodata) as file:
            for band in range(1, bands + 1):
                file.write(values.astype(dtype), band)
        return tmp_path / name
    return drawn


def test_each_cell_is_counted_at_its_middle_with_the_ground_it_covers(draw, vocabulary):
    counts = np.arange(20 * 30, dtype=float).reshape(20, 30) / 4

    found = read(draw(counts), vocabulary, source="WorldPop", date="2020")

    figures = found.figures
    assert found.errors == found.warnings == []
    rows, columns = np.divmod(np.arange(600), 30)
    middles = np.column_stack([116.38 + (columns + 0.5) * THREE_SECONDS, 39.94 - (rows + 0.5) * THREE_SECONDS])
    np.testing.assert_allclose(figures.lonlat, middles, atol=1e-9)
    assert figures.people.tolist() == counts.ravel().tolist()
    side_m = earth.geodesic_m(np.array([116.38, 39.94]), np.array([[116.38 + THREE_SECONDS, 39.94], [116.38, 39.94 - THREE_SECONDS]]))
    np.testing.assert_allclose(figures.cell_m2, math.prod(side_m), rtol=2e-3)
    assert (figures.source.en, figures.date, figures.note.en) == ("WorldPop", "2020", "cells as the raster gives them")
    assert [found.lies_in.sets[row][0] for row in found.lies_in.rows] == BEIJING.finest_of(figures.lonlat)


def test_no_data_and_nan_are_nobody_known_and_zero_is_nobody(draw, vocabulary):
    figures = read(draw([[-99999, np.nan, 0], [1, 2, 3]]), vocabulary).figures

    assert figures.people.tolist() == [0, 1, 2, 3]


def test_an_equal_area_grid_as_of_ghsl_keeps_its_cells_of_one_hectare(draw, vocabulary):
    east, north = pyproj.Transformer.from_crs(4326, "ESRI:54009", always_xy=True).transform(116.40, 39.92)
    placed = (100, 0, east, 0, -100, north)

    figures = read(draw(np.full((9, 9), 2.5), crs="ESRI:54009", transform=placed, nodata=-200.0, dtype="float64"), vocabulary).figures

    assert figures.people.sum() == 81 * 2.5
    np.testing.assert_allclose(figures.cell_m2, 10_000, rtol=2e-3)
    np.testing.assert_allclose(figures.lonlat[0], [116.40, 39.92], atol=2e-3)


def test_a_rotated_grid_is_read_where_it_lies(draw, vocabulary):
    across, down = (THREE_SECONDS * math.cos(0.5), THREE_SECONDS * math.sin(0.5)), (THREE_SECONDS * math.sin(0.5), -THREE_SECONDS * math.cos(0.5))

    figures = read(draw(np.ones((4, 5)), transform=(across[0], down[0], 116.38, across[1], down[1], 39.94)), vocabulary).figures

    expected = [(116.38 + (column + 0.5) * across[0] + (row + 0.5) * down[0], 39.94 + (column + 0.5) * across[1] + (row + 0.5) * down[1])
                for row in range(4) for column in range(5)]
    np.testing.assert_allclose(figures.lonlat, expected, atol=1e-9)


def test_only_cells_in_an_area_count_and_the_people_of_others_are_told(draw, vocabulary):
    """A raster over the border to the south: cells of 0.01 degrees."""
    found = read(draw(np.ones((40, 60)), west=116.0, north=39.9, step=0.01), vocabulary)

    inside = [BEIJING.finest_of(np.array([[116.005 + 0.01 * column, 39.895 - 0.01 * row]]))[0] for row in range(40) for column in range(60)]
    kept = sum(code is not None for code in inside)
    assert found.figures.people.sum() == kept
    [warning] = found.warnings
    assert warning.value == f"{2400 - kept:,}"


def test_of_a_raster_of_the_world_only_the_part_around_the_areas_is_read(draw, vocabulary):
    figures = read(draw(np.ones((720, 1440)), west=-180, north=90, step=0.25), vocabulary).figures

    every = np.array([(column / 4 - 179.875, 89.875 - row / 4) for row in range(720) for column in range(1440)])
    inside = [code is not None for code in BEIJING.finest_of(every)]
    assert sum(inside) > 20
    np.testing.assert_allclose(figures.lonlat, every[inside])


def test_another_datum_is_brought_to_wgs84(draw, vocabulary):
    [[west, north]] = from_wgs84(np.array([[116.38, 39.94]]), "gcj02").tolist()

    figures = read(draw(np.ones((2, 2)), west=west, north=north), vocabulary, datum="gcj02").figures

    np.testing.assert_allclose(figures.lonlat[0], [116.38 + THREE_SECONDS / 2, 39.94 - THREE_SECONDS / 2], atol=1e-6)


@pytest.mark.parametrize("count", [-1.0, math.inf, -200.0])
def test_a_negative_or_infinite_count_is_refused_with_its_row_and_column(draw, vocabulary, count):
    with pytest.raises(BadValue) as refused:
        read(draw([[1, 1, 1], [1, 1, count]]), vocabulary)

    assert (refused.value.field, refused.value.at) == ("people", "people.tif:2:3")
    assert "row 2, column 3" in refused.value.words.en


def test_a_raster_of_nobody_or_elsewhere_is_refused(draw, vocabulary):
    assert "adds up to 0" in str(read(draw(np.zeros((3, 3))), vocabulary).errors[0])
    with pytest.raises(BadFile, match="nowhere near"):
        read(draw(np.ones((3, 3)), west=2.3, north=48.9), vocabulary)
    beside = read(draw(np.ones((3, 3)), west=117.4, north=39.5), vocabulary)  # within the box around Beijing, in Tianjin
    assert beside.figures is None
    assert [type(error) for error in beside.errors] in ([BadCoordinate], [BadValue])


def test_what_is_no_raster_of_counts_is_refused(draw, tmp_path, vocabulary):
    with pytest.raises(BadFile, match="2 bands"):
        read(draw(np.ones((3, 3)), bands=2), vocabulary)
    with pytest.raises(BadFile, match="no reference system"):
        read(draw(np.ones((3, 3)), crs=None), vocabulary)
    with pytest.raises(BadFile, match="complex64"):
        read(draw(np.ones((3, 3)), dtype="complex64", nodata=None), vocabulary)
    with pytest.raises(BadFile, match="no such file"):
        read(tmp_path / "none.tif", vocabulary)
    whole = draw(np.ones((300, 300)))
    for content in (b"", b"%PDF", whole.read_bytes()[:2000]):
        (tmp_path / "broken.tif").write_bytes(content)
        with pytest.raises(BadFile, match="not a readable GeoTIFF"):
            read(tmp_path / "broken.tif", vocabulary)
