"""Which datum a file's coordinates are in, by what the file itself states; or that it cannot be told.

Every candidate is compared with every other by a **paired test**: of the rows that lie right under
both, or under neither, nothing is learnt; those that lie right under one and plainly wrong under
the other decide. If the two candidates were equally good, each such row would speak for either with
one half; the exact binomial test of that is McNemar's (1947, doi:10.1007/BF02295996) in its exact
form. A candidate is the answer when it beats every other at `LEVEL`, two-sided, on at least
`LEAST_VOTES` votes, 85 % of them its own: a file that mixes two datums is not of either.

========== ========================================================== ===============================
witness    a row lies right                                            rows that count as one vote
========== ========================================================== ===============================
site       within 15 m of the known site it is about; wrong: > 100 m   of one site
street     inside the outline of the street it names; wrong: beyond    within 250 m
           what the outline may be off (`Areas.doubt_m`)
district   likewise                                                    within 2 km
place      within the place's accuracy and 150 m of the place it is    of one place
           named after; wrong: farther
========== ========================================================== ===============================

A row votes through the first witness that has anything to say of it. Votes are shared because the
test wants independent ones: a border that is drawn 300 m off is off along kilometres. Over newer
outlines of Beijing's districts, 2 km and a doubt of 200 m leave no wrong answer where 500 m and
100 m leave one in thirty, with rows drawn along the worst borders (``scripts/bench_evidence.py``).

A street is small, so that sites of one corner of it, roughly located or of the street next to it, would
all lie better for being moved inwards. Its rows count only where a fifth of them tell the two datums
apart, and twice as many as lie wrong under the better one.

Two witnesses need fewer rows, for by chance they say nothing at all:

- **known sites**: three rows or more, nine tenths of those about known sites, coincide with them
  under one candidate alone. They decide unless the votes of the others contradict.
- **both pairs of a row** (`geodata.pairs`): the vector between them names both their datums.

WGS-84 and CGCS2000 are one candidate, named ``wgs84``. What this cannot see: districts that were
filled in *from* the coordinates, read in a wrong datum, agree with that datum.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geodata import pairs, witnesses
from geodata.headers import Pair
from geodata.pairs import Agreement
from geodata.placing import KnowsAreas
from geodata.stated import Stated
from geodata.witnesses import Testimony
from locator.datum import NAMES, to_wgs84
from locator.names import Place
from locator.words import Words

CANDIDATES: Final = ("wgs84", "gcj02", "bd09")
LEVEL = 0.01
LEAST_VOTES = 8
SHARE_OF_VOTES = 0.85
LEAST_SITES = 3
SHARE_OF_SITES = 0.9

_ABOUT: Final[Mapping[str, Words]] = {
    "site": Words("与登记库中的站点重合", "coincide with their site in the registry"),
    "street": Words("落在所写的街道内", "fall in their stated street"),
    "district": Words("落在所写的区内", "fall in their stated district"),
    "place": Words("位于名称所指的地点", "lie at the place they are named after"),
}


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows lie right under each candidate, by one sort of witness."""

    about: str
    judged: int
    fits: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Duel:
    """The paired test of two candidates."""

    better: str
    """The one with more votes; of equals, the first of `CANDIDATES`."""
    worse: str
    rows_for: int
    rows_against: int
    votes_for: int
    votes_against: int
    p_value: float
    """Two-sided exact binomial."""

    @property
    def decides(self) -> bool:
        """Whether the better candidate is better at `LEVEL`, on enough votes, nearly all of them its own."""
        votes = self.votes_for + self.votes_against
        return votes >= LEAST_VOTES and self.votes_for >= SHARE_OF_VOTES * votes and self.p_value <= LEVEL


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a file offers, and what follows from it; plain data."""

    rows: int
    """With a readable pair."""
    tallies: tuple[Tally, ...]
    duels: tuple[Duel, ...]
    agreement: Agreement | None
    """What the rows' two pairs say, where they have two."""
    decision: str | None
    """One of `CANDIDATES`; None: it cannot be told."""
    by: str | None
    """What decided: ``pairs``, ``sites`` or ``votes``."""
    refuted: str | None = None
    """The candidate that pairs or known sites name and the other rows vote down: then nothing is decided."""

    @property
    def best(self) -> str:
        """The decision; without one, the candidate with the most duels in its favour, then with the most rows that lie right."""
        return self.decision or max(CANDIDATES, key=lambda c: (
            sum((d.better == c) - (d.worse == c) if d.votes_for > d.votes_against else 0 for d in self.duels),
            sum(tally.fits[c] for tally in self.tallies)))

    @property
    def duel(self) -> Duel | None:
        """The test of the best candidate against the one it beats least clearly; None where no row decides anything."""
        own = [d for d in self.duels if self.best in (d.better, d.worse) and d.rows_for + d.rows_against]
        return max(own, key=lambda d: d.p_value, default=None)

    @property
    def sentences(self) -> tuple[Words, ...]:
        """The evidence in Chinese and English, one sentence after another."""
        return tuple(_sentences(self))

    def as_dict(self, language: str) -> dict[str, Any]:
        """Return the evidence as plain data, its sentences in one language."""
        return {**asdict(self), "sentences": [words.in_language(language) for words in self.sentences]}


