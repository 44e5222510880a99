"""Which timetables let a visitor in: time for staff only is not open."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from locator.arrays import Codes, Minutes, States
from locator.hours import Hours, State

STAFF_ONLY = "staff_only"
"""The mode of entry in which a visitor may not come in; the eligibility of a site that no visitor may enter is called so too."""


def with_staff_time(hours: Hours) -> tuple[int, ...]:
    """Return the codes of the timetables that have time for staff only, ascending."""
    return tuple(code for code, timetable in enumerate(hours.timetables) if any(slot.mode == STAFF_ONLY for slot in timetable.slots))


def states(hours: Hours, minute: int, staff_time: Sequence[int]) -> States:
    """Return (t,) the state of every timetable for a visitor; `staff_time` is what `with_staff_time` found."""
    found = hours.states(minute)
    shut = [code for code, known in zip(staff_time, hours.openings(staff_time, minute), strict=True) if known.mode == STAFF_ONLY]
    if shut:
        found = found.copy()
        found[shut] = State.CLOSED
    return found


def states_at(hours: Hours, codes: Codes, minutes: Minutes, staff_time: Sequence[int]) -> States:
    """Return (m,) the state of timetable codes[i] for a visitor at minutes[i]; `staff_time` is what `with_staff_time` found."""
    found = hours.states_at(codes, minutes)
    has = np.zeros(len(hours), bool)
    has[list(staff_time)] = True
    some = np.flatnonzero(has[codes])
    if len(some):
        first = int(minutes[some].min())
        span = int(minutes[some].max()) - first + 1
        # each timetable's minutes in order: `Hours.opening` keeps what it was last asked
        keys, back = np.unique(codes[some] * np.int64(span) + (minutes[some] - first), return_inverse=True)
        shut = [hours.opening(key // span, first + key % span).mode == STAFF_ONLY for key in keys.tolist()]
        found[some[np.array(shut)[back]]] = State.CLOSED
    return found
