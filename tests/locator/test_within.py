"""Within: runs and pairs together, judged by a matrix of every point and site."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from locator import week
from locator.within import Reached, Runs, Within

SITES = 5


@st.composite
def made(draw):
    """A matrix (n, s) of who reaches whom, and the same as a `Within`: some stretches as runs, the rest as pairs."""
    count = draw(st.integers(1, 40))
    order = np.array(draw(st.permutations(range(count))), np.intp)
    reaches = np.zeros((count, SITES), bool)
    runs = []
    for _ in range(draw(st.integers(0, 8))):
        first = draw(st.integers(0, count - 1))
        last, site = draw(st.integers(first + 1, count)), draw(st.integers(0, SITES - 1))
        if not reaches[order[first:last], site].any():
            reaches[order[first:last], site] = True
            runs.append((first, last, site))
    pairs = []
    for point, site in draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, SITES - 1)), max_size=20)):
        if not reaches[point, site]:
            reaches[point, site] = True
            pairs.append((point, site))
    columns = np.array(runs, np.intp).reshape(-1, 3).T
    half = len(pairs) // 2
    parts = [Reached(*np.array(part, np.intp).reshape(-1, 2).T) for part in (pairs[:half], pairs[half:])]
    return reaches, Within(order, Runs(*columns), parts)


@settings(max_examples=150)
@given(made(), st.lists(st.booleans(), min_size=SITES, max_size=SITES))
def test_counts_the_lone_site_and_every_pair_are_those_of_the_matrix(case, chosen):
    reaches, within = case
    for whose, own in ((np.ones(SITES, bool), within), (np.array(chosen), within.of(np.array(chosen)))):
        kept = reaches & whose

        counts = own.counts()

        np.testing.assert_array_equal(counts, kept.sum(axis=1))
        np.testing.assert_array_equal(own.lone(counts), np.where(kept.sum(axis=1) == 1, kept.argmax(axis=1), -1))
        pairs = [(p, s) for some in own.each() for p, s in zip(some.points.tolist(), some.sites.tolist(), strict=True)]
        assert sorted(pairs) == [tuple(pair) for pair in np.argwhere(kept).tolist()]


@settings(max_examples=100)
@given(made(), st.lists(st.integers(0, 2**168 - 1), min_size=SITES, max_size=SITES), st.sampled_from([1, 2, 3]))
def test_the_hours_of_a_point_are_those_in_which_enough_of_its_sites_are_open(case, hours, fold):
    reaches, within = case
    bits = np.array([[hour >> place & 1 for place in range(168)] for hour in hours], bool)

    found = week.unpacked(week.covered(within, week.packed(bits), fold=fold))

    np.testing.assert_array_equal(found, (reaches.astype(int) @ bits.astype(int)) >= fold)
