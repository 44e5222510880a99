"""Sites out, as files for people: GeoJSON, CSV, XLSX, GeoPackage; and GeoDataFrames for notebooks.

What is written here, `intake` reads back as the same sites: the columns are the record's fields,
coordinates carry their datum and every digit, and the source's own pair stands beside them. No text
becomes a formula (`cells.escaped`). A file appears whole or not at all.
"""

from __future__ import annotations

import csv
import json
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from geodata import cells, features, intake, whole
from geodata.headers import FACILITY, REGISTRY_FIELDS, Recogniser, words
from locator.arrays import Bits
from locator.datum import from_wgs84
from locator.errors import BadFile
from locator.questions import check_datum
from locator.sites import FIELDS, INTERNAL_FIELDS, Site, Slot
from locator.vocabulary import Vocabulary

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

LAYER = "sites"

_ALWAYS = ("id", "name", "kind", "lon", "lat", "datum", "source_lon", "source_lat", "source_datum", "address", "status")
"""Columns that every file has, whether or not a site fills them."""
_LISTS = ("aliases", "photos")
_CONVERTED = ("lon", "lat", "entrance_lon", "entrance_lat")
_SEPARATOR = re.compile(r"[|、,，;；\n]")
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_WIDTHS = {"id": 14, "name": 32, "address": 40, "opening_hours": 30, "hours_text": 30}


def write(path: Path, sites: Iterable[Site], *, datum: str = "wgs84", vocabulary: Vocabulary, internal: bool = False) -> int:
    """Write sites to a file, by its suffix: .geojson .csv .xlsx .gpkg; return how many.

    Args:
        path: Where; replaced whole if it is there.
        sites: The records, in the order they are to stand.
        datum: What the coordinates are written in. Each row says so in its ``datum`` column, and keeps
            the source's own pair as it is.
        vocabulary: Names and orders the facilities.
        internal: True writes the fields of `INTERNAL_FIELDS` too.

    Raises:
        BadFile: If the suffix is none of these, or the file cannot be written.
        BadDatum: If the datum is unknown.
    """
    check_datum(datum)
    path = Path(path)
    writers: Mapping[str, Callable[[Path, _Sheet], None]] = {
        ".geojson": _write_geojson, ".csv": _write_csv, ".xlsx": _write_xlsx, ".gpkg": _write_geopackage}
    if path.suffix.lower() not in writers:
        raise BadFile("file", path.name, zh=f"可写的格式：{' '.join(writers)}", en=f"the formats that are written: {' '.join(writers)}")
    sheet = _Sheet(list(sites), datum, vocabulary, internal=internal)
    with whole.written(path) as unfinished:
        writers[path.suffix.lower()](unfinished, sheet)
    return len(sheet.sites)


def to_geodataframe(sites: Iterable[Site], *, datum: str = "wgs84", vocabulary: Vocabulary, internal: bool = False) -> GeoDataFrame:
    """Return sites as a GeoDataFrame: a column a field, ``facility:CODE`` columns, points in `datum`.

    Its reference system is EPSG:4326 for wgs84 and cgcs2000 (equal at this accuracy), and unset for
    the others, which have none.
    """
    check_datum(datum)
    return _frame(_Sheet(list(sites), datum, vocabulary, internal=internal))


def from_geodataframe(frame: GeoDataFrame, *, vocabulary: Vocabulary, name: str = "geodataframe", columns: Mapping[str, str] | None = None,
                      **options: Any) -> intake.Intake:
    """Read a GeoDataFrame's points as sites; `options` are those of `intake.read`, errors name rows from 1."""
    recogniser = Recogniser(vocabulary, columns)
    options.setdefault("datum", None)
    options.setdefault("areas", None)
    return intake.of_table(features.of_frame(name, frame), recogniser, vocabulary=vocabulary, **options)


