"""An XLSX or XLS workbook's sheets as raw rows, by way of calamine, with bounded time and memory.

Formulas give the value that was stored with them; a formula without one and an Excel error are
`Unreadable` cells. Cells merged downwards all get the value, since people merge "东城区" over the rows
it is true of. A number shown with leading zeros (``001``) is the text that people see. `package` and
`census` see to it that the library gets no XLSX it could choke on; an XLS, which cannot be counted
beforehand, is read in a process of its own (`old_workbook`).
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import NamedTuple, TypeAlias
from xml.parsers import expat

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from geodata import old_workbook
from geodata.census import MOST_CELLS, Sheet, most_cells
from geodata.heading import Meaning, under_headers
from geodata.package import checked_copy
from geodata.sheets import Candidate
from geodata.sheets import read as read_sheets
from geodata.tables import LONGEST_CELL, MOST_ROWS, Cell, Row, Table, Unreadable, refuse, too_long
from locator.errors import BadFile, Refusal
from locator.words import Words

Merged: TypeAlias = "Sequence[tuple[tuple[int, int], tuple[int, int]]]"

_NOT_CALCULATED = Unreadable("=…", Words(
    "公式没有保存结果；请在 Excel 中打开并保存后再导入，或粘贴为数值",
    "the formula has no stored result; open and save it in Excel, or paste it as a value"))
_EXCEL_ERROR = Unreadable("#…", Words("单元格是 Excel 错误值，应改为实际内容", "the cell is an Excel error; give the value itself"))


class _Page(NamedTuple):
    """One visible sheet, read."""

    title: str
    rows: list[Row]
    warnings: list[Refusal]


def read(path: Path, known: Meaning, wanted: Sequence[str] = (), *, most_rows: int = MOST_ROWS) -> Table:
    """Return the table of a workbook's sheets that hold sites, or of those `wanted` by name (`sheets.read`).

    Hidden sheets are passed over unless wanted. What was filled in is told in warnings.

    Raises:
        BadFile: If it is no such workbook, is encrypted or broken, or is larger than the limits; an XLSX, than those of so many rows.
    """
    name = path.name
    pages = _old(path, wanted) if path.suffix.lower() == ".xls" else _new(path, wanted, most_rows)
    return read_sheets(name, [_candidate(name, page, known, most_rows) for page in pages], known, wanted, most_rows=most_rows)


def _candidate(name: str, page: _Page, known: Meaning, most_rows: int) -> Candidate:
    try:
        table = under_headers(name, page.rows, known, aligned=True, most_rows=most_rows)
    except BadFile as refusal:
        return Candidate(page.title, (), _raising(refusal))
    table.warnings.extend(page.warnings)
    return Candidate(page.title, table.headers, lambda: table)


def _raising(refusal: BadFile) -> Callable[[], Table]:
    def read() -> Table:
        raise refusal

    return read


# --- XLSX ---------------------------------------------------------------------------------------------


def _new(path: Path, wanted: Sequence[str], most_rows: int) -> list[_Page]:
    name = path.name
    try:
        with NamedTemporaryFile(suffix=".xlsx") as safe:  # calamine chooses its reader by the suffix
            with path.open("rb") as source:
                sheets = checked_copy(name, source, safe, most_rows=most_rows)
            safe.flush()
            with CalamineWorkbook.from_path(safe.name) as book:
                return _pages(name, book, sheets, wanted, most_cells(most_rows))
    except zipfile.BadZipFile:
        raise refuse(name, "不是完整的 XLSX 文件；请用 Excel 或 WPS 重新另存为 .xlsx",
                     "is not a whole XLSX file; save it again as .xlsx") from None
    except (CalamineError, expat.ExpatError, ValueError, NotImplementedError, EOFError, OSError, RuntimeError, zlib.error) as error:
        raise refuse(name, f"XLSX 内容已损坏：{error}", f"the XLSX content is broken: {error}") from None


def _pages(name: str, book: CalamineWorkbook, sheets: Sequence[Sheet], wanted: Sequence[str], most: int) -> list[_Page]:
    taken = [(number, told.name, sheet) for number, (told, sheet) in enumerate(zip(book.sheets_metadata, sheets, strict=True))
             if told.typ is SheetTypeEnum.WorkSheet and sheet.rows
             and (told.name in wanted if wanted else told.visible is SheetVisibleEnum.Visible)]
    if sum(sheet.rows * sheet.columns for _, _, sheet in taken) > most:
        raise refuse(name, f"各工作表合计超过 {most:,} 个单元格；请分成几个文件",
                     f"its sheets have more than {most:,} cells; split the file")
    return [_page(name, title, book.get_sheet_by_index(number), sheet) for number, title, sheet in taken]


def _page(name: str, title: str, held: CalamineSheet, sheet: Sheet) -> _Page:
    warnings: list[Refusal] = []
    lines = _lines(held.iter_rows(), (held.start or (0, 0))[1])
    for places, stand_in in ((sheet.errors, _EXCEL_ERROR), (sheet.not_calculated, _NOT_CALCULATED)):
        for line, column in places:
            cells = lines.setdefault(line, [])
            cells.extend([None] * (column + 1 - len(cells)))
            if cells[column] is None:
                cells[column] = stand_in
    for width, line, column in sheet.padded():
        cell = lines[line][column] if line in lines and column < len(lines[line]) else None
        if isinstance(cell, int | float) and float(cell).is_integer() and cell >= 0:
            lines[line][column] = f"{int(cell):0{width}}"
    _fill_merged(name, held.merged_cell_ranges or (), lines, warnings)
    return _Page(title, [Row(line + 1, lines[line]) for line in sorted(lines)], warnings)


# --- XLS ----------------------------------------------------------------------------------------------


def _old(path: Path, wanted: Sequence[str]) -> list[_Page]:
    pages = []
    for sheet in old_workbook.sheets(path):
        if sheet.title not in wanted if wanted else sheet.hidden:
            continue
        warnings: list[Refusal] = []
        lines = _lines(sheet.rows, sheet.indent)
        _fill_merged(path.name, sheet.merged, lines, warnings)
        if lines:
            pages.append(_Page(sheet.title, [Row(line + 1, lines[line]) for line in sorted(lines)], warnings))
    return pages


# --- both ---------------------------------------------------------------------------------------------


def _lines(rows: Iterable[Sequence[str | float | bool | date | time | timedelta]], columns_before: int) -> dict[int, list[Cell]]:
    """Return the cells of each row that has any, by its number from 0; cells stand at their columns' places."""
    indent: list[Cell] = [None] * columns_before
    return {line: indent + [_cell(value) for value in values] for line, values in enumerate(rows) if any(value != "" for value in values)}


