"""Reports for the administrators of an area: which they may see, and what they decide of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from geodata.registry.report_rows import CONFIRMED, OPEN, Report
from locator import permissions
from locator.errors import NotThere
from locator.permissions import Permission
from web import auth, current, overview

_READ_AT_ONCE = 500


class Place(NamedTuple):
    """Where in the queue a page begins."""

    before: int | None
    """Below the report of this number; None: at the top."""
    others: bool = False
    """Among the reports that are not grave."""


FIRST = Place(None)


class Page(NamedTuple):
    """Some reports, and where the next ones begin; None after the last."""

    reports: list[Report]
    next: Place | None


def newest(before: int | None, *, limit: int, states: Collection[str] = (), types: Collection[str] = (), site_id: str = "",
           among: Callable[[Report], bool] = lambda _: True) -> Page:
    """Return a page of the reports within reach of whoever asks, the newest first."""
    found: list[Report] = []
    while len(found) <= limit:
        read = current.registry().reports.entries(states=states, types=types, site_id=site_id, before=before, limit=_READ_AT_ONCE)
        found += [report for report in read if reached(report.site_id) and among(report)]
        if len(read) < _READ_AT_ONCE:
            break
        before = read[-1].id
    shown = found[:limit]
    return Page(shown, Place(shown[-1].id) if len(found) > limit else None)


def by_gravity(place: Place, *, limit: int) -> Page:
    """Return a page of the undecided reports within reach of whoever asks.

    First all those of sites that several people found locked, moved or gone, or that were confirmed to be
    so: nobody gets in there. Then the others. Each the newest first.
    """
    held = current.held()
    rows, trust = held.atlas.sites, held.trust(current.now())

    def grave(report: Report) -> bool:
        row = rows.row_of(report.site_id)
        return row is not None and trust.of(row).no_way_in

    first = Page([], None) if place.others else newest(place.before, limit=limit, states=(OPEN,), among=grave)
    room = limit - len(first.reports)
    if first.next is not None or not room:
        return Page(first.reports, first.next or Place(None, others=True))
    rest = newest(place.before if place.others else None, limit=room, states=(OPEN,), among=lambda report: not grave(report))
    return Page(first.reports + rest.reports, rest.next and Place(rest.next.before, others=True))


def known(number: int) -> Report:
    """Return a report, if whoever asks may decide it.

    Raises:
        NotThere: If there is none.
        SignInNeeded, Forbidden: If its site lies in another's area.
    """
    report = current.registry().reports.find(number)
    if not reached(report.site_id):
        site = current.registry().site(report.site_id)
        auth.check(Permission.EDIT_SITES, auth.areas_of_site(site) if site is not None else (None,))
    return report


def decide(reports: Sequence[Report], decision: str, *, why: str) -> list[Report]:
    """Confirm or reject reports that `known` gave; this process knows at once, and the audit log says so.

    Raises:
        NotThere, BadValue, Unavailable: As `Reports.decide`.
    """
    person = auth.user()
    if person is None:
        raise NotThere("id", None, zh="没有这条反馈", en="there is no such report")
    before = {report.id: report.state for report in reports}
    decided = current.registry().reports.decide([report.id for report in reports], decision, who=person.name, why=why, now=current.now())
    for report in decided:
        if before[report.id] != report.state:
            auth.record("report_confirm" if decision == CONFIRMED else "report_reject", f"{report.site_id} #{report.id}", area=_area(report.site_id))
    current.keeper().hear()
    return decided


def recorded(action: str, number: int) -> None:
    """Write what was done with a report in the audit log."""
    report = current.registry().reports.find(number)
    auth.record(action, f"{report.site_id} #{number}", area=_area(report.site_id))


def reached(site_id: str) -> bool:
    """Return whether a site lies where whoever asks may edit; one that is no longer there is the city's."""
    person, held = auth.user(), current.held()
    if person is None:
        return False
    row = held.atlas.sites.row_of(site_id)
    if row is None:
        return person.grant.may(Permission.EDIT_SITES, None, held.atlas.areas)
    return bool(overview.within_reach(held, person.grant, Permission.EDIT_SITES)[row])


def _area(site_id: str) -> str | None:
    sites, tree = current.atlas().sites, current.atlas().areas
    row = sites.row_of(site_id)
    if row is None:
        return None
    return permissions.areas_of(tree, district=sites.value("district_code", row), street=sites.value("street_code", row))[0]
