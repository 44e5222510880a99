"""What the planner's address asks: a question, whose people, and what it is pinned to; and the address again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask import Request, url_for

from locator import typed
from locator.atlas import Atlas
from locator.filters import Filters
from locator.questions import CoverageQuestion
from locator.typed import BEIJING
from web import frame, planner_form, values
from web.pairs import Pairs, asked_in
from web.planner_form import AT, IGNORED, WEEK, WHOLE, plain

_MANY = ("kind", "facility", "eligibility")
_FIELDS = frozenset({*_MANY, "area", "by", "reach", "radius", "minutes", "walk", "preset", "hours", "at", "week", "date", "hour", "fold", "state",
                     "strict", "verified_only", "demand"})
"""What an address or the form says of a question."""
_TIMES = "%Y-%m-%dT%H:%M"


def typed_again(request: Request, endpoint: str) -> str:
    """Return an address that asks the question of a request as it was typed, whatever is wrong with it."""
    return frame.with_query(url_for(endpoint), [(name, value) for name, value in request.args.items(multi=True) if name in _FIELDS])


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks."""

    question: CoverageQuestion
    demand: str | None = None
    """A layer of people; None: those in use."""
    version: int | None = None
    """Of the registry that the address is pinned to."""
    people: str | None = None
    """The version of the people that it is pinned to."""
    study: str | None = None
    """The kept study that it names."""

    @classmethod
    def of(cls, request: Request, atlas: Atlas, now: datetime) -> Asked:
        """Read a request: an address of ours, or the page's form.

        Raises:
            Refusal: The first value that cannot be used, by its field.
        """
        pairs = [(name, value.strip()) for name, value in asked_in(request) if value.strip()]
        one = dict(reversed(pairs))
        many = {name: tuple(value for given, value in pairs if given == name) for name in _MANY}
        filters = Filters.of(atlas.vocabulary, kinds=many["kind"], facilities=many["facility"], eligibility=many["eligibility"],
                             state=one.get("state"), strict=values.flag("strict", one.get("strict", "no")),
                             verified_only=values.flag("verified_only", one.get("verified_only", "no")))
        at, week = planner_form.hours(one, now)
        tree = atlas.areas
        area = tree.code(one["area"]) if "area" in one else planner_form.own_area(tree, by=one.get("by"))
        radius, walk = planner_form.reach(one)
        said = {**one, "walk": one.get("minutes", one.get("walk"))}
        question = typed.quoted(said, lambda: CoverageQuestion(
            filters, radius_m=radius, walk_min=walk, at=at, week=week, fold=typed.count("fold", one.get("fold", "1")), area=area,
            by=planner_form.tier(one.get("by"), atlas, area)))
        return cls(question, one.get("demand"), values.whole("version", one["version"]) if "version" in one else None, one.get("people"),
                   one.get("study"))

    @property
    def hours(self) -> str:
        """How hours count."""
        return WEEK if self.question.week else AT if self.question.at is not None else IGNORED

    @property
    def pinned(self) -> bool:
        """Whether the address says which registry and which people."""
        return self.version is not None and self.people is not None

    def pairs(self, *, pins: bool = True) -> Pairs:
        """Return the names and values of the address, in one order whatever was typed."""
        question, filters = self.question, self.question.filters
        found = [("area", question.area or ""), ("by", question.by or WHOLE)]
        found += [("kind", code) for code in filters.kinds] + [("facility", code) for code in filters.facilities]
        found += [("eligibility", code) for code in filters.eligibility]
        found += [("state", filters.state)] if filters.state else []
        found += [(name, "1") for name in ("strict", "verified_only") if getattr(filters, name)]
        found += [("radius", plain(question.radius_m))] if question.radius_m is not None else [("minutes", plain(question.walk_min or 0))]
        found += [("at", question.at.astimezone(BEIJING).strftime(_TIMES))] if question.at is not None else []
        found += [("week", "1")] if question.week else []
        found += [("fold", str(question.fold))] if question.fold > 1 else []
        found += [("demand", self.demand)] if self.demand else []
        if pins:
            found += [(name, str(value)) for name in ("version", "people", "study") if (value := getattr(self, name)) is not None]
        return found

    def address(self, endpoint: str = "planner.study", *, pins: bool = True, also: Sequence[tuple[str, str]] = ()) -> str:
        """Return an address that asks this."""
        return frame.with_query(url_for(endpoint), [*self.pairs(pins=pins), *also])

    def asking(self, **change: object) -> Asked:
        """Return another question of the present: `radius_m`, `walk_min`, `at`, `week`, `area`, `by`, `fold`."""
        return Asked(replace(self.question, **change), self.demand)  # type: ignore[arg-type]

    def pinned_to(self, version: int, people: str, study: str) -> Asked:
        """Return the same question, pinned."""
        return replace(self, version=version, people=people, study=study)

    def on(self, moment: datetime) -> Asked:
        """Return the same at an hour."""
        return self.asking(at=moment, week=False)
