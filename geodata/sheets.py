"""Which of a file's sheets or layers hold sites, and all of those as one table.

An office keeps one sheet a street, or one a month, beside a sheet of counts and one of instructions.
Every visible sheet whose header is one of sites is read, all as one import, each row named by its sheet
and line; the others are named in a warning. Whoever wants other ones names them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from geodata.heading import Meaning
from geodata.tables import GEOMETRY, MOST_COLUMNS, MOST_ROWS, Cell, Part, Row, Table, refuse, too_many
from locator.errors import BadFile, Refusal
from locator.words import Words

SHEETS = Words("工作表", "sheet")
LAYERS = Words("图层", "layer")
_PLACES = ("lon", "coordinates", "source_lon", "address", "id", "station_code", "source_id")
"""Fields that say where a row's site is, or which known site it is."""


class Candidate(NamedTuple):
    """One sheet or layer: its title, its headers as far as they are known yet, and how to read it."""

    title: str
    headers: Sequence[str]
    read: Callable[[], Table]
    """Raises BadFile for a sheet that is no table."""


def read(name: str, candidates: Sequence[Candidate], known: Meaning, wanted: Sequence[str], called: Words = SHEETS, *,
         most_rows: int = MOST_ROWS) -> Table:
    """Return the table of the sheets that are wanted, or, where none are named, of all that hold sites.

    Sheets hold sites when two of their headers are known and one of them says where or which; where no
    sheet does, the first that can be read is taken. Equal headers, and headers that mean the same field,
    are one column.

    Raises:
        BadFile: If there is no such sheet, none can be read, or together they go beyond the limits.
    """
    titles = [candidate.title for candidate in candidates]
    for title in wanted:
        if title not in titles:
            raise refuse(name, f"没有{called.zh}“{title}”；有：{'、'.join(titles)}", f"has no {called.en} {title!r}; it has: {', '.join(titles)}")
    chosen = [c for c in candidates if c.title in wanted] if wanted else [c for c in candidates if _holds_sites(c.headers, known)]
    found = [(c.title, c.read()) for c in chosen] or [_first_readable(name, candidates)]
    taken = {title for title, _ in found}
    table = found[0][1] if len(found) == 1 else _joined(name, found, known, called, most_rows)
    left = "、".join(title for title in titles if title not in taken)
    if left:
        shown = "、".join(taken) if len(taken) == 1 else f"{len(taken)}"
        table.warnings.append(BadFile("sheet", left, at=name, zh=f"未导入；读取的{called.zh}：{shown}",
                                      en=f"not imported; the {called.en} read: {shown}"))
    return table


def _holds_sites(headers: Sequence[str], known: Meaning) -> bool:
    fields = [getattr(meaning, "field", "") for header in headers if (meaning := known(header))]
    fields += [GEOMETRY] * (GEOMETRY in headers)
    return len(fields) > 1 and (GEOMETRY in fields or any(field in _PLACES for field in fields))


def _first_readable(name: str, candidates: Sequence[Candidate]) -> tuple[str, Table]:
    first: BadFile | None = None
    for candidate in candidates:
        try:
            return candidate.title, candidate.read()
        except BadFile as refusal:
            first = first or refusal
    raise first or refuse(name, "文件是空的；第一行应为表头，其后每行一个站点",
                          "the file is empty; the first line must be headers, then one site a line")


def _joined(name: str, found: Sequence[tuple[str, Table]], known: Meaning, called: Words, most_rows: int) -> Table:
    titles = "、".join(title for title, _ in found)
    if len({table.datum for _, table in found}) > 1:
        raise refuse(name, f"各{called.zh}的坐标系不同：{titles}；请指明读取哪一个", f"its {called.en}s are in different datums: {titles}; name one")
    if sum(len(table.rows) for _, table in found) > most_rows:
        raise too_many(name, f"各{called.zh}合计超过 {most_rows:,} 行；请指明读取哪一个",
                       f"its {called.en}s have more than {most_rows:,} rows; name one")
    columns: dict[object, str] = {}
    rows: list[Row] = []
    parts: list[Part] = []
    warnings: list[Refusal] = [BadFile("sheet", titles, at=name, zh=f"这些{called.zh}作为一次导入一并读取",
                                       en=f"these {called.en}s were read together, as one import")]
    offset = 0
    for title, table in found:
        keys = _keys(table.headers, known)
        for key, header in zip(keys, table.headers, strict=True):
            columns.setdefault(key, header)
        places = {key: place for place, key in enumerate(columns)}
        rows += _laid(table.rows, [places[key] for key in keys], offset)
        parts.append(Part(title, offset))
        warnings += [warning.placed(f"{name}[{title}]{warning.at.removeprefix(name)}") for warning in table.warnings]
        offset += max(row.line for row in table.rows)
    if len(columns) > MOST_COLUMNS:
        raise refuse(name, f"各{called.zh}合计有 {len(columns):,} 列，最多 {MOST_COLUMNS} 列",
                     f"its {called.en}s have {len(columns):,} columns; at most {MOST_COLUMNS} are read")
    first = found[0][1]
    return Table(name, tuple(columns.values()), rows, first.header_line, first.datum, first.spreadsheet, warnings, tuple(parts))


def _keys(headers: Sequence[str], known: Meaning) -> list[object]:
    """Return what tells columns apart: the field that a header means, else its words; the nth of equals."""
    seen: dict[object, int] = {}
    keys: list[object] = []
    for header in headers:
        key = known(header) or header
        seen[key] = seen.get(key, 0) + 1
        keys.append((key, seen[key]))
    return keys


def _laid(rows: Sequence[Row], places: Sequence[int], offset: int) -> list[Row]:
    """Return rows with each cell at its column of the joined table."""
    if list(places) == list(range(len(places))) and all(len(row.cells) <= len(places) for row in rows):
        return [Row(row.line + offset, row.cells) for row in rows]
    width = max(places, default=-1) + 1
    laid = []
    for row in rows:
        cells: list[Cell] = [None] * width
        for place, cell in zip(places, row.cells, strict=False):
            cells[place] = cell
        laid.append(Row(row.line + offset, cells))
    return laid
