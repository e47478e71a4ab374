"""Quotes of groups: balance, one a person, the rules for texts, parts of long turns."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from focus_groups import drawn, heard
from hypothesis import given, settings, strategies as st

from trustsurvey.errors import SurveyError
from trustsurvey.focus_groups.heard import Heard
from trustsurvey.focus_groups.quoted import Passages, parts_of
from trustsurvey.text.language import WORD

LATE = "They come far too late when somebody calls at night"
LINES = [
    ("A", "P1", LATE, "a"), ("A", "P1", "When somebody calls at night they come far too late, always", "a"),
    ("A", "P2", "I waited two hours at night before they came to us", "a"),
    ("A", "P3", "At night nobody comes, however often somebody calls them", "a"),
    ("B", "P1", "We called them at night and nobody would come to us", "a"),
    ("B", "P2", "Far too late", "a"), ("C", "P1", LATE + " at the Zebedee Lane corner", "a"),
    ("B", "M", "When do they come late, at night or when somebody calls?", "a"),
    ("B", "O1", "We come late at night when somebody calls, that is so", "a"),
    ("B", "P4", "The parking spaces near the market square are all too narrow", "b"),
]  # fmt: skip


def test_a_round_of_groups_and_one_a_person() -> None:
    found = Passages.of_turns(heard(LINES, "ab")).quotes("a")
    assert [quote.group for quote in found.quotes] == ["A", "B", "A"]  # P3 says nearly the same as P1
    assert found.quotes[0].text in (LINES[0][2], LINES[1][2])
    assert len({(quote.group, quote.speaker) for quote in found.quotes}) == 3
    assert found.people == (("A", 3), ("B", 1), ("C", 0))  # too short in B, a telling name in C
    assert found.unquoted == ("C",)
    assert [q.group for q in Passages.of_turns(heard(LINES, "ab")).quotes("a", most=2).quotes] == ["A", "B"]


def test_what_three_people_say_tells_nothing_of_one() -> None:
    more = [("A", "M", "Zebedee Lane, who knows it?"), ("B", "P7", "Zebedee Lane is mine"), ("B", "P7", "Zebedee Lane")]
    assert Passages.of_turns(heard(LINES + more[1:], "ab")).quotes("a").unquoted == ("C",)
    found = Passages.of_turns(heard(LINES + more, "ab")).quotes("a")
    assert "C" in {quote.group for quote in found.quotes} or dict(found.people)["C"] == 1


def test_the_same_words_are_quoted_once() -> None:
    found = Passages.of_turns(heard([("A", "P1", LATE, "a"), ("B", "P1", LATE, "a"), ("C", "P1", LATE, "a")], "a"))
    assert len(found.quotes("a").quotes) == 1


def test_turns_without_a_name_give_one_quote_a_group() -> None:
    lines = [("A", "", line[2], "a") for line in LINES[:5]]
    assert len(Passages.of_turns(heard(lines, "a")).quotes("a").quotes) == 1


def test_a_long_turn_is_quoted_in_whole_sentences() -> None:
    long = f"We have lived here for many years and like the place. {LATE}. {'It is what it is and goes on so. ' * 9}"
    found = Passages.of_turns(
        heard([("A", "P1", long, "a"), ("A", "P2", "At night nobody calls, they come too late for us", "a")], "a")
    )
    parts = [q for q in found.quotes("a").quotes if q.part]
    assert all(long[q.start : q.end] == q.text for q in parts)
    assert all(8 <= len(WORD.findall(q.text)) <= 60 and q.text.endswith(".") for q in parts)
    assert [q.speaker for q in parts] == ["P1"]


def test_nothing_to_quote() -> None:
    with pytest.raises(SurveyError):
        Passages.of_turns(heard(LINES, "ab")).quotes("z")
    assert Passages.of_turns(heard(LINES, "abc")).quotes("c").quotes == ()
    assert Passages.of_turns(heard([("A", "P1", "...", "a")], "a")).quotes("a").people == (("A", 0),)


@given(st.text(alphabet="ab .!?\n", max_size=900))
def test_parts_are_all_of_a_text_in_order(text: str) -> None:
    parts = parts_of(text)
    assert "".join("".join(text[a:b].split()) for a, b in parts) == "".join(text.split())
    assert all(a <= b for a, b in parts)
    assert all(first[1] <= then[0] for first, then in pairwise(parts))


@settings(max_examples=25)
@given(drawn(), st.integers(0, 5))
def test_whatever_is_quoted_was_said_by_a_participant_about_the_theme(found: Heard, most: int) -> None:
    longer = found.turns.assign(text=[LINES[k % len(LINES)][2] for k in range(len(found.turns))])
    found = Heard(longer, found.codes, found.mentions, found.present)
    result = Passages.of_turns(found).quotes("a", most)
    rows = found.turns.set_index("key")
    assert len(result.quotes) <= most
    assert max(Counter((q.group, q.speaker) for q in result.quotes).values(), default=1) == 1
    for quote in result.quotes:
        row = rows.loc[quote.key]
        assert (row["group"], row["speaker"], row["role"]) == (quote.group, quote.speaker, "participant")
        assert row["text"][quote.start : quote.end] == quote.text
        assert found.mentions[list(rows.index).index(quote.key), 0]  # type: ignore[index]
    if most:
        assert not set(result.unquoted) & {quote.group for quote in result.quotes}
