"""A report as the registry holds it, and as administrators see it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from geodata.registry.rows import BEIJING, instant
from locator.quality import TYPES, Told

OPEN, CONFIRMED, REJECTED, EXPIRED = STATES = ("open", "confirmed", "rejected", "expired")
DECISIONS = (CONFIRMED, REJECTED)

COLUMNS = ("r.id, r.site_id, r.type, r.facility, r.rating, r.note, r.at, r.came, r.person, r.filed_by, r.state, r.decided_at, "
            "r.decided_by, r.why, EXISTS (SELECT 1 FROM report_photos p WHERE p.report_id = r.id)")
"""Of a table called r, in the order that `Report.of` takes."""


@dataclass(frozen=True, slots=True)
class Report:
    """One report as administrators see it."""

    id: int
    site_id: str
    type: str
    facility: str | None
    rating: int | None
    note: str | None
    at: datetime
    """When it was so."""
    came: datetime
    person: str
    """The same for the reports of one phone on one day; empty where phones cannot be told apart."""
    filed_by: str | None
    """The account that filed it for a caller."""
    state: str
    """One of `STATES`."""
    decided_at: datetime | None
    decided_by: str | None
    why: str | None
    has_photo: bool

    @classmethod
    def of(cls, row: Sequence[Any]) -> Report:
        """Return the report of a row of `COLUMNS`."""
        number, site_id, kind, facility, rating, note, at, came, person, filed_by, state, decided_at, decided_by, why, photo = row
        # callers of the hotline are different people, though one account files for them all
        told_apart = f"#{number}" if filed_by else person or ""
        return cls(number, site_id, kind, facility, rating, note, instant(at), instant(came), told_apart, filed_by, state,
                   instant(decided_at) if decided_at else None, decided_by, why, bool(photo))

    @property
    def told(self) -> Told:
        """It as the rule of `quality` sees it."""
        return Told(self.type, self.at, self.came.astimezone(BEIJING).date(), self.person, self.facility, self.rating,
                    self.decided_at if self.state == CONFIRMED else None)


def by_type(reports: Iterable[Report]) -> Mapping[tuple[str, str | None], list[Report]]:
    """Return reports by what they say, in the order of `quality.TYPES`."""
    found: dict[tuple[str, str | None], list[Report]] = {}
    for report in reports:
        found.setdefault((report.type, report.facility), []).append(report)
    return dict(sorted(found.items(), key=lambda item: (TYPES.index(item[0][0]), item[0][1] or "")))
