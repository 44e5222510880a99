"""The answer of `nearest` as GeoJSON bytes, written quickly.

Most of what is told of a site is the same for every asker, and what is told of its door the same for
every site with its timetable: both are written once and kept; an answer is those pieces put together.
`NearSite.as_dict` says what is told; a test holds the bytes to it.
"""

from __future__ import annotations

from typing import Any

import orjson

from locator.answers import STATE_CODES, NearestAnswer, NearSite
from locator.hours import Opening

MOST_KEPT = 16_384
"""Sites whose lasting part is kept: some 8 MB."""

_OF_THE_ASKER = ("lon", "lat", "distance_m", "minutes", "state_on_arrival")
_OF_THE_HOUR = ("state", "state_reason", "changes_at", "mode")


class Writer:
    """Writes answers of one atlas."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._lasting: dict[int, tuple[bytes, bytes]] = {}
        self._doors: dict[str, dict[Opening, bytes]] = {}

    def collection(self, answer: NearestAnswer, language: str, version: int) -> bytes:
        """Return an answer as a FeatureCollection, coordinates in the question's datum."""
        head = orjson.dumps({"type": "FeatureCollection", "query": answer.query(), "as_of": answer.as_of.isoformat(),
                             "datum": answer.question.datum, "version": version, "features": []})
        kept, doors, features = self._lasting, self._doors.setdefault(language, {}), []
        for near in answer.sites:
            _, row, lon, lat, distance_m, minutes, opening, arrival = near
            site_id, lasting = kept.get(row) or self._keep(near)
            door = doors.get(opening) or self._keep_door(near, language)
            # repr of a finite float is the shortest text that reads back the same, as JSON wants it
            mine = (f'"lon":{lon!r},"lat":{lat!r},"distance_m":{round(distance_m, 3)!r},'
                    f'"minutes":{round(minutes, 1)!r},"state_on_arrival":"{STATE_CODES[arrival]}"').encode()
            features.append(
                b'{"type":"Feature","id":%b,"geometry":{"type":"Point","coordinates":[%b]},"properties":{%b,%b,%b}}'
                % (site_id, f"{lon!r},{lat!r}".encode(), lasting, door, mine))
        return b"%b%b]}" % (head[:-2], b",".join(features))

    def _keep(self, near: NearSite) -> tuple[bytes, bytes]:
        if len(self._lasting) >= MOST_KEPT:
            self._lasting.clear()
        lasting = self._lasting[near.row] = _lasting(near)
        return lasting

    def _keep_door(self, near: NearSite, language: str) -> bytes:
        doors = self._doors[language]
        if len(doors) >= MOST_KEPT:
            doors.clear()
        told = near.as_dict(language)
        door = doors[near.opening] = _inside({name: told[name] for name in _OF_THE_HOUR})
        return door


def _lasting(near: NearSite) -> tuple[bytes, bytes]:
    """Return a site's id, and the part of what is told of it that no question changes."""
    told = near.as_dict("en")
    return (orjson.dumps(told["id"]),
            _inside({name: value for name, value in told.items() if name not in _OF_THE_ASKER + _OF_THE_HOUR}))


def _inside(told: dict[str, Any]) -> bytes:
    """Return an object's JSON without its braces."""
    return orjson.dumps(told)[1:-1]
