"""Immutable columns of text: packed for what is nearly unique, coded for what repeats."""

from __future__ import annotations

import zlib
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from locator.arrays import Codes, Rows

Value = TypeVar("Value", bound=Hashable)


class TextColumn:
    """n texts as one UTF-8 block: about a third of what a list of Python strings takes.

    `None` and the empty text are the same thing here: absent.
    """

    __slots__ = ("_bytes", "_ends", "_order")

    def __init__(self, packed: bytes, ends: NDArray[np.integer[Any]]) -> None:
        """Take a block and (n,) the end of each text in it."""
        self._bytes = packed
        self._ends: NDArray[np.integer[Any]] = ends.astype(np.uint32 if len(packed) < 1 << 32 else np.int64, copy=False)
        self._ends.flags.writeable = False
        self._order: tuple[NDArray[np.uint32], Rows] | None = None

    def __reduce__(self) -> tuple[type[TextColumn], tuple[bytes, NDArray[np.integer[Any]]]]:
        """Pickle as what it was made of."""
        return TextColumn, (self._bytes, self._ends)

    @classmethod
    def of(cls, texts: Iterable[str | None]) -> TextColumn:
        """Pack texts in their order."""
        gathering = TextGathering()
        gathering.add(texts)
        return gathering.column()

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, row: int) -> str | None:
        """Return one text; None where absent."""
        start = int(self._ends[row - 1]) if row > 0 else 0
        return self._bytes[start:int(self._ends[row])].decode("utf-8") or None

    def __iter__(self) -> Iterator[str | None]:
        return (packed.decode("utf-8") or None for packed in self._packed())

    def content(self) -> bytes:
        """Return bytes that two columns of one length share if, and only if, they hold the same texts."""
        return self._bytes + self._ends.astype(np.int64).tobytes()

    def _packed(self) -> Iterator[bytes]:
        start = 0
        for end in self._ends.tolist():
            yield self._bytes[start:end]
            start = end

    def row_of(self, text: str) -> int | None:
        """Return the first row that holds a text, None where none does; quick after first use."""
        if self._order is None:
            sums = np.fromiter(map(zlib.crc32, self._packed()), np.uint32, len(self))
            order = np.argsort(sums, kind="stable")
            self._order = (sums[order], order)
        sums, order = self._order
        wanted = text.encode("utf-8", "replace")
        check_sum = np.uint32(zlib.crc32(wanted))
        first, last = np.searchsorted(sums, check_sum), np.searchsorted(sums, check_sum, side="right")
        # different texts may share a check sum
        return next((int(row) for row in order[first:last] if self[int(row)] == (text or None)), None)

    def rows_with(self, part: str) -> list[int]:
        """Return the rows whose text holds a part, which must not be empty; ascending."""
        wanted = part.encode("utf-8", "replace")
        places = []
        at = self._bytes.find(wanted)
        while at >= 0:
            places.append(at)
            at = self._bytes.find(wanted, at + 1)
        begins = np.array(places, self._ends.dtype)
        rows = np.searchsorted(self._ends, begins, side="right")
        inside = begins + len(wanted) <= self._ends[rows]  # or it goes on into the next text
        return list(dict.fromkeys(rows[inside].tolist()))

    def take(self, rows: Rows) -> TextColumn:
        """Return the texts of `rows`, in that order."""
        rows = np.asarray(rows, np.intp)
        if not len(rows):
            return TextColumn(b"", np.empty(0, np.int64))
        ends = self._ends[rows].astype(np.int64)
        starts = np.where(rows > 0, self._ends[rows - 1], 0).astype(np.int64)
        # neighbours stay neighbours: one slice a run, so that a few changes in many rows cost a few slices
        breaks = np.flatnonzero(np.diff(rows) != 1)
        firsts = starts[np.concatenate([[0], breaks + 1])].tolist()
        lasts = ends[np.concatenate([breaks, [len(rows) - 1]])].tolist()
        block = memoryview(self._bytes)
        packed = b"".join([block[first:last] for first, last in zip(firsts, lasts, strict=True)])
        return TextColumn(packed, np.cumsum(ends - starts, dtype=np.int64))

    def followed_by(self, other: TextColumn) -> TextColumn:
        """Return this column with another below it."""
        return TextColumn(self._bytes + other._bytes, np.concatenate([self._ends.astype(np.int64), other._ends.astype(np.int64) + len(self._bytes)]))


