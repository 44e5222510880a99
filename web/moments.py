"""Another time to ask about: now, tonight, tomorrow morning, or one of one's own."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import NamedTuple

from web import phrases
from web.asked import Asked
from web.i18n import gettext

TONIGHT, MORNING = time(22, 30), time(8, 0)
"""When a late shift ends, and when a working day begins."""


class Offered(NamedTuple):
    """One time the page offers."""

    words: str
    address: str
    chosen: bool


def offered(asked: Asked, now: datetime) -> tuple[Offered, ...]:
    """Return the times that one tap asks about; tonight's is left out once it is past."""
    said = asked.value("at")
    found = [Offered(gettext("Now"), asked.address("at"), not said)]
    moments = [now.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0) + timedelta(days=days)
               for at, days in ((TONIGHT, 0), (MORNING, 1))]
    for moment in moments:
        if moment > now:
            text = f"{moment:%Y-%m-%dT%H:%M}"
            name = gettext("Tonight {time}").format(time=f"{moment:%H:%M}") if moment.date() == now.date() else phrases.clock(moment, now)
            found.append(Offered(name, asked.address("at", also=[("at", text)]), said == text))
    return tuple(found)
