"""A placed draft becomes a whole record: a new site, or a known one with what the row changes."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import Any

from geodata.drafts import CLEAR, Draft, Faults, Plan, given
from geodata.placing import near
from locator.errors import BadValue
from locator.sites import FIELDS, Site

_MOBILE = re.compile(r"(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}")
"""A mobile number of the mainland."""


class Records:
    """Makes the records of one table's drafts."""

    def __init__(self, plan: Plan, faults: Faults) -> None:
        """Make records under the plan that the drafts were read by."""
        self._plan = plan
        self._fields = plan.known.fields
        self._source_pair = plan.known.has_source_pair
        self._faults = faults
        self._nameless: list[tuple[int, str]] = []

    def sites(self, drafts: Sequence[Draft]) -> list[Site]:
        """Make the sites of all drafts, in their order; those without a name are told of once."""
        made = [self._site(draft) for draft in drafts]
        if self._nameless:
            (line, called), n = self._nameless[0], len(self._nameless)
            self._faults.warn(line, self._fields.get("name"), BadValue(
                "name", None, zh=f"没有名称，暂称“{called}”等（共 {n} 行）", en=f"has no name; called {called!r} or the like for now ({n} rows)"))
        return made

    def _site(self, draft: Draft) -> Site:
        """Make the site of one row."""
        values = {k: v for k, v in draft.values.items() if v is not None}
        known = draft.existing
        self._warn_of_mobile(draft, values)
        self._settle_place(draft, values)
        self._settle_name(draft, values)
        changes = {name: _empty(name) if value is CLEAR else value for name, value in values.items()}
        if known is not None:
            self._settle_known(known, draft, changes)
            return dataclasses.replace(known, **changes)
        changes["facilities"] = {c: v for c, v in draft.facilities.items() if v is not CLEAR}
        changes.setdefault("source", self._plan.source)
        if changes.get("eligibility") == "staff_only":
            changes.setdefault("visibility", "internal")
        if draft.wgs84 is None and changes.setdefault("status", "draft") == "active":
            changes["status"] = "draft"
            self._faults.warn(draft.row.line, self._fields.get("status"),
                       BadValue("status", "active", zh="没有坐标，只能是草稿（待定位）", en="without coordinates it is a draft, to be located"))
        return Site(**changes)

    def _warn_of_mobile(self, draft: Draft, values: dict[str, Any]) -> None:
        """Tell of somebody's own telephone that is about to be shown to everybody."""
        held = draft.existing
        if _MOBILE.fullmatch(str(values.get("phone", ""))) and (held is None or held.phone != values["phone"]):
            self._faults.warn_together(draft.row.line, self._fields.get("phone"), BadValue(
                "phone", None, zh="是手机号，会对公众显示；若是个人的，请把列名改为“联系人电话”，只在内部可见",
                en="is a mobile number and will be shown to the public; if it is a person's, call the column 联系人电话 and it stays internal"))

    def _settle_place(self, draft: Draft, values: dict[str, Any]) -> None:
        if draft.wgs84 is not None and draft.lonlat is not None:
            values["lon"], values["lat"] = draft.wgs84
            if not self._source_pair:
                values["source_lon"], values["source_lat"] = draft.lonlat
                values["source_datum"] = draft.datum
        if draft.entrance_wgs84 is not None:
            values["entrance_lon"], values["entrance_lat"] = draft.entrance_wgs84
        for name, code in draft.areas.items():
            values[name] = CLEAR if code is None else code

    def _settle_name(self, draft: Draft, values: dict[str, Any]) -> None:
        if "name" in values or draft.existing is not None:
            return
        kind = self._plan.vocabulary.term("kind", values["kind"]).words.zh
        key = given(values, "station_code") or given(values, "source_id")
        values["name"] = f"{kind} {key}" if key else given(values, "address") or kind
        self._nameless.append((draft.row.line, values["name"]))

    def _settle_known(self, known: Site, draft: Draft, changes: dict[str, Any]) -> None:
        """Merge into a known site: maps by their keys, and a place that has not moved stays exactly as it was."""
        if draft.facilities or draft.cleared_facilities:
            merged = {**({} if draft.cleared_facilities else known.facilities), **draft.facilities}
            changes["facilities"] = {c: v for c, v in merged.items() if v is not CLEAR}
        if changes.get("basis"):
            changes["basis"] = {**known.basis, **changes["basis"]}
        for lon, lat, also in (("lon", "lat", ("source_lon", "source_lat", "source_datum")), ("entrance_lon", "entrance_lat", ())):
            was = (getattr(known, lon), getattr(known, lat))
            if lon in changes and None not in was and near(was, (changes[lon], changes[lat])):
                changes[lon], changes[lat] = was
                if not self._source_pair:
                    for name in also:
                        changes.pop(name, None)
        if "opening_hours" in changes and "hours_text" not in changes and changes["opening_hours"] != known.opening_hours:
            changes["hours_text"] = None  # the old words say the old hours


def _empty(name: str) -> Any:
    held = FIELDS[name]
    return held.default_factory() if held.default_factory is not dataclasses.MISSING else held.default
