"""Circles that lie hidden in other discs: never one that shows, and most of a crowd."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from locator.hiding import distinct, hidden
from tests.locator.test_discs import points, whole

R = 500.0
SPOTS = np.arange(720) * math.tau / 720


def shows(centres, row):
    """Whether any of 720 spots of a circle lies in no other disc, by measuring every one."""
    at = centres[row] + R * np.column_stack([np.cos(SPOTS), np.sin(SPOTS)])
    others = centres[(centres != centres[row]).any(axis=1)]
    return not len(others) or (np.hypot(*(at[:, None] - others[None]).transpose(2, 0, 1)).min(axis=1) > R).any()


@given(points)
def test_a_circle_that_is_told_hidden_shows_nowhere(centres):
    centres = np.array(centres, float).reshape(-1, 2)

    found = hidden(centres, R)

    assert not any(shows(centres, row) for row in np.flatnonzero(found).tolist())


def test_in_a_crowd_most_of_those_that_show_nowhere_are_told_hidden():
    centres = np.random.default_rng(5).normal(0, 900, (600, 2))

    found = hidden(centres, R)

    nowhere = np.array([not shows(centres, row) for row in range(len(centres))])
    assert (nowhere | ~found).all()
    assert found.sum() > 0.8 * nowhere.sum()


@given(st.lists(st.tuples(whole, whole)))
def test_different_points_come_in_order_with_how_often_each_is_there(made):
    found, counts = distinct(np.array(made, float).reshape(-1, 2))

    assert list(zip(map(tuple, found.tolist()), counts.tolist(), strict=True)) == [(one, made.count(one)) for one in sorted(set(made))]
