"""Distances, times and states as people say them, in the reader's language."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from locator import travel
from locator.hours import Opening, State, moment_of
from web.i18n import gettext, language

SOON_MIN = 60
"""A change nearer than this is told in minutes."""
_LONGEST_BREAK = timedelta(hours=4)
FARTHEST_MIN = 300
"""Nobody walks farther than five hours for a rest: such times are not told."""


def distance(metres: float) -> str:
    """Return metres to the nearest ten, kilometres above a thousand."""
    if metres < 10:
        return gettext("under 10 m")
    if metres < 995:
        return gettext("{n} m").format(n=round(metres, -1).__trunc__())
    kilometres = metres / 1000
    return gettext("{n} km").format(n=_tenths(kilometres) if kilometres < 100 else f"{kilometres:,.0f}")


def between(near_m: float, far_m: float) -> str:
    """Return a distance that is only known to lie between two: rounded outwards, so that it stays true."""
    step = 10 if far_m <= 100 else 50 if far_m <= 950 else 100
    near, far = int(near_m // step) * step, -int(-far_m // step) * step
    if far < 1000:
        words = gettext("about {near}–{far} m") if near else gettext("within {far} m")
        return words.format(near=near, far=far)
    words = gettext("about {near}–{far} km") if near else gettext("within {far} km")
    return words.format(near=_tenths(near / 1000), far=_tenths(far / 1000))


def _tenths(kilometres: float) -> str:
    return f"{kilometres:.1f}".removesuffix(".0")


def duration(minutes: float) -> str:
    """Return minutes rounded up, as hours and minutes from an hour on."""
    whole = max(1, -int(-minutes // 1))
    if whole < 60:
        return gettext("{n} min").format(n=whole)
    return gettext("{h} h {m} min").format(h=whole // 60, m=whole % 60)


def way(metres: float, by: str, far_m: float | None = None) -> str | None:
    """Return how long a straight distance takes on foot or by e-bike; None where nobody would.

    With `far_m`, the distance is only known to lie between the two, and so is the time.
    """
    minutes = travel.minutes(metres if far_m is None else far_m, by=by)
    if minutes > FARTHEST_MIN:
        return None
    time = duration(minutes)
    if far_m is not None:
        soonest = max(1, int(travel.minutes(metres, by=by)))
        time = f"{soonest}–{time}" if minutes < 59 else f"{duration(soonest)}–{time}"
    words = gettext("about {time} on foot") if by == "walk" else gettext("about {time} by e-bike")
    return words.format(time=time)


def clock(moment: datetime, now: datetime) -> str:
    """Return an instant as one says it today: 22:00, tomorrow 08:30, Mon 09:00, 8 Oct 09:00."""
    moment = moment.astimezone(now.tzinfo)
    time, days = f"{moment:%H:%M}", (moment.date() - now.date()).days
    if days == 0:
        return time
    if days == 1:
        return gettext("tomorrow {time}").format(time=time)
    if 1 < days < 7:
        return gettext("{weekday} {time}").format(weekday=weekday(moment.weekday()), time=time)
    return gettext("{date} {time}").format(date=day(moment), time=time)


def day(moment: date) -> str:
    """Return a day without its year."""
    if language().startswith("zh"):
        return f"{moment.month}月{moment.day}日"
    return f"{moment.day} {moment:%b}"


def weekday(number: int) -> str:
    """Return the short name of a weekday, 0 is Monday."""
    return (gettext("Mon"), gettext("Tue"), gettext("Wed"), gettext("Thu"), gettext("Fri"), gettext("Sat"), gettext("Sun"))[number]


def state(opening: Opening, now: datetime, *, back: Opening | None = None) -> str:
    """Return what is known of a site's door now and next, in one short sentence.

    Args:
        opening: At `now`.
        now: The instant told about.
        back: What it is from its next change on; a closure that is short enough to wait for is told as a break.
    """
    changes = None if opening.changes_at is None else moment_of(opening.changes_at)
    left = None if changes is None else -int(-(changes - now) / timedelta(minutes=1) // 1)
    if opening.state == State.OPEN:
        if changes is None or left is None:
            return gettext("Open round the clock")
        again = _again(back, changes, now) if opening.next_state == State.CLOSED else None
        if left <= SOON_MIN and opening.next_state == State.CLOSED:
            words = gettext("Open, closes in {n} min, again from {time}") if again else gettext("Open, closes in {n} min")
            return words.format(n=left, time=again)
        if again:
            return gettext("Open, break {times}").format(times=f"{clock(changes, now)}–{again}")
        return _tight(gettext("Open until {time}").format(time=clock(changes, now)))
    if opening.state == State.CLOSED:
        if changes is None or left is None:
            return gettext("Closed")
        if opening.next_state != State.OPEN:
            return gettext("Closed until {time}, then not stated").format(time=clock(changes, now))
        if left <= SOON_MIN:
            return gettext("Closed, opens in {n} min").format(n=left)
        return gettext("Closed, opens {time}").format(time=clock(changes, now))
    if opening.next_state == State.OPEN and changes is not None:
        return gettext("Not known whether open now; open from {time}").format(time=clock(changes, now))
    return gettext("Not known whether open now")


def _tight(words: str) -> str:
    """Return words without spaces between two Chinese characters: what is filled in may begin with a digit or with one."""
    return re.sub("(?<=[一-鿿]) (?=[一-鿿])", "", words)


def _again(back: Opening | None, closes: datetime, now: datetime) -> str | None:
    """Return when a break ends: one of at most `_LONGEST_BREAK`, on the day it begins."""
    if back is None or back.next_state != State.OPEN or back.changes_at is None:
        return None
    opens = moment_of(back.changes_at)
    return clock(opens, now) if opens - closes <= _LONGEST_BREAK and opens.date() == closes.date() else None


def uncertain(reason: str, opening: Opening, now: datetime) -> str:
    """Return why a site's state is not known, and from when it is open where that is."""
    said = reason[:1].upper() + reason[1:]
    if opening.next_state == State.OPEN and opening.changes_at is not None:
        return gettext("{reason}; open from {time}").format(reason=said, time=clock(moment_of(opening.changes_at), now))
    return said


def arrival(now: str, then: str) -> str | None:
    """Return what changes on the way there; None when nothing does."""
    if now == then:
        return None
    return {("open", "closed"): gettext("Closes before you get there"),
            ("closed", "open"): gettext("Open by the time you get there"),
            ("unknown", "open"): gettext("Open by the time you get there"),
            ("unknown", "closed"): gettext("Closed by the time you get there")}.get(
                (now, then), gettext("Not known whether open when you get there"))


def split_arrival(soonest: str, latest: str) -> str:
    """Return what to say where a vague position lets one arrive in two states."""
    return {("open", "closed"): gettext("May close before you get there"),
            ("closed", "open"): gettext("May not be open yet when you get there")}.get(
                (soonest, latest), gettext("Not known whether open when you get there"))


def minute_of_day(minute: int) -> str:
    """Return minutes since midnight as 08:30; 1440 is 24:00, and later ones are the next morning's."""
    if minute > 1440:
        return gettext("{time} next day").format(time=f"{minute // 60 - 24:02d}:{minute % 60:02d}")
    return f"{minute // 60:02d}:{minute % 60:02d}"
