"""The columns of the spreadsheet that offices fill in: their headers, what is said of each, what each offers; data, in ``files/template.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from geodata.headers import FACILITY
from locator.vocabulary import Vocabulary

SHIPPED = Path(__file__).parent / "files" / "template.toml"
OMITTED = ("basis", "facilities", "source_lon", "source_lat", "source_datum", "demo")
"""Fields without a column: facilities and bases have columns of their own, 经度 and 纬度 are the source's pair."""


class Column(NamedTuple):
    """One column: its field or ``facility:CODE``, its header, and what people are told and offered."""

    field: str
    header: str
    zh: str
    en: str
    offers: str | None
    """Section of the vocabulary, ``district`` or ``level``, for a drop-down."""
    text: bool
    example: str | float | None


class Group(NamedTuple):
    """Columns that stand together under one title."""

    zh: str
    en: str
    columns: tuple[Column, ...]


def groups(vocabulary: Vocabulary) -> list[Group]:
    """Return the template's columns, left to right, with one for each facility of the vocabulary."""
    return [Group(group["zh"], group["en"], tuple(_columns(group, vocabulary))) for group in _shipped()["groups"]]


@lru_cache(maxsize=1)
def _shipped() -> Mapping[str, Any]:
    return tomllib.loads(SHIPPED.read_text("utf-8"))


def _columns(group: Mapping[str, Any], vocabulary: Vocabulary) -> Iterator[Column]:
    if group.get("facilities"):
        for term in vocabulary.terms("facility").values():
            yield Column(FACILITY + term.code, term.words.zh, "、".join(t for t in term.synonyms if not t.isascii())[:80],
                         term.words.en, "level", False, group["example"].get(term.code))
    for field, said in group["columns"].items():
        yield Column(field, said["header"], said["zh"], said["en"], said.get("list"), bool(said.get("text")), said.get("example"))
