"""Slow and obvious versions that judge the fast ones; appended to by every room."""

from __future__ import annotations

import heapq
import itertools
import math
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from pyproj import Geod

# --- where things are ---------------------------------------------------------------------------------


def geodesic_m(here, lonlat):
    """Return the WGS-84 geodesic metres from one (lon, lat) to each of (n, 2), by pyproj."""
    lonlat = np.asarray(lonlat, float).reshape(-1, 2)
    lons, lats = np.full(len(lonlat), float(here[0])), np.full(len(lonlat), float(here[1]))
    return Geod(ellps="WGS84").inv(lons, lats, lonlat[:, 0], lonlat[:, 1])[2]


def nearest(here, lonlat, *, k, among=None):
    """Return the k nearest rows and their metres: measure every site, sort by metres, then by row.

    Distances that rounding alone sets apart (20 nm) are equal.
    """
    lonlat = np.asarray(lonlat, float).reshape(-1, 2)
    rows = [r for r in range(len(lonlat)) if np.isfinite(lonlat[r]).all() and (among is None or among[r])]
    metres = geodesic_m(here, lonlat[rows]) if rows else np.empty(0)
    ranked, last_m, tie = [], -1.0, 0
    for m, row in sorted(zip(metres.tolist(), rows, strict=True)):
        tie += m - last_m > 2e-8
        last_m = m
        ranked.append((tie, row))
    return [row for _, row in sorted(ranked)[:k]], np.sort(metres)[:k].tolist()


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


# --- opening hours ----------------------------------------------------------------------------------

UNKNOWN, CLOSED, OPEN = 0, 1, 2


def hours_state(rules, minute, weekday_of, is_holiday):
    """Return the state at one minute, by walking through the rules as a reader of the grammar would.

    A rule is (operator ; or , or ||, days, spans, state): days None or a set of weekday numbers and "PH",
    spans () for the whole day or pairs of minutes, the second beyond 1440 where it runs over midnight.
    """
    day, now = divmod(minute, 1440)

    def applies(rule, on):
        return rule[1] is None or weekday_of(on) in rule[1] or ("PH" in rule[1] and is_holiday(on))

    def stands(i, on):
        """Return whether rule i counts on a day: it applies, and no later rule replaces it there."""
        return applies(rules[i], on) and not any(
            op == ";" and state != CLOSED and applies((op, days, spans, state), on)
            for op, days, spans, state in rules[i + 1:])

    said = CLOSED
    for i, rule in enumerate(rules):
        operator, _, spans, state = rule
        today = applies(rule, day)
        if today and operator == ";" and state != CLOSED:
            said = CLOSED
        covers = (stands(i, day - 1) and any(a <= now + 1440 < b for a, b in spans)) or \
            (today and (not spans or any(a <= now < b for a, b in spans)))
        if covers and (operator != "||" or said == CLOSED):
            said = state
    return said


def hours_state_under(rules, minute, workday_rule, kind_of):
    """Return what every reading that may be the case agrees on, else UNKNOWN.

    `kind_of(day)` is plain, holiday, makeup or unknown; days count from 1970-01-01, a Thursday.
    """
    day = minute // 1440
    speaks = any(days and "PH" in days for _, days, _, _ in rules)

    def kinds(on):
        said = kind_of(on)
        if said != "unknown":
            return [said]
        return ["plain", "holiday", "makeup"] if (on + 3) % 7 >= 5 else ["plain", "holiday"]

    said = set()
    for rule in ["calendar", "official"] if workday_rule == "unstated" else [workday_rule]:
        for before in kinds(day - 1):
            for today in kinds(day):
                kind = {day - 1: before, day: today}

                def weekday(on, rule=rule, kind=kind):
                    if rule == "official" and kind[on] == "makeup":
                        return 0
                    if rule == "official" and kind[on] == "holiday" and not speaks:
                        return 6
                    return (on + 3) % 7

                said.add(hours_state(rules, minute, weekday, lambda on, kind=kind: kind[on] == "holiday"))
    return said.pop() if len(said) == 1 else UNKNOWN

# --- maps -------------------------------------------------------------------------------------------


def in_cells(lonlat, box, zoom, among):
    """Return the rows of a box by the cell of 64 pixels they stand in: {(column, line): [row, ...]}, by the textbook's formula."""
    west, south, east, north = box
    side, found = 4 * 2 ** zoom, {}
    for row, (lon, lat) in enumerate(np.asarray(lonlat, float).reshape(-1, 2).tolist()):
        if among[row] and west <= lon <= east and south <= lat <= north:
            upright = math.radians(max(-89.9, min(89.9, lat)))
            x = (lon + 180) / 360 * side
            y = (1 - math.log(math.tan(upright) + 1 / math.cos(upright)) / math.pi) / 2 * side
            cell = tuple(max(0, min(side - 1, math.floor(share))) for share in (x, y))
            found.setdefault(cell, []).append(row)
    return found

# --- ways on foot -----------------------------------------------------------------------------------


