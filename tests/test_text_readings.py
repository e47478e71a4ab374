"""Readings of people as numbers: which one counts, what a code above takes over, who differed."""

from __future__ import annotations

import numpy as np
import pytest

from trustsurvey.errors import SurveyError
from trustsurvey.model import Code, Codebook, Coding
from trustsurvey.text.readings import Readings

BOOK = Codebook("b", (Code("fair", "Fair"), Code("bias", "Bias", parent="fair"), Code("speed", "Speed")))
KEYS = ("k1", "k2", "k3")


def reading(answer: str, coder: str, *codes: str, queue: str = "audit", version: int = 1) -> Coding:
    pairs = tuple((code.partition(":")[0], code.partition(":")[2]) for code in codes)
    return Coding(answer, coder, pairs, queue, version=version)  # type: ignore[arg-type]


def test_a_code_counts_for_those_above_it_and_unread_texts_are_unknown() -> None:
    labels = Readings.of(BOOK, KEYS, [reading("k1", "a", "bias"), reading("k2", "a")]).labels()
    assert labels[:2].tolist() == [[1, 1, 0], [0, 0, 0]]
    assert np.isnan(labels[2]).all()


def test_the_newest_reading_of_a_person_replaces_the_one_before() -> None:
    found = Readings.of(BOOK, KEYS, [reading("k1", "a", "bias"), reading("k1", "a", "speed")])
    assert found.labels()[0].tolist() == [0, 0, 1]
    assert found.disagreements() == []


def test_a_second_reading_counts_for_nothing_but_agreement_until_the_difference_is_settled() -> None:
    both = [reading("k1", "b", "speed", queue="second"), reading("k1", "a", "bias")]
    found = Readings.of(BOOK, KEYS, both)
    assert found.labels()[0].tolist() == [1, 1, 0]
    assert [(answer, {c.coder for c in codings}) for answer, codings in found.disagreements()] == [("k1", {"a", "b"})]
    settled = Readings.of(BOOK, KEYS, [*both, reading("k1", "c", "fair", "speed", queue="settled")])
    assert settled.labels()[0].tolist() == [1, 0, 1]
    assert settled.disagreements() == []


def test_tones_are_told_apart_and_differ_as_codes_do() -> None:
    found = Readings.of(BOOK, KEYS, [reading("k1", "a", "speed:negative", "bias:positive"),
                                     reading("k1", "b", "speed", "bias:positive", queue="second")])  # fmt: skip
    assert found.stances("negative")[0].tolist() == [0, 0, 1]
    assert found.stances("positive")[0].tolist() == [1, 1, 0]
    assert len(found.disagreements()) == 1


def test_readings_made_before_the_codebook_had_all_its_codes_wait_to_be_looked_at_again() -> None:
    versions = {1: frozenset(["fair", "bias"]), 2: frozenset(BOOK.keys)}
    old, new = reading("k1", "a", "bias", version=1), reading("k2", "a", version=2)
    found = Readings.of(BOOK, KEYS, [old, new], versions)
    assert np.isnan(found.labels()[0]).all()
    assert found.stale == {"k1": old}
    again = Readings.of(BOOK, KEYS, [old, new, reading("k1", "a", "bias", version=2)], versions)
    assert again.labels()[0].tolist() == [1, 1, 0]
    assert again.stale == {}


def test_codes_that_left_the_codebook_and_texts_that_left_the_wave_are_left_aside() -> None:
    found = Readings.of(BOOK, KEYS, [reading("k1", "a", "gone", "speed"), reading("k9", "a", "speed")])
    assert found.labels()[0].tolist() == [0, 0, 1]
    assert list(found.counts()) == ["k1"]


def test_what_is_in_the_audit_is_what_it_asked_for() -> None:
    codings = [reading("k1", "a"), reading("k2", "a", queue="training"), reading("k3", "b", queue="second")]
    assert Readings.of(BOOK, KEYS, codings).in_audit() == {"k1"}


@pytest.mark.parametrize("coder", ["", "  ", "a\nb", "x" * 201])
def test_a_reading_names_who_made_it(coder: str) -> None:
    with pytest.raises(SurveyError) as refused:
        Coding("k1", coder)
    assert refused.value.code == "coding.coder"


def test_a_code_is_applied_once() -> None:
    with pytest.raises(SurveyError) as refused:
        Coding("k1", "a", (("speed", "positive"), ("speed", "negative")))
    assert refused.value.code == "coding.twice"
