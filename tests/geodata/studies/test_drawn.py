"""What a map draws of areas not served: few corners, and every polygon valid however narrow it is."""

from __future__ import annotations

import numpy as np
import orjson
import pytest
import shapely

from geodata.studies import drawn

EPSG = 4527
CORNER = np.array((39_444_000.0, 4_416_000.0))


def told(*shapes):
    moved = [shapely.transform(shape, lambda points: points + CORNER) for shape in shapes]
    return [shapely.from_geojson(orjson.dumps(one)) for one in drawn.simple(moved, EPSG)]


@pytest.mark.parametrize("narrow_m", [0.01, 0.2, 0.9])
def test_what_is_narrower_than_the_digits_is_left_out_of_a_polygon_and_stays_where_it_is_all_there_is(narrow_m):
    yard = shapely.box(0, 0, 900, 900)
    slit = shapely.box(300, 300, 300 + narrow_m, 300 + narrow_m)

    holed, alone, whole = told(yard.difference(slit), slit, yard)

    assert all(shape.is_valid and not shape.is_empty for shape in (holed, alone, whole))
    assert holed.area == pytest.approx(whole.area, rel=1e-4)
