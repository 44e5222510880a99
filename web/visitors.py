"""What a site's hours mean for somebody who does not work there: time for staff only is not open."""

from __future__ import annotations

import math
from datetime import datetime
from typing import NamedTuple

from locator import travel
from locator.answers import NearSite
from locator.atlas import Atlas
from locator.doors import STAFF_ONLY
from locator.hours import DAY, Opening, State, minute_of, moment_of
from locator.words import Words
from web import phrases
from web.vagueness import Reach, reach

_STAFF = Words("仅限内部人员", "staff only")
_DAYS = 8
"""How far ahead a visitor's next change is looked for: every weekday once, and what runs on from it."""


def opening(row: int, atlas: Atlas, now: datetime | int) -> Opening:
    """Return what is known of a site's door for a visitor, at an instant or a local minute.

    Where no time is for staff only this is `Hours.opening`. Otherwise staff-only time is closed, for the
    reason it names, and the next change is a visitor's.
    """
    minute = now if isinstance(now, int) else minute_of(now)
    code = int(atlas.sites.timetables.codes[row])
    known = atlas.hours.opening(code, minute)
    if not has_staff_time(row, atlas):
        return known
    state = _state(known)
    changes_at, next_state = _next(code, atlas, minute, state)
    return known._replace(state=state, reason=_STAFF if state is not known.state else known.reason,
                          changes_at=changes_at, next_state=next_state)


def has_staff_time(row: int, atlas: Atlas) -> bool:
    """Return whether there are hours at which nobody but staff may enter; without any a visitor's hours are the site's own."""
    code = int(atlas.sites.timetables.codes[row])
    return any(slot.mode == STAFF_ONLY for slot in atlas.hours.timetables[code].slots)


def _state(known: Opening) -> State:
    return State.CLOSED if known.mode == STAFF_ONLY else known.state


def _next(code: int, atlas: Atlas, minute: int, state: State) -> tuple[int | None, State | None]:
    """Return the first minute after `minute` in which a visitor's state is another one, within `_DAYS`."""
    midnight = minute - minute % DAY
    at = midnight
    for ahead, spans in enumerate(atlas.hours.week(code, moment_of(midnight).date(), _DAYS)):
        for span in spans:
            start = midnight + ahead * DAY + span.start
            if minute < at < start and state is not State.CLOSED:
                return at, State.CLOSED  # a gap between spans
            then = State.CLOSED if span.mode == STAFF_ONLY else span.state
            if start > minute and then is not state:
                return start, then
            at = start + span.end - span.start
        if minute < at < midnight + (ahead + 1) * DAY and state is not State.CLOSED:
            return at, State.CLOSED
        at = max(at, midnight + (ahead + 1) * DAY)
    return None, None


def mode_on_arrival(near: NearSite, atlas: Atlas, now: datetime) -> str | None:
    """Return who may enter when one gets there: staffed, code, unattended, staff_only; None when not stated, or closed."""
    code = int(atlas.sites.timetables.codes[near.row])
    if near.arrival == State.CLOSED or not atlas.hours.timetables[code].slots:
        return None
    return atlas.hours.opening(code, minute_of(now) + math.floor(near.minutes)).mode


class Arrival(NamedTuple):
    """How far a site is, when one gets there, and what one finds."""

    reach: Reach
    at: datetime
    """At the site's most likely distance."""
    state: str
    """open, closed or unknown: what holds in every minute in which one may arrive"""
    words: str | None
    """What changes on the way there; None when nothing does."""


def arrival(near: NearSite, atlas: Atlas, now: datetime, *, by: str, accuracy_m: float | None) -> Arrival:
    """Return what a visitor who leaves at `now` finds at a site, by the rule of `vagueness`."""
    minute, started = minute_of(now), now.second / 60 + now.microsecond / 6e7
    far = reach(near.distance_m, accuracy_m)
    soonest, latest = (minute + math.floor(travel.minutes(metres, by=by) + started) for metres in far)
    at = moment_of(minute + math.floor(near.minutes + started))
    present, first = opening(near.row, atlas, minute), opening(near.row, atlas, soonest)
    before, then = present.state.code, first.state.code
    if first.changes_at is None or first.changes_at > latest:
        return Arrival(far, at, then, phrases.arrival(before, then))
    last = opening(near.row, atlas, latest).state.code
    return Arrival(far, at, "unknown", phrases.split_arrival(then, last))
