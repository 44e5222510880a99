"""The answer of `nearest` as GeoJSON bytes, written quickly.

Most of what is told of a site is the same for every asker, and what is told of its door the same for
every site with its timetable: both are written once and kept; an answer is those pieces put together.
`NearSite.as_dict` says what is told; a test holds the bytes to it.
"""

from __future__ import annotations

import orjson

from locator.answers import STATE_CODES, NearestAnswer, NearSite
from locator.hours import Opening

MOST_KEPT = 16_384
"""Sites whose lasting part is kept: some 8 MB."""

_CODES = tuple(code for _, code in sorted(STATE_CODES.items()))
"""By value: a tuple is read without hashing."""
_OF_THE_ASKER = ("distance_m", "minutes", "state_on_arrival")
_OF_THE_HOUR = ("state", "state_reason", "changes_at", "mode")


class Writer:
    """Writes answers of one atlas."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._lasting: dict[str, dict[int, bytes]] = {}
        self._doors: dict[str, dict[int, tuple[Opening, bytes]]] = {}

    def collection(self, answer: NearestAnswer, language: str, version: int) -> bytes:
        """Return an answer as a FeatureCollection, coordinates in the question's datum."""
        datum = answer.question.datum
        head = orjson.dumps({"type": "FeatureCollection", "query": answer.query(), "as_of": answer.as_of.isoformat(),
                             "datum": datum, "version": version, "features": []})
        kept, doors = self._lasting.setdefault(datum, {}), self._doors.setdefault(language, {})
        pieces = [head[:-2]]
        for near in answer.sites:
            row, opening, arrival = near.row, near.opening, near.arrival
            distance_m, minutes = near.distance_m, near.minutes
            pieces += (
                kept.get(row) or self._keep(near, datum), (doors.get(id(opening)) or self._keep_door(near, language))[1],
                f',"distance_m":{distance_m:.3f},"minutes":{minutes:.1f},"state_on_arrival":"{_CODES[arrival]}"}}}},'.encode())
        if answer.sites:
            pieces[-1] = pieces[-1][:-1]  # no comma after the last
        pieces.append(b"]}")
        return b"".join(pieces)

    def _keep(self, near: NearSite, datum: str) -> bytes:
        """Return, and keep, a feature's bytes up to what the hour and the asker make of it."""
        kept = self._lasting[datum]
        if len(kept) >= MOST_KEPT:
            kept.clear()
        told = near.as_dict("en")  # what lasts is in no language
        feature = {"type": "Feature", "id": told["id"], "geometry": {"type": "Point", "coordinates": (near.lon, near.lat)},
                   "properties": {name: value for name, value in told.items() if name not in _OF_THE_ASKER + _OF_THE_HOUR}}
        lasting = kept[near.row] = orjson.dumps(feature)[:-2] + b","
        return lasting

    def _keep_door(self, near: NearSite, language: str) -> tuple[Opening, bytes]:
        """Return, and keep, what is told of a door until it changes.

        Kept by identity, for hashing an opening takes longer than writing it; the opening is kept too,
        so that no other can take its identity.
        """
        doors = self._doors[language]
        if len(doors) >= MOST_KEPT:
            doors.clear()
        told = near.as_dict(language)
        door = doors[id(near.opening)] = near.opening, orjson.dumps({name: told[name] for name in _OF_THE_HOUR})[1:-1]
        return door
