"""Taking a report in: the same one once, and of nobody too many.

==================================================== ============================================
what comes                                           what becomes of it
==================================================== ============================================
the key of one that is there                         that one; nothing is changed but for a photo
what this phone said of this site today, undecided   that one; its rating, note, photo and key are renewed
anything else                                        a new one, within the limits below
==================================================== ============================================
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from geodata.registry.report_rows import OPEN
from geodata.registry.rows import BEIJING, stamp
from locator.errors import TooMany

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from geodata.reporting import NewReport

BURST, BURST_WITHIN = 6, timedelta(minutes=10)
"""Reports of one phone: nobody stands at seven doors in ten minutes."""
A_DAY = 30
"""Reports of one phone on one day."""
OF_A_SITE, OF_A_SITE_WITHIN = 60, timedelta(hours=1)
"""Reports of one site by strangers: the sixty-first says nothing new."""
UNTOLD_OF_A_SITE = 12
"""Those among them of phones that cannot be told apart."""


class Known(NamedTuple):
    """Whom a report is from, as far as that can be told."""

    person: str | None
    """What `day_secrets.person_of` makes of the phone; None where phones cannot be told apart."""
    key: str | None
    """The hash of what makes a retry the same report."""
    filed_by: str | None
    """The account that files it for a caller; such reports are not limited."""


def take_in(connection: Connection, site_id: str, new: NewReport, known: Known, now: datetime) -> tuple[int, bool]:
    """Write a report of a site; return its number, and whether it was there already.

    Raises:
        TooMany: If this phone, or all phones of this site, have reported too often.
    """
    from sqlalchemy import insert

    from geodata.registry.schema import reports

    day = now.astimezone(BEIJING).date()
    number = _same(connection, site_id, new, known, day)
    if number is not None:
        _say_again(connection, number, new, known.key)
        return number, True
    if known.filed_by is None:
        _check_limits(connection, site_id, known.person, now, day)
    made = connection.execute(insert(reports).values(
        site_id=site_id, type=new.type, facility=new.facility, rating=new.rating, note=new.note, at=stamp(new.at), came=stamp(now),
        day=day.isoformat(), state=OPEN, **known._asdict()))
    return int(made.inserted_primary_key[0]), False  # type: ignore[index]


def _same(connection: Connection, site_id: str, new: NewReport, known: Known, day: date) -> int | None:
    """Return the report that this one is once more."""
    from sqlalchemy import select

    from geodata.registry.schema import reports

    ways = []
    if known.key is not None:
        ways.append(reports.c.key == known.key)
    if known.person is not None:
        ways.append((reports.c.person == known.person) & (reports.c.day == day.isoformat()) & (reports.c.site_id == site_id)
                    & (reports.c.type == new.type) & reports.c.facility.is_not_distinct_from(new.facility) & (reports.c.state == OPEN))
    for way in ways:
        number = connection.scalar(select(reports.c.id).where(way))
        if number is not None:
            return int(number)
    return None


def _say_again(connection: Connection, number: int, new: NewReport, key: str | None) -> None:
    from sqlalchemy import select, update

    from geodata.registry.schema import reports

    was = connection.execute(select(reports.c.key, reports.c.note).where(reports.c.id == number)).one()
    if key is not None and was.key == key:
        return  # sent again after an answer was lost
    said: dict[str, Any] = {"key": key or was.key, "note": new.note or was.note}
    if new.rating is not None:
        said |= {"rating": new.rating, "at": stamp(new.at)}
    connection.execute(update(reports).where(reports.c.id == number).values(**said))


def _check_limits(connection: Connection, site_id: str, person: str | None, now: datetime, day: date) -> None:
    from sqlalchemy import func, select

    from geodata.registry.schema import reports

    def many(*conditions: Any) -> int:
        return connection.scalar(select(func.count()).select_from(reports).where(*conditions)) or 0

    lately = reports.c.came >= stamp(now - OF_A_SITE_WITHIN)
    of_site = (reports.c.site_id == site_id) & lately & reports.c.filed_by.is_(None)
    if person is not None:
        mine = (reports.c.person == person) & (reports.c.day == day.isoformat())
        if many(mine, reports.c.came >= stamp(now - BURST_WITHIN)) >= BURST:
            raise _too_many("token", int(BURST_WITHIN.total_seconds()), "这部手机刚才反馈得太多", "this phone has reported a lot just now")
        if many(mine) >= A_DAY:
            raise _too_many("token", 3600, "这部手机今天反馈得太多", "this phone has reported a lot today")
    elif many(of_site, reports.c.person.is_(None)) >= UNTOLD_OF_A_SITE:
        raise _too_many("site_id", 600, "这个站点刚收到很多反馈", "this place has been reported a lot just now")
    if many(of_site) >= OF_A_SITE:
        raise _too_many("site_id", 600, "这个站点刚收到很多反馈", "this place has been reported a lot just now")


def _too_many(field: str, wait_s: int, zh: str, en: str) -> TooMany:
    return TooMany(field, None, zh=f"{zh}，请过 {wait_s // 60} 分钟再试", en=f"{en}; try again in {wait_s // 60} minutes", wait_s=wait_s)
