"""The answer of `nearest` as GeoJSON bytes, written quickly.

What is told of a site and of its door is the same for every asker until the door's state or the
confidence in its record changes: it is written once and kept; an answer is those pieces and three figures of the asker's put together.
`NearSite.as_dict` says what is told; a test holds the bytes to it.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import orjson

from locator.answers import NearestAnswer, NearSite
from locator.hours import STATE_CODES, Opening
from locator.quality import Judgement
from locator.trust import Trust

MOST_KEPT = 16_384
"""Sites that are kept, of each datum and language: some 10 MB."""

_CODES = tuple(code.encode() for code in STATE_CODES)
"""By value: a tuple is read without hashing."""
_OF_THE_ASKER = ("distance_m", "minutes", "state_on_arrival")
_NOBODY: tuple[None, bytes, None] = None, b"", None

Kept = dict[int, tuple[Opening, bytes, Judgement]]


class Writer:
    """Writes answers of one atlas."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._kept: tuple[Trust | None, dict[tuple[str, str], Kept]] = None, {}

    def collection(self, answer: NearestAnswer, language: str, version: int) -> bytes:
        """Return an answer as a FeatureCollection, coordinates in the question's datum."""
        datum = answer.question.datum
        head = orjson.dumps({"type": "FeatureCollection", "query": answer.query(), "as_of": answer.as_of.isoformat(),
                             "datum": datum, "version": version, "features": []})
        if answer.walks_m is not None:  # asked for seldom, and another figure for everybody
            return b"%b%b]}" % (head[:-2], b",".join(orjson.dumps(_feature(near, language)) for near in answer.sites))
        kept = self._kept_under(answer.trust).setdefault((datum, language), {})
        features = []
        for place, (row, metres, minutes, opening, arrival) in enumerate(zip(
                answer.rows, answer.distances_m, answer.minutes, answer.openings, answer.arrivals, strict=True)):
            door, told, _ = kept.get(row, _NOBODY)
            # by identity: an opening is replaced when it changes, and comparing takes longer than writing
            if door is not opening:
                told = self._keep(answer.near(place), kept, language)
            features.append(b'%b,"distance_m":%.3f,"minutes":%.1f,"state_on_arrival":"%b"}}' % (told, metres, minutes, _CODES[arrival]))
        return b"%b%b]}" % (head[:-2], b",".join(features))

    def _kept_under(self, trust: Trust) -> dict[tuple[str, str], Kept]:
        """Return what is kept that still holds under a trust: with another one, all but the sites that are judged otherwise.

        Whoever writes under the one before goes on with what was kept then.
        """
        then, kept = self._kept
        if then is not trust:
            known = trust.known
            kept = {key: {row: piece for row, piece in list(pieces.items()) if known.get(row) is piece[2]}
                    for key, pieces in list(kept.items())}
            self._kept = trust, kept
        return kept

    def _keep(self, near: NearSite, kept: Kept, language: str) -> bytes:
        """Return, and keep, a feature's bytes up to what the asker makes of it."""
        if len(kept) >= MOST_KEPT:
            kept.clear()
        written = orjson.dumps(_feature(near, language, without=_OF_THE_ASKER))[:-2]
        kept[near.row] = near.opening, written, near.trust.of(near.row)
        return written


def _feature(near: NearSite, language: str, *, without: Container[str] = ()) -> dict[str, Any]:
    told = near.as_dict(language)
    return {"type": "Feature", "id": told["id"], "geometry": {"type": "Point", "coordinates": near.lonlat},
            "properties": {name: value for name, value in told.items() if name not in without}}
