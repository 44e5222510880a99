"""Which columns of a table hold its coordinates, and which datum they are in: as said, or by evidence.

The caller's word goes before the file's, the file's before the evidence. Evidence against a word is
told as a warning; without a word and without a decision the datum is undecided, which is an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from geodata import axes, evidence, pairs, stated
from geodata.drafts import Faults
from geodata.evidence import Evidence
from geodata.headers import Columns, Pair
from geodata.identities import Existing
from geodata.placing import KnowsAreas
from geodata.stated import Stated
from geodata.tables import Row, Table
from locator.datum import NAMES
from locator.errors import BadCoordinate, BadDatum, BadValue
from locator.names import Place
from locator.questions import DATUMS


class Choice(NamedTuple):
    """The columns of the coordinates, and what they are in."""

    pair: Pair | None
    """None where the table has none."""
    datum: str | None
    """None where each row says its own, or it is undecided."""
    evidence: Evidence | None
    undecided: bool


def choose(table: Table, known: Columns, faults: Faults, *, given: str | None, areas: KnowsAreas | None, existing: Existing | None,
           places: Sequence[Place], source: str | None) -> Choice:
    """Choose the columns of the coordinates and their datum; what is wrong goes to `faults`.

    Args:
        table: The rows.
        known: Their columns.
        faults: Gets the error of an undecided datum, a warning where evidence speaks against what was
            said, and one for each row whose two pairs are more than `pairs.DISAGREE_M` apart.
        given: The datum the caller says; None: nothing was said.
        areas: The outlines for the evidence.
        existing: The sites already known.
        places: Landmarks.
        source: Where rows that do not say come from.
    """
    every = _every_pair(known)
    if not every:
        if "address" not in known.fields and not {"id", "station_code", "source_id"} & set(known.fields):
            faults.wrong(None, None, BadCoordinate("lon", None, zh="没有经纬度列，也没有地址列；至少要有其一",
                                                   en="there is no column of coordinates and none of addresses; one is needed"))
        return Choice(None, None, None, undecided=False)
    named = {pair.datum: pair for pair in every}
    pair = named.get(given) or named.get(None)
    sure = pair is not None or (given is None and len(every) == 1)
    chosen = pair or min(every, key=lambda one: one.lon)
    unheard = Faults(table, known)  # what is wrong with a pair that is not taken is nobody's concern
    settled = {one: axes.settled(known.headers, table.rows, one, faults if one is chosen else unheard, header_line=table.header_line) or one
               for one in every}
    pair, every = settled[chosen], list(settled.values())
    _refuse_unread(table, known, faults, pair)
    if known.datum_field(pair) is not None:
        return Choice(pair, given or table.datum, None, undecided=False)

    says = stated.read(table, known, pairs=every, areas=areas, existing=existing, source=source)
    found = evidence.weigh(says, pair, areas=areas, places=places)
    datum = pair.datum or given or table.datum if sure else None
    if datum is not None:
        if found.decision is not None and found.decision != _candidate(datum):
            faults.warn(None, None, BadDatum("datum", datum, zh=f"与证据不符：{_text(found, 'zh')}",
                                             en=f"the evidence says otherwise: {_text(found, 'en')}"))
    elif pair.datum is None:
        datum = found.decision
    elif found.decision == _candidate(pair.datum):
        datum = pair.datum
    if datum is None:
        said = "、".join(p.datum for p in every if p.datum) or None
        faults.wrong(None, None, BadDatum("datum", said, zh=f"文件没有说明坐标系，证据也不足以判定；请指明（命令行用 --datum）：{'、'.join(DATUMS)}",
                                          en="the file does not say what its coordinates are in, and the evidence does not decide; "
                                             f"say which (command line: --datum): {', '.join(DATUMS)}"))
        return Choice(pair._replace(datum=None), None, found, undecided=True)
    _tell_others(table, known, faults, says, pair, datum)
    return Choice(pair, datum, found, undecided=False)


def _every_pair(known: Columns) -> list[Pair]:
    if known.pairs or not {"source_lon", "source_lat"} <= set(known.fields):
        return list(known.pairs)
    return [Pair(known.fields["source_lon"], known.fields["source_lat"], None)]


def _refuse_unread(table: Table, known: Columns, faults: Faults, pair: Pair) -> None:
    """Refuse each row that has its coordinates in a column that was not taken, and none in those taken: it would become a draft."""
    taken = [place for place in (pair.lon, pair.lat) if place is not None]
    others = [place for place, target in enumerate(known.targets)
              if target is not None and target.field in ("lon", "lat", "coordinates") and place not in taken]
    if not others:
        return

    def said(row: Row, place: int) -> str:
        return str(row.cells[place]).strip() if place < len(row.cells) and row.cells[place] is not None else ""

    for row in table.rows:
        left = next((place for place in others if said(row, place)), None)
        if left is not None and not any(said(row, place) for place in taken):
            columns = "、".join(known.headers[place] for place in taken)
            faults.wrong(row.line, left, BadCoordinate(
                "lon", said(row, left), zh=f"坐标写在这一列，而本次采用的是 {columns}；请统一写法，或把各工作表分开导入",
                en=f"the coordinates stand here, while {columns} were taken; write all alike, or import the sheets one by one"))


def _candidate(datum: str) -> str:
    return "wgs84" if datum == "cgcs2000" else datum


def _tell_others(table: Table, known: Columns, faults: Faults, says: Stated, pair: Pair, datum: str) -> None:
    """Tell which pair was taken where there are several, and the rows whose pairs are not one place."""
    others = [other for other in says.pairs if other != pair]
    left = [known.headers[place] for other in others for place in (other.lon, other.lat) if place is not None]
    taken = "、".join(known.headers[place] for place in (pair.lon, pair.lat) if place is not None)
    if left and not set(left) <= set(known.unused):
        faults.warn(table.header_line, None, BadValue(
            "columns", "、".join(left), zh=f"另有坐标列，未采用；采用了 {taken}（{NAMES[datum]}）",
            en=f"other columns of coordinates were not used; {taken} ({NAMES[datum]}) was taken"))
    for other in others:
        if other.datum is None:
            continue
        apart = pairs.apart_m(says, pair, datum, other)
        for row in np.flatnonzero(apart > pairs.DISAGREE_M).tolist():
            pairs_said = " / ".join("{:.6f},{:.6f}".format(*says.pairs[p][row]) for p in (pair, other))
            faults.warn(says.lines[row], pair.lon, BadCoordinate(
                "lon", pairs_said, zh=f"两组坐标相差 {apart[row]:.1f} 米；采用了 {taken}（{NAMES[datum]}）",
                en=f"the two pairs are {apart[row]:.1f} m apart; {taken} ({NAMES[datum]}) was taken"))


def _text(found: Evidence, language: str) -> str:
    return ("" if language == "zh" else " ").join(words.in_language(language) for words in found.sentences)