def nearest_segment(point, begins, ends):
    """Return (row, metres) of the segment nearest to a point, by measuring every one; of equal ones the first."""
    best = (-1, math.inf)
    for row, ((ax, ay), (bx, by)) in enumerate(zip(begins, ends, strict=True)):
        square = (bx - ax) ** 2 + (by - ay) ** 2
        share = 0.0 if square == 0 else min(1.0, max(0.0, ((point[0] - ax) * (bx - ax) + (point[1] - ay) * (by - ay)) / square))
        metres = math.hypot(point[0] - ax - share * (bx - ax), point[1] - ay - share * (by - ay))
        if metres < best[1]:
            best = (row, metres)
    return best


def walks_m(count, edges, length_m, sources, targets):
    """Return {(source, target): metres} by Dijkstra (1959) over a graph in which every point is a node.

    Points are (edge, share, offset_m); an edge is cut at every point on it. An edge of -1 is nowhere.
    """
    links = {}

    def join(a, b, metres):
        links.setdefault(a, []).append((b, metres))
        links.setdefault(b, []).append((a, metres))

    points = [(("source", i), p) for i, p in enumerate(sources)] + [(("target", i), p) for i, p in enumerate(targets)]
    for row, (a, b) in enumerate(edges):
        on_it = sorted((share, spot) for spot, (edge, share, _) in points if edge == row)
        stops = [(0.0, a), *((share, ("spot", spot)) for share, spot in on_it), (1.0, b)]
        for (share, one), (later, other) in itertools.pairwise(stops):
            join(one, other, (later - share) * length_m[row])
    for spot, (edge, _, offset_m) in points:
        if edge >= 0:
            join(spot, ("spot", spot), offset_m)
    ways = [_dijkstra(links, ("source", i)) for i in range(len(sources))]
    return {(i, j): ways[i]["target", j] for i in range(len(sources)) for j in range(len(targets)) if ("target", j) in ways[i]}


def _dijkstra(links, start):
    done, waiting, turn = {}, [(0.0, 0, start)], itertools.count(1)
    while waiting:
        metres, _, here = heapq.heappop(waiting)
        if here in done:
            continue
        done[here] = metres
        for there, more in links.get(here, ()):
            if there not in done:
                heapq.heappush(waiting, (metres + more, next(turn), there))
    return done



# --- discs and areas ----------------------------------------------------------------------------------


def uncovered_m2(rings, centres, radius_m, fold=1):
    """Return the area inside closed rings (even-odd) and inside fewer than `fold` equal discs: closed-form integrals between all corners.

    The plane is cut into upright slabs at every corner, every crossing and every disc's sides; within a slab no two
    boundaries cross, so each is integrated from its own antiderivative.
    """
    edges = [(np.array(a, float), np.array(b, float)) for ring in rings for a, b in zip(ring, [*ring[1:], ring[0]], strict=True)]
    centres = [np.array(c, float) for c in centres]
    cuts = [x for a, _ in edges for x in (a[0],)] + [c[0] + s * radius_m for c in centres for s in (-1, 1)]
    for number, one in enumerate(centres):
        for other in centres[number + 1:]:
            apart = other - one
            d = math.hypot(*apart)
            if 0 < d < 2 * radius_m:
                h = math.sqrt(radius_m**2 - d * d / 4) / d
                cuts += [((one + other) / 2)[0] + s * h * -apart[1] for s in (-1, 1)]
        for a, b in edges:
            way, rel = b - a, a - one
            p, q = way @ rel, rel @ rel - radius_m**2
            root = p * p - way @ way * q
            if root > 0 and way @ way > 0:
                cuts += [a[0] + way[0] * t for t in ((-p - math.sqrt(root)) / (way @ way), (-p + math.sqrt(root)) / (way @ way)) if 0 <= t <= 1]
    cuts = sorted(set(cuts))
    return sum(_slab_m2(left, right, edges, centres, radius_m, fold) for left, right in pairwise(cuts))


def _slab_m2(left, right, edges, centres, radius_m, fold):
    middle = left + (right - left) * 0.381966  # not halfway, where a disc may touch an edge
    if not left < middle < right:
        return 0.0

    def straight(a, b):
        slope = (b[1] - a[1]) / (b[0] - a[0])
        return a[1] + slope * (middle - a[0]), (right - left) * (a[1] + slope * ((left + right) / 2 - a[0]))

    def curved(c, side):
        def grown(x):
            u = min(max((x - c[0]) / radius_m, -1.0), 1.0)
            return radius_m**2 / 2 * (u * math.sqrt(1 - u * u) + math.asin(u))

        return c[1] + side * math.sqrt(radius_m**2 - (middle - c[0]) ** 2), (right - left) * c[1] + side * (grown(right) - grown(left))

    lines = [(*straight(a, b), 0) for a, b in edges if min(a[0], b[0]) < middle < max(a[0], b[0])]
    rims = [(*curved(c, side), -side) for c in centres if abs(middle - c[0]) < radius_m for side in (-1, 1)]
    total, inside, deep = 0.0, False, 0
    for (_, below, step), (_, above, _) in pairwise(sorted(lines + rims)):
        inside, deep = inside ^ (step == 0), deep + step
        total += above - below if inside and deep < fold else 0.0
    return total
