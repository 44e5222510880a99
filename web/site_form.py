"""A site as the fields of a form, and back: flat names, texts only. Three-way merging of two people's forms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from werkzeug.datastructures import MultiDict

from geodata.editing import shown_place
from geodata.said import SAID
from locator.datum import point_from_wgs84
from locator.sites import Site

Values = dict[str, str]

SPARE_SLOTS = 2
"""Blank rows for more slots."""
MOST_SLOTS = 20
FACILITY_GROUPS: tuple[tuple[str, ...], ...] = (
    ("water", "hot_water", "microwave", "fridge", "discount_meal"),
    ("rest", "table", "cooling", "heating", "wifi", "books", "meeting_corner", "exhibition"),
    ("toilet", "hand_basin", "shower", "laundry", "bin", "nursing", "changing_table", "lock", "wheelchair"),
    ("charging", "socket", "ebike_charging", "battery_swap", "air_pump", "tools"),
    ("first_aid", "aed", "umbrella", "lockers", "staff", "sign", "legal_help", "haircut", "card_activation"))
"""Facilities that stand together on the form; a code of an installation's own stands with the last."""

_TEXTS = tuple(name for name in SAID if name not in (
    "id", "lon", "lat", "source_datum", "source_lon", "source_lat", "entrance_lon", "entrance_lat", "slots", "facilities", "basis",
    "aliases", "photos", "coordinates", "entrance", "datum", "verified_by"))
_LINES = ("aliases", "photos")
_BASES = ("hours", "facilities")
_TOGETHER = {name: group for group, names in {
    "coordinates": ("coordinates", "datum", "entrance"), "opening_hours": ("opening_hours", "hours_text", "workday_rule"),
    "season_from": ("season_from", "season_to")}.items() for name in names}


def shown(site: Site | None) -> Values:
    """Return what a form shows of a site; of None, what an empty one shows."""
    values: Values = {"datum": "wgs84", "status": "draft", "workday_rule": "unstated"}
    if site is None:
        return values
    values |= {name: _text(getattr(site, name)) for name in _TEXTS}
    values |= {name: "\n".join(getattr(site, name)) for name in _LINES}
    values |= {f"facilities.{code}": level for code, level in site.facilities.items()}
    values |= {f"basis.{about}": word for about, word in site.basis.items()}
    for place, slot in enumerate(site.slots):
        values |= {f"slots.{place}.hours": slot.hours, f"slots.{place}.mode": slot.mode}
    place_shown = shown_place(site)
    if place_shown is not None:
        lon, lat, values["datum"] = place_shown
        values["coordinates"] = f"{_degrees(lon)}, {_degrees(lat)}"
    if site.entrance_lon is not None and site.entrance_lat is not None:
        values["entrance"] = ", ".join(map(_degrees, point_from_wgs84(site.entrance_lon, site.entrance_lat, values["datum"])))
    return {name: value for name, value in values.items() if value}


def _text(value: Any) -> str:
    return "" if value is None else repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def _degrees(value: float) -> str:
    """Return degrees to a tenth of a millimetre: near enough to be the same place."""
    return f"{value:.9f}".rstrip("0").rstrip(".")


def posted(form: MultiDict[str, str]) -> Values:
    """Return the fields of a form that was sent, blanks left out, as `shown` names them."""
    return {name: value.strip() for name, value in form.items() if value.strip() and _is_field(name)}


def _is_field(name: str) -> bool:
    return name in _TEXTS or name in _LINES or name in ("coordinates", "entrance", "datum") or name.partition(".")[0] in (
        "facilities", "basis", "slots")


def said(values: Values, codes: Iterable[str]) -> dict[str, Any]:
    """Return what a whole form says, for `geodata.editing`; what it leaves blank is said to be empty.

    Args:
        values: As `posted` gives them.
        codes: Every facility there is.
    """
    given: dict[str, Any] = {name: values.get(name, "") for name in (*_TEXTS, "coordinates", "entrance", "datum")}
    given |= {name: [line.strip() for line in values.get(name, "").splitlines() if line.strip()] for name in _LINES}
    given["facilities"] = {code: values.get(f"facilities.{code}", "") for code in codes} | {
        name.partition(".")[2]: value for name, value in values.items() if name.startswith("facilities.")}
    given["basis"] = {about: values.get(f"basis.{about}", "") for about in _BASES}
    given["slots"] = [{"hours": values.get(f"slots.{i}.hours", ""), "mode": values.get(f"slots.{i}.mode", "")} for i in range(slot_rows(values))]
    return given


def slot_rows(values: Values) -> int:
    """Return how many rows of slots a form has, without the spare ones."""
    used = [int(part) for name in values if name.startswith("slots.") and (part := name.split(".")[1]).isdigit()]
    return min(MOST_SLOTS, max(used, default=-1) + 1)


class Merged(NamedTuple):
    """Two people's changes of the same record."""

    values: Values
    """Mine, with theirs wherever I changed nothing."""
    taken: tuple[str, ...]
    """Fields of theirs that were taken over."""
    both: tuple[str, ...]
    """Fields that both changed, differently: mine stand in `values` until somebody decides."""


def merged(base: Values, theirs: Values, mine: Values) -> Merged:
    """Merge field by field; fields that mean something only together go together, named by the first of them."""
    names = dict.fromkeys(map(group_of, (*theirs, *mine, *base)))
    values, taken, both = dict(mine), [], []
    for group in names:
        was, they, i = (_of_group(side, group) for side in (base, theirs, mine))
        if they in (was, i):
            continue
        if i == was:
            taken.append(group)
            values = replaced(values, theirs, group)
        else:
            both.append(group)
    return Merged(values, tuple(taken), tuple(both))


def replaced(values: Values, other: Mapping[str, str], group: str) -> Values:
    """Return a form with the fields of a group as another form has them."""
    return {name: value for name, value in values.items() if group_of(name) != group} | _of_group(other, group)


def group_of(name: str) -> str:
    """Return the first of the fields that a field stands or falls with; itself, for most."""
    return "slots" if name.startswith("slots.") else _TOGETHER.get(name, name)


def _of_group(values: Mapping[str, str], group: str) -> Values:
    return {name: value for name, value in values.items() if group_of(name) == group}
