"""What the planner's form offers, and what stands in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from geodata import people
from locator.areas import Area, AreaTree
from locator.atlas import Atlas
from locator.errors import Refusal
from locator.typed import BEIJING
from locator.vocabulary import Term
from web import current, studying
from web.i18n import gettext, language
from web.planner_asked import Asked
from web.planner_form import MINUTES, NOON, RADIUS_M, WHOLE, plain

_TYPED = ("reach", "radius", "minutes", "hours", "date", "fold")


class Choices(NamedTuple):
    """What can be chosen."""

    areas: list[tuple[str, str, int]]
    """Code, name, how deep; parents before their parts."""
    own: list[tuple[str, str, int]]
    """Likewise, those that an operator added in no other area: nobody would look for them below the last street of the last district."""
    tiers: list[tuple[str, str]]
    kinds: list[Term]
    facilities: list[Term]
    eligibility: list[Term]
    demands: list[tuple[str, str]]
    """Empty where there is one only."""


def choices(atlas: Atlas) -> Choices:
    """Return what can be chosen just now."""
    tree, vocabulary = atlas.areas, atlas.vocabulary
    first, *others = tree.children(None)
    tiers = list(dict.fromkeys(area.tier for area in tree if area.parent is not None and area.parent in tree))
    terms = {name: list(vocabulary.terms(name).values()) for name in ("kind", "facility", "eligibility")}
    return Choices(_down(tree, [first]), _down(tree, others), [*((tier, tier_name(tier)) for tier in tiers), (WHOLE, gettext("The area as a whole"))],
                   terms["kind"], terms["facility"], terms["eligibility"], _demands())


def tier_name(tier: str) -> str:
    """Return what a tier is called; one of the operator's own goes by its code."""
    names = {"city": gettext("City"), "district": gettext("District"), "street": gettext("Street or township"), "community": gettext("Community")}
    return names.get(tier, tier)


def _down(tree: AreaTree, areas: Sequence[Area], depth: int = 0) -> list[tuple[str, str, int]]:
    """Return areas and what lies in each."""
    return [one for area in areas for one in ((area.code, tree.told_apart(area.code).in_language(language()), depth),
                                              *_down(tree, tree.children(area.code), depth + 1))]


def _demands() -> list[tuple[str, str]]:
    home = studying.home()
    try:
        layers, own = people.layers(home), people.own_folder(home)
    except Refusal:  # a damaged file is told where its figures are asked for
        return []
    if not layers and own is None:
        return []
    census = people.CENSUS_SOURCE.in_language(language())
    first = [("", gettext("The operator's own figures")), (people.CENSUS, census)] if own is not None else [("", census)]
    return first + [(layer.name, " · ".join(dict.fromkeys(part for part in (layer.name, layer.group, layer.time) if part))) for layer in layers]


def form(asked: Asked, typed: Mapping[str, str] | None = None) -> Mapping[str, Any]:
    """Return what stands in the form for a question; what was typed stays, where it could not be used."""
    question, filters = asked.question, asked.question.filters
    at = (question.at or current.now().replace(hour=NOON)).astimezone(BEIJING)
    found = {"area": question.area, "by": question.by or WHOLE, "reach": "radius" if question.radius_m is not None else "minutes",
            "radius": plain(question.radius_m or RADIUS_M), "minutes": plain(question.walk_min or MINUTES), "hours": asked.hours,
            "date": at.date().isoformat(), "hour": at.hour, "fold": question.fold, "kinds": filters.kinds, "facilities": filters.facilities,
            "eligibility": filters.eligibility, "state": filters.state, "verified_only": filters.verified_only, "demand": asked.demand or ""}
    return found | {name: typed[name] for name in _TYPED if name in typed} if typed else found
