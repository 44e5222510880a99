"""The lines of an answer about areas: which areas it is of, what is said of each, and whose figures of people these are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from locator.areas import AreaTree
from locator.demand import Demand
from locator.errors import BadValue
from locator.questions import CoverageQuestion
from locator.words import Words


@dataclass(frozen=True, slots=True)
class Line:
    """One area's figures."""

    code: str
    words: Words
    people: float | None
    """None where the area has no outline, so that nobody can say who lives in it."""
    figures: Mapping[str, Any]
    """Named as in the JSON; those that depend on hours once more with `MAYBE` at their end."""
    note: Words | None = None

    def as_dict(self, language: str) -> dict[str, Any]:
        """Return the public shape."""
        return {"code": self.code, "name": self.words.in_language(language), "people": self.people, **self.figures,
                "note": self.note.in_language(language) if self.note else None}

    @classmethod
    def of(cls, code: str, areas: AreaTree, people: float, figures: Mapping[str, Any], *, has_outline: bool) -> Line:
        """Make a line, with what is to be said of an area that has no outline, or nobody in it."""
        note = None
        if not has_outline:
            note = _by_code_alone(code, areas)
        elif not people:
            note = Words("按所用人口数据，这里没有人", "nobody is here by these figures of people")
        return cls(code, areas.told_apart(code), people if has_outline else None, figures, note)


def _by_code_alone(code: str, areas: AreaTree) -> Words:
    """Return what is to be said of an area without an outline; where another goes by its name, that sites may be counted there."""
    note = Words("没有边界，只按代码统计站点", "has no outline: its sites are counted by code, its people cannot be")
    if others := areas.namesakes(code):
        told = [(areas.told_apart(other), other) for other in others]
        note = Words(f"{note.zh}；记在同名的 {'、'.join(f'{words.zh} {other}' for words, other in told)} 名下的站点，算在那里",
                     f"{note.en}; sites recorded in {', '.join(f'{words.en} {other}' for words, other in told)} are counted there")
    return note


def areas_asked(question: CoverageQuestion, areas: AreaTree) -> tuple[list[str], str]:
    """Return the codes of the lines, and of the area that they are of.

    Raises:
        NotThere: If the area is none.
        BadValue: If no area of the tier lies in the area.
    """
    around = whole(question, areas)
    if question.by is None:
        return [around], around
    inside = areas.subtree(around)
    found = [area.code for area in areas if area.code in inside and area.tier == question.by]
    if not found:
        tiers = ", ".join(dict.fromkeys(area.tier for area in areas if area.code in inside))
        raise BadValue("by", question.by, zh=f"这个区域里没有这一级；有 {tiers}", en=f"no area of this tier lies in it; there are {tiers}")
    return found, around


def whole(question: CoverageQuestion, areas: AreaTree) -> str:
    """Return the code of the area that a question is of: where it names none, the first of those that lie in no other.

    Raises:
        NotThere: If the area is none.
    """
    return areas.code(question.area) if question.area is not None else areas.children(None)[0].code


def overlaps(codes: Sequence[str], demand: Demand) -> tuple[Words, ...]:
    """Return that the lines of some areas add up to more than their whole, if any point of a demand lies in several of them."""
    lines = frozenset(codes)
    if all(len(lines.intersection(held)) < 2 for held in demand.area_sets):
        return ()
    return (Words("各行的区域互相重叠：同时在几个区域里的人，每一行都算，合计里只算一次",
                  "the areas lie over each other: whoever is in several counts in each line, and once in all"),)


def source(demand: Demand, language: str) -> dict[str, Any]:
    """Return where figures of people come from, as every answer that counts them says it."""
    return {"source": demand.source.in_language(language), "date": demand.date, "note": demand.note.in_language(language),
            "version": demand.version}
