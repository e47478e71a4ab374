"""Where coded parts lie, whichever way a program counts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from trustsurvey.text.refi_qda.positions import MARK, WAYS, Counting, Part, decoded, located, plain, way_of

RAW = MARK + "First line here\r\nsmile \U0001f600 twice\r\nand then some more\r\nwords to the end"
WORDS = ("First line", "smile", "twice", "some more", "words", "end")


def counted(raw: str, at: int, way: Counting) -> int:
    """Units before the ``at``-th character of the raw text, one by one."""
    total = 0
    for k in range(at):
        rare = raw[k] > "\uffff"
        mark = k == 0 and raw[k] == MARK
        end = raw[k] == "\n" and k > 0 and raw[k - 1] == "\r"
        total += way.rare if rare else way.mark if mark else way.line_end - 1 if end else 1
    return total


def parts(way: Counting, named: bool = False) -> list[Part]:
    found = []
    for word in WORDS:
        start = RAW.index(word)
        name = word if named else ""
        found.append(Part(counted(RAW, start, way), counted(RAW, start + len(word), way), name))
    return found


@pytest.mark.parametrize("way", WAYS, ids=str)
@pytest.mark.parametrize("named", [True, False])
def test_the_way_is_found_and_the_parts_are_the_words(way: Counting, named: bool) -> None:
    assert way_of([(RAW, parts(way, named))]) == way
    text = plain(RAW)
    assert [text[a:b] for a, b in filter(None, located(RAW, parts(way), way))] == list(WORDS)


def test_the_standard_holds_where_nothing_tells_otherwise() -> None:
    assert way_of([]) == Counting(2, 1, 0)
    assert way_of([("plain text", [Part(0, 5)])]) == Counting(2, 1, 0)
    # Parts that begin and end within words tell nothing.
    assert way_of([("\U0001f600 ab\r\ncdef and so on", [Part(7, 9)])]) == Counting(2, 1, 0)


def test_parts_outside_or_empty_are_none() -> None:
    told = [Part(0, 99), Part(-1, 2), Part(2, 2), Part(3, 2), Part(0, 3)]
    assert located("abc", told, WAYS[0]) == [None, None, None, None, (0, 3)]
    assert located("", [Part(0, 0), Part(0, 1)], WAYS[0]) == [None, None]


def test_texts_in_other_encodings() -> None:
    assert plain(decoded("Gr\u00fc\u00dfe\r\nda".encode("utf-16"))) == "Gr\u00fc\u00dfe\nda"
    assert plain(decoded("Gr\u00fc\u00dfe".encode("utf-8-sig"))) == "Gr\u00fc\u00dfe"
    assert decoded(b"\xff") == "\ufffd"


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from("ab \r\n\U0001f600" + MARK), max_size=12), st.sampled_from(WAYS), st.data())
def test_any_part_is_found_by_counting_one_by_one(raw: str, way: Counting, data: st.DataObject) -> None:
    start, end = sorted(data.draw(st.tuples(st.integers(0, len(raw)), st.integers(0, len(raw)))))
    whole = plain(raw)
    (place,) = located(raw, [Part(counted(raw, start, way), counted(raw, end, way))], way)
    if place is not None:
        a, b = place
        assert 0 <= a < b <= len(whole)
        assert whole[a:b] in (plain(raw[start:end]), plain(raw)[a:b])
