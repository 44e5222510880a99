"""People who are known by area, spread evenly over the cells of their area; done once, and kept in ``demand.cache`` of the home."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from geodata import areas as shipped
from geodata.areas import Areas
from geodata.overlay import Overlay
from geodata.people import store
from geodata.people.grid import CELL_M, CELL_M2, check_outlines, outlines_version, over, spread
from geodata.people.headcounts import Layer
from geodata.people.store import Figures
from locator.demand import Demand
from locator.errors import Refusal
from locator.words import Words

CACHE = "demand.cache"
CENSUS_SOURCE: Final = Words("第七次全国人口普查各区常住人口", "residents of each district, national census of 2020")
CENSUS_DATE = "2020-11-01"
EVEN_IN_DISTRICTS: Final = Words("各区内均匀分布", "even within each district")
EVEN_IN_AREAS: Final = Words("各区域内均匀分布", "even within each area")


def census(home: Path | None, areas: Areas) -> Demand:
    """Return each district's residents of 2020, even within the district, on cells of 100 m."""
    return _spread(shipped.census(), areas, home, source=CENSUS_SOURCE, date=CENSUS_DATE, note=EVEN_IN_DISTRICTS)


def version_of_census(areas: Areas) -> str:
    """Return `Demand.version` of what `census` returns, without making it."""
    return _name(_census_said(areas))


def _census_said(areas: Areas) -> str:
    return _said(shipped.census(), areas, CENSUS_SOURCE, CENSUS_DATE, EVEN_IN_DISTRICTS)


def of_layer(layer: Layer, home: Path | None, areas: Areas) -> Demand:
    """Spread a layer over the cells of the census, so that whatever is known of those holds for it; elsewhere over its own.

    Raises:
        NotThere: If one of its areas cannot be spread over: `grid.spread`.
    """
    note = _note(layer, areas)
    if not _in_census(layer, areas):
        return _spread(layer.people, areas, home, source=layer.source, date=layer.date, note=note)
    base = census(home, areas)
    people = over(Overlay(base.areas, base.area_sets), layer.people, areas)
    return replace(base, people=people, source=layer.source, date=layer.date, note=note, version=version_of_layer(layer, areas))


def version_of_layer(layer: Layer, areas: Areas) -> str:
    """Return `Demand.version` of what `of_layer` returns, without making it.

    Raises:
        NotThere: If one of its areas has no outline.
    """
    check_outlines(layer.people, areas)
    note = _note(layer, areas)
    if not _in_census(layer, areas):
        return _name(_said(layer.people, areas, layer.source, layer.date, note))
    return _name(json.dumps([_name(_census_said(areas)), sorted(layer.people.items()), layer.source, layer.date, note]))


def _note(layer: Layer, areas: Areas) -> Words:
    even_in_districts = all(code in areas.tree and areas.tree[code].tier == "district" for code in layer.people)
    return EVEN_IN_DISTRICTS if even_in_districts else EVEN_IN_AREAS


def _in_census(layer: Layer, areas: Areas) -> bool:
    """Return whether all of a layer's areas lie where the census has cells."""
    counted = frozenset(shipped.census())
    under = [code for code in areas.finest_codes if not layer.people.keys().isdisjoint(areas.path(code))]
    return not any(counted.isdisjoint(areas.path(code)) for code in under)


# the cache


def _spread(people: Mapping[str, float], areas: Areas, home: Path | None, *, source: Words, date: str | None, note: Words) -> Demand:
    """Return people of areas spread evenly over them, from the cache if it was done before.

    Raises:
        NotThere: If an area cannot be spread over: `grid.spread`.
    """
    said = _said(people, areas, source, date, note)
    folder = None if home is None else home / CACHE / f"{_kind(people)}-{_digest(said)[:16]}"
    if folder is not None and folder.is_dir():
        try:
            return replace(store.read(folder, areas), version=_name(said))
        except (Refusal, OSError):  # a cache that cannot be used is made anew
            shutil.rmtree(folder, ignore_errors=True)
    cells = spread(people, areas)
    figures = Figures(cells.lonlat, cells.people, CELL_M2, source, date, note)
    if folder is not None:
        with contextlib.suppress(OSError, Refusal):
            store.write(folder, figures, areas, cells.lies_in)
            clear(folder.parent, f"{_kind(people)}-*", folder.name)  # of outlines that are no longer those
            return replace(store.read(folder, areas), version=_name(said))
    return store.demand(figures, cells.lies_in, version=_name(said))


def _said(people: Mapping[str, float], areas: Areas, source: Words, date: str | None, note: Words) -> str:
    """Return everything that spread people come from: the same, the same cells and the same people in each."""
    return json.dumps([store.FORMAT, CELL_M, outlines_version(areas), sorted(people.items()), source, date, note])


def _name(said: str) -> str:
    return _digest(said)[:12]


def _digest(said: str) -> str:
    return hashlib.sha256(said.encode()).hexdigest()


def _kind(people: Mapping[str, float]) -> str:
    """Return what a cache is of: the same areas with the same figures, whatever their outlines were."""
    return hashlib.sha256(json.dumps(sorted(people.items())).encode()).hexdigest()[:8]


def clear(folder: Path, pattern: str, kept: str | None) -> None:
    """Delete the folders of a pattern in another, but for one."""
    for path in folder.glob(pattern):
        if path.name != kept:
            shutil.rmtree(path, ignore_errors=True)
