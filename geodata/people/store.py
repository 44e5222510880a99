"""Demand as files of numbers: written whole or not at all, mapped into memory in milliseconds.

A folder holds ``lonlat.npy``, ``people.npy``, ``cell_m2.npy`` where cells differ, and ``about.json``. In which
areas each row lies depends on the outlines of the day: it is kept beside as ``.areas-VERSION.npy`` with ``.json``, and made
again when they changed. What begins with a dot may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import uuid
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata import whole
from geodata.areas import Areas
from geodata.overlay import Overlay
from geodata.people.grid import outlines_version
from locator.arrays import LonLat
from locator.demand import NOWHERE, Demand
from locator.errors import BadFile
from locator.words import Words

ABOUT = "about.json"
FORMAT = 1


class Figures(NamedTuple):
    """What is kept of a demand: everything but the areas, which the outlines say."""

    lonlat: LonLat
    people: NDArray[np.float64]
    cell_m2: NDArray[np.float64] | float | None
    """One number: every cell is as large; None: points."""
    source: Words
    date: str | None
    note: Words


def write(folder: Path, figures: Figures, areas: Areas, lies_in: Overlay | None = None) -> None:
    """Put figures into a new folder; where it is there already, whoever made it first made the same.

    Args:
        folder: Where; its name belongs to these figures and no others.
        figures: What to keep.
        areas: The outlines of the day.
        lies_in: Their areas, where they are known already.

    Raises:
        OSError: If it cannot be written; then nothing is left of it.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = folder.with_name(f".{uuid.uuid4().hex}")
    unfinished.mkdir()
    try:
        about: dict[str, Any] = {"format": FORMAT, "rows": len(figures.people), "content": content_version(figures), "source": figures.source,
                                 "date": figures.date, "note": figures.note, "cell_m2": None}
        _save(unfinished / "lonlat.npy", figures.lonlat)
        _save(unfinished / "people.npy", figures.people)
        if isinstance(figures.cell_m2, np.ndarray):
            about["cell_m2"] = "each"
            _save(unfinished / "cell_m2.npy", figures.cell_m2)
        else:
            about["cell_m2"] = figures.cell_m2
        if lies_in is not None:
            _save_areas(unfinished, lies_in, areas)
        whole.write(unfinished / ABOUT, json.dumps(about, ensure_ascii=False).encode())
        try:
            unfinished.rename(folder)
        except OSError:
            if not (folder / ABOUT).exists():  # a folder that holds something is not replaced: the same is there already
                raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def read(folder: Path, areas: Areas) -> Demand:
    """Return the demand of a folder, its arrays mapped from the files, its areas those of today's outlines.

    Raises:
        BadFile: If something of it is missing or is not what was written.
        OSError: If it cannot be read.
    """
    try:
        about = json.loads((folder / ABOUT).read_text("utf-8"))
        lonlat, people = (_mapped(folder / f"{name}.npy") for name in ("lonlat", "people"))
        each = about["cell_m2"]
        cell_m2 = (None if each is None else _mapped(folder / "cell_m2.npy") if each == "each"
                   else np.broadcast_to(np.float64(each), (len(people),)))
        if about["format"] != FORMAT or len(people) != about["rows"]:
            raise ValueError(f"format {about['format']}, {len(people)} rows")
        return Demand(lonlat, people, *_areas(folder, lonlat, areas), cell_m2, Words(*about["source"]), about["date"],
                      Words(*about["note"]), _version(about["content"], areas))
    except FileNotFoundError as error:
        raise _damaged(folder, f"{Path(error.filename or '').name}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, EOFError) as error:
        raise _damaged(folder, str(error)) from None


def version(folder: Path, areas: Areas) -> str:
    """Return the version of the demand of a folder: `read` without the figures.

    Raises:
        BadFile: If what is said of it is missing or is not what was written.
    """
    try:
        return _version(json.loads((folder / ABOUT).read_text("utf-8"))["content"], areas)
    except FileNotFoundError as error:
        raise _damaged(folder, f"{ABOUT}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(folder, str(error)) from None


def demand(figures: Figures, lies_in: Overlay, *, version: str) -> Demand:
    """Return figures in memory as a demand of some version."""
    cell_m2 = figures.cell_m2
    if isinstance(cell_m2, float):
        cell_m2 = np.broadcast_to(np.float64(cell_m2), (len(figures.people),))
    return Demand(figures.lonlat, figures.people, *lies_in, cell_m2, figures.source, figures.date, figures.note, version)


def content_version(figures: Figures) -> str:
    """Return a digest of figures and of what is said of them."""
    digest = hashlib.sha256(json.dumps([figures.source, figures.date, figures.note]).encode())
    for array in (figures.lonlat, figures.people, figures.cell_m2):
        digest.update(np.ascontiguousarray(array).tobytes() if isinstance(array, np.ndarray) else str(array).encode())
    return digest.hexdigest()[:16]


def _areas(folder: Path, lonlat: LonLat, areas: Areas) -> Overlay:
    """Return the areas of the rows, kept from before if the outlines are the same."""
    kept = folder / _areas_file(areas)
    with contextlib.suppress(OSError, ValueError, EOFError, TypeError):
        found = Overlay(_mapped(kept), tuple(map(tuple, json.loads(kept.with_suffix(".json").read_text("utf-8")))))
        if found.rows.shape == (len(lonlat),) and found.rows.dtype == np.int32 and int(found.rows.max(initial=NOWHERE)) < len(found.sets):
            return found
    found = areas.overlay(lonlat)
    with contextlib.suppress(OSError):  # a folder that cannot be written to: it is worked out every time
        for older in folder.glob(".areas-*"):
            older.unlink(missing_ok=True)
        _save_areas(folder, found, areas)
    return found


def _save_areas(folder: Path, lies_in: Overlay, areas: Areas) -> None:
    """Write the areas of rows; the file of rows comes last, and without it the other is nothing."""
    kept, beside = folder / _areas_file(areas), folder / f".{uuid.uuid4().hex}"
    whole.write(kept.with_suffix(".json"), json.dumps(lies_in.sets).encode())
    _save(beside, lies_in.rows)
    beside.replace(kept)


def _version(content: str, areas: Areas) -> str:
    return hashlib.sha256(f"{content}|{outlines_version(areas)}".encode()).hexdigest()[:12]


def _areas_file(areas: Areas) -> str:
    return f".areas-{outlines_version(areas)}.npy"


def _mapped(path: Path) -> NDArray[Any]:
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))


def _save(path: Path, array: NDArray[Any]) -> None:
    with path.open("xb") as stream:
        np.save(stream, np.ascontiguousarray(array), allow_pickle=False)
        stream.flush()
        os.fsync(stream.fileno())


def _damaged(folder: Path, why: str) -> BadFile:
    return BadFile("demand", folder.name, zh=f"需求数据已损坏（{why}）；请重新运行 nuanxin demand build，或 demand reset",
                   en=f"the demand is damaged ({why}); run nuanxin demand build again, or demand reset")
