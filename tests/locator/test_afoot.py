"""What nobody reaches on foot, as ground: judged by Dijkstra over every street with every spot as a node, and by plain straight lines."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from locator import earth, gaps
from locator.afoot import Afoot, footing
from locator.network import SNAP_M
from locator.travel import DETOUR_FACTOR
from tests import oracles
from tests.locator.test_network import CORNER, EPSG, network

TOLERANCE_M = 30.0
BOX = shapely.box(*(CORNER - 1_200), *(CORNER + 2_200))
SPOTS = [(0, 0), (900, 0), (900, 700), (100, 800), (400, 300)]
EDGES = [(0, 1), (1, 2), (2, 3), (3, 4), (0, 4), (1, 4)]
NOBODY = np.empty((0, 2))


def at(x, y):
    return CORNER + np.array((x, y))


def degrees(*points):
    return earth.off_grid(np.array(points, float).reshape(-1, 2) + CORNER, epsg=EPSG)


def left(net, sites, limit_m, outline=BOX, people=NOBODY, tolerance_m=TOLERANCE_M, fold=1):
    here = footing(net, outline, tolerance_m=tolerance_m)
    return Afoot(net, degrees(*sites), limit_m, fold).gaps(here, np.asarray(people, float).reshape(-1, 2) + CORNER)


def on_foot_m(net, sites, points, nth=1):
    """Return (p,) metres on foot from the n-th nearest site: along streets where one is near both ends, else the straight line and a quarter."""
    ends = net.on_grid[net.edges] - CORNER
    begins, ends = ends[:, 0].tolist(), ends[:, 1].tolist()

    def snapped(point):
        row, metres = oracles.nearest_segment(point, begins, ends)
        if metres > SNAP_M:
            return (-1, 0.0, math.inf)
        (ax, ay), (bx, by) = begins[row], ends[row]
        share = ((point[0] - ax) * (bx - ax) + (point[1] - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2)
        return (row, min(1.0, max(0.0, share)), metres)

    sources, targets = [snapped(site) for site in sites], [snapped(point) for point in points]
    ways = oracles.walks_m(len(net.nodes), net.edges.tolist(), net.length_m.tolist(), sources, targets)
    metres = [sorted(ways.get((source, target), math.inf) if sources[source][0] >= 0 and targets[target][0] >= 0
                     else math.hypot(site[0] - point[0], site[1] - point[1]) * DETOUR_FACTOR for source, site in enumerate(sites))
              for target, point in enumerate(points)]
    return np.array([(*known, *[math.inf] * nth)[nth - 1] for known in metres])


site = st.tuples(st.integers(-900, 1_800), st.integers(-900, 1_800))


@settings(max_examples=40)
@given(sites=st.lists(site, max_size=4), limit_m=st.sampled_from([300.0, 800.0, 1_500.0]), seed=st.integers(0, 2**32),
       fold=st.sampled_from([1, 2, 3]))
def test_every_spot_is_told_rightly_that_is_farther_than_the_tolerance_from_the_true_edge(sites, limit_m, seed, fold):
    """A spot is that far from the edge where ground closer than the tolerance is all within reach, or none of it."""
    net = network(SPOTS, EDGES)
    spots = np.random.default_rng(seed).uniform(-1_150, 2_150, (25, 2))
    ring = np.array([(0.0, 0.0), *((r * math.cos(a), r * math.sin(a)) for r in (8, 16, 24, TOLERANCE_M) for a in np.arange(10) * math.tau / 10)])

    found = shapely.union_all([one.gap.polygon for one in left(net, sites, limit_m, fold=fold).gaps])

    around = (spots[:, None, :] + ring).reshape(-1, 2)
    within = (on_foot_m(net, sites, around.tolist(), fold) <= limit_m).reshape(len(spots), len(ring))
    told = shapely.contains_xy(found, *(spots + CORNER).T)
    assert told[~within.any(axis=1)].all()
    assert not told[within.all(axis=1)].any()


@settings(max_examples=20)
@given(sites=st.lists(site, min_size=2, max_size=4), limit_m=st.sampled_from([300.0, 800.0, 1_500.0]), fold=st.sampled_from([1, 2]))
def test_gaps_are_valid_apart_no_slivers_and_each_has_its_farthest_point_inside_it_at_the_metres_that_it_is_told(sites, limit_m, fold):
    net = network(SPOTS, EDGES)

    step_m = math.floor(TOLERANCE_M * math.sqrt(2) * 500) / 500
    anywhere = np.random.default_rng(3).uniform(CORNER - 1_150, CORNER + 2_150, (60, 2))
    lattice = (np.round(anywhere / step_m) * step_m - CORNER).tolist()

    found = left(net, sites, limit_m, fold=fold).gaps

    polygons = [one.gap.polygon for one in found]
    assert all(polygon.is_valid and polygon.area >= TOLERANCE_M**2 / 2 * 0.999 for polygon in polygons)
    assert shapely.union_all(polygons).area == pytest.approx(sum(polygon.area for polygon in polygons), rel=1e-9)
    assert len(shapely.get_parts(shapely.union_all(polygons))) == len(polygons) or not polygons
    assert [one.gap.area_m2 for one in found] == sorted((one.gap.area_m2 for one in found), reverse=True)
    for one in found:
        far = np.array(one.gap.farthest)
        assert one.gap.polygon.distance(shapely.Point(far)) < 0.01
        assert one.gap.farthest_m == pytest.approx(on_foot_m(net, sites, [(far - CORNER).tolist()], fold)[0], abs=0.05)
        assert one.gap.area_m2 == pytest.approx(one.gap.polygon.area, abs=one.gap.polygon.length * TOLERANCE_M / 10)
        looked_at = [spot for spot in lattice if shapely.intersects_xy(one.gap.polygon, *(CORNER + spot))]
        assert all(metres <= one.gap.farthest_m + 0.05 for metres in on_foot_m(net, sites, looked_at, fold))


def test_the_far_bank_of_a_river_is_a_gap_although_it_is_near():
    bank = network([(0, 0), (1_000, 0), (1_000, 200), (0, 200)], [(0, 1), (1, 2), (2, 3)])

    [gap] = left(bank, [(0, 0)], 900.0, outline=shapely.box(*at(-50, -50), *at(600, 250))).gaps

    assert gap.along_streets
    assert shapely.contains_xy(gap.gap.polygon, *at(0, 200))
    assert not shapely.contains_xy(gap.gap.polygon, *at(0, 0))
    assert gap.gap.farthest_m == pytest.approx(2_200 + 50, abs=2 * TOLERANCE_M)


def test_where_no_street_is_near_the_ground_is_that_of_the_straight_line_exactly():
    far_off = network([(9_000, 0), (9_500, 0)], [(0, 1)])

    found = left(far_off, [(300, 300)], 1_000.0)

    [gap] = found.gaps
    assert gap.gap.area_m2 == pytest.approx(BOX.area - math.pi * 800**2, rel=1e-9)
    [exact] = gaps.gaps(BOX, degrees_on_grid((300, 300)), 800.0)
    assert (gap.gap.farthest_m, gap.along_streets) == (pytest.approx(exact.farthest_m * DETOUR_FACTOR), False)
    assert found.estimated_m2 == pytest.approx(BOX.area, rel=1e-9)


def degrees_on_grid(*points):
    return earth.on_grid(degrees(*points), epsg=EPSG)


def test_a_site_that_no_street_is_near_reaches_ground_by_the_straight_line():
    street = network([(0, 0), (100, 0)], [(0, 1)])

    [gap] = left(street, [(0, 700)], 1_000.0).gaps

    assert gap.gap.area_m2 == pytest.approx(BOX.area - math.pi * 800**2, rel=2e-3)
    assert not gap.along_streets


def test_without_a_site_all_of_it_is_one_gap_and_nothing_is_the_farthest():
    [gap] = left(network(SPOTS, EDGES), [], 1_000.0).gaps

    assert gap.gap.area_m2 == pytest.approx(BOX.area, rel=1e-6)
    assert (gap.gap.farthest_m, gap.gap.row) == (math.inf, -1)


def test_whoever_stands_in_a_yard_that_the_lattice_does_not_see_stands_in_a_gap():
    """A walled street ends 6 m from the one with the site: its ground is a strip far narrower than a step."""
    net = network([(0, 0), (800, 0), (0, 6), (800, 6), (800, 1_200)], [(0, 1), (2, 3), (3, 4), (1, 4)], length_m=[800, 800, 1_200, 5_000])
    here = shapely.box(*at(-20, -60), *at(20, 5))
    step = np.array([(x, 4.5) for x in range(-15, 16, 5)])

    found = left(net, [(0, 0)], 100.0, outline=here, people=step, tolerance_m=25.0)

    assert set(found.of_point.tolist()) == set(range(len(found.gaps))) != set()
    assert all(one.gap.farthest_m > 100 for one in found.gaps)


def test_ground_that_no_street_is_near_is_told():
    found = left(network([(0, 0), (1_000, 0)], [(0, 1)]), [(0, 0)], 500.0)

    near = 1_000 * 2 * SNAP_M + math.pi * SNAP_M**2
    assert found.estimated_m2 == pytest.approx(BOX.area - near, rel=1e-2)
