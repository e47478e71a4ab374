"""Keywords where they stand, and pairs of words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st
from nltk.collocations import BigramCollocationFinder
from nltk.metrics.association import BigramAssocMeasures

from trustsurvey.errors import SurveyError
from trustsurvey.text.concordance import Line, collocations, in_context


def test_lines_stand_around_the_keyword() -> None:
    texts = ["They patrol at night.\nMore patrols, please", "nothing", "PATROLLING costs money"]
    found = in_context(texts, "patrol*")
    assert found.texts == 2
    assert found.lines == (
        Line(0, "They ", "patrol", " at night. More patrols, please"),
        Line(0, "They patrol at night. More ", "patrols", ", please"),
        Line(2, "", "PATROLLING", " costs money"),
    )


def test_long_texts_are_cut_between_words_and_lines_end_at_the_limit() -> None:
    texts = ["one two three four five police six seven eight nine ten"] * 9
    found = in_context(texts, "police", width=12, most=4)
    assert len(found.lines) == 4
    assert found.texts == 9
    assert found.lines[0] == Line(0, "\u2026four five ", "police", " six seven\u2026")


def test_a_keyword_without_letters_is_refused() -> None:
    with pytest.raises(SurveyError) as refused:
        in_context(["x"], "***")
    assert refused.value.code == "codebook.keyword"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=5), st.integers(5, 40))
def test_any_text_gives_lines_of_bounded_length(texts: list[str], width: int) -> None:
    texts = [*texts, "a police car"]
    for line in in_context(texts, "police", width).lines:
        assert len(line.before) <= width + 1
        assert len(line.after) <= width + 1
        assert "\n" not in line.before + line.word + line.after


def test_pairs_are_those_of_nltk_and_of_ten_people_at_least() -> None:
    texts = ["street lights broken again"] * 10 + ["more street lights"] * 3 + ["rude desk officer"] * 9
    table = collocations(texts).set_index("pair")
    assert "street lights" in table.index
    assert "desk officer" not in table.index
    finder = BigramCollocationFinder.from_documents([text.split() for text in texts])
    n_ii = finder.ngram_fd[("street", "lights")]
    counts = (n_ii, (finder.word_fd["street"], finder.word_fd["lights"]), sum(map(len, map(str.split, texts))))
    row = table.loc["street lights"]
    assert (row["people"], row["times"]) == (10, 13)
    assert row["likelihood"] == pytest.approx(BigramAssocMeasures.likelihood_ratio(*counts))
    assert row["pmi"] == pytest.approx(BigramAssocMeasures.pmi(*counts))


def test_pairs_do_not_reach_across_a_full_stop_or_a_name_taken_out() -> None:
    table = collocations(["police. street", "police [person 1] street", "police street"] * 9, least=5)
    assert table["times"].tolist() == [9]
    assert collocations([]).empty
