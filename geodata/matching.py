"""Rows that may be sites we already have: asked about, merged where that is beyond doubt, or taken as new.

Only rows that no key and no earlier import names are matched. A row is merged into a site when

1. it says nothing that the site does not say already, and of no other likely site that is true (sites that
   are so another row's left out);
2. or it is likely that site and no other, or the same as that site and as no other;
3. and no other row of the file is that site, by its key or because it matches better.

Everything else is imported as a new site with a warning, never refused. So a file that was imported
once changes nothing when it is imported again: what was merged says nothing new (1), what was
taken as new is known by the id that follows from what its row says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from geodata import duplicates
from geodata.drafts import CLEAR, Draft, Faults, Plan
from geodata.duplicates import Match
from geodata.placing import near
from geodata.profiles import Profiles
from locator.errors import BadValue
from locator.sameness import Profile, Reason
from locator.sites import Site

REPORT, MERGE, NEW = MODES = ("report", "merge", "new")
"""Warn and import as new; merge where there is no doubt; do not look."""
NEW_SITE = "new"
"""The decision that a row is a site of its own."""

_PLACE = ("lon", "lat", "source_lon", "source_lat", "source_datum")
_KEYS = ("id", "station_code", "source_id")
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class RowMatch:
    """A row and what it may be a duplicate of: a site, or an earlier row of the file."""

    line: int
    site_id: str | None
    """The site; None: an earlier row."""
    other_line: int | None
    """The earlier row; None: a site."""
    name: str
    """What the site or the earlier row is called."""
    verdict: str
    """same, likely or possible"""
    bits: float
    distance_m: float | None
    reasons: tuple[Reason, ...]
    merged: bool = False
    """Whether the row changes that site instead of making one."""


class Matching:
    """Settles which of the drafts of one table are sites already known."""

    def __init__(self, mode: str, decisions: Mapping[int, str], profiles: Callable[[], Profiles], existing: Mapping[str, Site],
                 plan: Plan, faults: Faults) -> None:
        """Match under one of `MODES`; `decisions` {line: site id or `NEW_SITE`} go before it; `profiles` is called when needed.

        Raises:
            BadValue: If there is no such mode.
        """
        if mode not in MODES:
            raise BadValue("match", mode, zh=f"应为 {'、'.join(MODES)} 之一", en=f"must be one of {', '.join(MODES)}")
        self._mode = mode
        self._decisions = decisions
        self._profiles = profiles
        self._existing = existing
        self._plan = plan
        self._faults = faults

    def settle(self, drafts: Sequence[Draft], progress: Progress | None = None) -> list[RowMatch]:
        """Give every draft that is a known site that site; return all matches, in the order of lines, best first.

        Errors go to the faults: a decision for a site that is not there, or that another row is already.
        """
        taken = {draft.values["id"]: draft.row.line for draft in drafts if draft.existing is not None}
        undecided = [draft for draft in drafts if draft.existing is None and not self._decided(draft, taken)]
        if self._mode == NEW or not undecided:
            return []
        return self._matched(drafts, undecided, taken, progress)

    def _decided(self, draft: Draft, taken: dict[str, int]) -> bool:
        """Whether somebody has decided what a row is; then it is that."""
        said = self._decisions.get(draft.row.line)
        if said is None or said == NEW_SITE:
            return said is not None
        site = self._existing.get(said)
        if site is None:
            self._faults.wrong(draft.row.line, None, BadValue("id", said, zh="没有这个站点", en="there is no such site"))
        elif said in taken:
            line = self._faults.shown_line(taken[said])
            self._faults.wrong(draft.row.line, None, BadValue("id", said, zh=f"第 {line} 行已是这个站点", en=f"line {line} is this site already"))
        else:
            taken[said] = draft.row.line
            _merge(draft, site)
        return True

    def _matched(self, drafts: Sequence[Draft], undecided: Sequence[Draft], taken: Mapping[str, int],
                 progress: Progress | None) -> list[RowMatch]:
        profiles = self._profiles()
        rows = [self._profile(draft, profiles) for draft in drafts]
        place = {id(draft): i for i, draft in enumerate(drafts)}
        known = [site for site in self._existing.values() if site.id not in taken]
        steps = _Steps(progress, len(undecided) + len(rows))
        of_sites = duplicates.between([rows[place[id(draft)]] for draft in undecided], profiles.of_all(known),
                                      progress=steps.of(0))
        merged = self._merge_rows(undecided, known, of_sites) if self._mode == MERGE else set()
        found = [RowMatch(undecided[m.row].row.line, known[m.other].id, None, known[m.other].name, m.verdict, m.bits, m.distance_m,
                          m.reasons, (m.row, m.other) in merged) for m in of_sites]
        gone = {id(undecided[row]) for row, _ in merged}
        found += self._among(drafts, rows, {id(draft) for draft in undecided} - gone, steps.of(len(undecided)))
        found.sort(key=lambda match: (match.line, match.site_id is None, -match.bits))
        self._warn(found, {draft.row.line for draft in drafts if draft.repeats})
        return found

    def _profile(self, draft: Draft, profiles: Profiles) -> Profile:
        values: dict[str, Any] = {} if draft.existing is None else {
            name: getattr(draft.existing, name) for name in ("name", "aliases", "kind", "address", "phone", "floor", *_KEYS, "parent_id")}
        values |= {name: value for name, value in draft.values.items() if value is not CLEAR and value is not None}
        values.setdefault("source", self._plan.source)
        was = draft.existing
        lonlat = draft.wgs84 or (None if was is None or was.lon is None or was.lat is None else (was.lon, was.lat))
        return profiles.of_values(values, lonlat)

    # --- rows and sites -----------------------------------------------------------------------------

    def _merge_rows(self, rows: Sequence[Draft], known: Sequence[Site], matches: Sequence[Match]) -> set[tuple[int, int]]:
        """Lay every row that is beyond doubt a site over that site; return these (row, site)."""
        of_row: dict[int, list[Match]] = {}
        for match in matches:
            if match.verdict != "possible" and not any(rows[match.row].values.get(key) for key in _KEYS if key != "id"):
                of_row.setdefault(match.row, []).append(match)
        held = _held({row: [m.other for m in found if _says_nothing_new(rows[row], known[m.other])] for row, found in of_row.items()})
        wanted: dict[int, list[tuple[bool, float, int]]] = {}
        for row, found in of_row.items():
            same = [match for match in found if match.verdict == "same"]
            said = [match for match in found if match.other == held.get(row)]
            chosen = next((some[0] for some in (said, found, same) if len(some) == 1), None)
            if chosen is not None:
                wanted.setdefault(chosen.other, []).append((not said, -chosen.bits, row))
        merged = {(min(asking)[-1], other) for other, asking in wanted.items()}
        for row, other in merged:
            _merge(rows[row], known[other])
        return merged

    def _among(self, drafts: Sequence[Draft], rows: Sequence[Profile], open_rows: Set[int], progress: Progress) -> list[RowMatch]:
        """Match the rows with one another; of two, the one that would make a site is told of the other."""
        found = []
        for match in duplicates.among(rows, progress=progress):
            row, other = drafts[match.row], drafts[match.other]
            if id(row) not in open_rows:
                row, other = other, row
            if id(row) in open_rows:
                named = other.values.get("name") or (other.existing.name if other.existing else "")
                found.append(RowMatch(row.row.line, None, other.row.line, str(named), match.verdict, match.bits, match.distance_m, match.reasons))
        return found

    # --- telling ------------------------------------------------------------------------------------

    def _warn(self, matches: Sequence[RowMatch], repeating: Set[int]) -> None:
        """Warn of each row's best likely match; a possible one stays data, and a repeated row has been told of."""
        told: set[tuple[int, bool]] = set()
        merged = {match.line for match in matches if match.merged}
        for match in matches:
            about = (match.line, match.site_id is None)
            known_already = match.site_id is None and match.line in repeating
            if match.verdict == "possible" or about in told or known_already or (match.line in merged and not match.merged):
                continue
            told.add(about)
            self._faults.warn(match.line, None, self._said(match))

    def _said(self, match: RowMatch) -> BadValue:
        zh = "；".join(reason.words.zh for reason in match.reasons)
        en = "; ".join(reason.words.en for reason in match.reasons)
        if match.site_id is None:
            line = self._faults.shown_line(match.other_line or 0)
            return BadValue("name", match.name, zh=f"可能与第 {line} 行是同一站点（{zh}）；按另一个站点导入",
                            en=f"may be the site of line {line} ({en}); imported as one more site")
        if match.merged:
            return BadValue("name", match.name, zh=f"并入已有站点 {match.site_id}（{zh}）", en=f"merged into the known site {match.site_id} ({en})")
        same = match.verdict == "same"
        return BadValue("name", match.name, zh=f"{'就是' if same else '可能是'}已有站点 {match.site_id}（{zh}）；按新站点导入",
                        en=f"{'is' if same else 'is likely'} the known site {match.site_id} ({en}); imported as a new site")


