"""Reports by site and by what they say, with what can be done about each site."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from geodata import site_actions
from geodata.registry.report_rows import Report, by_type
from locator.permissions import ROLES
from locator.quality import TYPE_WORDS, Judgement
from web import cards, current, i18n, report_triage
from web.i18n import gettext


@dataclass(frozen=True, slots=True)
class About:
    """What is said of one site in one way: by how many, and every report of it."""

    key: str
    """The same for as long as the site is said to be so: a form's own name."""
    words: str
    reports: tuple[Report, ...]

    @property
    def count(self) -> int:
        """By how many."""
        return len(self.reports)


@dataclass(frozen=True, slots=True)
class Group:
    """The reports of one site on a page, and what can be done about it."""

    site_id: str
    name: str
    area: str | None
    status: str | None
    code: str
    """The status as a code; empty for a site that is not there any more."""
    judgement: Judgement | None
    about: tuple[About, ...]
    actions: tuple[str, ...]
    lasting: str
    """The reason that an action in one tap gives."""


def groups(reports: Iterable[Report]) -> list[Group]:
    """Return reports by site; a site stands where its first report stood."""
    by_site: dict[str, list[Report]] = {}
    for report in reports:
        by_site.setdefault(report.site_id, []).append(report)
    return [_group(site_id, told) for site_id, told in by_site.items()]


def alone(site_id: str) -> Group | None:
    """Return a site without reports, if whoever asks may change it."""
    return _group(site_id, ()) if site_id and report_triage.reached(site_id) else None


def filers(reports: Iterable[Report]) -> dict[str, str]:
    """Return, by account, who filed reports for callers: the role and the name. An account that is gone is its name alone."""
    names = {report.filed_by for report in reports if report.filed_by}
    found = {name: current.registry().accounts.find(name) for name in names}
    return {name: f"{ROLES[account.role].words.in_language(i18n.language())} {name}" if account is not None and account.role in ROLES else name
            for name, account in found.items()}


def _group(site_id: str, reports: Sequence[Report]) -> Group:
    held = current.held()
    sites, vocabulary, row = held.atlas.sites, held.atlas.vocabulary, held.atlas.sites.row_of(site_id)
    about = tuple(About(f"{site_id}.{kind}.{facility or ''}", _said(kind, facility), tuple(told))
                  for (kind, facility), told in by_type(reports).items())
    if row is None:
        return Group(site_id, site_id, None, None, "", None, about, (), "")
    site = sites.site(row)
    area = site.street_code or site.district_code
    lasting = gettext("workers' reports: %(what)s") % {
        "what": ", ".join(f"{a.words} ({a.count})" for a in about)} if about else gettext("workers' reports were confirmed")
    named = held.atlas.areas[area].words.in_language(i18n.language()) if area is not None and area in held.atlas.areas else area
    return Group(site_id, site.name, named, cards.word(vocabulary, "status", site.status), site.status,
                 held.trust(current.now()).of(row), about,
                 tuple(a for a in ("verify", "suspend", "close") if a in site_actions.offered(site)), lasting)


def _said(kind: str, facility: str | None) -> str:
    named = cards.word(current.atlas().vocabulary, "facility", facility)
    return TYPE_WORDS[kind].in_language(i18n.language()) + (gettext(": ") + named if named else "")
