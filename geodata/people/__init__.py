"""People as demand: what an operator gave, else the census spread evenly within each district.

Kept in the folder ``demand`` of the home; what can be made again (the grid of the census) is in ``demand.cache``.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from geodata import areas as shipped
from geodata.areas import Areas
from geodata.people import store
from geodata.people.grid import CELL_M, CELL_M2, outlines_version, spread
from geodata.people.store import Figures
from locator.demand import Demand
from locator.errors import BadFile
from locator.words import Words

CACHE = "demand.cache"
CENSUS_SOURCE: Final = Words("第七次全国人口普查各区常住人口", "residents of each district, national census of 2020")
CENSUS_DATE = "2020-11-01"
EVEN_IN_DISTRICTS: Final = Words("各区内均匀分布", "even within each district")


def load(home: Path | None, areas: Areas) -> Demand:
    """Return the demand of an installation, mapped from its files: the operator's, else the census.

    The census grid is built the first time (seconds), and again when outlines change. Where the home cannot be
    written to, or is None, it is built in memory.

    Raises:
        BadFile: If the operator's demand is damaged.
    """
    return census(home, areas)


def census(home: Path | None, areas: Areas) -> Demand:
    """Return each district's residents of 2020, even within the district, on cells of 100 m."""
    return spread_and_kept(shipped.census(), areas, home, source=CENSUS_SOURCE, date=CENSUS_DATE, note=EVEN_IN_DISTRICTS)


def spread_and_kept(people: Mapping[str, float], areas: Areas, home: Path | None, *, source: Words, date: str | None, note: Words) -> Demand:
    """Return people of areas spread evenly over them, from the cache if it was done before.

    Raises:
        NotThere: If an area cannot be spread over: `grid.spread`.
    """
    said = json.dumps([store.FORMAT, CELL_M, outlines_version(areas), sorted(people.items()), source, date, note])
    key = hashlib.sha256(said.encode()).hexdigest()[:16]
    folder = None if home is None else home / CACHE / key
    if folder is not None and folder.is_dir():
        try:
            return store.read(folder, areas)
        except (BadFile, OSError):  # a cache that cannot be used is made anew
            shutil.rmtree(folder, ignore_errors=True)
    cells = spread(people, areas)
    figures = Figures(cells.lonlat, cells.people, CELL_M2, source, date, note)
    if folder is not None:
        with contextlib.suppress(OSError, BadFile):
            store.write(folder, figures, areas, cells.areas)
            return store.read(folder, areas)
    return store.demand(figures, cells.areas, areas)
