"""Prints the sheets of one XLS workbook as lines of JSON; run by path as a process of its own, by `old_workbook`.

Imports nothing of this project, so that it starts fast and may be stopped at any moment. Its arguments:
the file, the bytes of memory it may take, the most cells it may read and the most characters it may print. Each
sheet is a line of what it is, then a line a row; the last line of a file that was read whole is ``"end"``.
A refusal is one line ``{"refused": ...}``.
"""

from __future__ import annotations

import json
import resource
import sys
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum


def tagged(value: object) -> object:
    """Return what JSON has no word for as an object of one key."""
    if isinstance(value, datetime | date | time):
        return {type(value).__name__: value.isoformat()}
    if isinstance(value, timedelta):
        return {"timedelta": value.total_seconds()}
    raise TypeError


def main(path: str, memory: str, most_cells: str, most_characters: str) -> None:
    """Print one workbook."""
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    left = int(most_characters)

    def tell(what: object) -> None:
        nonlocal left
        line = json.dumps(what, ensure_ascii=False, default=tagged)
        left -= len(line)
        if left < 0:
            raise OverflowError
        sys.stdout.write(line + "\n")

    with CalamineWorkbook.from_path(path) as book:
        cells = 0
        for number, told in enumerate(book.sheets_metadata):
            sheet = book.get_sheet_by_index(number)
            cells += sheet.total_height * sheet.total_width
            if cells > int(most_cells):
                raise OverflowError
            if told.typ is SheetTypeEnum.WorkSheet:
                tell({"title": told.name, "hidden": told.visible is not SheetVisibleEnum.Visible,
                      "indent": (sheet.start or (0, 0))[1], "merged": list(sheet.merged_cell_ranges or ())})
                for row in sheet.iter_rows():
                    tell(row)
    tell("end")


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    try:
        main(*sys.argv[1:])
    except PasswordError:
        print(json.dumps({"refused": "password"}))  # noqa: T201 - the parent reads it
    except (OverflowError, MemoryError):
        print(json.dumps({"refused": "large"}))  # noqa: T201
    except Exception as fault:  # noqa: BLE001 - whatever a broken file does to the library
        print(json.dumps({"refused": "broken", "why": str(fault)[:200]}))  # noqa: T201
