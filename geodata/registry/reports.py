"""What workers report of sites: filed once, taken back within minutes, decided by administrators, forgotten in time.

Kept beside the sites and apart from their history: a report changes no record. Texts and photos are for
the administrators of the site's area alone, and are emptied after `KEPT`; see `report_photos`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from geodata.registry import day_secrets, secrets
from geodata.registry.database import Database
from geodata.registry.report_filing import Known, take_in
from geodata.registry.report_rows import COLUMNS, CONFIRMED, DECISIONS, EXPIRED, OPEN, REJECTED, Report
from geodata.registry.rows import BEIJING, stamp
from locator.errors import BadValue, NotThere
from locator.quality import COUNTS_DAYS, Told

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from geodata.reporting import NewReport

KEPT = timedelta(days=180)
"""After this nothing of a report is left but what it was about, when, what was decided and by whom."""
TAKE_BACK_WITHIN = timedelta(minutes=10)
LONGEST_WHY = 500


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of a report that came in."""

    report: Report
    repeated: bool
    """It was there already: the same one sent again, or the same said by the same phone today."""


class Reports:
    """The reports of one registry. Safe to use from several threads and processes."""

    def __init__(self, database: Database, home: Path) -> None:
        """Keep them in a registry's database; the secret of the day in its home."""
        self._database = database
        self._home = home

    # --- reading ------------------------------------------------------------------------------------

    def newest(self) -> tuple[int, str | None]:
        """Return how often something that counts has changed, and when last: (0, None) at first."""
        with self._database.reading() as reading:
            row = reading.one("SELECT version, at FROM report_changes WHERE id = 1")
        return (0, None) if row is None else (int(row[0]), str(row[1]))

    def counted(self, now: datetime) -> dict[str, tuple[Told, ...]]:
        """Return by site what may count today: reports that are confirmed, or undecided and young enough."""
        since = stamp(now - timedelta(days=max(COUNTS_DAYS.values()) + 1))
        found: dict[str, list[Told]] = {}
        for report in self._read("r.state = ? OR (r.state = ? AND r.at >= ?)", CONFIRMED, OPEN, since, order="r.id"):
            found.setdefault(report.site_id, []).append(report.told)
        return {site_id: tuple(told) for site_id, told in found.items()}

    def find(self, number: int) -> Report:
        """Return one report.

        Raises:
            NotThere: If there is none of this number.
        """
        found = self._read("r.id = ?", number)
        if not found:
            raise _no_report(number)
        return found[0]

    def photo(self, number: int, *, small: bool = False) -> bytes:
        """Return the photo of a report: see `report_photos.of`."""
        from geodata.registry import report_photos

        return report_photos.of(self._database, number, small=small)

    def entries(self, *, states: Iterable[str] = (), types: Iterable[str] = (), site_id: str = "", before: int | None = None,
                limit: int | None = None) -> list[Report]:
        """Return reports, the newest first.

        Args:
            states: In any of these states; none: in all.
            types: Of any of these types; none: of all.
            site_id: Of one site; blank: of all.
            before: Older than the report of this number: the next page.
            limit: At most so many.
        """
        conditions: list[str] = ["1 = 1"]
        values: list[object] = []
        for column, wanted in (("r.state", tuple(states)), ("r.type", tuple(types)), ("r.site_id", (site_id,) if site_id else ())):
            if wanted:
                conditions.append(f"{column} IN ({', '.join('?' * len(wanted))})")
                values += wanted
        if before is not None:
            conditions.append("r.id < ?")
            values.append(before)
        return self._read(" AND ".join(conditions), *values, limit=limit)

    def _read(self, where: str, *values: object, order: str = "r.id DESC", limit: int | None = None) -> list[Report]:
        sql = f"SELECT {COLUMNS} FROM reports r WHERE {where} ORDER BY {order}"  # noqa: S608 - our own names
        with self._database.reading() as reading:
            return [Report.of(row) for row in reading.rows(sql + (f" LIMIT {int(limit)}" if limit is not None else ""), *values)]

    # --- filing -------------------------------------------------------------------------------------

    def file(self, site_id: str, new: NewReport, *, now: datetime, filed_by: str | None = None) -> Filed:
        """Keep a report.

        One that was sent before (its key), or that says what this phone said of this site today, is not a
        second one; a rating, and a photo, takes the place of the phone's earlier one.

        Args:
            site_id: Which site.
            new: What `geodata.reporting.read` made.
            now: When it comes in.
            filed_by: The account that files it for a caller; such reports are not limited.

        Raises:
            TooMany: If this phone, or all phones of this site, have reported too often.
            BadValue: If there are too many photos; `field` is ``photo``, and without it the report would be taken.
            Unavailable: If it cannot be written just now.
        """
        from geodata.registry import report_photos

        person = None if filed_by or new.token is None else day_secrets.person_of(self._home, new.token, now.astimezone(BEIJING).date())
        known = Known(person, secrets.digest(new.key) if new.key else None, filed_by)
        with self._database.writing(alone=False) as connection:
            number, repeated = take_in(connection, site_id, new, known, now)
            if new.photo is not None:
                report_photos.keep(connection, number, new.photo, of_site=site_id if filed_by is None else None, now=now)
            _changed(connection, now)
        return Filed(self.find(number), repeated)

    def delete_photo(self, number: int) -> None:
        """Delete the photo of a report: see `report_photos.delete_of`."""
        from geodata.registry import report_photos

        report_photos.delete_of(self._database, number)

    def take_back(self, site_id: str, key: str, *, now: datetime) -> None:
        """Delete a report of a site as if it had never been made, by the key it came with.

        Raises:
            NotThere: If there is none, it is decided, or more than `TAKE_BACK_WITHIN` old.
        """
        from sqlalchemy import delete

        from geodata.registry import report_photos
        from geodata.registry.schema import reports

        mine = (reports.c.key == secrets.digest(key)) & (reports.c.site_id == site_id) & (reports.c.state == OPEN)
        mine &= reports.c.came >= stamp(now - TAKE_BACK_WITHIN)
        with self._database.writing(alone=False) as connection:
            photos = report_photos.drop_of(connection, mine)
            if not connection.execute(delete(reports).where(mine)).rowcount:
                minutes = int(TAKE_BACK_WITHIN.total_seconds() // 60)
                raise NotThere("key", None, zh=f"没有可撤回的反馈：{minutes} 分钟内、还没处理的才能撤回",
                               en=f"there is nothing to take back: only within {minutes} minutes, and before it is decided")
            _changed(connection, now)
        if photos:
            self._database.settle(patience_ms=1000)

    # --- deciding -----------------------------------------------------------------------------------

    def decide(self, numbers: Iterable[int], decision: str, *, who: str, why: str, now: datetime) -> list[Report]:
        """Confirm or reject reports, all of them or none; return them as they are now. A decision may be changed by another.

        What is rejected loses its photo for good.

        Raises:
            NotThere: If there is no such report, or it has expired.
            BadValue: If a rejection says no reason, or the reason is too long.
        """
        from sqlalchemy import select, update

        from geodata.registry import report_photos
        from geodata.registry.schema import reports

        why = " ".join(why.split())
        if decision not in DECISIONS:
            raise BadValue("decision", decision, zh=f"应为 {'、'.join(DECISIONS)} 之一", en=f"must be one of {', '.join(DECISIONS)}")
        if decision == REJECTED and not why:
            raise BadValue("reason", None, zh="请写明不采纳的原因", en="needs the reason for rejecting")
        if len(why) > LONGEST_WHY:
            raise BadValue("reason", why, zh=f"最多 {LONGEST_WHY} 个字", en=f"at most {LONGEST_WHY} characters")
        wanted, photos = tuple(dict.fromkeys(numbers)), 0
        with self._database.writing(alone=False) as connection:
            for number in wanted:
                state = connection.scalar(select(reports.c.state).where(reports.c.id == number))
                if state in (None, EXPIRED):
                    raise _no_report(number)
                if state != decision:  # sent twice, it is decided once
                    connection.execute(update(reports).where(reports.c.id == number).values(
                        state=decision, decided_at=stamp(now), decided_by=who, why=why or None))
                if decision == REJECTED:
                    photos += report_photos.drop_of(connection, reports.c.id == number)
            _changed(connection, now)
        if photos:
            self._database.settle(patience_ms=1000)
        return [self.find(number) for number in wanted]

    # --- forgetting ---------------------------------------------------------------------------------

    def prune(self, *, now: datetime, patience_ms: int = 10_000) -> int:
        """Empty the texts and hashes of reports older than `KEPT`, delete their photos, and end undecided ones; return how many.

        They are then in no freed page of SQLite's file, nor in the log beside it, unless others keep that busy.

        The secrets of days past go too. `patience_ms` is how long another writer is waited for.

        Raises:
            Unavailable: If it cannot be written just now.
        """
        from sqlalchemy import update

        from geodata.registry import report_photos
        from geodata.registry.schema import reports

        day_secrets.forget(self._home, now.astimezone(BEIJING).date())
        before = stamp(now - KEPT)
        with self._database.reading() as reading:  # nobody is kept from writing while there is nothing to do
            if reading.one("SELECT 1 FROM reports r WHERE came < ? AND (state = ? OR note IS NOT NULL OR why IS NOT NULL OR person IS NOT NULL "
                           "OR key IS NOT NULL OR EXISTS (SELECT 1 FROM report_photos p WHERE p.report_id = r.id))", before, OPEN) is None:
                return 0
        with self._database.writing(alone=False, patience_ms=patience_ms) as connection:
            old, left = reports.c.came < before, ("note", "why", "person", "key")
            held = (reports.c.state == OPEN) | report_photos.held()
            for name in left:
                held |= reports.c[name].is_not(None)
            gone = connection.execute(update(reports).where(old & held).values(dict.fromkeys(left))).rowcount
            connection.execute(update(reports).where(old & (reports.c.state == OPEN)).values(state=EXPIRED))
            report_photos.drop_of(connection, old)
            _changed(connection, now)
        self._database.settle(patience_ms=patience_ms)
        return gone


def _changed(connection: Connection, now: datetime) -> None:
    """Let every process know that something has changed."""
    from sqlalchemy import insert, update

    from geodata.registry.schema import report_changes

    column = report_changes.c
    if not connection.execute(update(report_changes).where(column.id == 1).values(version=column.version + 1, at=stamp(now))).rowcount:
        connection.execute(insert(report_changes).values(id=1, version=1, at=stamp(now)))


def _no_report(number: int) -> NotThere:
    return NotThere("id", number, zh="没有这条反馈，或已过期", en="there is no such report, or it has expired")