def weigh(stated: Stated, pair: Pair, *, areas: KnowsAreas | None, places: Sequence[Place] = ()) -> Evidence:
    """Weigh what the rows of a file say for each datum that the columns `pair` may be in.

    Args:
        stated: What the rows say.
        pair: The columns in question, one of `stated.pairs`.
        areas: The outlines that stated districts and streets are held against; None: none are.
        places: The places that rows may be named after.
    """
    lonlat = stated.pairs[pair]
    asd = [to_wgs84(lonlat, datum) for datum in CANDIDATES]
    testimonies = [witnesses.of_sites(stated, asd)]
    if areas is not None:
        testimonies += [witnesses.of_areas("street", stated.streets, asd, areas), witnesses.of_areas("district", stated.districts, asd, areas)]
    testimonies.append(witnesses.of_places(stated, asd, places))
    tallies = tuple(Tally(t.about, int(t.judged.sum()), dict(zip(CANDIDATES, (t.fits & t.judged).sum(axis=1).tolist(), strict=True)))
                    for t in testimonies if t.judged.any())
    duels = _duels(testimonies)
    agreement = pairs.agreement(stated, pair)
    rows = int(np.isfinite(lonlat).all(axis=1).sum())
    for named, by, others in ((agreement.datum if agreement else None, "pairs", testimonies),
                              (_coincide(testimonies[0]), "sites", testimonies[1:])):
        if named is not None:
            against = any(d.decides and d.worse == named for d in _duels(others))
            return Evidence(rows, tallies, duels, agreement, None if against else named, None if against else by, named if against else None)
    voted = next((c for c in CANDIDATES if all(d.decides and d.better == c for d in duels if c in (d.better, d.worse))), None)
    return Evidence(rows, tallies, duels, agreement, voted, "votes" if voted else None)


def _duels(testimonies: Sequence[Testimony]) -> tuple[Duel, ...]:
    return tuple(_duel(testimonies, a, b) for a, b in combinations(range(len(CANDIDATES)), 2))


def _duel(testimonies: Sequence[Testimony], a: int, b: int) -> Duel:
    verdicts = np.zeros(len(testimonies[0].judged), np.int8)
    groups = np.zeros(len(verdicts), np.int64)
    for number, t in enumerate(testimonies):
        says = (t.fits[a] & t.against[b]).astype(np.int8) - (t.fits[b] & t.against[a])
        if t.least_share and not _many_enough(t, says, a, b):
            continue
        speaks = t.judged & (says != 0) & (verdicts == 0)
        verdicts[speaks] = says[speaks]
        groups[speaks] = t.groups[speaks] * len(testimonies) + number
    deciding = verdicts != 0
    _, group = np.unique(groups[deciding], return_inverse=True)
    votes = np.sign(np.bincount(group, verdicts[deciding]))
    rows, voted = (verdicts > 0).sum(), (votes > 0).sum()
    against, voted_against = (verdicts < 0).sum(), (votes < 0).sum()
    if (voted_against, against) > (voted, rows):
        a, b, rows, against, voted, voted_against = b, a, against, rows, voted_against, voted
    return Duel(CANDIDATES[a], CANDIDATES[b], int(rows), int(against), int(voted), int(voted_against),
                _two_sided(int(voted_against), int(voted + voted_against)))


