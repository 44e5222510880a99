"""The spreadsheet that offices fill in: Chinese headers, drop-downs from the vocabulary, an example, a help sheet.

What stands in it: `template_columns`. It is read back by `intake` like any other file:
the example row is passed over because its name begins with `cells.EXAMPLE`, whoever wrote the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from geodata import whole
from geodata.template_columns import Column, Group, groups
from locator.areas import AreaTree
from locator.errors import BadFile
from locator.vocabulary import Vocabulary

ROWS = 2_000
"""How many rows have drop-downs."""
SITES, HELP, WORDS = "站点", "填写说明", "词表"
LEVELS = ("有", "无", "部分")

_GROUP_ROW, _HEADER_ROW, _EXAMPLE_ROW = 1, 2, 3
_FILLS = ("DDEBF7", "E2EFDA", "FFF2CC", "EDEDED", "FCE4D6", "E4DFEC", "F2F2F2")
_GREY = "7F7F7F"
_WIDE = {"name": 28, "address": 30, "opening_hours": 26, "directions": 22, "datum": 24, "slots": 16}
_HELP = (
    ("怎么填", "How to fill it in"),
    ("一行一个站点，从第 3 行开始；第 3 行是示例，名称以“示例：”开头的行不会导入，可以删掉或改成真的。",
     "One site a row, from row 3 on; row 3 is an example: rows whose name begins with 示例： are not imported."),
    ("带 * 的新站点必填（地址和经纬度至少填一项）；其余知道才填，不知道留空，空格子不改变已有内容。",
     "* is needed of a new site (address or coordinates, one of them); leave empty what is not known: an empty cell changes nothing."),
    ("要清除已有内容，写“清空”。删掉一行不会撤销站点：请把状态改为“已撤销”。",
     "To empty a field write 清空. Deleting a row closes nothing: set its status to 已撤销."),
    ("可以删去不用的列，可以调换列的顺序，可以加自己的列（不导入）；请不要改表头的字。",
     "Columns may be deleted, moved and added (added ones are not imported); do not change the headers' words."),
    ("导入前先检查：nuanxin import 文件.xlsx --dry-run，会列出每一处错误，什么也不写入。",
     "Check first: nuanxin import FILE.xlsx --dry-run lists every error and writes nothing."),
)


def write(path: Path, vocabulary: Vocabulary, areas: AreaTree) -> None:
    """Write the template; it is replaced whole if it is there.

    Args:
        path: An ``.xlsx``.
        vocabulary: Fills the drop-downs and makes the columns of facilities.
        areas: Its districts are a drop-down.

    Raises:
        BadFile: If the suffix is another, or the file cannot be written.
    """
    if path.suffix.lower() != ".xlsx":
        raise BadFile("file", path.name, zh="模板是 .xlsx 文件", en="the template is an .xlsx file")
    book = Workbook()
    page = book.active
    page.title = SITES
    made = groups(vocabulary)
    lists = _fill_words(book.create_sheet(WORDS), made, vocabulary, areas)
    _fill_sites(page, made, lists)
    _fill_help(book.create_sheet(HELP, 1), made)
    with whole.written(path) as unfinished:
        book.save(unfinished)


# --- the sheets ---------------------------------------------------------------------------------------


def _fill_words(page: Worksheet, made: Sequence[Group], vocabulary: Vocabulary, areas: AreaTree) -> dict[str, str]:
    """Write the hidden lists, a column each; return where each stands: ``'词表'!$A$2:$A$13``."""
    page.sheet_state = "hidden"
    places = {}
    sections = dict.fromkeys(column.offers for group in made for column in group.columns if column.offers)
    for number, section in enumerate(sections, 1):
        if section == "level":
            words = list(LEVELS)
        elif section == "district":
            words = [area.words.zh for area in areas if area.tier == "district"]
        else:
            words = [term.words.zh for term in vocabulary.terms(section).values()]
        page.cell(1, number, section)
        for row, word in enumerate(words, 2):
            page.cell(row, number, word)
        letter = get_column_letter(number)
        places[section] = f"'{WORDS}'!${letter}$2:${letter}${len(words) + 1}"
    return places


def _fill_sites(page: Worksheet, made: Sequence[Group], lists: Mapping[str, str]) -> None:
    validations: dict[str, DataValidation] = {}
    place = 0
    for group, colour in zip(made, _FILLS, strict=False):
        fill, begin = PatternFill("solid", fgColor=colour), place + 1
        for column in group.columns:
            place += 1
            letter = get_column_letter(place)
            for row in (_GROUP_ROW, _HEADER_ROW):
                page.cell(row, place).fill = fill
            _fill_header(page, place, column)
            if column.text:
                page.column_dimensions[letter].number_format = "@"
            if column.offers:
                offer = validations.setdefault(column.offers, _validation(lists[column.offers]))
                offer.add(f"{letter}{_EXAMPLE_ROW}:{letter}{ROWS + _EXAMPLE_ROW - 1}")
            example = page.cell(_EXAMPLE_ROW, place, column.example)
            example.font, example.number_format = Font(italic=True, color=_GREY), "@" if column.text else "General"
            page.column_dimensions[letter].width = _WIDE.get(column.field, max(9.0, 2.2 * len(column.header) + 3))
        page.cell(_GROUP_ROW, begin, f"{group.zh} {group.en}").font = Font(bold=True)
        page.merge_cells(start_row=_GROUP_ROW, start_column=begin, end_row=_GROUP_ROW, end_column=place)
    for validation in validations.values():
        page.add_data_validation(validation)
    page.freeze_panes = page.cell(_EXAMPLE_ROW, 3)
    page.row_dimensions[_HEADER_ROW].height = 22


def _fill_header(page: Worksheet, place: int, column: Column) -> None:
    cell = page.cell(_HEADER_ROW, place, column.header)
    cell.font = Font(bold=True, color="C00000" if column.header.endswith("*") else "000000")
    cell.alignment = Alignment(horizontal="center", vertical="center")
    cell.border = Border(bottom=Side("medium"))
    cell.comment = Comment(f"{column.zh}\n{column.en}".strip(), "nuanxin", width=280, height=120)


def _validation(place: str) -> DataValidation:
    return DataValidation(type="list", formula1=place, allow_blank=True, showErrorMessage=True, errorStyle="warning",
                          errorTitle="不在列表中", error="请从下拉列表选择；确认要用其他写法时选“是”。 Choose from the list.")


def _fill_help(page: Worksheet, made: Sequence[Group]) -> None:
    for (zh, en), bold in zip(_HELP, (True, *[False] * len(_HELP)), strict=False):
        page.append([zh, en])
        for cell in page[page.max_row]:
            cell.font = Font(bold=bold, size=14 if bold else 11)
    for group in made:
        page.append([])
        page.append([f"【{group.zh}】", group.en])
        for cell in page[page.max_row]:
            cell.font = Font(bold=True)
        for column in group.columns:
            page.append([f"{column.header}：{column.zh}" if column.zh else column.header, column.en])
    for letter, width in (("A", 80), ("B", 70)):
        page.column_dimensions[letter].width = width
    for row in page.iter_rows():
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