class TextGathering:
    """Packs texts block by block, so that no list of all of them is ever held."""

    def __init__(self) -> None:
        self._packed: list[bytes] = []
        self._ends: list[NDArray[np.int64]] = []
        self._end = 0

    def add(self, texts: Iterable[str | None]) -> None:
        """Pack more texts below."""
        packed = [t.encode("utf-8", "replace") if t else b"" for t in texts]
        ends = np.cumsum(np.fromiter(map(len, packed), np.int64, len(packed)), dtype=np.int64) + self._end
        self._packed.append(b"".join(packed))
        self._ends.append(ends)
        self._end += len(self._packed[-1])

    def column(self) -> TextColumn:
        """Return all that was added as one column."""
        return TextColumn(b"".join(self._packed), np.concatenate([np.empty(0, np.int64), *self._ends]))


class CodedColumn(Generic[Value]):
    """n values of which few are distinct: (n,) codes into a tuple of distinct values."""

    __slots__ = ("_code_of", "codes", "values")

    def __init__(self, codes: Codes, values: tuple[Value, ...]) -> None:
        """Take (n,) codes and what they stand for."""
        self.codes = codes
        self.values = values
        self._code_of: dict[Value, int] | None = None
        self.codes.flags.writeable = False

    def __reduce__(self) -> tuple[type[CodedColumn[Value]], tuple[Codes, tuple[Value, ...]]]:
        """Pickle as what it was made of."""
        return CodedColumn, (self.codes, self.values)

    @classmethod
    def of(cls, values: Iterable[Value]) -> CodedColumn[Value]:
        """Intern values in the order they are first met."""
        gathering = CodedGathering[Value]()
        gathering.add(tuple(values))
        return gathering.column()

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, row: int) -> Value:
        return self.values[int(self.codes[row])]

    def __iter__(self) -> Iterator[Value]:
        return map(self.values.__getitem__, self.codes.tolist())

    def code_of(self, value: Value) -> int | None:
        """Return the code of a value, None where no row has it."""
        return self._codes_by_value().get(value)

    def _codes_by_value(self) -> dict[Value, int]:
        if self._code_of is None:
            self._code_of = {value: code for code, value in enumerate(self.values)}
        return self._code_of

    def take(self, rows: Rows) -> CodedColumn[Value]:
        """Return the values of `rows`, in that order; values no row has any longer may stay listed."""
        return CodedColumn(self.codes[rows], self.values)

    def followed_by(self, other: CodedColumn[Value]) -> CodedColumn[Value]:
        """Return this column with another below it."""
        code_of = dict(self._codes_by_value())
        translate = np.array([code_of.setdefault(v, len(code_of)) for v in other.values], np.int32)
        below = smallest(translate[other.codes] if len(other) else np.empty(0, np.int32), len(code_of))
        return CodedColumn(np.concatenate([self.codes, below]), tuple(code_of))


class CodedGathering(Generic[Value]):
    """Interns values block by block, so that no list of all of them is ever held."""

    def __init__(self) -> None:
        self._code_of: dict[Value, int] = {}
        self._codes: list[Codes] = []

    def add(self, values: Sequence[Value]) -> None:
        """Intern more values below, new ones in the order they are first met."""
        code_of = self._code_of
        distinct = dict.fromkeys(values)
        for value in distinct:
            code_of.setdefault(value, len(code_of))
        if len(distinct) == 1:
            codes = np.full(len(values), code_of[values[0]], np.int32)
        else:
            codes = np.fromiter(map(code_of.__getitem__, values), np.int32, len(values))
        self._codes.append(smallest(codes, len(code_of)))

    def column(self) -> CodedColumn[Value]:
        """Return all that was added as one column."""
        return CodedColumn(np.concatenate([np.empty(0, np.uint8), *self._codes]), tuple(self._code_of))


def smallest(codes: NDArray[np.integer[Any]], distinct: int) -> Codes:
    """Return codes in the smallest type that holds `distinct` of them."""
    return codes.astype(np.uint8 if distinct <= 1 << 8 else np.uint16 if distinct <= 1 << 16 else np.int32)
