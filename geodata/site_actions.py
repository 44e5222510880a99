"""What is done to a site that was accepted once: suspend, close, reinstate, verify. Pure: record in, record out."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from datetime import date

from geodata.registry import Revision
from locator.errors import BadValue
from locator.sites import Site
from locator.words import Words

_MAY: Mapping[str, tuple[tuple[str, ...], Words]] = {
    "suspend": (("active",), Words("只有启用中的站点可以暂停", "only an active site can be suspended")),
    "close": (("draft", "submitted", "planned", "active", "suspended"), Words("这个站点已经撤销", "this site is closed already")),
    "reinstate": (("suspended", "closed"), Words("只有暂停或撤销的站点可以恢复", "only a suspended or closed site can be reinstated")),
    "verify": (("draft", "submitted", "planned", "active", "suspended"), Words("已撤销的站点不再核实", "a closed site is not verified")),
}
ACTIONS = tuple(_MAY)
STOPPED = ("suspended", "closed")


def offered(site: Site) -> tuple[str, ...]:
    """Return the actions that a site's state allows."""
    return tuple(action for action, (statuses, _) in _MAY.items() if site.status in statuses)


def acted(site: Site, action: str, *, who: str, today: date, before: str = "draft", how: str = "visit", next_check_on: date | None = None) -> Site:
    """Return a site after an action.

    Args:
        site: As it is.
        action: One of `ACTIONS`.
        who: Who verifies.
        today: The day of a verification.
        before: What a site that is reinstated was before it was stopped; see `status_before`.
        how: How it was verified, a code of `verified_how`.
        next_check_on: When it is to be verified again; None leaves a day to come as it is, and drops one past.

    Raises:
        BadValue: If its state does not allow it.
    """
    statuses, words = _MAY[action]
    if site.status not in statuses:
        raise BadValue("status", site.status, zh=words.zh, en=words.en)
    if action == "verify":
        if next_check_on is None and site.next_check_on is not None and site.next_check_on > today:
            next_check_on = site.next_check_on
        return dataclasses.replace(site, verified_on=today, verified_by=who, verified_how=how, next_check_on=next_check_on)
    status = {"suspend": "suspended", "close": "closed"}.get(action, before)
    return dataclasses.replace(site, status=status)


def needs_acceptance(before: Site | None, after: Site) -> bool:
    """Return whether a change makes a site active that was not accepted, or was closed: only who may accept sites may do that.

    A site that is only suspended was accepted: whoever may edit it may suspend it and bring it back.
    """
    return after.status == "active" and (before is None or before.status not in ("active", "suspended"))


def status_before(revisions: Iterable[Revision]) -> str:
    """Return the state a site had before it was stopped; draft where its history does not tell."""
    found = "draft"
    for revision in revisions:
        for side in (revision.before, revision.after):
            status = (side or {}).get("status")
            if status is not None and status not in STOPPED:
                found = status
    return found
