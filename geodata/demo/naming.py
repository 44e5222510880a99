"""What invented sites are called: venue, street and kind in natural order, no two names alike."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import lru_cache
from random import Random
from typing import Any, NamedTuple

from geodata.areas import FILES

_TRIES = 8
_STREET_IN_FRONT = 0.8
_WITH_ALIAS = 0.2
_ORDINALS = "二三四五六七八九"
_OWN_NAMES = {"union_service_station": ("{s}工会服务站", "{s}{a}工会服务站"), "service_centre": ("{d}职工服务中心",)}
"""Kinds that are named after their street or district alone."""


class Called(NamedTuple):
    """A site's name, other names and address."""

    name: str
    aliases: tuple[str, ...]
    address: str


class Whereabouts(NamedTuple):
    """What a name may speak of."""

    district: str
    street: str
    around: str


@lru_cache(maxsize=1)
def parts() -> dict[str, Any]:
    """Return the shipped parts of names."""
    return tomllib.loads((FILES / "demo_names.toml").read_text("utf-8"))


class Namer:
    """Makes names; remembers them, so that no two are alike."""

    def __init__(self, taken: Iterable[str], rng: Random) -> None:
        """Take the names that are already in use."""
        self._taken = set(taken)
        self._rng = rng
        self._parts = parts()

    def call(self, kind: str, host: str, where: Whereabouts, *, closed: bool) -> Called:
        """Return a new name, aliases and a marked address for a site of a kind at a host.

        `closed`: own staff or members alone may enter, so the name does not promise more.
        """
        own = _OWN_NAMES.get(kind)
        name, venue = self._own_name(own, where) if own else self._name(self._forms("title", kind, closed), host, where)
        self._taken.add(name)
        aliases: tuple[str, ...] = ()
        forms = self._forms("alias", kind, closed)
        if forms and self._rng.random() < _WITH_ALIAS:
            aliases = (self._rng.choice(forms).format(v=venue, a=where.around),)
        return Called(name, aliases, self._address(where))

    def _forms(self, section: str, kind: str, closed: bool) -> list[str]:
        open_forms: list[str] = self._parts[section].get(kind, [])
        return self._parts[f"{section}_closed"].get(kind, open_forms) if closed else open_forms

    def _own_name(self, forms: tuple[str, ...], where: Whereabouts) -> tuple[str, str]:
        for form in forms:
            name = form.format(d=where.district, s=where.street, a=where.around)
            if name not in self._taken:
                return name, name
        return self._numbered(name), name

    def _name(self, titles: list[str], host: str, where: Whereabouts) -> tuple[str, str]:
        for _ in range(_TRIES):
            venue, has_street = self._venue(host, where)
            title = self._rng.choice(titles)
            says_it = has_street or where.around.startswith(_base(where.street))  # not 上地街道上地东里...
            in_front = "" if says_it or self._rng.random() >= _STREET_IN_FRONT else where.street
            name = in_front + venue + title
            if name not in self._taken:
                return name, venue
        return self._numbered(where.street + venue + title if not has_street else name), venue

    def _numbered(self, name: str) -> str:
        """Return the name, or the first ``（二）``, ``（三）`` ... of it that is free."""
        if name not in self._taken:
            return name
        ordinals = [*_ORDINALS, *(str(n) for n in range(10, len(self._taken) + 12))]
        return next(numbered for n in ordinals if (numbered := f"{name}（{n}）") not in self._taken)

    def _venue(self, host: str, where: Whereabouts) -> tuple[str, bool]:
        form = self._rng.choice(self._parts["venue"][host])
        around = where.around
        if host == "community" and around.endswith(("村", "社区")):
            form = form.replace("{a}社区", "{a}")
        firm = self._parts["firm"]
        venue = form.format(s=where.street, g=_office(where.street), a=around,
                            b=self._rng.choice(self._parts["brand"].get(host, [""])),
                            f=self._rng.choice(firm["starts"]) + self._rng.choice(firm["trades"]))
        return venue, "{s}" in form or "{g}" in form

    def _address(self, where: Whereabouts) -> str:
        address = self._parts["address"]
        forms = next(e["forms"] for e in address["endings"] if where.around.endswith(tuple(e["ends"])))
        rng = self._rng
        place = rng.choice(forms).format(a=where.around, n=rng.randint(1, 198), m=rng.randint(1, 36))
        return f"北京市{where.district}{where.street}{place}{address['mark']}"


def _base(street: str) -> str:
    """Return a street's or township's name without what it is."""
    return street[:-2] if street.endswith(("街道", "地区")) else street.rstrip("镇乡")


def _office(street: str) -> str:
    """Return what the office of a street, area or township is called."""
    if street.endswith("街道"):
        return _base(street) + "街道办事处"
    if street.endswith("地区"):
        return street + "办事处"
    return street + ("政府" if street.endswith(("镇", "乡")) else "管委会")
