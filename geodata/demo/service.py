"""What invented sites offer: who may enter, in whose premises, with what."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from random import Random
from typing import Any

from geodata.areas import FILES
from geodata.demo.figures import Share
from geodata.demo.timetables import Choices, Times, choices
from locator.sites import LIMITED, NO, YES

OPEN_TO_ALL_COMERS = ("everyone", "outdoor_workers")


@lru_cache(maxsize=1)
def table() -> dict[str, Any]:
    """Return the shipped chances and proportions."""
    return tomllib.loads((FILES / "demo_service.toml").read_text("utf-8"))


@lru_cache(maxsize=64)
def _choices(profile: str) -> Choices | None:
    forms = table()["hours"].get(profile)
    return choices(forms) if forms else None


def eligibilities(kind: str, subtypes: Sequence[str | None], share: Share | None, already: int, rng: Random) -> list[str]:
    """Return who may use each of n sites of a kind, in the proportions of the table.

    Args:
        kind: Their kind.
        subtypes: The subtype of each.
        share: A proportion on record to meet exactly, of these and the places already named.
        already: Named places of this kind that count towards the share.
        rng: Decides which.
    """
    lines = table()["eligibility"]
    if share is None or "served" not in lines.get(kind, {}):
        return [_weighted(lines.get(f"{kind}.{subtype}") or lines[kind], rng) for subtype in subtypes]
    served = share.expected(len(subtypes) + already) - already
    answers = [_weighted(lines[kind]["served"], rng) for _ in range(served)]
    answers += [_weighted(lines[kind]["others"], rng) for _ in range(len(subtypes) - served)]
    rng.shuffle(answers)
    return answers


def host(kind: str, eligibility: str, rng: Random) -> str:
    """Return in whose premises a site is."""
    hosts = table()["host"]["open" if eligibility in OPEN_TO_ALL_COMERS else "closed"]
    return _weighted(hosts.get(kind) or table()["host"]["closed"][kind], rng)


def times(kind: str, subtype: str | None, host: str, rng: Random, *, commonest: bool = False) -> Times:
    """Return a timetable: of the kind or subtype if the table has one, of the host otherwise."""
    found = _choices(subtype or kind) or _choices(kind) or _choices(host)
    assert found is not None, f"no hours for {kind} at {host}"
    return found.times[0] if commonest else found.draw(rng)


def season(kind: str, rng: Random) -> tuple[str, str] | None:
    """Return the part of the year a site exists in, None for all of it."""
    line = table()["season"].get(kind)
    if line is None or not (line.get("always") or rng.random() < line["share"]):
        return None
    chosen = rng.choices(line["choices"], [choice["w"] for choice in line["choices"]])[0]
    return chosen["from"], chosen["to"]


def facilities(kind: str, host: str, rng: Random) -> dict[str, str]:
    """Return what a site has, has not, or has in part; what the table leaves over is unknown, so absent."""
    chances = table()["facility"].get(kind, {})
    of_host = table()["host_facility"].get(host, {})
    found = {}
    for code in chances:
        yes, limited, no = of_host.get(code, chances[code])
        draw = rng.random()
        if draw < yes:
            found[code] = YES
        elif draw < yes + limited:
            found[code] = LIMITED
        elif draw < yes + limited + no:
            found[code] = NO
    return found


def _weighted(weights: Mapping[str, float], rng: Random) -> str:
    names, up_to = _cumulated(tuple(weights.items()))
    return rng.choices(names, cum_weights=up_to)[0]


@lru_cache(maxsize=256)
def _cumulated(weights: tuple[tuple[str, float], ...]) -> tuple[list[str], list[float]]:
    return [name for name, _ in weights], list(itertools.accumulate(weight for _, weight in weights))
