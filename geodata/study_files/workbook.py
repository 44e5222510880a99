"""A study as a workbook: a sheet a table, numbers as numbers, and a sheet of method that holds every input."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ERROR_CODES
from openpyxl.formatting.rule import ColorScaleRule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from geodata.cells import clean, escaped
from geodata.study_files import columns, palette, wording
from geodata.study_files.columns import Table
from geodata.study_files.contents import Contents

_FORMATS: Final = {columns.WHOLE: "#,##0", columns.TENTH: "#,##0.0", columns.SHARE: "0.0%", columns.METRES: "#,##0",
                   columns.KM2: "#,##0.000", columns.DEGREES: "0.00000"}
_LEFT_OF: Final = {"areas": 2, "gaps": 1, "sites": 2, "hours": 4}
"""Columns that stay while the rest is scrolled."""
_HEAD = PatternFill("solid", fgColor="EFE6DA")
_A4 = 9
"""As ECMA-376 counts papers."""
_METHOD: Final = ("方法 method", "项目 item", "内容 value")


def write(path: Path, contents: Contents) -> None:
    """Write a workbook; sheets: areas, areas not served, sites, distances, hours where they were asked for, method."""
    book = Workbook(write_only=True)
    mark = wording.demonstration(contents)
    for table in columns.tables(contents):
        _sheet(book, table, mark)
    _method(book, contents)
    book.save(path)


def _sheet(book: Workbook, table: Table, mark: str) -> None:
    page = _page(book, table.title, [column.width for column in table.columns], mark)
    page.freeze_panes = f"{get_column_letter(_LEFT_OF.get(table.name, 0) + 1)}2"
    page.auto_filter.ref = f"A1:{get_column_letter(len(table.columns))}{len(table.rows) + 1}"
    if table.name == "hours":  # a heat, as on the screen
        first = next(place for place, column in enumerate(table.columns, 1) if column.form == columns.SHARE)
        page.conditional_formatting.add(
            f"{get_column_letter(first)}2:{get_column_letter(len(table.columns))}{len(table.rows) + 1}",
            ColorScaleRule("num", 0, _plain(palette.HEAT[0]), "num", 0.5, _plain(palette.HEAT[2]), "num", 1, _plain(palette.HEAT[-1])))
    page.append([_header(page, column.header) for column in table.columns])
    for row in table.rows:
        page.append([_cell(page, row.get(column.name), _FORMATS.get(column.form)) for column in table.columns])


def _method(book: Workbook, contents: Contents) -> None:
    title, *headers = _METHOD
    page = _page(book, title, [44, 90], wording.demonstration(contents))
    page.freeze_panes = "A2"
    page.append([_header(page, header) for header in headers])
    for said in wording.method(contents):
        cell = _cell(page, said.value, "#,##0.###" if isinstance(said.value, float) else None)
        cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal="left")
        page.append([_cell(page, f"{said.label.zh} {said.label.en}", None), cell])


def _page(book: Workbook, title: str, widths: list[int], mark: str) -> Any:
    """Return a new sheet; `mark` stands above each of its pages of paper."""
    page = book.create_sheet(title)
    for place, width in enumerate(widths, 1):
        page.column_dimensions[get_column_letter(place)].width = width
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", _A4
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_title_rows = "1:1"
    page.HeaderFooter.oddHeader.center.text = mark or None
    return page


def _header(page: Any, text: str) -> Any:
    cell = _cell(page, text, None)
    cell.font, cell.fill = Font(bold=True), _HEAD
    cell.alignment = Alignment(wrap_text=True, vertical="center")
    return cell


def _cell(page: Any, value: str | float | None, form: str | None) -> Any:
    """Return a cell: a text stays these very characters and no formula, a number stays a number."""
    if isinstance(value, str):
        cell = WriteOnlyCell(page, escaped(clean(value), spreadsheet=True))
        if value in ERROR_CODES:
            cell.data_type = "s"
        return cell
    cell = WriteOnlyCell(page, value)
    if form is not None:
        cell.number_format = form
    return cell


def _plain(colour: str) -> str:
    return colour.removeprefix("#").upper()