class _Sheet:
    """Sites as columns of plain values, ready for any format."""

    def __init__(self, sites: Sequence[Site], datum: str, vocabulary: Vocabulary, *, internal: bool) -> None:
        self.sites = sites
        self.datum = datum
        self._vocabulary = vocabulary
        left_out = {"facilities", *REGISTRY_FIELDS, *(() if internal else INTERNAL_FIELDS)}
        names = [name for name in FIELDS if name not in left_out]
        names.insert(names.index("lat") + 1, "datum")
        self.places = {pair: self._converted(*pair) for pair in (("lon", "lat"), ("entrance_lon", "entrance_lat"))}
        stated = {name for name in names if name != "datum" and any(_stated(getattr(site, name)) for site in sites)}
        self.fields = [name for name in names if name in _ALWAYS or name in stated]
        held = {code for site in sites for code in site.facilities}
        self.facilities = [code for code in vocabulary.terms("facility") if code in held]

    def _converted(self, lon: str, lat: str) -> list[tuple[float, float] | None]:
        pairs = [(getattr(site, lon), getattr(site, lat)) for site in self.sites]
        lonlat = np.array([(np.nan, np.nan) if None in pair else pair for pair in pairs], np.float64).reshape(-1, 2)
        there: Bits = np.logical_not(np.isnan(lonlat).any(axis=1))
        if self.datum != "wgs84" and there.any():
            lonlat[there] = from_wgs84(lonlat[there], self.datum)
        return [(x, y) if located else None for (x, y), located in zip(lonlat.tolist(), there.tolist(), strict=True)]

    def label(self, column: str) -> str:
        """Return a column's header for people, which ends in the field's name: ``名称 name``."""
        code = column.removeprefix(FACILITY)
        zh = self._vocabulary.term("facility", code).words.zh if code != column else next(iter(words()["fields"].get(column, [""])))
        return f"{zh} {column}".strip()

    @property
    def columns(self) -> list[str]:
        return [*self.fields, *(FACILITY + code for code in self.facilities)]

    def values(self, names: Sequence[str]) -> Iterator[list[Any]]:
        """Yield each site's values of these fields: None, text, float, bool, date, tuple or dict; texts are clean."""
        plain = [name for name in names if name not in (*_CONVERTED, "datum")]
        for i, site in enumerate(self.sites):
            held = {name: getattr(site, name) for name in plain}
            place, entrance = self.places["lon", "lat"][i], self.places["entrance_lon", "entrance_lat"][i]
            held["lon"], held["lat"] = place or (None, None)
            held["entrance_lon"], held["entrance_lat"] = entrance or (None, None)
            held["datum"] = self.datum if place or entrance else None
            yield [cells.clean(value) or None if isinstance(value, str) else value for value in (held[name] for name in names)]

    def rows(self, *, spreadsheet: bool) -> Iterator[list[str | float | None]]:
        """Yield each site's cells under `columns`: a text is escaped, a number stays one."""
        for site, values in zip(self.sites, self.values(self.fields), strict=True):
            row = [_cell(name, value) for name, value in zip(self.fields, values, strict=True)]
            row = [cells.escaped(cell, spreadsheet=spreadsheet) if isinstance(cell, str) else cell for cell in row]
            yield [*row, *(site.facilities.get(code) for code in self.facilities)]


def _stated(value: Any) -> bool:
    return value not in (None, (), {}) and value is not False  # 0.0 is a statement, though it equals False


def _cell(name: str, value: Any) -> str | float | None:
    """Return a value as one cell that `intake` reads back."""
    if name == "slots":
        return json.dumps([list(slot) for slot in value], ensure_ascii=False) if value else None
    if name in _LISTS:
        texts = [text for text in map(cells.clean, value) if text]
        listed = any(_SEPARATOR.search(text) for text in texts) or "".join(texts[:1]).startswith("[")
        return (json.dumps(texts, ensure_ascii=False) if listed else "|".join(texts)) or None
    if isinstance(value, Mapping):
        return ";".join(f"{key}={said}" for key, said in sorted(value.items())) or None
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, date) else value


def _write_csv(path: Path, sheet: _Sheet) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(sheet.columns)
        for row in sheet.rows(spreadsheet=True):
            writer.writerow(["" if c is None else c if isinstance(c, str) else _digits(c) for c in row])


