"""One site from a form or the API: what is said becomes a whole record, read as a row of a table is.

The values go through `intake` as one row, so that a form, the API and a spreadsheet read the same
text as the same value. What differs is what becomes of doubt: a person or a program is there to ask, so
what an import would keep as text or leave out is refused here, at its field.
"""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

from geodata import intake
from geodata.areas import Areas
from geodata.fields import FieldReaders
from geodata.headers import FACILITY, Recogniser
from geodata.placing import near
from geodata.said import Said, Saying
from geodata.tables import Row, Table
from locator.datum import point_to_wgs84
from locator.errors import BadCoordinate, BadTime, BadValue, Refusal
from locator.questions import DATUMS
from locator.sites import Site
from locator.vocabulary import Vocabulary

FREE, SETTLED = ("draft", "submitted", "planned"), ("active", "suspended", "closed")
"""States that an edit may choose among, and those that only an action of its own leaves."""

_NOWHERE: dict[str, Any] = dict.fromkeys(("lon", "lat", "source_lon", "source_lat", "source_datum", "accuracy_m"))
_NAME = "form"


class Edit(NamedTuple):
    """What a form or a request comes to. Nothing has been written."""

    site: Site | None
    """The whole record; None when there is an error."""
    errors: list[Refusal]
    """Each with the name of its field; of a facility ``facilities.CODE``."""
    warnings: list[Refusal]
    lies_in: str | None
    """The district that the position lies in; None without a position, or outside every outline."""


class Editor:
    """Reads what is said of sites, under one vocabulary and one set of areas."""

    def __init__(self, vocabulary: Vocabulary, areas: Areas) -> None:
        """Read codes with `vocabulary`, districts with `areas`."""
        self._vocabulary = vocabulary
        self._areas = areas
        self._recogniser = Recogniser(vocabulary)
        self._cells = FieldReaders(vocabulary)

    def edit(self, said: Said, *, existing: Site | None = None, may_accept: bool = False) -> Edit:
        """Return the record that `said` makes of a known site, or of a new one.

        Args:
            said: Field → value, text or JSON. An absent field stays as it is; None or blank empties it. Of
                `facilities` and `basis` only the codes named change: None, blank or ``unknown`` takes one away.
            existing: The site as it is; None: a new one.
            may_accept: Whether whoever says it may make a site active.

        Returns:
            The record and every error, not only the first. A position that is the same place to the
            millimetre keeps the site where it was; another keeps the pair and the datum it was given in.
        """
        found = Saying(said, existing, self._vocabulary, self._areas, self._cells)
        row = found.row()
        table = Table(_NAME, tuple(row), [Row(1, tuple(row.values()))], spreadsheet=False)
        came = intake.of_table(table, self._recogniser, datum=found.datum, vocabulary=self._vocabulary, areas=self._areas,
                               existing={existing.id: existing} if existing else None)
        told = {refusal.field for refusal in found.errors}
        # of a position that cannot be read it is enough to say so
        told |= {"lon", "lat"} if "coordinates" in told else set()
        found.errors += [_bare(r) for r in came.errors if _bare(r).field not in told]
        found.warnings += map(_bare, came.warnings)
        site = came.readable[0] if came.readable else existing
        if site is not None:
            site = self._settled(site, found, may_accept=may_accept)
        return Edit(None if found.errors else site, found.errors, found.warnings, found.lies_in)

    def _settled(self, site: Site, found: Saying, *, may_accept: bool) -> Site:
        """Return a record with what a row cannot say: a place taken away, and what goes only together."""
        was = found.existing
        if was is not None and found.emptied("coordinates", ("lon", "lat")) and was.lon is not None:
            site = dataclasses.replace(site, **_NOWHERE)
        if was is not None and found.emptied("entrance", ("entrance_lon", "entrance_lat")):
            site = dataclasses.replace(site, entrance_lon=None, entrance_lat=None)
        if (site.season_from is None) != (site.season_to is None):
            lacks = "season_to" if site.season_to is None else "season_from"
            found.wrong(BadTime(lacks, None, zh="季节要有起有止；全年开放就都留空", en="a season has two ends; leave both empty for all year"))
        subtype = self._vocabulary.terms("subtype").get(site.subtype or "")
        if subtype is not None and subtype.of not in (None, site.kind):
            found.warnings.append(BadValue("subtype", site.subtype, zh="不属于这个类别", en="does not belong to this kind"))
        if site.lon is None and was is not None and site.status == "active":
            found.wrong(BadCoordinate("coordinates", None, zh="启用中的站点必须有坐标", en="an active site must have coordinates"))
        refusal = _status_refused(was.status if was else None, site.status, may_accept=may_accept)
        if refusal is not None:
            found.wrong(refusal)
        return site


def _status_refused(was: str | None, status: str, *, may_accept: bool) -> Refusal | None:
    """Return why an edit may not bring a site from one state to another; None if it may."""
    if status == was or (status in FREE and was in (None, *FREE)):
        return None
    if status != "active" or was in SETTLED:
        return BadValue("status", status, zh="请用 暂停、撤销 或 恢复 的操作来改", en="is changed by suspending, closing or reinstating")
    if may_accept:
        return None
    return BadValue("status", status, zh="须经验收才能启用；可先保存为草稿", en="is for those who accept sites; save it as a draft")


def _bare(refusal: Refusal) -> Refusal:
    """Return a refusal of the one row without its place, named by its field."""
    field = refusal.field.replace(FACILITY, "facilities.")
    return type(refusal)(field, refusal.value, zh=refusal.words.zh, en=refusal.words.en)


def shown_place(site: Site) -> tuple[float, float, str] | None:
    """Return a site's position as it was given, where that still is the position: (longitude, latitude, datum)."""
    if site.lon is None or site.lat is None:
        return None
    lon, lat, datum = site.source_lon, site.source_lat, site.source_datum
    if lon is not None and lat is not None and datum in DATUMS and near(point_to_wgs84(lon, lat, str(datum)), (site.lon, site.lat)):
        return lon, lat, str(datum)
    return site.lon, site.lat, "wgs84"
