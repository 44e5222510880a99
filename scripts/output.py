"""Answers on standard output: a table for people, JSON, GeoJSON and CSV for programs."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import click


def as_json(answer: Mapping[str, Any]) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(answer, ensure_ascii=False, indent=2))


def as_geojson(points: Sequence[Mapping[str, Any]], **members: Any) -> None:
    """Print things that carry lon and lat as a FeatureCollection, with foreign members beside the features."""
    features = [{"type": "Feature", "geometry": _point(p["lon"], p["lat"]),
                 "properties": {k: v for k, v in p.items() if k not in ("lon", "lat")}} for p in points]
    click.echo(json.dumps({"type": "FeatureCollection", **members, "features": features}, ensure_ascii=False))


def as_shapes(things: Sequence[Mapping[str, Any]], **members: Any) -> None:
    """Print things that carry a GeoJSON geometry, or None, as a FeatureCollection, with foreign members beside the features."""
    features = [{"type": "Feature", "geometry": thing["geometry"], "properties": {k: v for k, v in thing.items() if k != "geometry"}}
                for thing in things]
    click.echo(json.dumps({"type": "FeatureCollection", **members, "features": features}, ensure_ascii=False))


def as_csv(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Print one header line, then one line a row.

    A map or list inside a cell is JSON; a text that a spreadsheet would take for a formula is escaped
    as in an exported file; a line break inside a text becomes a blank.
    """
    from geodata.cells import escaped

    def cell(value: object) -> object:
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, dict | list | tuple):
            value = json.dumps(value, ensure_ascii=False)
        return escaped(plain(value), spreadsheet=True) if isinstance(value, str) else value

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([cell(row.get(name)) for name in columns] for row in rows)
    click.echo(text.getvalue(), nl=False)


def as_table(rows: Sequence[Sequence[object]], headers: Sequence[str], *, empty: str) -> None:
    """Print a table that keeps its columns with Chinese in it; an empty one says so."""
    if not rows:
        click.echo(empty)
        return
    lines = [list(headers), *([plain(cell) for cell in row] for row in rows)]
    widths = [max(map(_columns, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, ["-" * width for width in widths])
    click.echo("\n".join("  ".join(cell + " " * (width - _columns(cell)) for cell, width in zip(line, widths, strict=True)).rstrip()
                         for line in lines))


def _columns(text: str) -> int:
    """Return how many columns of a terminal a text takes: a Chinese character two, a mark over another none."""
    return len(text) if text.isascii() else sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def plain(cell: object) -> str:
    """Return a cell as one printable line: a control character must not drive the reader's terminal."""
    text = "" if cell is None else str(cell)
    return "".join(c if c.isprintable() else " " for c in text)


def _point(lon: float | None, lat: float | None) -> dict[str, Any] | None:
    return None if lon is None or lat is None else {"type": "Point", "coordinates": [lon, lat]}
