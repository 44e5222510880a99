"""The confidence in the sites of an offline copy: a part of its own, for it changes with every day and report."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson

from locator.arrays import Rows
from locator.quality import Confidence
from locator.sites import Sites
from locator.trust import Trust

_DECIDES = ("verified_on", "verified_how", "next_check_on", "basis")
"""What the confidence in a site without reports depends on, besides the day."""


def confidence(trust: Trust, sites: Sites, rows: Rows) -> bytes:
    """Return the confidence in the sites of a copy, as JSON.

    ``levels`` are [code, Chinese, English], the least first; ``of`` is one digit a site, in the copy's order, a place in
    ``levels``; ``reported`` maps places in the copy to [[Chinese, English], ...] of what several people or an administrator say.

    Sites of which a record says the same are judged once, so 200,000 cost a few thousand judgements.
    """
    keys = np.zeros(len(rows), np.int64)
    for name in _DECIDES:
        column = sites.coded(name)
        _, keys = np.unique(keys * len(column.values) + column.codes[rows], return_inverse=True)
    _, firsts, alike = np.unique(keys, return_index=True, return_inverse=True)
    unreported = trust.under({})
    levels = np.array([unreported.of(row).level for row in rows[firsts].tolist()], np.uint8)[alike]
    reported: dict[str, Any] = {}
    for site_id in trust.reports:
        row = sites.row_of(site_id)
        place = int(np.searchsorted(rows, row)) if row is not None else len(rows)
        if place < len(rows) and rows[place] == row:
            judgement = trust.of(int(rows[place]))
            levels[place] = judgement.level
            if judgement.reported:
                reported[str(place)] = [list(shown.words) for shown in judgement.reported]
    return orjson.dumps({"levels": [[level.code, *level.words] for level in Confidence],
                         "of": (levels + ord("0")).astype(np.uint8).tobytes().decode("ascii"), "reported": reported})
