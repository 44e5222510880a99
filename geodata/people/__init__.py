"""People as demand: what an operator gave, else the census spread evenly within each district; and layers by group and time.

In the folder ``demand`` of the home stand the operator's figures and ``layers.json``; what can be made again (the
grid of the census) is in ``demand.cache``. Each is replaced whole: a process that has the older one mapped keeps it.
"""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeVar

from geodata import areas as shipped
from geodata import whole
from geodata.areas import Areas
from geodata.overlay import Overlay
from geodata.people import store
from geodata.people.given import Read
from geodata.people.grid import CELL_M, CELL_M2, check_outlines, outlines_version, over, spread
from geodata.people.headcounts import Layer
from geodata.people.store import Figures
from locator.demand import Demand
from locator.errors import BadFile, NotThere, Refusal
from locator.words import Words

_Read = TypeVar("_Read")
FOLDER = "demand"
CACHE = "demand.cache"
OWN = "own.json"
"""Names the folder of the operator's figures; without it the census is the demand."""
LAYERS = "layers.json"
CENSUS = "census"
"""As a name of `load`: the census, whatever the operator gave."""
CENSUS_SOURCE: Final = Words("第七次全国人口普查各区常住人口", "residents of each district, national census of 2020")
CENSUS_DATE = "2020-11-01"
EVEN_IN_DISTRICTS: Final = Words("各区内均匀分布", "even within each district")
EVEN_IN_AREAS: Final = Words("各区域内均匀分布", "even within each area")


def load(home: Path | None, areas: Areas, name: str | None = None) -> Demand:
    """Return the demand of an installation, mapped from its files: the operator's, else the census.

    The census grid is built the first time (seconds), and again when outlines change. Where the home cannot be
    written to, or is None, it is built in memory.

    Args:
        home: The registry's folder.
        areas: Its areas.
        name: A layer's name, or `CENSUS`.

    Raises:
        NotThere: If there is no such layer, or one of its areas has lost its outline.
        BadFile: If the operator's demand is damaged.
    """
    if name is not None and name != CENSUS:
        return _of_layer(_layer(home, name), home, areas)
    return _own(home, name, lambda folder: store.read(folder, areas), lambda: census(home, areas))


def version(home: Path | None, areas: Areas, name: str | None = None) -> str:
    """Return `Demand.version` of what `load` returns, in milliseconds: nobody's place is read, and no grid is built.

    Raises:
        NotThere: As `load`, but for an area that is too small to hold a cell.
        BadFile: If what is said of the operator's demand is damaged.
    """
    if name is not None and name != CENSUS:
        return _version_of_layer(_layer(home, name), areas)
    return _own(home, name, lambda folder: store.version(folder, areas), lambda: _name(_census_said(areas)))


def _own(home: Path | None, name: str | None, read: Callable[[Path], _Read], otherwise: Callable[[], _Read]) -> _Read:
    """Return what is read of the operator's figures; something else where there are none, or the census is asked for by its name."""
    folder = own_folder(home) if home is not None and name is None else None
    if home is None or folder is None:
        return otherwise()
    try:
        return read(folder)
    except BadFile:
        newer = own_folder(home)
        if newer == folder:
            raise
        return read(newer) if newer is not None else otherwise()  # replaced between one line and the next


def census(home: Path | None, areas: Areas) -> Demand:
    """Return each district's residents of 2020, even within the district, on cells of 100 m."""
    return _spread(shipped.census(), areas, home, source=CENSUS_SOURCE, date=CENSUS_DATE, note=EVEN_IN_DISTRICTS)


def _census_said(areas: Areas) -> str:
    return _said(shipped.census(), areas, CENSUS_SOURCE, CENSUS_DATE, EVEN_IN_DISTRICTS)


def stamp(home: Path) -> tuple[int, ...]:
    """Return when each file that `load` goes by was last written, 0 where there is none: another one, load again."""
    files = (home / FOLDER / OWN, home / FOLDER / LAYERS, shipped.folder_of(home) / shipped.TABLE)
    return tuple(file.stat().st_mtime_ns if file.exists() else 0 for file in files)


# the operator's


def keep(home: Path, read: Read, areas: Areas) -> None:
    """Make what a file came to the demand of an installation, in place of what was.

    Raises:
        ValueError: If it has errors.
        OSError: If it cannot be written; then the demand is what it was.
    """
    if read.figures is None:
        raise ValueError("what has errors is not kept")
    folder = home / FOLDER / f"own-{store.content_version(read.figures)}"
    if not (folder / store.ABOUT).exists():
        shutil.rmtree(folder, ignore_errors=True)
        store.write(folder, read.figures, areas, read.lies_in)
    whole.write(home / FOLDER / OWN, json.dumps({"folder": folder.name}).encode())
    _clear(home / FOLDER, "own-*", folder.name)


