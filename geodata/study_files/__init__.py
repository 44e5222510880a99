"""A study as files: GeoPackage for a GIS, a workbook for people, GeoJSON for the web; each whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from geodata import whole
from geodata.study_files.contents import Contents
from locator.errors import BadFile


def check(path: Path) -> None:
    """Refuse a file that could not be written, before anything is figured.

    Raises:
        BadFile: If its ending is none of .gpkg, .geojson, .xlsx, or its folder is not there.
    """
    if path.suffix.lower() not in WRITERS:
        raise BadFile("--out", str(path), zh=f"应以 {'、'.join(WRITERS)} 结尾", en=f"must end in {', '.join(WRITERS)}")
    if not path.absolute().parent.is_dir():
        raise BadFile("--out", str(path), zh="没有这个文件夹", en="there is no such folder")


def write(path: Path, contents: Contents) -> None:
    """Write what a study found, by the ending of a path; an older file is replaced whole.

    Raises:
        BadFile: As `check`, and if the file cannot be written.
    """
    check(path)
    with whole.written(path) as unfinished:
        WRITERS[path.suffix.lower()](unfinished, contents)


def _geopackage(path: Path, contents: Contents) -> None:
    from geodata.study_files import geopackage  # brings geopandas

    geopackage.write(path, contents)


def _workbook(path: Path, contents: Contents) -> None:
    from geodata.study_files import workbook  # brings openpyxl

    workbook.write(path, contents)


def _geojson(path: Path, contents: Contents) -> None:
    from geodata.study_files import geojson

    geojson.write(path, contents)


WRITERS: Final[Mapping[str, Callable[[Path, Contents], None]]] = {".gpkg": _geopackage, ".geojson": _geojson, ".xlsx": _workbook}
