"""The audit log, for the auditor: by who, what and when, a page at a time or as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, url_for

from geodata.cells import escaped
from geodata.registry.audit import ACTIONS, Entry, as_plain
from locator.errors import BadTime, BadValue, Refusal
from locator.permissions import Permission
from locator.typed import BEIJING
from web import auth, current, frame
from web.replies import PRIVATE
from web.signin import page, said

bp = Blueprint("auditing", __name__, url_prefix="/admin/audit")

A_PAGE = 50
COLUMNS = ("id", "at", "who", "action", "object", "area", "outcome")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which entries: what `Audit.entries` takes."""

    who: str
    action: str
    since: datetime | None
    until: datetime | None
    areas: Collection[str] | None

    def entries(self, *, before: int | None = None, limit: int | None = None) -> list[Entry]:
        """Return them, the newest first."""
        return current.registry().audit.entries(who=self.who, action=self.action, since=self.since, until=self.until,
                                                areas=self.areas, before=before, limit=limit)


@bp.get("")
@auth.required(Permission.READ_AUDIT)
def log() -> Response:
    """Show a page of the log."""
    refusals: tuple[Refusal, ...] = ()
    entries: list[Entry] = []
    try:
        before = said("before")
        if before and not (before.isascii() and before.isdigit() and len(before) < 19):
            raise BadValue("before", before, zh="应为编号", en="must be a number")
        entries = _asked().entries(before=int(before) if before else None, limit=A_PAGE + 1)
    except Refusal as refusal:
        refusals = (refusal,)
    pairs = [(name, said(name)) for name in ("who", "action", "since", "until") if said(name)]
    shown = entries[:A_PAGE]
    older = frame.with_query(url_for("auditing.log"), [*pairs, ("before", str(shown[-1].id))]) if len(entries) > A_PAGE else None
    return page("accounts/audit.html", *refusals, entries=shown, older=older, actions=ACTIONS, said=dict(pairs),
                file=frame.with_query(url_for("auditing.file"), pairs))


@bp.get("/file.csv")
@auth.required(Permission.READ_AUDIT)
def file() -> Response:
    """Give the log as a CSV file; that it was taken out is itself an entry, the first of the file."""
    asked = _asked()
    auth.record("export", "audit")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for entry in asked.entries():
        plain = as_plain(entry)
        writer.writerow(escaped(str(plain[name] if plain[name] is not None else ""), spreadsheet=True) for name in COLUMNS)
    headers: dict[str, Any] = {**PRIVATE, "Content-Disposition": 'attachment; filename="audit.csv"'}
    return Response("\ufeff" + text.getvalue(), 200, headers, content_type="text/csv; charset=utf-8")  # a spreadsheet asks for the mark


def _asked() -> Asked:
    """Read the filters; an auditor of a part sees what happened in that part.

    Raises:
        BadValue: If there is no such action.
        BadTime: If a day is not one.
    """
    person = auth.user()
    areas = person.grant.codes(current.atlas().areas) if person else ()
    if said("action") and said("action") not in ACTIONS:
        raise BadValue("action", said("action"), zh=f"应为 {'、'.join(ACTIONS)} 之一", en=f"must be one of {', '.join(ACTIONS)}")
    since, until = _day("since"), _day("until")
    return Asked(said("who").strip().casefold(), said("action"), since, until + timedelta(days=1) if until else None, areas)


def _day(name: str) -> datetime | None:
    text = said(name).strip()
    if not text:
        return None
    try:
        return datetime.combine(date.fromisoformat(text), time(), BEIJING)
    except ValueError:
        raise BadTime(name, text, zh="应为日期，如 2026-03-04", en="must be a day such as 2026-03-04") from None
