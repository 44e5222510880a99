"""A file of where people are, whatever its sort: points, polygons or a raster, told by its name and its content."""

from __future__ import annotations

import re
from datetime import date as day
from pathlib import Path

from geodata import polygon_files, tables
from geodata.areas import Areas
from geodata.people import points, raster
from geodata.people.given import Read
from locator.errors import BadTime
from locator.questions import check_datum
from locator.vocabulary import Vocabulary
from locator.words import Words

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def read(path: Path, areas: Areas, *, vocabulary: Vocabulary, datum: str | None = None, people: str | None = None,
         source: str | None = None, date: str | None = None) -> Read:
    """Read a file of where people are: a table of points, polygons or a GeoTIFF. Nothing is written.

    Args:
        path: The file.
        areas: The outlines.
        vocabulary: Names the columns of pairs.
        datum: One of `questions.DATUMS`; None: what the file says, or the evidence, else WGS-84.
        people: The header of the column of people; None: one of `given.PEOPLE_HEADERS`.
        source: Where the figures come from; None: the file's name.
        date: When they were true: a year, a month or a day in ISO 8601.

    Raises:
        BadDatum: If `datum` is not one of them.
        BadTime: If `date` is not one.
        BadFile: If the file as a whole cannot be read.
        BadValue: If there is no column of people.
        NotBuilt: If it is a raster and rasterio is not installed.
    """
    if datum is not None:
        check_datum(datum)
    check_date(date)
    said = source_words(path, source)
    if path.suffix.lower() in raster.SUFFIXES:
        return raster.read(path, areas, datum=datum, source=said, date=date)
    if path.suffix.lower() in polygon_files.SUFFIXES and _holds_polygons(path):
        from geodata.people import polygons  # shapely, which points need not pay for

        return polygons.read(path, areas, datum=datum, people=people, source=said, date=date)
    return points.read(path, areas, vocabulary=vocabulary, datum=datum, people=people, source=said, date=date)


def source_words(path: Path, source: str | None) -> Words:
    """Return what is said of where figures come from: the operator's words, else the file's name."""
    said = source.strip() if source is not None and source.strip() else path.name
    return Words(said, said)


def check_date(date: str | None) -> None:
    """Refuse what is no year, month or day.

    Raises:
        BadTime: If it is none.
    """
    found = _DATE.fullmatch(date) if date is not None else None
    try:
        if date is not None and found is None:
            raise ValueError(date)
        if found is not None:
            day(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        raise BadTime("date", date, zh="应为 2024、2024-06 或 2024-06-30 这样的日期",
                      en="must be a date such as 2024, 2024-06 or 2024-06-30") from None


def _holds_polygons(path: Path) -> bool:
    """Whether a geographic file is one of polygons, or of several sorts; one that cannot be read is not."""
    import pyogrio

    if not path.is_file() or path.stat().st_size > max(polygon_files.MOST_BYTES, tables.MOST_FILE_BYTES):
        return path.is_file()
    try:
        sort = str(pyogrio.read_info(path)["geometry_type"])
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, UnicodeDecodeError, ValueError):
        return False
    return "Polygon" in sort or sort in ("Unknown", "GeometryCollection")
