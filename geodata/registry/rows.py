"""A site record as a row of plain database values, and back.

Lists and mappings are compact JSON text with sorted keys, days are ISO text, an absent value is
NULL. Two records are equal exactly when their rows are, so a row is also what decides whether
anything has changed. Nothing here knows which database it is.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from operator import attrgetter
from typing import Any

from locator.errors import BadCoordinate, BadValue
from locator.sites import FIELDS, Site, Slot

Row = tuple[Any, ...]

TRAIL = ("version", "updated_at", "updated_by", "reason")
"""Fields that a commit writes, never the record it is given."""
CONTENT = tuple(name for name in FIELDS if name not in TRAIL)
"""Fields of a row, in order."""
COLUMNS = (*CONTENT, *TRAIL, "reading")
"""What is read of a site at once: its content, its trail, how its name is read."""

_TYPES = {name: str(f.type) for name, f in FIELDS.items()}
TEXTS = tuple(name for name in CONTENT if _TYPES[name] in ("str", "str | None"))
NUMBERS = tuple(name for name in CONTENT if _TYPES[name] == "float | None")
WHOLE_NUMBERS = ("capacity",)
FLAGS = tuple(name for name in CONTENT if _TYPES[name] == "bool")
DAYS = tuple(name for name in CONTENT if _TYPES[name] == "date | None")
PAIRS = tuple(name for name in CONTENT if _TYPES[name] == "Mapping[str, str]")
LISTS = tuple(name for name in CONTENT if _TYPES[name].startswith("tuple["))
REQUIRED = ("id", "name", "kind", "visibility", "workday_rule", "status", "demo")
"""Never NULL."""

_PACKED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
"""A NUL in JSON text, as against a backslash and u0000 that somebody wrote."""
BEIJING = timezone(timedelta(hours=8))
_AT = {name: i for i, name in enumerate(COLUMNS)}
_content = attrgetter(*CONTENT)
_DEGREES = (("lon", 180.0), ("lat", 90.0), ("entrance_lon", 180.0), ("entrance_lat", 90.0))


def row_of(site: Site) -> Row:
    """Return the content of a record as a row, refusing what no database could give back.

    Raises:
        BadValue: If the id or the kind is empty, a number is not finite, or a text holds a NUL or half
            a surrogate pair.
        BadCoordinate: If a longitude or latitude is out of range.
    """
    row: list[Any] = [None if value == "" else value for value in _content(site)]
    row[_AT["name"]] = site.name  # never NULL, but a site may be without a name
    for name in DAYS:
        value = row[_AT[name]]
        row[_AT[name]] = None if value is None else value.isoformat()
    for name in PAIRS:
        row[_AT[name]] = _packed_pairs(tuple(sorted(row[_AT[name]].items())))
    for name in LISTS:
        row[_AT[name]] = _packed_list(tuple(row[_AT[name]]))
    for name in FLAGS:
        row[_AT[name]] = bool(row[_AT[name]])
    _check(row)
    return tuple(row)


def _check(row: Sequence[Any]) -> None:
    at = f"id {row[0]}" if row[0] else ""
    for name in ("id", "kind"):
        if not row[_AT[name]]:
            raise BadValue(name, row[_AT[name]], zh="不能为空", en="must not be empty", at=at)
    for name in NUMBERS:
        value = row[_AT[name]]
        if value is not None and not math.isfinite(value):
            raise BadValue(name, value, zh="应为有限的数", en="must be a finite number", at=at)
    for name, most in _DEGREES:
        value = row[_AT[name]]
        if value is not None and not -most <= value <= most:
            raise BadCoordinate(name, value, zh=f"应在 -{most:g} 到 {most:g} 度之间",
                                en=f"must be within -{most:g} to {most:g} degrees", at=at)
    if not _storable("".join([value for value in row if isinstance(value, str)]), packed=True):
        for name in TEXTS + PAIRS + LISTS:  # one by one: a backslash and u0000 in plain text is no NUL
            value = row[_AT[name]]
            if value is not None and not _storable(value, packed=name not in TEXTS):
                raise BadValue(name, value, zh="含有不能保存的字符（NUL 或残缺的代理对）",
                               en="holds a character that cannot be kept (a NUL or half a surrogate pair)",
                               at="" if name == "id" else at)


def _storable(text: str, *, packed: bool) -> bool:
    """Return whether every database can give a text back; `packed` is JSON text."""
    if "\0" in text or (packed and "\\u0000" in text and _PACKED_NUL.search(text)):
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


_json = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


@lru_cache(maxsize=1 << 12)
def _packed_pairs(pairs: tuple[tuple[str, str], ...]) -> str | None:
    return _json(dict(pairs)) if pairs else None


@lru_cache(maxsize=1 << 12)
def _packed_list(values: tuple[Any, ...]) -> str | None:
    return _json(values) if values else None


@lru_cache(maxsize=1 << 12)
def _unpacked(text: str) -> Any:
    return json.loads(text)


@lru_cache(maxsize=1 << 14)
def _pairs(text: str | None) -> tuple[tuple[str, str], ...]:
    return tuple(json.loads(text).items()) if text else ()


@lru_cache(maxsize=1 << 12)
def _texts(text: str | None) -> tuple[str, ...]:
    return tuple(json.loads(text)) if text else ()


@lru_cache(maxsize=1 << 12)
def _slots(text: str | None) -> tuple[Slot, ...]:
    return tuple(Slot(*slot) for slot in json.loads(text)) if text else ()


@lru_cache(maxsize=1 << 12)
def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _whole(number: float | None) -> float | None:
    return int(number) if number is not None and number == int(number) else number


@lru_cache(maxsize=1 << 12)
def instant(text: str) -> datetime:
    """Return an instant as it was stored, on Beijing's clock."""
    return datetime.fromisoformat(text).astimezone(BEIJING)


