"""Which site a row is about: one already known by its keys, or a new one whose id follows from what it says."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from geodata.drafts import Draft, Faults, Plan, given
from locator.errors import BadValue
from locator.sites import Site

Existing: TypeAlias = "Mapping[str, Site] | Callable[[str], Site | None]"

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "nuanxin:site")


class KnownSites:
    """The sites already known, by each key."""

    def __init__(self, existing: Existing | None) -> None:
        """Index a mapping by its sites' keys; a function finds by id alone."""
        self._by_id = existing.get if isinstance(existing, Mapping) else existing or (lambda _id: None)
        sites = existing.values() if isinstance(existing, Mapping) else ()
        self._by_code: dict[str, Site] = {}
        self._by_source: dict[tuple[str | None, str], Site] = {}
        for site in sites:
            if site.station_code is not None:
                self._by_code.setdefault(site.station_code, site)
            if site.source_id is not None:
                self._by_source.setdefault((site.source, site.source_id), site)

    def by_id(self, site_id: str) -> Site | None:
        """Return the site of this id."""
        return self._by_id(site_id)

    def by_key(self, *key: str | None) -> tuple[Site | None, str]:
        """Return the site that has ``"station_code", CODE`` or ``"source", SOURCE, NUMBER``, and its id.

        A site that is not known, or known by its id alone, has the id that the key makes.
        """
        found = self._by_code.get(str(key[1])) if key[0] == "station_code" else self._by_source.get((key[1], str(key[-1])))
        if found is not None:
            return found, found.id
        made = _made_id(*key)
        return self._by_id(made), made


class Identities:
    """Gives the rows of one table their ids, one after another."""

    def __init__(self, plan: Plan, existing: KnownSites, faults: Faults) -> None:
        """Prepare to identify rows under a plan; a key that two rows have goes to `faults`."""
        self._plan = plan
        self._existing = existing
        self._faults = faults
        self._seen: dict[str, int] = {}
        self._made: Counter[tuple[object, ...]] = Counter()

    def known_site(self, values: dict[str, Any]) -> tuple[Site | None, str | None]:
        """Find the site that a row is about, by its first key; return it, and the id that the key makes."""
        site_id, code, number = (given(values, k) for k in ("id", "station_code", "source_id"))
        source = given(values, "source") or self._plan.source
        if site_id is not None:
            return self._existing.by_id(site_id), site_id
        if code is not None:
            return self._existing.by_key("station_code", code)
        if number is not None:
            return self._existing.by_key("source", source, number)
        return None, None

    def identify(self, draft: Draft, found: str | None) -> None:
        """Give the row its id, and refuse a key that an earlier row had."""
        row, values = draft.row, draft.values
        if found is None:
            key = (given(values, "source") or self._plan.source, *(given(values, k) for k in ("kind", "name", "address")),
                   draft.lonlat, draft.datum)
            first_id = found = _made_id("row", *key)
            while found in self._seen:  # by an earlier row of the same words, or by one that carries the id
                self._made[key] += 1
                found = _made_id("row", *key, self._made[key])
            draft.repeats = found != first_id
            if draft.repeats:
                first = self._faults.shown_line(self._seen[first_id])
                self._faults.warn(row.line, None, BadValue("name", key[2], zh=f"与第 {first} 行的名称、地址、坐标相同，按另一个站点导入",
                                               en=f"has the name, address and coordinates of line {first}; imported as one more site"))
        elif found in self._seen:
            name = next(k for k in ("id", "station_code", "source_id") if given(values, k) is not None)
            first = self._faults.shown_line(self._seen[found])
            self._faults.wrong(row.line, self._plan.known.fields[name], BadValue(
                name, values[name], zh=f"与第 {first} 行重复；每行应不同", en=f"is that of line {first} already; each row needs its own"))
            return
        if draft.existing is None:
            # what this row made when it was imported before; whoever has worked on that since is not undone by it
            draft.existing = self._existing.by_id(found)
        self._seen[found] = row.line
        values["id"] = found


def _made_id(*key: object) -> str:
    return str(uuid.uuid5(_NAMESPACE, json.dumps(key, ensure_ascii=False)))
