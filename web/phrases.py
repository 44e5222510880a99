"""Distances, times and states as people say them, in the reader's language."""

from __future__ import annotations

from datetime import datetime, timedelta

from locator import travel
from locator.hours import Opening, State, moment_of
from web.i18n import gettext, language

SOON_MIN = 60
"""A change nearer than this is told in minutes."""
_FARTHEST_MIN = 300
"""Nobody walks farther than five hours for a rest: such times are not told."""


def distance(metres: float) -> str:
    """Return metres to the nearest ten, kilometres above a thousand."""
    if metres < 10:
        return gettext("under 10 m")
    if metres < 995:
        return gettext("{n} m").format(n=round(metres, -1).__trunc__())
    kilometres = metres / 1000
    return gettext("{n} km").format(n=f"{kilometres:.1f}" if kilometres < 100 else f"{kilometres:,.0f}")


def duration(minutes: float) -> str:
    """Return minutes rounded up, as hours and minutes from an hour on."""
    whole = max(1, -int(-minutes // 1))
    if whole < 60:
        return gettext("{n} min").format(n=whole)
    return gettext("{h} h {m} min").format(h=whole // 60, m=whole % 60)


def way(metres: float, by: str) -> str | None:
    """Return how long a straight distance takes on foot or by e-bike; None where nobody would."""
    minutes = travel.minutes(metres, by=by)
    if minutes > _FARTHEST_MIN:
        return None
    words = gettext("about {time} on foot") if by == "walk" else gettext("about {time} by e-bike")
    return words.format(time=duration(minutes))


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


def day(moment: datetime) -> str:
    """Return a day without its year."""
    if language().startswith("zh"):
        return f"{moment.month}月{moment.day}日"
    return f"{moment.day} {moment:%b}"


def weekday(number: int) -> str:
    """Return the short name of a weekday, 0 is Monday."""
    return (gettext("Mon"), gettext("Tue"), gettext("Wed"), gettext("Thu"), gettext("Fri"), gettext("Sat"), gettext("Sun"))[number]


def state(opening: Opening, now: datetime) -> str:
    """Return what is known of a site's door now and next, in one short sentence."""
    changes = None if opening.changes_at is None else moment_of(opening.changes_at)
    left = None if changes is None else -int(-(changes - now) / timedelta(minutes=1) // 1)
    if opening.state == State.OPEN:
        if changes is None or left is None:
            return gettext("Open round the clock")
        if left <= SOON_MIN and opening.next_state == State.CLOSED:
            return gettext("Open, closes in {n} min").format(n=left)
        return gettext("Open until {time}").format(time=clock(changes, now))
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


def arrival(now: str, then: str) -> str | None:
    """Return what changes on the way there; None when nothing does."""
    if now == then:
        return None
    return {("open", "closed"): gettext("Closes before you get there"),
            ("closed", "open"): gettext("Open by the time you get there"),
            ("unknown", "open"): gettext("Open by the time you get there"),
            ("unknown", "closed"): gettext("Closed by the time you get there")}.get(
                (now, then), gettext("Not known whether open when you get there"))


def minute_of_day(minute: int) -> str:
    """Return minutes since midnight as 08:30; 1440 is 24:00, and later ones are the next morning's."""
    if minute > 1440:
        return gettext("{time} next day").format(time=f"{minute // 60 - 24:02d}:{minute % 60:02d}")
    return f"{minute // 60:02d}:{minute % 60:02d}"