def _fill_merged(name: str, merged_ranges: Merged, lines: dict[int, list[Cell]], warnings: list[Refusal]) -> None:
    """Give every row of a range merged downwards the value of its first; a row with nothing else in it is no site."""
    last = max(lines, default=0)
    merged = filled = 0
    for (top, column), (bottom, _) in merged_ranges:
        if column >= len(lines.get(top, ())) or lines[top][column] is None or bottom <= top:
            continue
        merged += 1
        filled += min(bottom, last) - top
        if filled > MOST_CELLS:
            raise refuse(name, "合并单元格过多且互相重叠", "too many cells are merged over each other")
        for line in range(top + 1, min(bottom, last) + 1):
            if cells := lines.get(line):
                cells.extend([None] * (column + 1 - len(cells)))
                cells[column] = lines[top][column]
    if merged:
        warnings.append(BadFile("merged", None, zh=f"有 {merged} 处纵向合并的单元格：每一行都取合并前的值，请核对",
                                en=f"{merged} cells are merged downwards: every row got the merged value; check them", at=name))


def _cell(value: str | float | bool | date | time | timedelta) -> Cell:
    if isinstance(value, str):
        return too_long(value) if len(value) > LONGEST_CELL else value or None
    if isinstance(value, datetime):  # days are stored as binary fractions, so seconds come out a little off
        return (value + timedelta(milliseconds=500)).replace(microsecond=0)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds()) // 60
        return f"{minutes // 60:02}:{minutes % 60:02}"
    return value
