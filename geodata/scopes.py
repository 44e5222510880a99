"""Whose rows are whose: what a file would do, held against the area and the permissions of whoever imports it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from geodata.areas import Areas
from geodata.intake import Intake
from geodata.matching import RowMatch
from geodata.tables import Table
from locator import permissions
from locator.errors import BadValue, Forbidden
from locator.permissions import Grant, Permission
from locator.sites import Site


def bound(found: Intake, table: Table, known: Mapping[str, Site], tombstones: Mapping[str, Site], grant: Grant, areas: Areas) -> None:
    """Make every row that changes a site outside a grant's area an error, and leave acceptance to those who may accept.

    Both where a site is, or was when it was removed, and where it would be count. A row that would make a site active, of somebody
    who may not accept sites there, leaves it in the state it has; a new site is submitted.
    """
    befores = [known.get(site.id) for site in found.readable]
    helds = [before or tombstones.get(site.id) for site, before in zip(found.readable, befores, strict=True)]
    after_areas, held_areas = areas_of(found.readable, areas), iter(areas_of([held for held in helds if held is not None], areas))
    kept, lines, left, waiting = [], [], 0, 0
    for line, site, before, held, here in zip(found.lines, found.readable, befores, helds, after_areas, strict=True):
        touched = here + (next(held_areas) if held is not None else ())
        outside = next((area for area in touched if not grant.may(Permission.IMPORT, area, areas.tree)), _INSIDE)
        if outside is not _INSIDE:
            found.errors.append(_outside(table, line, outside, areas))  # type: ignore[arg-type]
            continue
        activated = site.status == "active" and (before is None or before.status != "active")
        if activated and not grant.may_all(Permission.ACCEPT_SITES, touched, areas.tree):
            site = dataclasses.replace(site, status=before.status if before else "submitted")
            left, waiting = left + (before is None), waiting + (before is not None)
        kept.append(site)
        lines.append(line)
    found.readable, found.lines = kept, lines
    told = ((left, "个新站点将提交验收，由有验收权限的人启用", "new sites are submitted; who may accept sites makes them active"),
            (waiting, "个站点仍保持原来的状态，由有验收权限的人启用", "sites keep their state; who may accept sites makes them active"))
    for count, zh, en in told:
        if count:
            warning = BadValue("status", "active", at=table.name, zh=f"{count} {zh}", en=f"{count} {en}")
            warning.cell = (None, None)
            found.warnings.append(warning)


_INSIDE = object()


def _outside(table: Table, line: int, area: str | None, areas: Areas) -> Forbidden:
    zh, en = areas.tree[area].words if area is not None and area in areas.tree else ("未知区域", "no known area")
    refusal = Forbidden("area", zh, at=table.at(line), zh="这一行不在您的辖区内，不能由您导入", en=f"this row lies in {en}, outside your area")
    refusal.cell = (line, None)
    return refusal


def areas_of(sites: Sequence[Site], areas: Areas) -> list[tuple[str | None, ...]]:
    """Return the areas that each site belongs to; where it lies counts for those that state none."""
    found = [permissions.areas_of(areas.tree, district=site.district_code, street=site.street_code) for site in sites]
    lost = [i for i, site in enumerate(sites) if found[i] == (None,) and site.lon is not None and site.lat is not None]
    if lost:
        lies_in = areas.finest_of(np.array([[sites[i].lon, sites[i].lat] for i in lost], float))
        for i, code in zip(lost, lies_in, strict=True):
            found[i] = permissions.areas_of(areas.tree, district=None, street=None, lies_in=code)
    return found


def check(sites: Sequence[Site], grant: Grant, areas: Areas) -> None:
    """Refuse to touch sites outside a grant's area.

    Raises:
        Forbidden: If one is; names it.
    """
    for site, touched in zip(sites, areas_of(sites, areas), strict=True):
        if not grant.may_all(Permission.IMPORT, touched, areas.tree):
            raise Forbidden("area", site.name, zh="这个站点不在您的辖区内", en="this site lies outside your area")


def told(match: RowMatch, known: Mapping[str, Site], grant: Grant, areas: Areas) -> dict[str, Any]:
    """Return a match as plain values; of an internal site outside the grant's area no more than that there is one."""
    site = known.get(match.site_id or "")
    hidden = site is not None and (site.visibility != "public" or site.status not in ("active", "suspended", "closed")) and not grant.may_all(
        Permission.READ_INTERNAL, areas_of([site], areas)[0], areas.tree)
    mine = site is None or grant.may_all(Permission.IMPORT, areas_of([site], areas)[0], areas.tree)
    said: dict[str, Any] = {"verdict": match.verdict, "bits": round(match.bits, 1), "other_line": match.other_line,
                            "merged": match.merged, "mine": mine}
    if hidden:
        return {**said, "site_id": None, "hidden": True, "name": "", "distance_m": None, "reasons": [], "lon": None, "lat": None, "address": None}
    reasons = [list(reason.words) for reason in match.reasons if reason.about != "distance"]
    return {**said, "site_id": match.site_id, "hidden": False, "name": match.name, "distance_m": match.distance_m, "reasons": reasons,
            "lon": site.lon if site else None, "lat": site.lat if site else None,
            "address": site.address if site else None}
