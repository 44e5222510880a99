"""When invented sites are open: from a few forms, a few hundred distinct timetables."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any, NamedTuple

from locator.sites import Slot


class Times(NamedTuple):
    """The timetable of a site, as its record holds it."""

    opening_hours: str | None = None
    workday_rule: str = "unstated"
    slots: tuple[Slot, ...] = ()


class Choices(NamedTuple):
    """Timetables a host keeps, with their cumulative weights."""

    times: tuple[Times, ...]
    up_to: tuple[float, ...]

    def draw(self, rng: Random) -> Times:
        """Return one of them by weight."""
        return rng.choices(self.times, cum_weights=self.up_to)[0]


def choices(forms: Sequence[Mapping[str, Any]]) -> Choices:
    """Return every timetable the forms allow; within a form the first values are the likeliest.

    The i-th timetable of a form weighs its `w` divided by i + 1, so that a few are common and most rare.
    """
    weighed: dict[Times, float] = {}
    for form in forms:
        for i, times in enumerate(_allowed(form)):
            weighed[times] = weighed.get(times, 0.0) + form["w"] / (i + 1)
    return Choices(tuple(weighed), tuple(itertools.accumulate(weighed.values())))


def _allowed(form: Mapping[str, Any]) -> Iterator[Times]:
    rules = form.get("rule", ["unstated"])
    if form.get("all_day"):
        if "rest_of_day" not in form:
            yield from (Times("24/7", rule) for rule in rules)
            return
        for opens, closes in itertools.product(form["open"], form["close"]):
            slots = (Slot(f"Mo-Su {opens}-{closes}", "staffed"), Slot(f"Mo-Su {closes}-{opens}", form["rest_of_day"]))
            yield Times("24/7", "calendar", slots)
        return
    for days, opens, closes, lunch, more, rule in itertools.product(
            form["days"], form["open"], form["close"], form.get("lunch", [None]), form.get("more", [None]), rules):
        for hours in _expressions(form, days, opens, closes, lunch):
            rest = [more] if more else []
            rest += [f"{form['off']} off"] if "off" in form else []
            rest += ["PH off"] if form.get("ph") else []
            expression = "; ".join([hours, *rest])
            yield Times(expression, rule, (Slot(expression, form["closed_slot"]),) if "closed_slot" in form else ())


def _expressions(form: Mapping[str, Any], days: str, opens: str, closes: str, lunch: str | None) -> Iterator[str]:
    if "months" in form:
        summer, winter = form["months"]
        for early in form["winter_close"]:
            if early < closes:
                yield f"{summer} {days} {opens}-{closes}; {winter} {days} {opens}-{early}"
        return
    if lunch is not None:
        stops, resumes = lunch.split("-")
        yield f"{days} {opens}-{stops},{resumes}-{closes}"
        return
    yield f"{days} {opens}-{closes}{'+' if form.get('close_open_ended') else ''}"
