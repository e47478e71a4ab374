"""Words of texts: one a person, in the form used most, never those of a few."""

from __future__ import annotations

import numpy as np

from trustsurvey.text.words import of_grammar, surface, words_of


def test_words_count_once_a_text_and_carry_the_form_used_most() -> None:
    texts = ["Patrols, patrols and patrols!", "more patrols at night", "an officer on patrol", "the night was quiet"]
    words = words_of(texts, least=2)
    assert words.names == ("night", "patrols")
    np.testing.assert_array_equal(words.matrix.toarray(), [[0, 1], [1, 1], [0, 1], [1, 0]])
    assert words.forms == (("night",), ("patrols",))


def test_the_words_of_fewer_than_ten_people_are_not_among_them() -> None:
    texts = ["my uncle is the baker"] * 9 + ["the street is dark"] * 10
    assert words_of(texts).names == ("dark", "street")
    assert words_of([]).names == ()
    assert words_of([]).matrix.shape == (0, 0)


def test_placeholders_are_no_words() -> None:
    assert surface("[person 1] was at [address 2], they\u2019re kind") == ["was", "at", "they're", "kind"]


def test_words_of_grammar_are_known_in_english_alone() -> None:
    assert [of_grammar(w, "english") for w in ("the", "it's", "don't", "police", "fire")] == [True] * 3 + [False] * 2
    assert not of_grammar("the", "german")


def test_other_scripts_and_languages() -> None:
    texts = ["La polizia ascolta", "Le polizie ascoltano", "警察", "警察 ночь"]
    assert words_of(texts, "italian", least=2).forms == (("ascolta",), ("polizia",), ("警察",))
