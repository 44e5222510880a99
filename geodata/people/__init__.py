"""People as demand: what an operator gave, else the census spread evenly within each district; and layers by group and time.

In the folder ``demand`` of the home stand the operator's figures and ``layers.json``; what can be made again (the
grid of the census) is in ``demand.cache``. Each is replaced whole: a process that has the older one mapped keeps it.
"""

from __future__ import annotations

import difflib
import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from geodata import areas as shipped
from geodata import whole
from geodata.areas import Areas
from geodata.people import store
from geodata.people.given import Read
from geodata.people.headcounts import Layer
from geodata.people.spreading import (
    CACHE,
    CENSUS_DATE,
    CENSUS_SOURCE,
    census,
    clear,
    of_layer,
    version_of_census,
    version_of_layer,
)
from locator.demand import Demand
from locator.errors import BadFile, NotThere
from locator.words import Words

__all__ = ["CACHE", "CENSUS", "CENSUS_DATE", "CENSUS_SOURCE", "FOLDER", "LAYERS", "OWN", "census", "drop_layer", "keep", "keep_layers", "layers",
           "load", "own_folder", "reset", "stamp", "version"]

_Read = TypeVar("_Read")
FOLDER = "demand"
OWN = "own.json"
"""Names the folder of the operator's figures; without it the census is the demand."""
LAYERS = "layers.json"
CENSUS = "census"
"""As a name of `load`: the census, whatever the operator gave."""


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
        return of_layer(_layer(home, name), home, areas)
    return _own(home, name, lambda folder: store.read(folder, areas), lambda: census(home, areas))


def version(home: Path | None, areas: Areas, name: str | None = None) -> str:
    """Return `Demand.version` of what `load` returns, in milliseconds: nobody's place is read, and no grid is built.

    Raises:
        NotThere: As `load`, but for an area that is too small to hold a cell.
        BadFile: If what is said of the operator's demand is damaged.
    """
    if name is not None and name != CENSUS:
        return version_of_layer(_layer(home, name), areas)
    return _own(home, name, lambda folder: store.version(folder, areas), lambda: version_of_census(areas))


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
    clear(home / FOLDER, "own-*", folder.name)


def reset(home: Path) -> bool:
    """Go back to the census; return whether there was anything else."""
    had = (home / FOLDER / OWN).exists()
    (home / FOLDER / OWN).unlink(missing_ok=True)
    clear(home / FOLDER, "own-*", None)
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
        of_layer(layer, home, areas)
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