def _many_enough(t: Testimony, says: NDArray[np.int8], a: int, b: int) -> bool:
    """Whether those that speak for the better datum are its due share, and twice those that lie wrong under it."""
    rows = [int((t.judged & (says == sign)).sum()) for sign in (1, -1)]
    wrong = int((t.judged & t.against[a if rows[0] >= rows[1] else b]).sum())
    return max(rows) >= max(t.least_share * int(t.judged.sum()), 2 * wrong)


def _two_sided(fewer: int, votes: int) -> float:
    """Return the chance of at most `fewer` of `votes` fair coins on one side, whichever side."""
    from scipy.special import bdtr

    return min(1.0, 2 * float(bdtr(fewer, votes, 0.5))) if votes else 1.0


def _coincide(sites: Testimony) -> str | None:
    """Return the one datum under which nearly all rows about known sites lie at them."""
    known = len(np.unique(sites.groups[sites.judged]))
    for c, datum in enumerate(CANDIDATES):
        alone: NDArray[np.bool_] = sites.judged & sites.fits[c] & np.delete(sites.against, c, axis=0).all(axis=0)
        count = len(np.unique(sites.groups[alone]))
        if count >= max(LEAST_SITES, SHARE_OF_SITES * known):
            return datum
    return None


def _sentences(found: Evidence) -> list[Words]:
    said = []
    order = sorted(CANDIDATES, key=lambda c: c != found.best)
    for tally in found.tallies:
        about = _ABOUT[tally.about]
        first, *rest = order
        said.append(Words(
            f"按 {NAMES[first]}，{tally.judged} 行中有 {tally.fits[first]} 行{about.zh}；"
            + "；".join(f"按 {NAMES[c]} {tally.fits[c]} 行" for c in rest) + "。",
            f"as {NAMES[first]} {tally.fits[first]} of {tally.judged} rows {about.en}, "
            + ", ".join(f"as {NAMES[c]} {tally.fits[c]}" for c in rest) + "."))
    if found.agreement is not None:
        said.append(found.agreement.words)
    duel = found.duel
    if duel is not None:
        said.append(_of_duel(duel))
    elif found.agreement is None:
        said.append(Words("没有能分辨坐标系的行。", "no row tells one datum from another."))
    if found.refuted is not None:
        said.append(Words(f"证据自相矛盾：{NAMES[found.refuted]} 与其余各行不符；不能判定。",
                          f"the evidence contradicts itself: the other rows speak against {NAMES[found.refuted]}; not decided."))
    elif found.decision is not None:
        said.append(Words(f"判定：{NAMES[found.decision]}。", f"decided: {NAMES[found.decision]}."))
    else:
        said.append(Words(f"不能判定（至少要 {LEAST_VOTES} 票，精确符号检验 p ≤ {LEVEL:g}）。",
                          f"not decided (at least {LEAST_VOTES} votes and p ≤ {LEVEL:g} by the exact sign test are needed)."))
    return said


def _of_duel(duel: Duel) -> Words:
    rows, votes = duel.rows_for + duel.rows_against, duel.votes_for + duel.votes_against
    better, worse = NAMES[duel.better], NAMES[duel.worse]
    zh = f"在 {better} 与 {worse} 之间，{rows} 行起决定作用，" + (
        f"全部支持 {better}" if not duel.rows_against else f"{duel.rows_for} 行支持 {better}，{duel.rows_against} 行支持 {worse}")
    en = f"between {better} and {worse} {rows} {'row decides' if rows == 1 else 'rows decide'}, " + (
        f"all for {better}" if not duel.rows_against else f"{duel.rows_for} for {better}, {duel.rows_against} for {worse}")
    if votes != rows:
        zh += f"；同一处的行合为一票，共 {duel.votes_for} 比 {duel.votes_against}"
        en += f"; rows of one neighbourhood count once: {duel.votes_for} to {duel.votes_against}"
    return Words(f"{zh}（p = {duel.p_value:.2g}）。", f"{en} (p = {duel.p_value:.2g}).")
