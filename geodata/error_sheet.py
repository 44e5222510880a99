"""The rows that cannot be imported, as a workbook with what is wrong beside each: put right, it is imported by itself."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill

from geodata.previews import ERROR, PreviewRow

PROBLEM = "错误说明（不导入）"
"""The header of the column that says what is wrong; intake passes it over."""
_FAULT = PatternFill("solid", fgColor="FDE2E0")


def workbook(headers: Sequence[str], rows: Iterable[PreviewRow], *, language: str) -> bytes:
    """Return an XLSX of rows as they came, each cell as its text, the faulty ones coloured, the faults in the last column."""
    book = Workbook(write_only=True)
    page = book.create_sheet("错误")
    page.freeze_panes = "A2"
    page.column_dimensions[_letter(len(headers))].width = 60
    page.append([_cell(page, header, bold=True) for header in (*headers, PROBLEM)])
    for row in rows:
        wrong = [fault for fault in row.faults if fault["level"] == ERROR]
        places = {fault["cell"][1] for fault in wrong if fault["cell"]}
        cells = [_cell(page, row.cells[place] if place < len(row.cells) else "", fault=place in places) for place in range(len(headers))]
        page.append([*cells, _cell(page, "；".join(_sentence(fault, language) for fault in wrong), wrap=True)])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _sentence(fault: Mapping[str, str], language: str) -> str:
    value = f"“{fault['value']}”" if fault["value"] else ""
    return f"{fault['field']}{value}：{fault['zh']}" if language == "zh" else f"{fault['field']} {value}: {fault['en']}"


def _cell(page: object, text: str, *, bold: bool = False, fault: bool = False, wrap: bool = False) -> WriteOnlyCell:
    cell = WriteOnlyCell(page)
    cell.value = "".join(c for c in text if c.isprintable() or c == "\n")
    cell.data_type = "s"  # a text that begins as a formula stays a text
    if bold:
        cell.font = Font(bold=True)
    if fault:
        cell.fill = _FAULT
    if wrap:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _letter(place: int) -> str:
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(place + 1))
