from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from locator.demand import NOWHERE, Demand, evenly, quantum
from locator.errors import BadCoordinate, BadValue
from locator.words import Words


def a_demand(people=(1.0, 2.5, 0.0), areas=(0, 1, NOWHERE), **fields):
    n = len(people)
    plain = {"lonlat": np.column_stack([np.linspace(116, 117, n), np.full(n, 40.0)]), "people": np.array(people, np.float64),
             "areas": np.array(areas, np.int32), "area_sets": (("110101001", "110101"), ("110101",)), "cell_m2": None,
             "source": Words("试", "a test"),
             "date": None, "note": Words("点", "points"), "version": "0"}
    return Demand(**{**plain, **fields})


def test_people_are_counted_whole_and_in_every_area_that_they_are_in():
    demand = a_demand()

    assert (len(demand), demand.total) == (3, 3.5)
    assert demand.by_area() == {"110101001": 1.0, "110101": 3.5}
    assert demand.within({"110101"}).tolist() == [True, True, False]
    assert demand.within({"110101001", "elsewhere"}).tolist() == [True, False, False]
    assert demand.within(()).tolist() == [False, False, False]


@pytest.mark.parametrize(("people", "value"), [((1.0, -0.5, 2.0), -0.5), ((1.0, 2.0, math.nan), math.nan), ((math.inf, 1.0, 1.0), math.inf)])
def test_people_below_zero_or_not_finite_are_refused_with_the_row_and_the_figure(people, value):
    with pytest.raises(BadValue) as refused:
        a_demand(people)

    assert refused.value.field == "people"
    assert repr(refused.value.value) == repr(value)
    assert refused.value.at == str([repr(p) for p in people].index(repr(value)))


@pytest.mark.parametrize("people", [(0.0, 0.0, 0.0), ()])
def test_nobody_at_all_is_refused(people):
    with pytest.raises(BadValue):
        a_demand(people, areas=(NOWHERE,) * len(people))


@pytest.mark.parametrize("pair", [(math.nan, 40), (181, 40), (116, 90.5), (116, -math.inf)])
def test_a_pair_that_is_no_place_is_refused_with_its_row(pair):
    lonlat = np.array([(116, 40), pair, (116, 40)], np.float64)

    with pytest.raises(BadCoordinate) as refused:
        a_demand(lonlat=lonlat)

    assert refused.value.at == "1"


@pytest.mark.parametrize("wrong", [{"areas": np.array([0, 2, 0], np.int32)}, {"areas": np.array([0, -2, 0], np.int32)},
                                   {"areas": np.zeros(2, np.int32)}, {"cell_m2": np.ones(2)}])
def test_arrays_that_do_not_fit_are_a_fault_of_the_caller(wrong):
    with pytest.raises(ValueError, match=r"areas|cell_m2"):
        a_demand(**wrong)


@given(groups=st.lists(st.integers(-1, 4), max_size=60), people=st.lists(st.integers(0, 20_000_000), min_size=5, max_size=5))
def test_spread_people_add_up_to_the_last_bit_in_any_order_and_differ_by_a_unit_at_most(groups, people):
    figures = np.array([n if group in groups else 0 for group, n in enumerate(people)], np.float64)
    unit = quantum(float(figures.sum()))
    rows = np.array(groups, np.int64)

    spread = evenly(rows, figures, unit=unit)

    assert (spread[rows < 0] == 0).all()
    for group, figure in enumerate(figures):
        mine = spread[rows == group]
        assert sum(map(Fraction, mine.tolist()), Fraction(0)) == Fraction(figure)
        assert mine.sum() == mine[::-1].sum() == figure
        assert np.ptp(mine) in (0, unit) if len(mine) else figure == 0
        assert (np.diff(mine) <= 0).all()
    assert spread.sum() == figures.sum()


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=8))
def test_a_figure_that_is_not_whole_is_rounded_to_a_unit(figures):
    people = np.array(figures)
    unit = quantum(math.fsum(figures))

    spread = evenly(np.repeat(np.arange(len(people)), 3), people, unit=unit)

    assert unit <= 2**-44 * max(math.fsum(figures), 1e-300) or not any(figures)
    np.testing.assert_allclose(spread.reshape(-1, 3).sum(axis=1), people, rtol=0, atol=unit / 2)


@pytest.mark.parametrize(("total", "unit"), [(2**25, 2.0**-20), (2**25 + 1, 2.0**-19), (21_893_095, 2.0**-20), (1, 2.0**-45), (0, 1.0)])
def test_the_unit_is_a_power_of_two_that_the_total_has_45_bits_of(total, unit):
    assert quantum(total) == unit


def test_people_of_a_group_without_rows_are_never_lost():
    with pytest.raises(ValueError, match="group 1"):
        evenly(np.array([0, 0]), np.array([1.0, 2.0]), unit=1.0)
