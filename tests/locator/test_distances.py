"""Distances: quantiles and steps of metres, judged by plain loops."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from locator import distances
from locator.demand import Demand
from locator.shares import Parts
from locator.words import Words

AREAS = (("a",), ("b",), ("c",))
SUBTREES = [frozenset("a"), frozenset("bc"), frozenset("abc"), frozenset("c"), frozenset("z")]
"""They overlap; the last has no ground."""
metre = st.one_of(st.floats(0, 5000), st.sampled_from([0.0, 100.0, 200.0, 700.0, 3000.0, 3000.1, 1e6, math.inf]))
person = st.tuples(metre, st.integers(0, 9), st.integers(-1, 2))
crowds = st.lists(person, max_size=40).filter(lambda crowd: any(people for _, people, _ in crowd))


def taken(crowd):
    metres, people, areas = (np.array(column) for column in zip(*crowd, strict=True))
    demand = Demand(np.zeros((len(crowd), 2)), people.astype(float), areas.astype(np.int32), AREAS, None, Words("试", "a test"), None,
                    Words("点", "points"), "v")
    return metres.astype(float), demand.people, Parts(SUBTREES, demand)


def of_part(crowd, number):
    return [(m, p) for m, p, area in crowd if area >= 0 and AREAS[area][0] in SUBTREES[number]]


@settings(max_examples=150)
@given(crowds)
def test_a_quantile_is_the_least_distance_within_which_that_share_lives(crowd):
    found = distances.quantiles(*taken(crowd), (0.25, 0.5, 0.9))

    for number in range(len(SUBTREES)):
        own = of_part(crowd, number)
        total = sum(p for _, p in own)
        for place, share in enumerate((0.25, 0.5, 0.9)):
            if not total:
                assert math.isnan(found[number, place])
            else:
                assert found[number, place] == min(m for m, p in own if p and sum(q for d, q in own if d <= m) >= share * total)


@settings(max_examples=100)
@given(crowds)
def test_a_distance_on_an_edge_is_in_the_step_below_and_the_last_step_has_no_end(crowd):
    found = distances.by_steps(*taken(crowd), last_m=3000.0)

    assert found.shape == (len(SUBTREES), 31)
    for number in range(len(SUBTREES)):
        for step in range(31):
            low, high = step * 100.0, (step + 1) * 100.0 if step < 30 else math.inf
            assert found[number, step] == sum(p for m, p in of_part(crowd, number) if low < m <= high or (m == 0 and step == 0))
