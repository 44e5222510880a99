"""A study as GeoJSON: every feature says its `layer`; what is no feature stands beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from geodata.study_files import layers, wording
from geodata.study_files.contents import Contents

_FEATURES = ("areas", "gaps", "points", "sites", "grounds")


def write(path: Path, contents: Contents) -> None:
    """Write one FeatureCollection (RFC 7946, WGS-84) of all layers.

    Question, source, totals and how many sites are demonstration records are foreign members.
    """
    import shapely

    features = [{"type": "Feature", "geometry": None if shape is None else shapely.geometry.mapping(shape),
                 "properties": {"layer": layer.name, **row}}
                for layer in layers.layers(contents) for row, shape in zip(layer.rows, layer.shapes, strict=True)]
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        json.dump({"type": "FeatureCollection", **_beside(contents), "features": features}, stream, ensure_ascii=False, allow_nan=False)


def _beside(contents: Contents) -> dict[str, Any]:
    told = {name: value for name, value in (*contents.main.items(), *(contents.gaps or {}).items()) if name not in _FEATURES}
    pins = {"version": contents.version, "committed_at": contents.committed_at, "made_at": contents.made_at, "key": contents.key}
    marks = {"sites": contents.demonstration, "of": contents.suitable, "note": wording.demonstration(contents) or None}
    return {**told, "demonstration": marks, "query": dict(contents.query), **{name: value for name, value in pins.items() if value is not None}}
