"""Photos that came with reports: kept, shown, deleted.

They are in the database and not files beside it: a photo comes and goes in the same transaction as its
report, whoever is killed in the middle, and a backup, a restore and a server's database have it without
a word. Nothing that is asked of sites reads their table.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select

from geodata.registry.database import Database
from geodata.registry.report_rows import OPEN
from geodata.registry.rows import stamp
from geodata.registry.schema import report_photos, reports
from locator.errors import BadValue, NotThere

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

    from geodata.photos import Photo

OF_A_SITE, OF_A_SITE_WITHIN = 12, timedelta(hours=1)
"""Photos of one site by strangers."""
MOST_KEPT = 4_000
"""Photos at a time: 2.4 GB at the very most, some 1 GB of usual ones. Rejecting the reports of a flood makes room."""


def keep(connection: Connection, number: int, photo: Photo, *, of_site: str | None, now: datetime) -> None:
    """Keep the photo of a report, in the place of an earlier one; one that is decided takes no other.

    Args:
        connection: What the report is written with.
        number: Which report.
        photo: What is kept.
        of_site: The site, of a stranger's; None is not limited by it.
        now: The present.

    Raises:
        BadValue: If there are too many: no waiting is asked for, without its photo the report is taken.
    """
    if connection.scalar(select(reports.c.state).where(reports.c.id == number)) != OPEN:
        return
    drop(connection, report_photos.c.report_id == number)
    kept = select(func.count()).select_from(report_photos)
    if (connection.scalar(kept) or 0) >= MOST_KEPT:
        raise _too_many("现在存不下更多照片", "no more photos can be kept just now")
    if of_site is not None:
        lately = kept.join(reports).where(reports.c.site_id == of_site, reports.c.came >= stamp(now - OF_A_SITE_WITHIN), reports.c.filed_by.is_(None))
        if (connection.scalar(lately) or 0) >= OF_A_SITE:
            raise _too_many("这个站点刚收到很多照片", "this place has been photographed a lot just now")
    connection.execute(insert(report_photos).values(report_id=number, small=photo.small, jpeg=photo.jpeg))


def drop_of(connection: Connection, which: ColumnElement[bool]) -> int:
    """Delete the photos of some reports; return how many. `Database.settle` after it is committed."""
    return drop(connection, report_photos.c.report_id.in_(select(reports.c.id).where(which)))


def drop(connection: Connection, which: ColumnElement[bool]) -> int:
    """Delete some photos; return how many."""
    return connection.execute(delete(report_photos).where(which)).rowcount


def held() -> ColumnElement[bool]:
    """Return whether a report has a photo."""
    return reports.c.id.in_(select(report_photos.c.report_id))


def of(database: Database, number: int, *, small: bool = False) -> bytes:
    """Return the photo of a report, a JPEG; `small`: as it is shown in a list.

    Raises:
        NotThere: If it has none, or no more.
    """
    with database.reading() as reading:
        row = reading.one(f"SELECT {'small' if small else 'jpeg'} FROM report_photos WHERE report_id = ?", number)  # noqa: S608 - our own names
    if row is None:
        raise _none(number)
    return bytes(row[0])


def delete_of(database: Database, number: int) -> None:
    """Delete the photo of a report, which stays.

    Raises:
        NotThere: If it has none, or no more.
        Unavailable: If it cannot be written just now.
    """
    with database.writing(alone=False) as connection:
        if not drop(connection, report_photos.c.report_id == number):
            raise _none(number)
    database.settle(patience_ms=1000)


def _none(number: int) -> NotThere:
    return NotThere("photo", number, zh="这条反馈没有照片，或已删除", en="this report has no photo, or no more")


def _too_many(zh: str, en: str) -> BadValue:
    return BadValue("photo", None, zh=f"{zh}，请不附照片再发", en=f"{en}: send it without")
