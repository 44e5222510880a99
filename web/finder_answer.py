"""What the finder shows of an answer: its groups, the nearest that is surely open, and what to do where there is nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from locator import answers
from locator.atlas import Atlas
from locator.hours import CLOCK
from locator.questions import NearestQuestion
from locator.trust import Trust
from web import cards, loosening, toggles, vagueness
from web.asked import Asked
from web.held import Held
from web.i18n import gettext

OUTSIDE_M = 30_000.0
"""With no site of any sort nearer than this, one is outside the area served."""
_SURE_AMONG = 50
"""Sites looked at for the nearest that a visitor surely finds open."""


@dataclass(frozen=True, slots=True)
class View:
    """What one way of asking shows: the name of its template, and what goes into it."""

    name: str
    shown: dict[str, Any]
    question: NearestQuestion | None = None
    status: int = 200


def view(question: NearestQuestion, asked: Asked, held: Held, now: datetime, *, middle: bool = False) -> View:
    """Return what is shown of a question's answer.

    Args:
        question: The question, in WGS-84.
        asked: The address it was read from.
        held: What is known.
        now: The present.
        middle: It is asked from the middle of an area, where nobody is.
    """
    atlas, trust = held.atlas, held.trust(now)
    answer = answers.nearest(question, atlas, now, trust)
    leads = [code for need in asked.values("need") if need in atlas.vocabulary.needs for code in atlas.vocabulary.needs[need].leads]
    groups = cards.groups(answer, atlas, leads=leads, middle=middle)
    sure, offers = None, []
    if not groups:
        offers = loosening.offers(question, asked, atlas, now, trust)
    elif groups[0].state != "open" or groups[0].cards[0].doubtful:
        sure = _surely_open(question, atlas, now, trust, leads, middle=middle)
    first = sure or (groups[0].cards[0] if groups else None)
    return View("answer", {
        "answer": answer, "groups": groups, "now": answer.as_of.astimezone(CLOCK), "sure": sure, "offers": offers,
        "told": toggles.told(asked, atlas), "vague": vagueness.vague(question.accuracy_m) and not (asked.value("area") or asked.place),
        "outside_m": _outside_m(question, answer, asked, atlas, now), "more": _more(question, answer),
        "summary": _summary(sum(len(group.cards) for group in groups), first)}, question)


def _surely_open(question: NearestQuestion, atlas: Atlas, now: datetime, trust: Trust, leads: Sequence[str], *, middle: bool) -> cards.Card | None:
    """Return the nearest suitable site that a visitor surely finds open, of an area's that is open now; None if there is none near.

    One whose record is doubtful is not named, though it stands among those that are open.
    """
    filters = replace(question.filters, state="open" if middle else "open-on-arrival", strict=True)
    found = answers.nearest(replace(question, k=_SURE_AMONG, filters=filters), atlas, now, trust)
    return next((card for group in cards.groups(found, atlas, leads=leads, middle=middle)
                 if group.state == "open" and group.reached is not middle for card in group.cards if not card.doubtful), None)


def _outside_m(question: NearestQuestion, answer: answers.NearestAnswer, asked: Asked, atlas: Atlas, now: datetime) -> float | None:
    """Return how far the nearest site of any sort is, where that is outside the area served."""
    if asked.value("area") or any(metres <= OUTSIDE_M for metres in answer.distances_m[:1]):
        return None
    found = answers.nearest(NearestQuestion(question.lon, question.lat, 1), atlas, now).distances_m
    return found[0] if found and found[0] > OUTSIDE_M else None


def _more(question: NearestQuestion, answer: answers.NearestAnswer) -> int | None:
    """Return how many to ask for next; None where all there is is shown."""
    return question.k * 2 if len(answer.rows) >= question.k and question.k < 200 else None


def _summary(count: int, first: cards.Card | None) -> str:
    """Return an answer in one sentence, for whoever hears the page."""
    if first is None:
        return gettext("No place suits all of that")
    words = gettext("1 place: {far}, {state}") if count == 1 else gettext("{n} places; first {far}, {state}")
    return words.format(n=count, far=first.distance, state=first.state_words)
