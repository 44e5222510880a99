"""Whether a visitor finds a site's door open, now and on arrival, as one says it. What is not certain is said not to be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from math import ceil, floor

from locator.answers import NearSite
from locator.doors import STAFF_ONLY
from locator.hours import Opening, State, moment_of
from locator.words import Words
from web import spoken, visitors
from web.caller import Caller

TIGHT_MIN = 30
"""Whoever arrives with less than this left before it closes is told how much."""
OWN_STAFF = Words("仅限本单位职工", "own staff only")


def state(near: NearSite, caller: Caller) -> list[Words]:
    """Return whether it is open now to a visitor, until when, and what that means for whoever sets out now.

    Nothing where nobody but the host's own staff ever gets in.
    """
    if near.value("eligibility") == STAFF_ONLY:
        return []
    opening = caller.opening(near)
    said = {State.OPEN: _open, State.CLOSED: _closed, State.UNKNOWN: _unknown}[opening.state](near, opening, caller)
    return [words for words in said if words.zh]


def _open(near: NearSite, opening: Opening, caller: Caller) -> Iterator[Words]:
    changes = opening.changes_at
    if changes is None:
        yield Words("现在开放，全天不关门", "open now, round the clock")
        return
    clock, left = spoken.clock(moment_of(changes), caller.now), _left(opening, caller.now)
    if opening.next_state != State.CLOSED:
        yield Words("现在开放", "open now")
        yield Words(f"{clock.zh}以后是否开放未注明", f"from {clock.en} on it is not stated whether it is open")
        return
    soonest, latest = caller.minutes(near)
    slack = floor(left - latest)
    if caller.rough or slack >= 0:
        yield Words("现在开放", "open now")
        yield Words(f"{clock.zh}关门", f"closes {clock.en}")
        if slack <= TIGHT_MIN and not caller.rough:
            least = ("只剩约", "about") if soonest == latest else ("最少还有", "at least")
            yield Words(f"您到时离关门{least[0]} {slack} 分钟", f"you will have {least[1]} {slack} min before it closes")
        return
    yield (Words(f"现在开放，但还有 {left} 分钟关门", f"open now, but it closes in {left} min") if left < 60
           else Words(f"现在开放，但 {clock.zh}关门", f"open now, but it closes {clock.en}"))
    back = caller.arrival(near) == State.OPEN and soonest > left
    if not back:
        yield Words("您到时可能已关门", "it may be closed when you get there")
    again = visitors.opening(near.row, caller.atlas, changes)
    if again.next_state == State.OPEN and again.changes_at is not None:
        clock = spoken.clock(moment_of(again.changes_at), caller.now)
        yield Words(f"{clock.zh}再开门", f"it opens again {clock.en}")
    if back:
        yield Words("您到时已经再开门", "it will have opened again when you get there")


def _closed(near: NearSite, opening: Opening, caller: Caller) -> Iterator[Words]:
    reason = opening.reason
    yield spoken.join(Words("现在没有开放", "closed now"), Words(f"（{reason.zh}）", f" ({reason.en})") if reason else Words("", ""))
    if opening.changes_at is None:
        yield Words("什么时候开放没有登记", "when it opens is not on record")
        return
    clock = spoken.clock(moment_of(opening.changes_at), caller.now)
    if opening.next_state != State.OPEN:
        yield Words(f"{clock.zh}以后是否开放未注明", f"from {clock.en} on it is not stated whether it is open")
        return
    yield Words(f"{clock.zh}开门", f"opens {clock.en}")
    until, (soonest, latest) = _left(opening, caller.now), caller.minutes(near)
    if caller.arrival(near) == State.OPEN and soonest >= until - 1 and not caller.rough:
        yield Words("您到时已经开门", "it will be open when you get there")
    elif latest >= until and not caller.rough:
        yield Words("您到时可能已经开门", "it may be open when you get there")


def _unknown(_near: NearSite, opening: Opening, caller: Caller) -> Iterator[Words]:
    reason = opening.reason
    yield (Words(f"现在是否开放不能确定：{reason.zh}", f"not certain whether it is open now: {reason.en}") if reason
           else Words("现在是否开放不能确定", "not certain whether it is open now"))
    if opening.next_state == State.OPEN and opening.changes_at is not None:
        clock = spoken.clock(moment_of(opening.changes_at), caller.now)
        yield Words(f"{clock.zh}起开放", f"open from {clock.en}")


def until(near: NearSite, caller: Caller) -> list[Words]:
    """Return the state in the few words of a message."""
    if near.value("eligibility") == STAFF_ONLY:
        return [OWN_STAFF]
    opening = caller.opening(near)
    changes = opening.changes_at
    clock = None if changes is None else spoken.clock(moment_of(changes), caller.now)
    if opening.state == State.OPEN and clock is None:
        return [Words("全天开放", "open 24 h")]
    if opening.state == State.OPEN and clock is not None and opening.next_state == State.CLOSED:
        late = Words("", "") if caller.arrival(near) == State.OPEN else Words("，到时可能已关", ", may be closed by then")
        return [spoken.join(Words(f"{clock.zh}关门", f"closes {clock.en}"), late)]
    if opening.state == State.CLOSED and clock is not None and opening.next_state == State.OPEN:
        return [Words(f"{clock.zh}开门", f"opens {clock.en}")]
    return [Words("是否开放请先问", "ask first whether it is open")]


def _left(opening: Opening, now: datetime) -> int:
    """Return the minutes until the state changes, begun ones counted."""
    assert opening.changes_at is not None
    return ceil((moment_of(opening.changes_at) - now).total_seconds() / 60)
