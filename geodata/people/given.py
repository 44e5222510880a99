"""What a file says of where people are, before anything of it is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from geodata.areas import Areas
from geodata.evidence import Evidence
from geodata.overlay import Overlay
from geodata.people.store import Figures
from locator.arrays import LonLat
from locator.demand import NOWHERE, check_people, rounded
from locator.errors import BadCoordinate, BadValue, Refusal
from locator.words import Words

PEOPLE_HEADERS = ("people", "人数", "人口", "常住人口", "population", "pop", "count", "weight", "权重")
"""What a column of people is called, where nobody says which one it is; the first that is there."""
AS_GIVEN = Words("按文件给出的点", "points as given")


@dataclass
class Read:
    """What a file comes to. Nothing has been written."""

    figures: Figures | None = None
    """None where there is any error."""
    lies_in: Overlay | None = None
    """The areas of each row."""
    errors: list[Refusal] = field(default_factory=list)
    warnings: list[Refusal] = field(default_factory=list)
    evidence: Evidence | None = None

    def settle(self, lonlat: LonLat, people: NDArray[np.float64], areas: Areas, *, cell_m2: NDArray[np.float64] | float | None,
               source: Words, date: str | None, note: Words, at: Callable[[int], str], name: str) -> Read:
        """Take figures, unless nobody is in them or none of them lies in any area, which is an error.

        Args:
            lonlat: (n, 2) WGS-84 degrees.
            people: (n,) at least 0.
            areas: The outlines.
            cell_m2: As `Figures` has it.
            source: Where the figures come from.
            date: When they were true.
            note: What is even within what.
            at: Names the place of a row in the file.
            name: The file.
        """
        try:
            check_people(people)
        except Refusal as refusal:
            self.errors.append(refusal.placed(at(int(refusal.at)) if refusal.at else name))
            return self
        lies_in = areas.overlay(lonlat)
        rows = lies_in.rows
        outside = np.flatnonzero((rows == NOWHERE) & (people > 0))
        if len(outside):
            first = int(outside[0])
            lon, lat = lonlat[first].tolist()
            left = float(people[outside].sum())
            if not (rows[people > 0] != NOWHERE).any():
                self.errors.append(BadCoordinate("lon, lat", f"{lon:.6f},{lat:.6f}", at=at(first),
                    zh="没有一个人位于任何有边界的区域内；坐标系（--datum）不对，或这座城市的区域尚未载入（nuanxin areas load）",
                    en="nobody lies in any area that has an outline: the datum is another one (--datum), or the areas of this city "
                       "have not been loaded (nuanxin areas load)"))
                return self
            self.warnings.append(BadCoordinate("lon, lat", f"{lon:.6f},{lat:.6f}", at=at(first),
                zh=f"不在任何有边界的区域内；这样的共 {len(outside):,} 处、{left:,.0f} 人，不计入任何区域",
                en=f"lies in no area that has an outline; there are {len(outside):,} such, with {left:,.0f} people, who count for no area"))
        self.figures, self.lies_in = Figures(lonlat, rounded(people), cell_m2, source, date, note), lies_in
        return self


def people_column(headers: Sequence[str], wanted: str | None, name: str) -> int:
    """Return which column holds the people: the one called `wanted`, else the first of `PEOPLE_HEADERS`.

    Raises:
        BadValue: If there is none, naming those that there are.
    """
    folded = [header.strip().casefold() for header in headers]
    for called in ((wanted.strip().casefold(),) if wanted is not None else PEOPLE_HEADERS):
        if called in folded:
            return folded.index(called)
    shown = "、".join(header for header in headers if header)
    raise BadValue("people", wanted, at=name, zh=f"没有人数列（people、人数、人口……）；有：{shown}；可用 --people 指明是哪一列",
                   en=f"there is no column of people (people, population, ...); it has: {shown}; say which by --people")
