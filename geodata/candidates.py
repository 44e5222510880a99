"""Where a file's rows would lie under each datum they may be in: for people to see what the evidence counts."""

from __future__ import annotations

from typing import Any

import numpy as np

from geodata import axes, stated
from geodata.areas import Areas
from geodata.drafts import Faults
from geodata.evidence import CANDIDATES
from geodata.headers import Pair, Recogniser
from geodata.tables import Table
from locator.arrays import Rows
from locator.datum import to_wgs84

MOST = 2_000
"""Rows that are drawn; of more, evenly chosen ones, and among them every one that tells the candidates apart up to as many."""


def drawn(table: Table, recogniser: Recogniser, areas: Areas) -> list[dict[str, Any]]:
    """Return rows that have a pair, each with what it says of itself and where it lies under each of `evidence.CANDIDATES`.

    Returns:
        ``name``; ``district``, the code it states, or None; ``at``, a WGS-84 pair a candidate;
        ``fits``, for each candidate whether that lies in the stated district, None where none is stated.
    """
    known = recogniser.columns(table.name, table.headers)
    pairs = list(known.pairs)
    if not pairs and {"source_lon", "source_lat"} <= set(known.fields):
        pairs = [Pair(known.fields["source_lon"], known.fields["source_lat"], None)]
    if not pairs:
        return []
    pair = axes.settled(known.headers, table.rows, pairs[0], Faults(table, known), header_line=table.header_line) or pairs[0]
    says = stated.read(table, known, pairs=[pair], areas=areas, existing=None, source=None)
    lonlat = says.pairs[pair]
    rows = np.flatnonzero(np.isfinite(lonlat).all(axis=1))
    places = np.stack([to_wgs84(lonlat[rows], datum) for datum in CANDIDATES], axis=1)
    lies_in = [areas.district_of(places[:, c]) for c in range(len(CANDIDATES))]
    fits = [[None if (said := says.districts[row]) is None else lies_in[c][i] == said for c in range(len(CANDIDATES))]
            for i, row in enumerate(rows.tolist())]
    return [{"name": says.names[rows[i]][:60], "district": says.districts[rows[i]], "at": np.round(places[i], 6).tolist(), "fits": fits[i]}
            for i in _chosen(fits).tolist()]


def _chosen(fits: list[list[bool | None]]) -> Rows:
    """Return which rows are drawn: those that tell the candidates apart first, in the order of the rows."""
    telling = np.array([len(set(some)) > 1 for some in fits], bool)
    order = np.concatenate([np.flatnonzero(telling), np.flatnonzero(~telling)])
    if len(order) <= MOST:
        return np.arange(len(fits))
    few = np.flatnonzero(telling)[:MOST // 2]
    rest = np.setdiff1d(order, few)
    return np.sort(np.concatenate([few, rest[np.linspace(0, len(rest) - 1, MOST - len(few)).astype(int)]]))
