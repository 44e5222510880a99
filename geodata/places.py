"""Landmarks to search by: where people start from, read from a small file.

The shipped list is ``files/places.csv``: Beijing's best-known places, approximate, from general
knowledge. An operator's ``places.csv`` of the same form, in the home folder, replaces it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from geodata.readings import of_names
from locator.errors import BadFile, BadRadius, Refusal
from locator.names import Place
from locator.questions import check_lonlat
from locator.typed import degrees
from locator.words import Words

SHIPPED = Path(__file__).parent / "files" / "places.csv"
NAME = "places.csv"
"""What an operator's own list is called in the home folder."""

COLUMNS = ("code", "zh", "en", "lon", "lat", "accuracy_m", "category", "aliases", "district_code", "reading")
"""The file's header. `aliases` are separated by ``|``. What is required: code, zh, lon and lat."""

_REQUIRED = ("code", "zh", "lon", "lat")
_UNSTATED_ACCURACY_M = 500.0


def load(home: Path | None = None) -> tuple[Place, ...]:
    """Return the places, in the file's order: the operator's list where there is one, the shipped one otherwise.

    A place without a reading is read with pypinyin.

    Raises:
        BadFile: If the file is not UTF-8 CSV with the required columns, or has a code twice.
        BadCoordinate, BadRadius: If a row's pair or accuracy cannot be; `at` names the line.
    """
    own = None if home is None else home / NAME
    return _shipped() if own is None or not own.exists() else tuple(_read(own))


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
                 row.get("reading", "").strip() or of_names(zh, aliases))


def _accuracy_m(text: str) -> float:
    try:
        metres = float(text or _UNSTATED_ACCURACY_M)
    except ValueError:
        metres = -1.0
    if not 0 < metres < float("inf"):
        raise BadRadius("accuracy_m", text, zh="应为大于 0 的米数", en="must be metres above 0")
    return metres
