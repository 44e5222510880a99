"""A tree of administrative areas: who lies within whom, by code; outlines stay at the data edge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from locator.errors import NotThere
from locator.words import Words


@dataclass(frozen=True, slots=True)
class Area:
    """One area. A unit without an outline of its own (an economic development zone) is still an area."""

    code: str
    words: Words
    parent: str | None
    tier: str
    """city, district, street, community, ...: data, not code."""
    centre: tuple[float, float] | None = None
    """(lon, lat) WGS-84 inside the outline; None without one."""
    has_outline: bool = False


class AreaTree:
    """Areas by code, of any depth; children keep the order they were given in."""

    def __init__(self, areas: Iterable[Area]) -> None:
        """Index the areas. A parent code that is not among them makes its child a root."""
        self._areas: Mapping[str, Area] = {area.code: area for area in areas}

    def __iter__(self) -> Iterator[Area]:
        return iter(self._areas.values())

    def __len__(self) -> int:
        return len(self._areas)

    def __contains__(self, code: str) -> bool:
        return code in self._areas

    def __getitem__(self, code: str) -> Area:
        """Return one area.

        Raises:
            NotThere: If no area has this code.
        """
        try:
            return self._areas[code]
        except KeyError:
            raise NotThere("area", code, zh="没有这个区域代码", en="no area has this code") from None

    @cached_property
    def _children(self) -> Mapping[str | None, tuple[str, ...]]:
        found: dict[str | None, list[str]] = {}
        for area in self:
            found.setdefault(area.parent if area.parent in self._areas else None, []).append(area.code)
        return {parent: tuple(codes) for parent, codes in found.items()}

    def children(self, code: str | None) -> tuple[Area, ...]:
        """Return the areas directly under one; under None, the roots."""
        return tuple(self._areas[c] for c in self._children.get(code, ()))

    def subtree(self, code: str) -> frozenset[str]:
        """Return the codes of an area and of everything under it."""
        found, waiting = set(), [self[code].code]
        while waiting:
            at = waiting.pop()
            if at not in found:  # a loop in a user's file must not hang us
                found.add(at)
                waiting.extend(self._children.get(at, ()))
        return frozenset(found)