def reset(home: Path) -> bool:
    """Go back to the census; return whether there was anything else."""
    had = (home / FOLDER / OWN).exists()
    (home / FOLDER / OWN).unlink(missing_ok=True)
    _clear(home / FOLDER, "own-*", None)
    return had


def own_folder(home: Path) -> Path | None:
    """Return where the operator's figures are; None: there are none.

    Raises:
        BadFile: If the file that says so is damaged.
    """
    said = _read_json(home / FOLDER / OWN)
    if said is None:
        return None
    folder = said.get("folder") if isinstance(said, dict) else None
    if not isinstance(folder, str) or Path(folder).name != folder:
        raise _damaged(OWN)
    return home / FOLDER / folder


# layers by group and time


def layers(home: Path) -> tuple[Layer, ...]:
    """Return the layers of an installation, in the order they came.

    Raises:
        BadFile: If their file is damaged.
    """
    said = _read_json(home / FOLDER / LAYERS)
    try:
        return tuple(Layer(one["name"], one["group"], one["time"], {str(code): float(n) for code, n in one["people"].items()},
                           Words(*one["source"]), one["date"]) for one in said or ())
    except (KeyError, TypeError, ValueError, AttributeError):
        raise _damaged(LAYERS) from None


def keep_layers(home: Path, given: Iterable[Layer], areas: Areas, *, add: bool = False) -> tuple[Layer, ...]:
    """Make these the layers of an installation, or add them to those it has; one of a name it has replaces that. Return all.

    Raises:
        NotThere: If an area's people cannot be put on the ground; nothing is written then.
        OSError: If they cannot be written; then the layers are what they were.
    """
    new = tuple(given)
    for layer in new:
        _of_layer(layer, home, areas)
    every = {layer.name: layer for layer in (*(layers(home) if add else ()), *new)}
    (home / FOLDER).mkdir(parents=True, exist_ok=True)
    said = [{**layer._asdict(), "people": dict(layer.people)} for layer in every.values()]
    whole.write(home / FOLDER / LAYERS, json.dumps(said, ensure_ascii=False, indent=1).encode())
    return tuple(every.values())


def drop_layer(home: Path, name: str) -> None:
    """Take one layer out.

    Raises:
        NotThere: If there is none of this name.
    """
    gone = _layer(home, name)
    left = [{**layer._asdict(), "people": dict(layer.people)} for layer in layers(home) if layer != gone]
    whole.write(home / FOLDER / LAYERS, json.dumps(left, ensure_ascii=False, indent=1).encode())


def _layer(home: Path | None, name: str) -> Layer:
    every = {layer.name.casefold(): layer for layer in (layers(home) if home is not None else ())}
    found = every.get(name.strip().casefold())
    if found is None:
        near = difflib.get_close_matches(name.casefold(), every, n=1, cutoff=0.0)
        hint_zh, hint_en = (f"；最接近的是 {every[near[0]].name}", f"; the nearest is {every[near[0]].name}") if near else ("", "")
        raise NotThere("demand", name, zh=f"没有这个需求图层{hint_zh}；见 nuanxin demand list",
                       en=f"there is no such demand layer{hint_en}; see nuanxin demand list")
    return found


def _of_layer(layer: Layer, home: Path | None, areas: Areas) -> Demand:
    """Spread a layer over the cells of the census, so that whatever is known of those holds for it; elsewhere over its own."""
    note = _note(layer, areas)
    if not _in_census(layer, areas):
        return _spread(layer.people, areas, home, source=layer.source, date=layer.date, note=note)
    base = census(home, areas)
    people = over(Overlay(base.areas, base.area_sets), layer.people, areas)
    return replace(base, people=people, source=layer.source, date=layer.date, note=note, version=_version_of_layer(layer, areas))


def _version_of_layer(layer: Layer, areas: Areas) -> str:
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
            _clear(folder.parent, f"{_kind(people)}-*", folder.name)  # of outlines that are no longer those
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


def _clear(folder: Path, pattern: str, kept: str | None) -> None:
    for path in folder.glob(pattern):
        if path.name != kept:
            shutil.rmtree(path, ignore_errors=True)


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        raise _damaged(path.name) from None


def _damaged(name: str) -> BadFile:
    return BadFile("demand", name, zh="已损坏；请重新运行 nuanxin demand build 或 demand layers，或 demand reset",
                   en="is damaged; run nuanxin demand build or demand layers again, or demand reset")
