"""The public sites as a phone keeps them: an index, blocks that never change, and all of it in one file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from threading import Lock
from types import MappingProxyType
from typing import NamedTuple

import brotli
import orjson

from locator.atlas import Atlas
from locator.errors import NotThere
from locator.trust import Reports, Trust
from locator.typed import BEIJING
from web import compact, compact_hours, compact_trust
from web.compact_keys import Keys

DAYS = 28
"""How many coming days a copy knows the hours of, today included; yesterday goes along for phones whose clock is late."""
MOST_PLACES = 2_000
"""A list of landmarks longer than this stays behind: it would weigh more than the sites."""
_QUALITY = 5
"""Of brotli: on blocks as small as ours a higher one saves nothing and takes ten times as long."""


class Part(NamedTuple):
    """One part of the file, compressed: nearly every browser takes it so."""

    digest: str
    size: int
    """Uncompressed."""
    packed: bytes

    @classmethod
    def of(cls, content: bytes) -> Part:
        """Compress a part."""
        return cls(compact.digest(content), len(content), brotli.compress(content, quality=_QUALITY))

    def content(self) -> bytes:
        """Return the part as it was."""
        return bytes(brotli.decompress(self.packed))


class Copy:
    """Everything a phone keeps of one day."""

    def __init__(self, atlas: Atlas, day: date, lasting: tuple[Part, ...], blocks: tuple[tuple[Part, int], ...], hours: Part,
                 trust: Part) -> None:
        """Put the parts together; the first two of `lasting` are words and places."""
        self.day = day
        self._parts = {part.digest: part for part in (*lasting, hours, trust, *(block for block, _ in blocks))}
        self._order = (*lasting, hours, trust, *(block for block, _ in blocks))
        words, places = lasting
        self.index = orjson.dumps({
            "format": compact.FORMAT, "version": atlas.version, "as_of": atlas.as_of.astimezone(BEIJING).isoformat(),
            "sites": sum(count for _, count in blocks), "demo": atlas.has_demo, "day": day.isoformat(), "days": DAYS,
            "weight": sum(len(part.packed) for part in self._order),
            "words": [words.digest, words.size], "places": [places.digest, places.size], "hours": [hours.digest, hours.size],
            "trust": [trust.digest, trust.size],
            "blocks": [[block.digest, block.size, count] for block, count in blocks]})
        self._whole: Part | None = None

    def part(self, digest: str) -> Part:
        """Return a part.

        Raises:
            NotThere: If this version has none of that digest.
        """
        try:
            return self._parts[digest]
        except KeyError:
            raise NotThere("digest", digest, zh="现在的数据里没有这一块，请重新取目录",
                           en="no such block in the present data; ask for the index again") from None

    def whole(self) -> Part:
        """Return all of it as one file."""
        if self._whole is None:
            head = b"NXF1" + len(self.index).to_bytes(4, "little") + self.index
            self._whole = Part.of(head + b"".join(part.content() for part in self._order))
        return self._whole


class Offline:
    """The copy of one atlas: its blocks are made once, its hours once a day."""

    def __init__(self, atlas: Atlas, made: Mapping[bytes, Part] = MappingProxyType({})) -> None:
        """Make what does not depend on the day; of blocks only those that are not among what was made before, by `compact_keys`."""
        sites, rows = atlas.sites, compact.told(atlas.sites)
        self._atlas = atlas
        self._rows = rows
        self._codes = sorted(set(sites.timetables.codes[rows].tolist()))
        keys = Keys(sites)
        self.made: dict[bytes, Part] = {}
        """This atlas's blocks, for the next one's copy."""
        blocks = []
        for some in compact.cut(sites, rows):
            key = keys.of(some)
            self.made[key] = made.get(key) or Part.of(compact.block(sites, some))
            blocks.append((self.made[key], len(some)))
        self._blocks = tuple(blocks)
        self._lasting = (Part.of(compact.words(atlas)), Part.of(compact.places(atlas, MOST_PLACES)))
        self._copy: Copy | None = None
        self._hours: tuple[date, Part] | None = None
        self._reports: Reports = {}
        self._lock = Lock()

    def on(self, trust: Trust) -> Copy:
        """Return the copy of the day that a confidence is of, under the reports it knows."""
        with self._lock:
            if self._hours is None or self._hours[0] != trust.day:
                self._hours = (trust.day, Part.of(compact_hours.timelines(self._atlas.hours, self._codes, trust.day - timedelta(days=1), DAYS + 1)))
                self._copy = None
            if self._copy is None or self._reports != trust.reports:
                judged = Part.of(compact_trust.confidence(trust, self._atlas.sites, self._rows))
                self._reports = trust.reports
                self._copy = Copy(self._atlas, trust.day, self._lasting, self._blocks, self._hours[1], judged)
            return self._copy
