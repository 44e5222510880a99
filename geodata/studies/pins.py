"""What a study is pinned to: of which registry, people, network and reports its figures are; and the name of the study."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

from geodata import planning
from geodata.areas import Areas
from geodata.studies.asked import COMPARE, Asked
from locator.arrays import Bits
from locator.atlas import Atlas

_FORMAT = 5
"""Of what is kept of a study; another number, and every study is made anew."""


class Pins(NamedTuple):
    """Versions: the same ones, the same figures."""

    version: int
    """Of the registry."""
    committed_at: str | None
    """When that was committed: a restored registry may come to the same number by another way."""
    demand: str
    """Of the people: `Demand.version`, which names the outlines too."""
    network: str | None
    """Of the walking network; None where no walk is asked about, or none was built."""
    found_locked: str
    """Which sites others found locked, moved or gone; empty where hours do not count."""

    @classmethod
    def of_dict(cls, said: Mapping[str, Any]) -> Self:
        """Return what `_asdict` gave."""
        return cls(**said)


def pinned(asked: Asked, home: Path, atlas: Atlas, areas: Areas, no_way_in: Bits) -> Pins:
    """Return what a question would be answered from just now.

    Args:
        asked: The question.
        home: Where the people and the network are.
        atlas: The registry's newest.
        areas: The areas by outline.
        no_way_in: (n,) as in `pool.pool`.

    Raises:
        NotThere: If there is no demand of this name.
        BadFile: If the people's file, or the network's, is damaged.
    """
    network = planning.network_version(home) if asked.on_foot else None
    return Pins(atlas.version, atlas.committed_at, planning.demand_version(home, areas, asked.demand), network,
                locked(atlas, no_way_in) if asked.hourly or asked.what == COMPARE else "")


def locked(atlas: Atlas, no_way_in: Bits) -> str:
    """Return a short digest of which sites others found locked; empty where there is none."""
    ids = sorted(str(atlas.sites.value("id", row)) for row in no_way_in.nonzero()[0].tolist())
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()[:12] if ids else ""


def key(asked: Asked, pins: Pins) -> str:
    """Return the name of the study of a question under its pins: 32 hexadecimal digits."""
    said = json.dumps([_FORMAT, asked.as_dict(), pins], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()[:32]
