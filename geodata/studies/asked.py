"""What a study is asked: a question about coverage, and what is wanted of it; plain values and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final, Self

from geodata import scenarios, side_words
from locator import lines, week
from locator.areas import AreaTree
from locator.errors import BadValue
from locator.filters import Filters
from locator.hours import CLOCK
from locator.questions import CoverageQuestion
from locator.uncovered import GapsQuestion

STUDY, COVERAGE, GAPS, DAY, COMPARE = "study", "coverage", "gaps", "day", "compare"
WHATS: Final = (STUDY, COVERAGE, GAPS, DAY, COMPARE)
COARSEST_M = 1000.0
"""So far from the exact arcs may a gap's edges be asked for."""
_NOW_MIN = 5
"""Now is the last full five minutes: nearly all hours begin and end on one, and who asks twice in a row asks the same."""
_FILTERS = ("kind", "facility", "eligibility")


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, the same tomorrow as today."""

    what: str
    """STUDY: everything of a radius or a walk at once; COVERAGE, GAPS or DAY: that alone; COMPARE: two sides."""
    question: CoverageQuestion
    demand: str | None = None
    """A name of `people.load`."""
    top: int | None = None
    """So many gaps; None: all."""
    tolerance_m: float | None = None
    """Of gaps: as `GapsQuestion` has it."""
    before: str = ""
    """Of COMPARE: a side in the words of `side_words.understood`."""
    after: str = ""
    on: date | None = None
    """The day on which sites must be open all day, where the question names no instant."""

    def __post_init__(self) -> None:
        if self.what not in WHATS:
            raise BadValue("what", self.what, zh=f"应为 {'、'.join(WHATS)} 之一", en=f"must be one of {', '.join(WHATS)}")
        if self.tolerance_m is not None and not 0 < self.tolerance_m <= COARSEST_M:
            raise BadValue("tolerance", self.tolerance_m, zh=f"应为大于 0、不超过 {COARSEST_M:g} 的米数",
                           en=f"must be metres above 0 and at most {COARSEST_M:g}")
        if self.what == GAPS or self.top is not None:
            self.gaps_question()
        if self.what == COMPARE and not (self.before.strip() and self.after.strip()):
            missing = "after" if self.before.strip() else "before"
            raise BadValue(missing, None, zh="请给出两边：before 和 after", en="give both sides: before and after")

    @classmethod
    def at(cls, now: datetime, what: str, question: CoverageQuestion, *, areas: AreaTree, **more: Any) -> Self:
        """Return a question as asked at an instant, in a form that the common ways of asking it come to.

        What it leaves to the present is filled in: the whole for no area, for a week that of `now`, for the hours of one day that day, and a
        state is that of the last full five minutes. An instant stands on Beijing's clock by its minute, and for its week or its day by the
        first minute of that; none is kept where both sides of a comparison name their own. A side is said in its one word
        (`side_words.one_word`).

        Other forms stay two questions, though they may come to one answer: sites without in another order, points that are less than a
        rounding apart, and ``all-day`` with an instant, which tells by hours what it tells without one for the day.

        Args:
            now: With an offset.
            what: `STUDY` or another.
            question: What is asked.
            areas: Whose whole is meant where it names no area.
            more: The other fields.
        """
        local = now.astimezone(CLOCK)
        question = replace(question, area=lines.whole(question, areas))
        state, named = question.filters.state, False
        if what == COMPARE:
            sides = [side_words.understood(name, more.get(name, ""), files=False) for name in ("before", "after")]
            question = scenarios.asked_hourly(question, sides, _full_minutes(local))
            named = all(side.sort == side_words.AT for side in sides)
            more |= {name: side_words.one_word(side) for name, side in zip(("before", "after"), sides, strict=True)}
        on: date | None = None
        moment = None if question.at is None or named else question.at.astimezone(CLOCK).replace(second=0, microsecond=0)
        if question.week:
            moment = _midnight(week.monday_of((moment or local).date()))
        elif what == DAY:
            moment = _midnight((moment or local).date())
        elif moment is None and state == "all-day":
            on = local.date()
        elif moment is None and state is not None and not named:
            moment = _full_minutes(local)
        return cls(what, replace(question, at=moment), on=on, **more)

    def gaps_question(self) -> GapsQuestion:
        """Return the question for the gaps.

        Raises:
            BadValue: If it asks of a week where several sites are within reach at once.
            BadCount: If `top` is no count.
        """
        return GapsQuestion(self.question, self.top, self.tolerance_m)

    @property
    def hourly(self) -> bool:
        """Whether hours count, so that what others found locked does."""
        return self.what == DAY or self.question.week or self.question.at is not None or self.question.filters.state not in (None, "all-day")

    @property
    def instants(self) -> tuple[datetime, datetime] | None:
        """The instants that both sides of a comparison name; None where one does not."""
        if self.what != COMPARE:
            return None
        sides = [side_words.understood(name, getattr(self, name), files=False) for name in ("before", "after")]
        first, second = (side.on if side.sort == side_words.AT and isinstance(side.on, datetime) else None for side in sides)
        return None if first is None or second is None else (first, second)

    @property
    def proposed(self) -> tuple[str, ...]:
        """The points that the second side of a comparison states, each as longitude, latitude and its name if it has one."""
        side = side_words.understood("after", self.after, files=False) if self.what == COMPARE else None
        if side is None or not side.points:
            return ()
        names = side.names or ("",) * len(side.points)
        return tuple(",".join(filter(None, (side_words.pair(point), name))) for point, name in zip(side.points, names, strict=True))

    @property
    def on_foot(self) -> bool:
        """Whether a walk is asked about."""
        return self.question.walk_min is not None

    def now(self, made_at: datetime) -> datetime:
        """Return the present that the question is asked in."""
        return made_at.astimezone(CLOCK) if self.on is None else _midnight(self.on)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, those of the question by their public names."""
        return {"what": self.what, **self.question.as_dict(), "demand": self.demand, "top": self.top, "tolerance_m": self.tolerance_m,
                "before": self.before, "after": self.after, "on": self.on.isoformat() if self.on else None}

    @classmethod
    def of_dict(cls, said: Mapping[str, Any]) -> Self:
        """Return the question that `as_dict` gave."""
        kinds, facilities, eligibility = (tuple(said[name]) for name in _FILTERS)
        filters = Filters(kinds, facilities, eligibility, state=said["state"], strict=said["strict"], verified_only=said["verified_only"])
        question = CoverageQuestion(filters, said["radius_m"], said["walk_min"], datetime.fromisoformat(said["at"]) if said["at"] else None,
                                    said["week"], said["fold"], said["area"], said["by"])
        return cls(said["what"], question, said["demand"], said["top"], said["tolerance_m"], said["before"], said["after"],
                   date.fromisoformat(said["on"]) if said["on"] else None)


def _full_minutes(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0) - timedelta(minutes=now.minute % _NOW_MIN)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, CLOCK)
