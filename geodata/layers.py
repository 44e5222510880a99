"""A GeoPackage's or Shapefile's layers as a table, by way of pyogrio: slow to import, so only when such a file is read.

A Shapefile is several files: beside the ``.shp``, or all in one ``.zip``, which may hold several. Its
texts' encoding is found out, since a ``.cpg`` is often missing and sometimes wrong. The ``.prj`` says the
datum where there is one; where there is none it is undecided.
"""

from __future__ import annotations

import shutil
import struct
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import NamedTuple

import geopandas
import pyogrio

from geodata.features import of_frame
from geodata.heading import Meaning
from geodata.package import check_directory, unpacked
from geodata.sheets import LAYERS, Candidate
from geodata.sheets import read as read_sheets
from geodata.tables import GEOMETRY, MOST_FILE_BYTES, MOST_ROWS, Table, refuse, too_many
from locator.errors import Refusal

_NEEDED = (".shp", ".shx", ".dbf")
_SIDECARS = (*_NEEDED, ".prj", ".cpg")
_POINTS = ("Point", "MultiPoint", "Unknown")
_DBF_HEADER = 32


class _Held(NamedTuple):
    """One layer, and how it is opened."""

    title: str
    path: Path
    layer: str | None
    """None: the only one of its file."""
    encoding: str | None
    """None: as the file says."""


def read(path: Path, known: Meaning, wanted: Sequence[str] = (), *, most_rows: int = MOST_ROWS) -> Table:
    """Return the table of the layers that hold points of sites, or of those `wanted` by name (`sheets.read`).

    Raises:
        BadFile: If it is broken, has no layer with geometries, lacks a file, or is beyond the limits.
    """
    name, suffix = path.name, path.suffix.lower()
    sort = "GeoPackage" if suffix == ".gpkg" else "Shapefile"
    try:
        with warnings.catch_warnings():  # whatever GDAL doubts of a broken file, the refusal says it is broken
            warnings.simplefilter("ignore")
            if suffix == ".gpkg":
                held = [_Held(str(title), path, str(title), None) for title, kind in pyogrio.list_layers(path) if kind is not None]
                return _chosen(name, held, known, wanted, most_rows)
            with _unpacked(path) as shapes:
                held = [_Held(title, shape, None, dbf_encoding(shape.with_suffix(".dbf"))) for title, shape in shapes]
                return _chosen(name, held, known, wanted, most_rows)
    except Refusal:
        raise
    except Exception as error:  # noqa: BLE001 - there is nothing that a broken file cannot make GDAL and its bindings raise
        raise refuse(name, f"不是可读的 {sort}：{error}", f"is not a readable {sort}: {error}") from None


def _chosen(name: str, layers: Sequence[_Held], known: Meaning, wanted: Sequence[str], most_rows: int) -> Table:
    if not layers:
        raise refuse(name, "没有带坐标的图层", "has no layer with geometries")
    candidates = []
    for held in layers:
        told = pyogrio.read_info(held.path, layer=held.layer, encoding=held.encoding)
        points = [GEOMETRY] if str(told["geometry_type"]).split(" ")[0] in _POINTS else []
        candidates.append(Candidate(held.title, [*points, *map(str, told["fields"])], partial(_layer, name, held, told["features"], most_rows)))
    return read_sheets(name, candidates, known, wanted, LAYERS, most_rows=most_rows)


def _layer(name: str, held: _Held, features: int, most_rows: int) -> Table:
    if features > most_rows:
        raise too_many(name, f"超过 {most_rows:,} 个要素", f"more than {most_rows:,} features")
    return of_frame(name, geopandas.read_file(held.path, layer=held.layer, encoding=held.encoding))


# --- Shapefile ----------------------------------------------------------------------------------------


@contextmanager
def _unpacked(path: Path) -> Iterator[list[tuple[str, Path]]]:
    """Copy the files of each shape of a ZIP, or beside a ``.shp``, to a folder of their own: (title, ``.shp``)."""
    with TemporaryDirectory() as folder:
        if path.suffix.lower() == ".shp":
            beside = {p.suffix.lower(): p for p in path.parent.iterdir() if p.stem == path.stem and p.suffix.lower() in _SIDECARS}
            for suffix, file in beside.items():
                if file.stat().st_size > MOST_FILE_BYTES:
                    raise refuse(path.name, f"{file.name} 超过 {MOST_FILE_BYTES >> 20} MB", f"{file.name} has more than {MOST_FILE_BYTES >> 20} MB")
                shutil.copyfile(file, Path(folder) / f"0{suffix}")
            shapes = [(path.stem, Path(folder) / "0.shp")]
        else:
            shapes = _from_zip(path, Path(folder))
        for title, shape in shapes:
            lacks = [suffix for suffix in _NEEDED if not shape.with_suffix(suffix).exists()]
            if lacks:
                raise refuse(path.name, f"{title} 缺少 {'、'.join(lacks)}；Shapefile 的 .shp、.shx、.dbf（和 .prj）要在一起，最好打成一个 .zip",
                             f"{title} lacks {', '.join(lacks)}; a Shapefile is .shp, .shx and .dbf (and .prj) together, best as one .zip")
        yield shapes


def _from_zip(path: Path, folder: Path) -> list[tuple[str, Path]]:
    name = path.name
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        check_directory(name, parts)
        shapes: dict[PurePosixPath, str] = {}
        for part in parts:
            place = PurePosixPath(_called(part))
            if place.suffix.lower() == ".shp" and "__MACOSX" not in place.parts:
                shapes[place.with_suffix("")] = str(len(shapes))
        if not shapes:
            raise refuse(name, "压缩包里没有 .shp；CSV、XLSX 等请先解压再导入", "the archive holds no .shp; unpack CSV, XLSX and the like first")
        for part in parts:
            place = PurePosixPath(_called(part))
            number, suffix = shapes.get(place.with_suffix("")), place.suffix.lower()
            if number is not None and suffix in _SIDECARS:
                with (folder / f"{number}{suffix}").open("wb") as copy:
                    for block in unpacked(name, archive, part):
                        copy.write(block)
        return [(place.name, folder / f"{number}.shp") for place, number in shapes.items()]


def _called(part: zipfile.ZipInfo) -> str:
    """Return the name of a part; Chinese Windows writes names in GBK without saying so."""
    if part.flag_bits & 0x800:
        return part.filename
    try:
        return part.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return part.filename


def dbf_encoding(path: Path) -> str:
    """Return the encoding of a dBASE table's texts: UTF-8 when they are that, else what a ``.cpg`` says, else GB18030.

    A field cuts its text at a byte, so the last character of a field may be half of one; a few of those
    do not speak against UTF-8.
    """
    content = path.read_bytes()
    if len(content) < _DBF_HEADER:
        return "UTF-8"
    begin, = struct.unpack_from("<H", content, 8)
    text = content[_DBF_HEADER:begin] + content[begin:]
    decoded = text.decode("utf-8", "replace")
    right, wrong = sum(1 for c in decoded if c > "\u07ff" and c != "\ufffd"), decoded.count("\ufffd")
    if right >= wrong:
        return "UTF-8"
    page = path.with_suffix(".cpg")
    said = page.read_bytes()[:40].decode("ascii", "replace").strip().lower() if page.exists() else ""
    return "BIG5" if said in ("big5", "950", "cp950") else "GB18030"
