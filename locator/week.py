"""When in a week a point is covered: what its sites' open hours leave, as 168 bits a point, and whom they are."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from locator import doors
from locator.arrays import Words64
from locator.hours import DAY, Hours, State
from locator.shares import Floats, Parts
from locator.within import Within

HOURS = 168
_WORDS = 3
_EPOCH = date(1970, 1, 1)


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def open_bits(hours: Hours, monday: date) -> tuple[Words64, Words64]:
    """Return (t, 3) in which hours of a week every timetable surely lets a visitor in, and in which it may.

    An hour is its first minute, Monday 00:00 first: holidays, make-up working days and seasons are those of that week.
    """
    first = (monday - _EPOCH).days * DAY
    staff_time = doors.with_staff_time(hours)
    at = np.stack([doors.states(hours, first + 60 * hour, staff_time) for hour in range(HOURS)], axis=1)
    return packed(at == State.OPEN), packed(at != State.CLOSED)


def packed(bits: NDArray[np.bool_]) -> Words64:
    """Return (n, 3) words of (n, 168) bits."""
    filled = np.zeros((len(bits), _WORDS * 64), bool)
    filled[:, :HOURS] = bits
    return np.packbits(filled, axis=1, bitorder="little").view("<u8").astype(np.uint64, copy=False)


def unpacked(words: Words64) -> NDArray[np.bool_]:
    """Return (n, 168) bits of (n, 3) words; the inverse of `packed`."""
    flat = np.ascontiguousarray(words.astype("<u8", copy=False)).view(np.uint8)
    return np.unpackbits(flat.reshape(len(words), -1), axis=1, bitorder="little")[:, :HOURS].astype(bool)


def covered(within: Within, site_words: Words64, *, fold: int = 1) -> Words64:
    """Return (n, 3) in which hours each of n points has at least `fold` of its sites open.

    Args:
        within: Which sites each point reaches.
        site_words: (s, 3) when each site is open.
        fold: At least so many at once.
    """
    if fold == 1:
        return within.any_of(site_words)
    begin, sites = within.by_point
    first, left = begin[:-1], np.diff(begin)
    at_least = np.zeros((fold, len(within), _WORDS), np.uint64)
    # the first site of every point, then the second ...: whoever had k - 1 open, and finds this one open, has k
    whose = np.flatnonzero(left >= fold)  # no others can have as many
    turn = 0
    while len(whose):
        words = site_words[sites[first[whose] + turn]]
        for level in range(fold - 1, 0, -1):
            at_least[level, whose] |= at_least[level - 1, whose] & words
        at_least[0, whose] |= words
        turn += 1
        whose = whose[left[whose] > turn]
    most: Words64 = at_least[fold - 1]
    return most


def people_by_hour(words: Words64, people: Floats, parts: Parts) -> Floats:
    """Return (p, 168) how many people of each part are covered in each hour.

    Points of equal hours are counted together: a city of a million points has some thousand different weeks.
    """
    some = np.flatnonzero((words != 0).any(axis=1))
    if not len(some):
        return np.zeros((len(parts), HOURS))
    distinct, which = _distinct(words[some])
    return np.asarray(parts.by(people[some], which, len(distinct), some) @ unpacked(distinct).astype(np.float64))


def _distinct(words: Words64) -> tuple[Words64, NDArray[np.intp]]:
    """Return the distinct rows, and which of them each row is."""
    mixed = words[:, 0] * np.uint64(0x9E3779B97F4A7C15) ^ words[:, 1] * np.uint64(0xC2B2AE3D27D4EB4F) ^ words[:, 2] * np.uint64(0x165667B19E3779F9)
    mixed ^= mixed >> np.uint64(29)
    _, first, which = np.unique(mixed, return_index=True, return_inverse=True)
    distinct = words[first]
    if np.array_equal(distinct[which], words):
        return distinct, which
    exact, which = np.unique(words, axis=0, return_inverse=True)  # pragma: no cover - two weeks with one mix
    return exact, which.reshape(-1)
