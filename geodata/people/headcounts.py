"""Demand layers by group and time, from a table of headcounts of areas: couriers by day, by night.

The table has a column of areas (a code, or a name as `AreaTree.code` understands it), one of people, one of groups
and optionally one of times. Each group and time is one layer, called ``快递员-夜间`` or ``couriers-night``.
All of a file, or nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from geodata import cells, spreadsheets
from geodata.areas import Areas
from geodata.drafts import Faults
from geodata.headers import Columns
from geodata.people.given import PEOPLE_HEADERS
from geodata.row_pairs import text_at
from geodata.tables import Row, Table
from locator.errors import BadValue, NotThere, Refusal
from locator.words import Words

HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    "area": ("area", "code", "area_code", "区域", "区域代码", "代码", "区", "街道", "行政区", "区县", "名称", "name"),
    "group": ("group", "人群", "群体", "职业", "类别"),
    "time": ("time", "时段", "时间"),
    "people": PEOPLE_HEADERS,
}
"""The headers of each column; the first that is there is taken."""
REQUIRED = ("area", "group", "people")
LONGEST_NAME = 60
RESERVED = ("census", "default", "own")


class Layer(NamedTuple):
    """People of one group at one time, by area."""

    name: str
    group: str
    time: str
    people: Mapping[str, float]
    """By the code of an area; none lies under another."""
    source: Words
    date: str | None

    @property
    def total(self) -> float:
        """Return all people."""
        return sum(self.people.values())


@dataclass
class Counted:
    """What a table comes to. Nothing has been written."""

    layers: list[Layer] = field(default_factory=list)
    """Empty where there is any error."""
    errors: list[Refusal] = field(default_factory=list)
    warnings: list[Refusal] = field(default_factory=list)


def read(path: Path, areas: Areas, *, source: Words, date: str | None) -> Counted:
    """Read a table of headcounts.

    Raises:
        BadFile: If the file as a whole cannot be read.
        BadValue: If a column is missing; names those that there are.
    """
    every = {header for headers in HEADERS.values() for header in headers}
    table = spreadsheets.read(path, lambda header: header.strip().casefold() in every)
    placed = _columns(table)
    faults = Faults(table, Columns(table.headers, (None,) * len(table.headers), {}, (), (), (), (), {}))
    found: dict[str, tuple[str, str, dict[str, float], dict[str, Row]]] = {}
    for row in table.rows:
        try:
            code, group, time, people = _read(row, placed, areas)
        except Refusal as refusal:
            faults.wrong(row.line, placed.get(refusal.field), refusal)
            continue
        name = f"{group}-{time}" if time else group
        _, _, counts, rows = found.setdefault(name, (group, time, {}, {}))
        if (other := _overlapped(code, rows, areas)) is not None:
            shown = faults.shown_line(rows[other].line)
            faults.wrong(row.line, placed["area"], BadValue(
                "area", text_at(row, placed["area"]), zh=f"与第 {shown} 行的区域重叠，同一人群同一时段里会重复计算",
                en=f"overlaps the area of line {shown}: people of one group and time would count twice"))
            continue
        counts[code], rows[code] = people, row
    for name, (_, _, counts, rows) in found.items():
        first = next(iter(rows.values()), None)
        if first is not None and not any(counts.values()):
            faults.wrong(first.line, placed["people"], BadValue("people", 0, zh=f"{name} 的总人数为 0", en=f"{name} adds up to 0"))
    if faults.errors:
        return Counted(errors=faults.errors, warnings=faults.warnings)
    return Counted([Layer(name, group, time, counts, source, date) for name, (group, time, counts, _) in found.items()],
                   warnings=faults.warnings)


def _columns(table: Table) -> dict[str, int]:
    folded = [header.strip().casefold() for header in table.headers]
    placed: dict[str, int] = {}
    for column, headers in HEADERS.items():
        place = next((folded.index(header) for header in headers if header in folded), None)
        if place is not None:
            placed[column] = place
        elif column in REQUIRED:
            shown = "、".join(header for header in table.headers if header)
            raise BadValue(column, None, at=table.at(table.header_line), zh=f"没有这一列（{'、'.join(headers[:4])}）；有：{shown}",
                           en=f"there is no such column ({', '.join(headers[:4])}); it has: {shown}")
    return placed


def _read(row: Row, placed: Mapping[str, int], areas: Areas) -> tuple[str, str, str, float]:
    said = {column: text_at(row, placed.get(column)) for column in HEADERS}
    for column in REQUIRED:
        if not said[column]:
            raise BadValue(column, None, zh="不能为空", en="must not be empty")
    for column in ("group", "time"):
        if len(said[column]) > LONGEST_NAME or not said[column].isprintable():
            raise BadValue(column, said[column], zh=f"应为不超过 {LONGEST_NAME} 个字符的文字",
                           en=f"must be a text of at most {LONGEST_NAME} characters")
    if said["group"].casefold() in RESERVED and not said["time"]:
        raise BadValue("group", said["group"], zh="这个名称另有用途", en="this name means something else")
    code = areas.code(said["area"])
    if not any(areas.tree[under].has_outline for under in areas.tree.subtree(code)):
        raise NotThere("area", said["area"], zh="没有边界数据，无法把人数分布到地面上；请先载入边界（nuanxin areas load），或并入它所在的区",
                       en="has no outline, so its people cannot be put on the ground: load one (nuanxin areas load), "
                          "or count them in the district around it")
    return code, said["group"], said["time"], cells.number("people", row.cells[placed["people"]])


def _overlapped(code: str, known: Mapping[str, Row] | Sequence[str], areas: Areas) -> str | None:
    """Return the code among `known` that is this area, lies in it or around it; None if there is none."""
    around, under = set(areas.path(code)), areas.tree.subtree(code)
    return next((other for other in known if other in around or other in under), None)
