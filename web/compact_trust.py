"""The confidence in the sites of an offline copy: a part of its own, for it changes with every day and report."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson

from locator.arrays import Rows
from locator.quality import Confidence, Judgement
from locator.sites import Sites
from locator.trust import Trust
from locator.words import Words

_DECIDES = ("verified_on", "verified_how", "next_check_on", "basis")
"""What the confidence in a site without reports depends on, besides the day."""


def confidence(trust: Trust, sites: Sites, rows: Rows) -> bytes:
    """Return the confidence in the sites of a copy, as JSON.

    ``levels`` are [code, Chinese, English], the least first; ``of`` is one digit a site, in the copy's order, a place in
    ``levels``; ``reported`` maps places in the copy to [[Chinese, English], ...] of what several people or an administrator say,
    ``no_way_in`` are the places of those that they found locked, moved or gone. ``because`` is one number a site, a place in ``whys``:
    the [[Chinese, English], ...] that a card gives for a low confidence, the record's own first; the first of ``whys`` is none.

    Sites of which a record says the same are judged once, so 200,000 cost a few thousand judgements.
    """
    keys = np.zeros(len(rows), np.int64)
    for name in _DECIDES:
        column = sites.coded(name)
        _, keys = np.unique(keys * len(column.values) + column.codes[rows], return_inverse=True)
    _, firsts, alike = np.unique(keys, return_index=True, return_inverse=True)
    unreported = trust.under({})
    judged = [unreported.of(row) for row in rows[firsts].tolist()]
    levels = np.array([judgement.level for judgement in judged], np.uint8)[alike]
    whys: dict[tuple[Words, ...], int] = {(): 0}
    because = np.array([whys.setdefault(why_low(judgement), len(whys)) for judgement in judged], np.int64)[alike]
    reported: dict[str, Any] = {}
    no_way_in = []
    for site_id in trust.reports:
        row = sites.row_of(site_id)
        place = int(np.searchsorted(rows, row)) if row is not None else len(rows)
        if place < len(rows) and rows[place] == row:
            judgement = trust.of(int(rows[place]))
            levels[place] = judgement.level
            because[place] = whys.setdefault(why_low(judgement), len(whys))
            if judgement.no_way_in:
                no_way_in.append(place)
            if judgement.reported:
                reported[str(place)] = [list(shown.words) for shown in judgement.reported]
    return orjson.dumps({"levels": [[level.code, *level.words] for level in Confidence],
                         "of": (levels + ord("0")).astype(np.uint8).tobytes().decode("ascii"), "reported": reported, "no_way_in": no_way_in,
                         "whys": [[list(words) for words in why] for why in whys], "because": because.tolist()})


def why_low(judgement: Judgement) -> tuple[Words, ...]:
    """Return what a card gives as the reasons of a low confidence, as `templates/reports/_trust.html` does; nothing of a fair one.

    The record's own reason, which stands in the line, then the last two others; what is reported is told beside them.
    """
    if judgement.level >= Confidence.FAIR:
        return ()
    said = [shown.words for shown in judgement.reported]
    own, *others = judgement.reasons
    return (own, *[reason for reason in others if reason not in said][-2:])
