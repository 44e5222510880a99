"""A study as a GeoPackage that QGIS opens with its styles: layers, a table of method, and `layer_styles` beside them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import geopandas
import pandas as pd
import pyogrio

from geodata.study_files import columns, layers, styles, wording
from geodata.study_files.contents import Contents
from geodata.study_files.layers import Layer

GEOMETRY: Final = "geom"
METHOD: Final = "method"
_EDITION: Final = {"VERSION": "1.2"}
"""Of GeoPackage: what every QGIS 3 reads without a word."""
_NUMBERS: Final = (columns.WHOLE, columns.TENTH, columns.SHARE, columns.METRES, columns.KM2, columns.DEGREES)
_STYLES: Final = """
    CREATE TABLE layer_styles (
        id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
        f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30),
        ui TEXT(30), update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')))"""


def write(path: Path, contents: Contents) -> None:
    """Write a GeoPackage; every layer in EPSG:4326."""
    try:
        drawn = layers.layers(contents)
        described = " · ".join(filter(None, (wording.demonstration(contents), wording.title(contents))))
        for layer in drawn:
            _frame(layer).to_file(path, layer=layer.name, driver="GPKG", engine="pyogrio", dataset_options=_EDITION,
                                  layer_options={"IDENTIFIER": f"{layer.zh} {layer.name}", "DESCRIPTION": described,
                                                 "GEOMETRY_NAME": GEOMETRY})
        said = wording.method(contents)
        pyogrio.write_dataframe(pd.DataFrame({"item": [one.label.zh for one in said], "item_en": [one.label.en for one in said],
                                              "value": [_text(one.value) for one in said]}),
                                path, layer=METHOD, driver="GPKG", dataset_options=_EDITION, layer_options={"IDENTIFIER": "方法 method"})
    except RuntimeError as error:  # pyogrio's own errors: the disk is full, or gone
        raise OSError(str(error)) from error
    _style(path, drawn)


def _frame(layer: Layer) -> Any:
    """Return a layer with numbers as numbers, those missing too."""
    held = {column.name: pd.Series([row[column.name] for row in layer.rows], dtype="float64" if column.form in _NUMBERS else "object")
            for column in layer.columns}
    for column in layer.columns:
        if column.form == columns.WHOLE and column.name in ("rank", "sites", "sites_before", "sites_after"):
            held[column.name] = held[column.name].astype("Int64")
    return geopandas.GeoDataFrame(held, geometry=geopandas.GeoSeries(list(layer.shapes), crs=4326), crs=4326)


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else wording.number(value)


def _style(path: Path, drawn: list[Layer]) -> None:
    """Lay a style beside each layer, as QGIS itself keeps them, so that it uses them when it opens the layer."""
    with closing(sqlite3.connect(path)) as base, base:
        base.execute(_STYLES)
        base.execute("INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('layer_styles', 'attributes', 'layer_styles')")
        base.executemany(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML, useAsDefault,"
            " description) VALUES ('', '', ?, ?, ?, ?, 1, ?)",
            [(layer.name, GEOMETRY, layer.zh, styles.qml(layer), f"{layer.zh} {layer.name}") for layer in drawn])
