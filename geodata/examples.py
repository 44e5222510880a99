"""A template's example row, which no reader takes for data: one rule for every sort of table, and it is told."""

from __future__ import annotations

from geodata import cells
from geodata.drafts import Faults
from geodata.headers import Columns
from geodata.row_pairs import text_at
from geodata.tables import Row
from locator.errors import BadValue


def is_example(row: Row, known: Columns, faults: Faults, *, spreadsheet: bool) -> bool:
    """Return whether a row is an example: of a spreadsheet, with a name that begins with `cells.EXAMPLE`, and without an id.

    That it is passed over goes to the warnings of `faults`; a row with an id is somebody's own, whatever it is called.
    """
    place = known.fields.get("name")
    name = text_at(row, place)
    if not spreadsheet or not name.replace(":", "：").startswith(cells.EXAMPLE):
        return False
    one = text_at(row, known.fields.get("id"))
    if one and not cells.says_nothing(one):
        return False
    faults.warn(row.line, place, BadValue("name", name, zh="是示例行，未导入；若是真的站点，请去掉“示例：”",
                                          en="is an example and was not imported; take 示例： away if it is a site"))
    return True