class _Steps:
    """One count of progress over several passes."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress = progress
        self._total = total

    def of(self, before: int) -> Progress:
        """Return the progress of a pass that begins after so many."""
        def progress(done: int, _total: int) -> None:
            if self._progress is not None:
                self._progress(before + done, self._total)

        return progress


def _held(said: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """Return the one site that says already what a row says; a site that is one row's cannot be another's.

    Of several rows that only one site is left for, the first in the file has it.
    """
    held: dict[int, int] = {}
    gone: set[int] = set()
    while True:
        more: dict[int, int] = {}
        for row, sites in said.items():
            left = [] if row in held else [site for site in sites if site not in gone]
            if len(left) == 1:
                more[left[0]] = min(row, more.get(left[0], row))
        if not more:
            return held
        held |= {row: site for site, row in more.items()}
        gone |= more.keys()


def _merge(draft: Draft, site: Site) -> None:
    """Make a row a change of a known site; the keys by which its own source finds that site stay the site's."""
    draft.existing = site
    draft.values["id"] = site.id
    if site.source_id is not None:
        draft.values.pop("source", None)


def _says_nothing_new(draft: Draft, site: Site) -> bool:
    """Whether laying a row over a site would change nothing."""
    if draft.wgs84 is not None and (site.lon is None or site.lat is None or not near(draft.wgs84, (site.lon, site.lat))):
        return False
    ignored = {"id", *_PLACE, "basis"} | ({"source"} if site.source_id is not None else set())
    said = {name: value for name, value in draft.values.items() if value is not None and name not in ignored}
    return (all((not getattr(site, name)) if value is CLEAR else getattr(site, name) == value for name, value in said.items())
            and all(site.facilities.get(code) == (None if level is CLEAR else level) for code, level in draft.facilities.items()))


def counted(matches: Sequence[RowMatch]) -> int:
    """Return how many rows may be a duplicate of something and were not merged."""
    merged = {match.line for match in matches if match.merged}
    return len({match.line for match in matches if match.verdict != "possible"} - merged)


