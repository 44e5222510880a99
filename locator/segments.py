"""A day, or many of them, as segments of one state: what timetables are evaluated into."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from locator.expressions import DAY, State
from locator.words import Words


class Segment(NamedTuple):
    """From minute `start` of a day, one state; it lasts until the next segment or the day's end."""

    start: int
    state: State
    reason: Words | None


Segments = tuple[Segment, ...]


class Piece(NamedTuple):
    """One timetable over one block: (s,) minutes at which a segment begins, its states and reasons."""

    starts: array[int]
    states: bytes
    reason_ids: array[int]
    reasons: tuple[Words | None, ...]
    end: int

    def reason(self, at: int) -> Words | None:
        """Return the reason of one segment."""
        return self.reasons[self.reason_ids[at]]


def cut(piece: Piece, start: int, end: int) -> Iterator[Segment]:
    """Return the segments of [start, end), their starts counted from `start`; within the piece."""
    at = bisect_right(piece.starts, start) - 1
    while at < len(piece.starts) and piece.starts[at] < end:
        yield Segment(max(piece.starts[at] - start, 0), State(piece.states[at]), piece.reason(at))
        at += 1


def probably(segments: Segments) -> Words | None:
    """Return what hours that were only inferred say of a day: probably 09:00–12:00, 13:00–17:30."""
    if all(s.state is State.UNKNOWN for s in segments):
        return segments[0].reason
    ends = [s.start for s in segments[1:]] + [DAY]
    spans = [f"{s.start // 60:02d}:{s.start % 60:02d}–{end // 60:02d}:{end % 60:02d}"
             for s, end in zip(segments, ends, strict=True) if s.state is State.OPEN]
    if spans == ["00:00–24:00"]:
        return Words("可能 24 小时开放", "probably open 24 hours")
    if not spans:
        return Words("可能不开放", "probably closed")
    return Words(f"可能 {'、'.join(spans)}", f"probably {', '.join(spans)}")


def merged(segments: Iterable[Segment]) -> Iterator[Segment]:
    """Return segments without those that say what the one before them says."""
    last: Segment | None = None
    for segment in segments:
        if last is None or segment[1:] != last[1:]:
            yield segment
            last = segment
