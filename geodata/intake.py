"""Raw rows become sites: each cell read, each fault of each row named, nothing written.

A row with an id, station code or source's own number that the registry knows changes that site:
an empty cell and a missing column change nothing, ``清空`` empties; a site that no row names stays as it
is. Every other row is a new site, whose id follows from what it says, so the same file gives the same
ids again; unless it is found to be, or somebody decides that it is, a site we already have
(`matching`). The source's own pair and datum are kept beside the WGS-84 coordinates made from them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from geodata import coordinates, matching, placing, spreadsheets
from geodata.drafting import Reader
from geodata.drafts import Draft, Faults, Plan
from geodata.evidence import Evidence
from geodata.headers import NOT_IMPORTED, REGISTRY_FIELDS, Columns, Recogniser
from geodata.identities import Existing, KnownSites
from geodata.matching import RowMatch
from geodata.placing import KnowsAreas
from geodata.profiles import Profiles
from geodata.records import Records
from geodata.tables import Table
from locator.errors import BadDatum, BadValue, Refusal
from locator.names import Place
from locator.questions import DATUMS
from locator.sites import Site
from locator.vocabulary import Vocabulary

AUTO = "auto"
ROWS_A_STEP = 500
"""Progress is told every so many rows."""


@dataclass
class Intake:
    """What one file comes to. Nothing has been written."""

    name: str
    rows: int
    """Rows under the header."""
    columns: Mapping[str, str | None]
    """What each header was taken for; None: not imported."""
    datum: str | None
    """The datum of the file's pairs; None where each row says its own or it is undecided."""
    readable: list[Site] = field(default_factory=list)
    """The sites of the rows without error, in the file's order: for a preview, never for a commit.

    Empty while the datum is undecided.
    """
    errors: list[Refusal] = field(default_factory=list)
    warnings: list[Refusal] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    """The line of each of `readable`."""
    evidence: Evidence | None = None
    """What the file offers on its datum; None without a pair, or where each row says its own datum."""
    matches: list[RowMatch] = field(default_factory=list)
    """What rows may be duplicates of, in the order of lines, best first; `decisions` answer them."""

    @property
    def sites(self) -> list[Site]:
        """All the file's sites, or none: a file with an error gives no site."""
        return [] if self.errors else self.readable


def read(path: Path, *, datum: str | None = None, vocabulary: Vocabulary, areas: KnowsAreas | None = None,
         kind: str | None = None, columns: Mapping[str, str] | None = None, source: str | None = None,
         existing: Existing | None = None, places: Sequence[Place] = (),
         progress: Callable[[int, int], None] | None = None, sheets: Sequence[str] = (), match: str = matching.NEW,
         decisions: Mapping[int, str] | None = None, match_progress: Callable[[int, int], None] | None = None) -> Intake:
    """Read a file's rows as sites.

    Args:
        path: CSV, XLSX, XLS, GeoJSON, GeoPackage or Shapefile (`spreadsheets.read`).
        datum: What the file's pairs are in; None or ``auto``: what the file itself says, and where it says
            nothing, what the `evidence` decides. A row's own datum column goes before it.
        vocabulary: The controlled words.
        areas: Finds and names districts; None leaves districts as they are stated.
        kind: The kind of rows that state none: a code, a name or a synonym.
        columns: The caller's {header: field}, as `headers.Recogniser` takes it.
        source: Where new rows that do not say come from; part of what tells them apart.
        existing: The sites already known, by id; with a mapping they are found by station code and by
            source number too.
        places: Landmarks that rows may be named after: evidence of the datum.
        progress: Called with (rows read, rows in all), at the end with both equal.
        sheets: The sheets or layers to read; none: all that hold sites, as one import.
        match: One of `matching.MODES`: what becomes of a row that no key names and that may be a known
            site. It, and `decisions`, need `existing` to be a mapping.
        decisions: By line (`RowMatch.line`), which site a row is, or `matching.NEW_SITE`; they go before `match`.
        match_progress: Called as `progress`, with rows compared.

    Returns:
        Every row error and warning, each with file and line; `Intake.sites` is empty when there is any
        error. An undecided datum is an error beside those of the rows.

    Raises:
        BadFile: If the file as a whole cannot be read.
        BadDatum, UnknownCode, BadValue: If an argument has no such value.
    """
    path = Path(path)
    recogniser = Recogniser(vocabulary, columns)
    return of_table(spreadsheets.read(path, recogniser.target, sheets), recogniser, datum=datum, vocabulary=vocabulary, areas=areas,
                    kind=kind, source=source, existing=existing, places=places, progress=progress, match=match, decisions=decisions,
                    match_progress=match_progress)


def of_table(table: Table, recogniser: Recogniser, *, datum: str | None, vocabulary: Vocabulary, areas: KnowsAreas | None,
             kind: str | None = None, source: str | None = None, existing: Existing | None = None, places: Sequence[Place] = (),
             progress: Callable[[int, int], None] | None = None, match: str = matching.NEW,
             decisions: Mapping[int, str] | None = None, match_progress: Callable[[int, int], None] | None = None) -> Intake:
    """Read a table's rows as sites; as `read`, for rows that are already in memory."""
    given = None if datum in (None, AUTO) else datum
    if given is not None and given not in DATUMS:
        raise BadDatum("datum", given, zh=f"应为 {'、'.join((AUTO, *DATUMS))} 之一", en=f"must be one of {', '.join((AUTO, *DATUMS))}")
    kind = None if kind is None else vocabulary.code("kind", kind)
    known = recogniser.columns(table.name, table.headers)
    faults = Faults(table, known)
    if known.unused:
        faults.warn(table.header_line, None, BadValue("columns", "、".join(known.unused), zh="这些列没有对应的字段，未导入",
                                                      en="these columns mean no known field and were not imported"))
    chosen = coordinates.choose(table, known, faults, given=given, areas=areas, existing=existing, places=places, source=source)
    plan = Plan(known, vocabulary, chosen.pair, chosen.datum, kind, source, table.spreadsheet)
    undecided = chosen.undecided

    reader = Reader(plan, KnownSites(existing), faults)
    drafts: list[Draft] = []
    for done, row in enumerate(table.rows):
        if progress is not None and done % ROWS_A_STEP == 0:
            progress(done, len(table.rows))
        draft = reader.draft(row)
        if draft is not None:
            drafts.append(draft)
    if progress is not None:
        progress(len(table.rows), len(table.rows))
    if undecided:
        drafts = []  # nobody knows where they are
    placing.place(drafts)
    profiles = partial(Profiles, vocabulary, None if areas is None else areas.tree)
    known_sites = existing if isinstance(existing, Mapping) else {}
    found = matching.Matching(match, decisions or {}, profiles, known_sites, plan, faults).settle(drafts, match_progress)
    if areas is None:
        placing.as_stated(drafts)
    else:
        placing.Districts(areas, known, faults).settle(drafts)
    readable = Records(plan, faults).sites(drafts)
    return Intake(table.name, len(table.rows), _taken_for(known), chosen.datum, readable, faults.errors, faults.warnings,
                  [draft.row.line for draft in drafts], chosen.evidence, found)


def _taken_for(known: Columns) -> dict[str, str | None]:
    taken = {}
    for header, target in zip(known.headers, known.targets, strict=True):
        name = target.field if target else None
        taken[header] = None if name in (None, NOT_IMPORTED, *REGISTRY_FIELDS) or header in known.unused else name
    return taken

