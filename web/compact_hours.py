"""The hours of an offline copy: every distinct timetable evaluated for some days, a part of its own, new at midnight."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import orjson

from locator.hours import Hours, Span, State
from web.compact import known_as

_DAY = 1440
_EPOCH = date(1970, 1, 1).toordinal()


def timelines(hours: Hours, codes: list[int], first: date, days: int) -> bytes:
    """Return timetables evaluated minute by minute, as JSON.

    ``first`` is days since 1970-01-01 and ``days`` how many are told. ``reasons`` are [Chinese, English], ``modes`` codes;
    0 is none of either in what follows. ``kinds`` are kinds of day: [minute, state, reason, mode] of each stretch from midnight
    on, flat. ``weeks`` are rows of ``days`` kinds. ``timetables`` maps the hex of `known_as` to [week, changes, state]: when,
    in minutes since 1970-01-01 on Beijing's clock, the state at the end of the last day changes next, and to what; null
    where it does not within 400 days. ``probable`` maps those whose hours were only inferred to the week they would have
    had somebody stated them. Past the end nothing is known: a state is not carried on.
    """
    start = (first.toordinal() - _EPOCH) * _DAY
    end = start + days * _DAY
    reasons: dict[Any, int] = {None: 0}
    modes: dict[Any, int] = {None: 0}
    kinds: dict[tuple[int, ...], int] = {}
    weeks: dict[tuple[int, ...], int] = {}
    told: dict[str, tuple[int, int | None, int | None]] = {}
    probable: dict[str, int] = {}
    for code in codes:
        stretches = hours.stretches(code, start, end)
        by_day: list[list[int]] = [[] for _ in range(days)]
        for at, (since, opening) in enumerate(stretches):
            said = [int(opening.state), reasons.setdefault(opening.reason, len(reasons)), modes.setdefault(opening.mode, len(modes))]
            until = stretches[at + 1][0] if at + 1 < len(stretches) else end
            for day in range((since - start) // _DAY, (until - 1 - start) // _DAY + 1):
                by_day[day] += [max(since - start - day * _DAY, 0), *said]
        week = tuple(kinds.setdefault(tuple(day), len(kinds)) for day in by_day)
        last = hours.opening(code, end - 1)
        told[known_as(hours.timetables[code]).hex()] = (
            weeks.setdefault(week, len(weeks)), last.changes_at, None if last.next_state is None else int(last.next_state))
        if hours.timetables[code].inferred:
            drawn = [_flat(spans, modes) for spans in hours.week(code, first, days, probable=True)]
            likely = tuple(kinds.setdefault(day, len(kinds)) for day in drawn)
            probable[known_as(hours.timetables[code]).hex()] = weeks.setdefault(likely, len(weeks))
    return orjson.dumps({
        "first": start // _DAY, "days": days, "reasons": [[w.zh, w.en] if w else None for w in reasons], "modes": list(modes),
        "kinds": list(kinds), "weeks": list(weeks), "timetables": dict(sorted(told.items())), "probable": dict(sorted(probable.items()))})


def _flat(spans: Sequence[Span], modes: dict[Any, int]) -> tuple[int, ...]:
    """Return a day's spans as a kind of day without reasons: what lies between them is closed."""
    flat: list[int] = []
    at = 0
    for span in spans:
        if span.start > at:
            flat += [at, int(State.CLOSED), 0, 0]
        flat += [span.start, int(span.state), 0, modes.setdefault(span.mode, len(modes))]
        at = span.end
    return (*flat, *([at, int(State.CLOSED), 0, 0] if at < _DAY else []))