def _digits(number: float) -> str:
    """Return every digit that tells this number from its neighbours; a whole number without a point."""
    return repr(float(number)).removesuffix(".0")


def _write_xlsx(path: Path, sheet: _Sheet) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ERROR_CODES
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    page = book.create_sheet("站点 sites")
    page.freeze_panes = "C2"
    for i, column in enumerate(sheet.columns, 1):
        page.column_dimensions[get_column_letter(i)].width = _WIDTHS.get(column, 16)

    def typed(text: str, sort: str) -> Any:
        """Write these very characters as a text (s) or a number (n)."""
        cell = WriteOnlyCell(page, text)
        cell.data_type = sort
        return cell

    def exact(value: str | float | None) -> Any:
        if isinstance(value, str):
            value = _ESCAPE.sub("_x005F_", value)  # else Excel and we would read _x0041_ as A
            return typed(value, "s") if value in ERROR_CODES else value
        if isinstance(value, float) and float(f"{value:.16g}") != value:
            return typed(repr(value), "n")  # openpyxl would write 16 digits, and some numbers have 17
        return value

    headers = [WriteOnlyCell(page, sheet.label(column)) for column in sheet.columns]
    for header in headers:
        header.font = Font(bold=True)
    page.append(headers)
    for row in sheet.rows(spreadsheet=True):
        page.append([exact(c) for c in row])
    book.save(path)


def _write_geojson(path: Path, sheet: _Sheet) -> None:
    """Write a FeatureCollection; a datum other than WGS-84, which RFC 7946 knows nothing of, is said at its head too."""
    properties = [name for name in sheet.fields if name not in ("lon", "lat")]
    head = {"type": "FeatureCollection", **({} if sheet.datum == "wgs84" else {"datum": sheet.datum})}
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(json.dumps(head)[:-1] + ', "features": [')
        for i, (site, values) in enumerate(zip(sheet.sites, sheet.values(properties), strict=True)):
            held = {name: _property(value) for name, value in zip(properties, values, strict=True)
                    if name in _ALWAYS or name == "demo" or _stated(value)}
            if site.facilities:
                held["facilities"] = dict(site.facilities)
            place = sheet.places["lon", "lat"][i]
            feature = {"type": "Feature", "id": site.id, "properties": held,
                       "geometry": None if place is None else {"type": "Point", "coordinates": list(place)}}
            stream.write((",\n" if i else "\n") + json.dumps(feature, ensure_ascii=False, allow_nan=False))
        stream.write("\n]}\n")


def _property(value: Any) -> Any:
    if isinstance(value, str):
        return cells.escaped(value, spreadsheet=False)
    if isinstance(value, tuple):
        return [{"hours": v.hours, "mode": v.mode} if isinstance(v, Slot) else cells.clean(v) for v in value]
    if isinstance(value, Mapping):
        return dict(value)
    return value.isoformat() if isinstance(value, date) else value


def _frame(sheet: _Sheet) -> GeoDataFrame:
    import geopandas
    import shapely

    rows = list(sheet.rows(spreadsheet=False))
    kept = [i for i, column in enumerate(sheet.columns) if column not in ("lon", "lat")]
    held = {sheet.columns[i]: [row[i] for row in rows] for i in kept}
    points = [None if place is None else shapely.Point(place) for place in sheet.places["lon", "lat"]]
    crs = "EPSG:4326" if sheet.datum in ("wgs84", "cgcs2000") else None
    return geopandas.GeoDataFrame(held, geometry=geopandas.GeoSeries(points, crs=crs), crs=crs)


def _write_geopackage(path: Path, sheet: _Sheet) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "'crs' was not provided")  # GCJ-02 and BD-09 have none; the datum column says it
        try:
            _frame(sheet).to_file(path, driver="GPKG", layer=LAYER, engine="pyogrio")
        except RuntimeError as error:  # pyogrio's own errors: the disk is full, or gone
            raise OSError(str(error)) from error