def stamp(at: datetime) -> str:
    """Return an instant as it is stored: UTC, so that the texts sort as the instants do."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


_READ: Mapping[str, Callable[[Any], Any]] = {
    **dict.fromkeys(PAIRS, _pairs), **dict.fromkeys(LISTS, _texts), "slots": _slots, **dict.fromkeys(DAYS, _day),
    **dict.fromkeys(WHOLE_NUMBERS, _whole), **dict.fromkeys(FLAGS, bool), "updated_at": instant,
}
_READ_AT = tuple((_AT[name], read) for name, read in _READ.items())
_PAIRS_AT = tuple(_AT[name] for name in PAIRS)
_SITE_COLUMNS = COLUMNS[:-1]


def site_of(row: Sequence[Any]) -> Site:
    """Return the record of a row of `COLUMNS` (the reading may be left out)."""
    values = list(row)
    for i, read in _READ_AT:
        values[i] = read(values[i])
    for i in _PAIRS_AT:
        values[i] = dict(values[i])
    return Site(**dict(zip(_SITE_COLUMNS, values, strict=False)))


def block_of(rows: Sequence[Sequence[Any]], stated: Sequence[str]) -> dict[str, Sequence[Any]]:
    """Return rows of the `stated` columns by column, as `locator.sites.SitesGathering.add` takes them.

    The readings are with them. A column that is not stated is NULL in every row.
    """
    block: dict[str, Sequence[Any]] = dict.fromkeys(COLUMNS, (None,) * len(rows))
    block |= dict(zip(stated, zip(*rows, strict=True), strict=True))
    for name, read in _READ.items():
        block[name] = list(map(read, block[name])) if name in stated else (read(None),) * len(rows)
    return block


# --- what a revision keeps --------------------------------------------------------------------------

_JSON = (*PAIRS, *LISTS)
_DEFAULTS: Mapping[str, Any] = dict(zip(CONTENT, row_of(Site(id="-", name="-", kind="-")), strict=True))


def whole(row: Row) -> dict[str, Any]:
    """Return all that is stated in a row, as plain JSON values by field."""
    said = {name: value for name, value in zip(CONTENT, row, strict=True) if value is not None}
    for name in _JSON:
        if name in said:
            said[name] = _unpacked(said[name])
    return said


def changes(before: Row, after: Row) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the fields in which two rows differ, as each of them has it; absent is None."""
    differing = [(name, old, new) for name, old, new in zip(CONTENT, before, after, strict=True) if old != new]
    return ({name: _said(name, old) for name, old, _ in differing},
            {name: _said(name, new) for name, _, new in differing})


def _said(name: str, value: Any) -> Any:
    return _unpacked(value) if value is not None and name in _JSON else value


def row_said(said: Mapping[str, Any]) -> Row:
    """Return the row that a whole record, as `whole` gives it, came from.

    A field it does not have is absent; one that came to the schema later has its default.
    """
    return tuple(_written(name, said[name]) if name in said else
                 (_DEFAULTS[name] if name in REQUIRED else None) for name in CONTENT)


def _written(name: str, value: Any) -> Any:
    return (_json(value) if value else None) if name in _JSON else value


def json_text(said: Mapping[str, Any] | None) -> str | None:
    """Return what a revision keeps as compact JSON text."""
    return None if said is None else _json(said)


def said_text(text: str | None) -> dict[str, Any] | None:
    """Return what `json_text` made a text of."""
    return None if text is None else json.loads(text)
