"""Slow and obvious versions that judge the fast ones; appended to by every room."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np
from pyproj import Geod

# --- where things are ---------------------------------------------------------------------------------


def geodesic_m(here, lonlat):
    """Return the WGS-84 geodesic metres from one (lon, lat) to each of (n, 2), by pyproj."""
    lonlat = np.asarray(lonlat, float).reshape(-1, 2)
    lons, lats = np.full(len(lonlat), float(here[0])), np.full(len(lonlat), float(here[1]))
    return Geod(ellps="WGS84").inv(lons, lats, lonlat[:, 0], lonlat[:, 1])[2]


def nearest(here, lonlat, *, k, among=None):
    """Return the k nearest rows and their metres: measure every site, sort by metres, then by row."""
    lonlat = np.asarray(lonlat, float).reshape(-1, 2)
    rows = [r for r in range(len(lonlat)) if np.isfinite(lonlat[r]).all() and (among is None or among[r])]
    metres = geodesic_m(here, lonlat[rows]) if rows else np.empty(0)
    ranked = sorted(zip(metres.tolist(), rows, strict=True))[:k]
    return [row for _, row in ranked], [m for m, _ in ranked]


# --- names ------------------------------------------------------------------------------------------


def found_by_characters(texts: Sequence[str], word: str) -> list[int]:
    """Return the rows whose text holds a word, best first: whole, beginning, word start, anywhere; shorter; row."""
    def evened(text: str) -> str:
        return unicodedata.normalize("NFKC", text).casefold()

    ranked = []
    for row, text in enumerate(map(evened, texts)):
        places = [i for i in range(len(text)) if text.startswith(evened(word), i)]
        if places:
            grades = [0 if text == evened(word) else 1 if i == 0 else 2 if not text[i - 1].isalnum() else 3 for i in places]
            ranked.append((min(grades), len(text), row))
    return [row for _, _, row in sorted(ranked)]


def heard_in(readings: Sequence[str], typed: str) -> list[int]:
    """Return the rows in whose reading letters are heard: by full syllables, first letters, and a last beginning."""
    def heard(tokens: list[str], rest: str) -> bool:
        if not rest:
            return True
        if not tokens:
            return False
        token = tokens[0]
        said = {token, token[0]} | {i for i in ("zh", "ch", "sh") if token.startswith(i)}
        return token.startswith(rest) or any(rest.startswith(s) and heard(tokens[1:], rest[len(s):]) for s in said)

    return [row for row, reading in enumerate(readings)
            if any(heard(reading.split()[i:], typed) for i in range(len(reading.split())))]
