"""Where a table's header stands, and which rows below it are no sites: titles, totals and notes.

Offices put titles above the header, group headers over several columns, a total and notes below. What
is passed over is said so in a warning with its line; nothing is passed over that has a name or a place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TypeAlias

from geodata.tables import MOST_COLUMNS, MOST_ROWS, Cell, Row, Table, is_blank, refuse, too_many
from locator.errors import BadFile, Refusal

TITLE_ROWS = 10
"""How many filled rows from the top may hold the header; titles above it are passed over."""

Meaning: TypeAlias = Callable[[str], object]
"""What a header means; false when it says nothing known."""

_NUMBER = re.compile(r"[-+]?[\d,，.]+%?\Z")
_STRAY = re.compile(r"[-+]?[\d,，.]+%?|\d{4}\s*[-/.年]\s*\d{1,2}(?:\s*[-/.月]\s*\d{1,2}\s*[日号]?|\s*月)?(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?")
"""A number or a date above a column: when a list was made, never a group of columns."""
_TOTAL = re.compile(r"(?:合计|总计|小计|共计|总数|total)[:：]?\s*\Z", re.IGNORECASE)
_NOTE = re.compile(r"(?:备?注|说明|注意|填[表报写]|制表|审核|联系|单位|日期|数据来源|note)[^:：]{0,12}[:：]", re.IGNORECASE)


def under_headers(name: str, rows: Iterable[Row], known: Meaning, *, aligned: bool = False, most_rows: int = MOST_ROWS) -> Table:
    """Find the header among the topmost rows and gather what lies below it; blank rows are passed over.

    `aligned` says that a cell cannot slip out of its column, as it can in a CSV: what stands beyond the
    headers is then columns without a name, otherwise a fault of its row.

    The header is the first filled row if `known` says that it knows one of at least two headers in
    it; otherwise the first of the top `TITLE_ROWS` filled rows with two known headers; otherwise the
    first filled row. Two rows are one header when the lower one names the columns under the upper one's
    groups; a column's header is then the group's word before its own where that is known, else its own.

    Raises:
        TooManyRows: If there are more than `most_rows` below the header; no more of them are taken than show it.
        BadFile: If there is nothing, nothing below the header, or more columns than the limits allow.
    """
    written: dict[int, int] = {}
    filled = _filled(name, rows, written)
    top = list(islice(filled, TITLE_ROWS))
    if not top:
        raise refuse(name, "文件是空的；第一行应为表头，其后每行一个站点",
                     "the file is empty; the first line must be headers, then one site a line")
    first, last = _header_among(top, known)
    headers = tuple(_joined(top[first], top[last], known) if first < last else _texts(top[first]))
    warnings: list[Refusal] = []
    at = f"{name}:{top[first].line}"
    if first:
        skipped = "、".join(str(row.line) for row in top[:first])
        warnings.append(BadFile("header", skipped, zh="表头之上的这些行未导入", en="these lines above the header were not imported", at=at))
    passed: list[int] = []
    below = _sites(chain(top[last + 1:], filled), top[last], passed)
    gathered = list(islice(below, most_rows + 1))
    if not gathered:
        raise refuse(name, "只有表头，没有数据行", "there are headers but no rows under them")
    if len(gathered) > most_rows:
        raise too_many(name, f"超过 {most_rows:,} 行；请分成几个文件", f"more than {most_rows:,} rows; split the file")
    if passed:
        shown = "、".join(map(str, passed[:20])) + ("…" if len(passed) > 20 else "")
        warnings.append(BadFile("rows", shown, zh="这些行是重复的表头、合计或注释，未导入",
                                en="these lines repeat the header, or are totals or notes; they were not imported", at=at))
    width = max(map(len, (row.cells for row in gathered))) if aligned else min(written[top[last].line], MOST_COLUMNS)
    return Table(name, headers + ("",) * (width - len(headers)), gathered, top[first].line, warnings=warnings)


def _filled(name: str, rows: Iterable[Row], written: dict[int, int]) -> Iterator[Row]:
    """Pass on the rows that hold anything, without their empty ends; note how wide the top ones were written."""
    for row in rows:
        cells = row.cells
        width = len(cells)
        while width and is_blank(cells[width - 1]):
            width -= 1
        if not width:
            continue
        if len(written) < TITLE_ROWS:
            written[row.line] = len(cells)
        if width > MOST_COLUMNS:
            raise refuse(name, f"有 {width:,} 列，最多 {MOST_COLUMNS} 列", f"{width:,} columns; at most {MOST_COLUMNS} are read",
                         line=row.line)
        yield row if width == len(cells) else Row(row.line, cells[:width])


def _header_among(top: Sequence[Row], known: Meaning) -> tuple[int, int]:
    """Return the first and the last row of the header."""
    hits = [sum(1 for cell in row.cells if isinstance(cell, str) and known(cell)) for row in top]
    chosen = 0 if hits[0] and len(top[0].cells) > 1 else next((i for i, hit in enumerate(hits) if hit > 1), 0)
    if chosen + 1 < len(top) and _completes(top[chosen], top[chosen + 1], known):
        return chosen, chosen + 1
    if chosen and _completes(top[chosen - 1], top[chosen], known):
        return chosen - 1, chosen
    return chosen, chosen


def _completes(upper: Row, lower: Row, known: Meaning) -> bool:
    """Whether the lower row names columns under the upper one's groups: most of its words are known, some under a gap."""
    above, below = _groups(upper), _texts(lower)
    above += [""] * (len(below) - len(above))
    said = [text for text in below if text]
    hits = sum(1 for text in said if known(text))
    return (sum(map(bool, above)) > 1 and hits > 1 and hits * 2 > len(said) and not any(_NUMBER.match(text) for text in said)
            and all(isinstance(cell, str) or cell is None for cell in lower.cells)
            and any(text and not above[place] for place, text in enumerate(below)))


def _joined(upper: Row, lower: Row, known: Meaning) -> list[str]:
    above, below = _groups(upper), _texts(lower)
    width = max(len(above), len(below))
    group, headers = "", []
    for over, own in zip(above + [""] * (width - len(above)), below + [""] * (width - len(below)), strict=True):
        group = over or (group if own else "")
        if not own or own == group or not group:
            headers.append(own or over)
        elif known(group + own):
            headers.append(group + own)
        else:
            headers.append(own if known(own) else f"{group} {own}")
    return headers


def _sites(rows: Iterable[Row], header: Row, passed: list[int]) -> Iterator[Row]:
    """Pass on the rows that may be sites; the lines of repeated headers, totals and notes go to `passed`."""
    begin = next((place for place, cell in enumerate(header.cells) if not is_blank(cell)), 0)
    wide = len(header.cells) > 1
    for row in rows:
        cells = row.cells
        first = next(place for place, cell in enumerate(cells) if not is_blank(cell))
        said = cells[first]
        if wide and isinstance(said, str) and (
                (first == begin and said == header.cells[begin] and list(cells) == list(header.cells))
                or (first == len(cells) - 1 and _NOTE.match(said.strip()))
                or (_TOTAL.match(re.sub(r"\s", "", said)) and all(_is_number(cell) for cell in cells[first + 1:]))):
            passed.append(row.line)
        else:
            yield row


def _is_number(cell: Cell) -> bool:
    return is_blank(cell) or isinstance(cell, int | float) or (isinstance(cell, str) and _NUMBER.match(cell.strip()) is not None)


def _groups(row: Row) -> list[str]:
    return ["" if _STRAY.fullmatch(text) else text for text in _texts(row)]


def _texts(row: Row) -> list[str]:
    return ["" if cell is None else str(cell).strip() for cell in row.cells]
