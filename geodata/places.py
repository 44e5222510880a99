"""Landmarks to search by: where people start from, read from a small file.

The shipped list is ``files/places.csv``: Beijing's best-known places, approximate, from general
knowledge. An operator's ``places.csv`` of the same form, in the home folder, replaces it; `place_files`
makes one from any office's list or an OpenStreetMap extract.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from geodata import whole
from geodata.readings import of_names
from locator import earth
from locator.errors import BadFile, BadRadius, Refusal
from locator.names import Place
from locator.questions import check_lonlat
from locator.texts import fold
from locator.typed import degrees
from locator.words import Words

SHIPPED = Path(__file__).parent / "files" / "places.csv"
NAME = "places.csv"
"""What an operator's own list is called in the home folder."""

COLUMNS = ("code", "zh", "en", "lon", "lat", "accuracy_m", "category", "aliases", "district_code", "reading", "source")
"""The file's header. `aliases` are separated by ``|``. What is required: code, zh, lon and lat."""

_REQUIRED = ("code", "zh", "lon", "lat")
UNSTATED_ACCURACY_M = 500.0
SAME_M = 300.0
"""Places of one name within this are one, or within the smaller accuracy of the two where that is more."""


_DEGREE_M = 110_500.0
"""Less than a degree of latitude is long anywhere."""


def load(home: Path | None = None) -> tuple[Place, ...]:
    """Return the places, in the file's order: the operator's list where there is one, the shipped one otherwise.

    A place without a reading is read with pypinyin.

    Raises:
        BadFile: If the file is not UTF-8 CSV with the required columns, or has a code twice.
        BadCoordinate, BadRadius: If a row's pair or accuracy cannot be; `at` names the line.
    """
    own = None if home is None else home / NAME
    return _shipped() if own is None or not own.exists() else tuple(_read(own))


def store(places: Sequence[Place], home: Path) -> None:
    """Make these the operator's own list.

    A place without a reading is read with pypinyin, so that nobody who loads the list has to.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for p in places:
        writer.writerow([p.code, p.words.zh, p.words.en, p.lon, p.lat, p.accuracy_m, p.category, "|".join(p.aliases),
                         "", p.reading or of_names(p.words.zh, p.aliases), p.source])
    home.mkdir(parents=True, exist_ok=True)
    whole.write(home / NAME, text.getvalue().encode())


def merged(places: Iterable[Place]) -> list[Place]:
    """Return the places with those of one name and nearly one spot made one, in the place of the first.

    The less vague pair wins; the first keeps its code, name and category, and gains the others' aliases.
    """
    kept: list[Place] = []
    by_name: dict[str, list[int]] = {}
    for place in places:
        same = by_name.setdefault(fold(place.words.zh), [])
        for number in same:
            held = kept[number]
            if _within(held, place, max(SAME_M, min(held.accuracy_m, place.accuracy_m))):
                better = min(held, place, key=lambda p: p.accuracy_m)
                aliases = tuple(dict.fromkeys((*held.aliases, *place.aliases)))
                kept[number] = replace(held, lon=better.lon, lat=better.lat, accuracy_m=better.accuracy_m, aliases=aliases, source=better.source,
                                       reading=held.reading if aliases == held.aliases else "")
                break
        else:
            same.append(len(kept))
            kept.append(place)
    return kept


def _within(one: Place, other: Place, reach_m: float) -> bool:
    if abs(one.lat - other.lat) * _DEGREE_M > reach_m:  # a city has thousands of one name: few of them are worth measuring
        return False
    return float(earth.geodesic_m(np.array([one.lon, one.lat]), np.array([[other.lon, other.lat]]))[0]) <= reach_m


@lru_cache(maxsize=1)
def _shipped() -> tuple[Place, ...]:
    return tuple(_read(SHIPPED))


def _read(path: Path) -> Iterator[Place]:
    """Yield the rows of one file as places."""
    codes: set[str] = set()
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.DictReader(file, restkey="", restval="")
            missing = [c for c in _REQUIRED if c not in (lines.fieldnames or ())]
            if missing:
                raise BadFile("file", path.name, zh=f"缺少列：{'、'.join(missing)}", en=f"missing columns: {', '.join(missing)}")
            for row in lines:
                at = f"{path.name}:{lines.line_num}"
                try:
                    place = _place(row)
                except Refusal as refusal:
                    raise refusal.placed(at) from None
                if place.code in codes:
                    raise BadFile("code", place.code, zh="代码重复", en="the code occurs twice", at=at)
                codes.add(place.code)
                yield place
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadFile("file", path.name, zh=f"应为 UTF-8 编码的 CSV：{error}", en=f"must be CSV in UTF-8: {error}") from None


def _place(row: dict[str, str]) -> Place:
    code, zh = row["code"].strip(), row["zh"].strip()
    if not code or not zh:
        raise BadFile("code" if not code else "zh", "", zh="不能为空", en="must not be empty")
    lon, lat = degrees("lon", row["lon"]), degrees("lat", row["lat"])
    check_lonlat(lon, lat)
    accuracy_m = _accuracy_m(row.get("accuracy_m", "").strip())
    aliases = tuple(a.strip() for a in row.get("aliases", "").split("|") if a.strip())
    return Place(code, Words(zh, row.get("en", "").strip() or zh), lon, lat, accuracy_m,
                 row.get("category", "").strip() or "landmark", aliases,
                 row.get("reading", "").strip() or of_names(zh, aliases), row.get("source", "").strip())


def _accuracy_m(text: str) -> float:
    try:
        metres = float(text or UNSTATED_ACCURACY_M)
    except ValueError:
        metres = -1.0
    if not 0 < metres < float("inf"):
        raise BadRadius("accuracy_m", text, zh="应为大于 0 的米数", en="must be metres above 0")
    return metres
