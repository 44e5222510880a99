"""What happened to a site: revisions, and the record that they add up to.

A revision keeps what a commit changed: the differing fields before and after. Where there was no
record before (created, reinstated) or is none after (removed), that side is None and the other is
the whole record. So the revisions of a site, laid one over another, are the site at any version.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

CREATED, CHANGED, REMOVED, REINSTATED = "create", "change", "remove", "reinstate"
REDACTED = "redact"
"""A field was taken out of the history; this revision itself changes nothing."""
MARK = "[已隐去 redacted]"
"""What stands where a personal field was taken out."""


@dataclass(frozen=True, slots=True)
class Revision:
    """One change of one site; `before` and `after` hold plain JSON values by field."""

    version: int
    site_id: str
    at: datetime
    who: str
    why: str
    action: str
    """create, change, remove, reinstate or redact"""
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


def laid_over(record: Mapping[str, Any] | None, before: Mapping[str, Any] | None,
              after: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return the whole record after a revision; None where there is none."""
    if after is None:
        return None
    changed = dict(after) if before is None or record is None else {**record, **after}
    return {name: value for name, value in changed.items() if value not in (None, [], {})}


def fits(record: Mapping[str, Any] | None, before: Mapping[str, Any] | None) -> bool:
    """Return whether a revision starts from the record that the earlier ones left."""
    if record is None or before is None:
        return record is None and before is None
    return all(record.get(name) == (None if value in ([], {}) else value) for name, value in before.items())


def added_up(revisions: Iterable[Revision]) -> dict[str, Any] | None:
    """Return the whole record that revisions, oldest first, leave."""
    record: dict[str, Any] | None = None
    for revision in revisions:
        record = laid_over(record, revision.before, revision.after)
    return record
