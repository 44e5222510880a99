from __future__ import annotations

from itertools import chain

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from locator.columns import CodedColumn, CodedGathering, TextColumn, TextGathering

texts = st.lists(st.none() | st.text(st.characters(exclude_categories=("Cs",)), max_size=6), max_size=20)
codes = st.lists(st.sampled_from(["a", "b", None, ("c",), 4.5]), max_size=20)


def absent_is_none(values):
    return [v or None for v in values]


@st.composite
def column_and_rows(draw, values):
    drawn = draw(values)
    most = len(drawn) - 1
    rows = draw(st.lists(st.integers(0, most), max_size=30)) if drawn else []
    return drawn, np.array(rows, np.intp)


@given(texts)
def test_packed_texts_come_back_as_they_were_and_the_empty_text_is_absent(values):
    column = TextColumn.of(values)

    assert len(column) == len(values)
    assert list(column) == absent_is_none(values)
    assert [column[row] for row in range(len(values))] == absent_is_none(values)


@given(column_and_rows(texts))
def test_taking_rows_of_texts_is_taking_them_of_the_list(drawn):
    values, rows = drawn

    taken = TextColumn.of(values).take(rows)

    assert list(taken) == [absent_is_none(values)[row] for row in rows]


@given(texts, texts)
def test_texts_followed_by_others_are_both_lists_in_a_row(above, below):
    assert list(TextColumn.of(above).followed_by(TextColumn.of(below))) == absent_is_none(above + below)


@given(texts, st.text(max_size=3))
def test_the_row_of_a_text_is_the_first_that_holds_it(values, other):
    column = TextColumn.of(values)

    for text in {*filter(None, values), other} - {""}:
        assert column.row_of(text) == (values.index(text) if text in values else None)


def test_two_texts_with_the_same_check_sum_are_told_apart():
    # crc32 of both is 0x4DDB0C25
    column = TextColumn.of(["plumless", "buckeroo"])

    assert column.row_of("buckeroo") == 1
    assert column.row_of("plumless") == 0


@given(codes)
def test_coded_values_come_back_as_they_were_and_are_listed_as_first_met(values):
    column = CodedColumn.of(values)

    assert list(column) == values
    assert [column[row] for row in range(len(values))] == values
    assert column.values == tuple(dict.fromkeys(values))


@given(codes, codes)
def test_coded_values_followed_by_others_share_their_codes(above, below):
    both = CodedColumn.of(above).followed_by(CodedColumn.of(below))

    assert list(both) == above + below
    assert [both.code_of(v) for v in both.values] == list(range(len(both.values)))
    assert both.code_of("nobody has this") is None


@given(column_and_rows(codes))
def test_taking_rows_of_coded_values_is_taking_them_of_the_list(drawn):
    values, rows = drawn

    assert list(CodedColumn.of(values).take(rows)) == [values[row] for row in rows]


@given(st.lists(texts, max_size=4), st.lists(codes, max_size=4))
def test_gathering_block_by_block_is_the_same_as_at_once(text_blocks, code_blocks):
    packed, coded = TextGathering(), CodedGathering()
    for block in text_blocks:
        packed.add(block)
    for block in code_blocks:
        coded.add(block)

    assert list(packed.column()) == absent_is_none([*chain.from_iterable(text_blocks)])
    assert list(coded.column()) == [*chain.from_iterable(code_blocks)]
    assert coded.column().values == CodedColumn.of([*chain.from_iterable(code_blocks)]).values


def test_codes_take_one_byte_until_there_are_too_many_values():
    few, many = CodedColumn.of(range(256)), CodedColumn.of(range(257))

    assert few.codes.dtype == np.uint8
    assert many.codes.dtype == np.uint16
    assert few.followed_by(CodedColumn.of([256])).codes.dtype == np.uint16
    assert list(few.followed_by(CodedColumn.of([256]))) == list(range(257))


@given(texts=st.lists(st.text(alphabet="abc王", max_size=6), max_size=12), part=st.text(alphabet="abc王", min_size=1, max_size=3))
def test_the_rows_with_a_part_are_those_whose_text_holds_it(texts, part):
    assert TextColumn.of(texts).rows_with(part) == [i for i, text in enumerate(texts) if part in text]
