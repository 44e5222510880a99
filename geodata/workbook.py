"""An XLSX workbook's first filled sheet as raw rows, by way of calamine, with bounded time and memory.

Formulas give the value that was stored with them; a formula without one and an Excel error are
`Unreadable` cells. Cells merged downwards all get the value, since people merge "东城区" over the rows
it is true of. `package` and `census` see to it that the library gets nothing it could choke on.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from xml.parsers import expat

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from geodata.census import MOST_CELLS, Sheet
from geodata.package import checked_copy
from geodata.tables import LONGEST_CELL, Cell, Row, Unreadable, refuse, too_long
from locator.errors import BadFile, Refusal
from locator.words import Words

_NOT_CALCULATED = Unreadable("=…", Words(
    "公式没有保存结果；请在 Excel 中打开并保存后再导入，或粘贴为数值",
    "the formula has no stored result; open and save it in Excel, or paste it as a value"))
_EXCEL_ERROR = Unreadable("#…", Words("单元格是 Excel 错误值，应改为实际内容", "the cell is an Excel error; give the value itself"))


def rows(path: Path, warnings: list[Refusal]) -> list[Row]:
    """Return the rows of the first visible sheet that has any; cells stand at their columns' places.

    What was passed over or filled in (other sheets, merged cells) is added to `warnings`.

    Raises:
        BadFile: If it is no XLSX workbook, is encrypted or broken, or is larger than the limits.
    """
    name = path.name
    try:
        with NamedTemporaryFile(suffix=".xlsx") as safe:  # calamine chooses its reader by the suffix
            with path.open("rb") as source:
                sheets = checked_copy(name, source, safe)
            safe.flush()
            with CalamineWorkbook.from_path(safe.name) as book:
                return _first_filled(name, book, sheets, warnings)
    except zipfile.BadZipFile:
        raise refuse(name, "不是完整的 XLSX 文件；请用 Excel 或 WPS 重新另存为 .xlsx",
                     "is not a whole XLSX file; save it again as .xlsx") from None
    except (CalamineError, expat.ExpatError, ValueError, NotImplementedError, EOFError, OSError, RuntimeError) as error:
        raise refuse(name, f"XLSX 内容已损坏：{error}", f"the XLSX content is broken: {error}") from None


def _first_filled(name: str, book: CalamineWorkbook, sheets: Sequence[Sheet], warnings: list[Refusal]) -> list[Row]:
    found: list[Row] = []
    taken, left = "", []
    for number, (told, sheet) in enumerate(zip(book.sheets_metadata, sheets, strict=True)):
        if told.visible is not SheetVisibleEnum.Visible or told.typ is not SheetTypeEnum.WorkSheet:
            continue
        if found:
            left.append(told.name)
            continue
        if sheet.rows:
            taken, found = told.name, _rows(name, book.get_sheet_by_index(number), sheet, warnings)
    if left and found:
        warnings.append(BadFile("sheet", "、".join(left), zh=f"只读取了工作表“{taken}”，其余工作表未导入",
                                en=f"only the sheet {taken!r} was read; these were not imported", at=name))
    return found


def _rows(name: str, held: CalamineSheet, sheet: Sheet, warnings: list[Refusal]) -> list[Row]:
    indent: list[Cell] = [None] * (held.start or (0, 0))[1]
    lines: dict[int, list[Cell]] = {}
    for line, values in enumerate(held.iter_rows()):
        if any(value != "" for value in values):
            lines[line] = indent + [_cell(value) for value in values]
    for places, stand_in in ((sheet.errors, _EXCEL_ERROR), (sheet.not_calculated, _NOT_CALCULATED)):
        for line, column in places:
            cells = lines.setdefault(line, [])
            cells.extend([None] * (column + 1 - len(cells)))
            if cells[column] is None:
                cells[column] = stand_in
    _fill_merged(name, held, lines, warnings)
    return [Row(line + 1, lines[line]) for line in sorted(lines)]


def _fill_merged(name: str, held: CalamineSheet, lines: dict[int, list[Cell]], warnings: list[Refusal]) -> None:
    """Give every row of a range merged downwards the value of its first; a row with nothing else in it is no site."""
    last = max(lines, default=0)
    merged = filled = 0
    for (top, column), (bottom, _) in held.merged_cell_ranges or ():
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
        warnings.append(BadFile("merged", merged, zh="处纵向合并的单元格：每一行都取合并前的值，请核对",
                                en="cells merged downwards: every row got the merged value; check them", at=name))


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
