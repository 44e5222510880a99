"""Raw rows become sites: each cell read, each fault of each row named, nothing written.

A row with an id, station code or source's own number that the registry knows changes that site:
an empty cell and a missing column change nothing, ``清空`` empties. Every other row is a new site,
whose id follows from what it says, so the same file gives the same ids again. The source's own pair
and datum are kept beside the WGS-84 coordinates made from them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from geodata import axes, placing, spreadsheets
from geodata.drafting import Reader
from geodata.drafts import Draft, Faults, Plan
from geodata.headers import NOT_IMPORTED, REGISTRY_FIELDS, Columns, Pair, Recogniser
from geodata.identities import Existing, KnownSites
from geodata.placing import KnowsAreas
from geodata.records import Records
from geodata.tables import Table
from locator.errors import BadCoordinate, BadDatum, BadValue, Refusal
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

    @property
    def sites(self) -> list[Site]:
        """All the file's sites, or none: a file with an error gives no site."""
        return [] if self.errors else self.readable


def read(path: Path, *, datum: str | None = None, vocabulary: Vocabulary, areas: KnowsAreas | None = None,
         kind: str | None = None, columns: Mapping[str, str] | None = None, source: str | None = None,
         existing: Existing | None = None, progress: Callable[[int, int], None] | None = None,
         sheets: Sequence[str] = ()) -> Intake:
    """Read a file's rows as sites.

    Args:
        path: CSV, XLSX, XLS, GeoJSON, GeoPackage or Shapefile (`spreadsheets.read`).
        datum: What the file's pairs are in; None or ``auto``: only what the file itself says counts.
            A row's own datum column goes before it.
        vocabulary: The controlled words.
        areas: Finds and names districts; None leaves districts as they are stated.
        kind: The kind of rows that state none: a code, a name or a synonym.
        columns: The caller's {header: field}, as `headers.Recogniser` takes it.
        source: Where new rows that do not say come from; part of what tells them apart.
        existing: The sites already known, by id; with a mapping they are found by station code and by
            source number too.
        progress: Called with (rows read, rows in all), at the end with both equal.
        sheets: The sheets or layers to read; none: all that hold sites, as one import.

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
                    kind=kind, source=source, existing=existing, progress=progress)


def of_table(table: Table, recogniser: Recogniser, *, datum: str | None, vocabulary: Vocabulary, areas: KnowsAreas | None,
             kind: str | None = None, source: str | None = None, existing: Existing | None = None,
             progress: Callable[[int, int], None] | None = None) -> Intake:
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
    pair, pair_datum = _pair(table, known, given, faults)
    pair = axes.settled(known.headers, table.rows, pair, faults, header_line=table.header_line)
    plan = Plan(known, vocabulary, pair, pair_datum, kind, source, table.spreadsheet)
    undecided = pair is not None and pair_datum is None and plan.datum_field is None
    if undecided:
        said = "、".join(p.datum for p in known.pairs if p.datum) or None
        faults.wrong(None, None, BadDatum("datum", said, zh=f"文件没有说明坐标系；请用 --datum 指明：{'、'.join(DATUMS)}",
                                          en=f"the file does not say what its coordinates are in; say with --datum: {', '.join(DATUMS)}"))

    reader = Reader(plan, KnownSites(existing), faults)
    drafts: list[Draft] = []
    for done, row in enumerate(table.rows):
        if progress is not None and done % ROWS_A_STEP == 0:
            progress(done, len(table.rows))
        draft = reader.draft(row)
        if draft is not None:
            drafts.append(draft)
    if undecided:
        drafts = []  # nobody knows where they are
    placing.place(drafts)
    if areas is None:
        placing.as_stated(drafts)
    else:
        placing.Districts(areas, known, faults).settle(drafts)
    readable = Records(plan, faults).sites(drafts)
    if progress is not None:
        progress(len(table.rows), len(table.rows))
    return Intake(table.name, len(table.rows), _taken_for(known), pair_datum, readable, faults.errors, faults.warnings,
                  [draft.row.line for draft in drafts])


def _taken_for(known: Columns) -> dict[str, str | None]:
    taken = {}
    for header, target in zip(known.headers, known.targets, strict=True):
        name = target.field if target else None
        taken[header] = None if name in (None, NOT_IMPORTED, *REGISTRY_FIELDS) or header in known.unused else name
    return taken


def _pair(table: Table, known: Columns, given: str | None, faults: Faults) -> tuple[Pair | None, str | None]:
    """Choose the columns of the coordinates, and say what they are in, as far as the file or the caller does."""
    pairs = list(known.pairs)
    if not pairs and "source_lon" in known.fields and "source_lat" in known.fields:
        pairs = [Pair(known.fields["source_lon"], known.fields["source_lat"], None)]
    if not pairs:
        if "address" not in known.fields and not {"id", "station_code", "source_id"} & set(known.fields):
            faults.wrong(None, None, BadCoordinate("lon", None, zh="没有经纬度列，也没有地址列；至少要有其一",
                                                   en="there is no column of coordinates and none of addresses; one is needed"))
        return None, None
    named = {pair.datum: pair for pair in pairs}
    chosen = named.get(given) or named.get(None) or (pairs[0] if given is None and len(pairs) == 1 else None)
    if chosen is None:
        return pairs[0]._replace(datum=None), None
    left = [known.headers[i] for p in pairs if p is not chosen for i in (p.lon, p.lat) if i is not None]
    if left and not set(left) <= set(known.unused):
        faults.warn(table.header_line, None, BadValue("columns", "、".join(left), zh="另有坐标列，未采用",
                                                      en="other columns of coordinates were not used"))
    return chosen, chosen.datum or given or table.datum
