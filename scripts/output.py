"""Answers on standard output: a table for people, JSON, GeoJSON and CSV for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import click


def as_json(answer: Mapping[str, Any]) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(answer, ensure_ascii=False, indent=2))


def as_geojson(points: Sequence[Mapping[str, Any]], **members: Any) -> None:
    """Print points that carry lon and lat as a FeatureCollection, with foreign members beside the features."""
    features = [{"type": "Feature", "geometry": {"type": "Point", "coordinates": [p["lon"], p["lat"]]},
                 "properties": {k: v for k, v in p.items() if k not in ("lon", "lat")}} for p in points]
    click.echo(json.dumps({"type": "FeatureCollection", **members, "features": features}, ensure_ascii=False))


def as_csv(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Print one header line, then one line a row; a map or list inside a cell is JSON."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row[name]) for name in columns])
    click.echo(text.getvalue(), nl=False)


def as_table(rows: Sequence[Sequence[object]], headers: Sequence[str], *, empty: str) -> None:
    """Print a table that keeps its columns with Chinese in it; an empty one says so."""
    from tabulate import tabulate

    click.echo(tabulate([[plain(c) for c in row] for row in rows], headers, tablefmt="simple", disable_numparse=True)
               if rows else empty)


def plain(cell: object) -> str:
    """Return a cell as one printable line: a control character must not drive the reader's terminal."""
    text = "" if cell is None else str(cell)
    return "".join(c if c.isprintable() else " " for c in text)


def _cell(value: object) -> object:
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = value
    if isinstance(text, str) and text[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + text  # a spreadsheet must not read it as a formula
    return text
