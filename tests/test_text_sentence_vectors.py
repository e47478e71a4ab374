"""Sentence vectors are used only where somebody asks for them, and come from the package alone."""

from __future__ import annotations

import socket
import sys

import numpy as np
import pytest
from builders import refusal

from trustsurvey.model import Code, Codebook
from trustsurvey.text.classify import learn
from trustsurvey.text.sentence_vectors import SETTING, chosen


def test_nothing_is_used_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SETTING, raising=False)
    assert chosen() is None
    monkeypatch.setenv(SETTING, "bert")
    with refusal("vectors.unknown", "bert"):
        chosen()


def test_a_missing_package_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    from trustsurvey.text import sentence_vectors

    sentence_vectors._model.cache_clear()
    monkeypatch.setenv(SETTING, "wordllama")
    monkeypatch.setitem(sys.modules, "wordllama", None)
    with refusal("vectors.absent", "wordllama"):
        chosen()


def test_the_packaged_model_needs_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("wordllama", reason="the extra 'vectors' is not installed")
    monkeypatch.setenv(SETTING, "wordllama")

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked for something")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    encode = chosen()
    assert encode is not None
    vectors = encode(["The police never come.", "Officers do not turn up.", "I like gardening.", ""])
    assert vectors.shape == (4, 256)
    assert np.isfinite(vectors).all()
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]


def test_what_the_words_do_not_tell_a_vector_may() -> None:
    """Texts of words that stand in one text each: only their vectors tell which mention the code."""
    rng = np.random.default_rng(1)
    said = rng.random(200) < 0.5
    texts = [f"w{at}x w{at}y" for at in range(200)]
    place = {text: at for at, text in enumerate(texts)}

    def encode(of):  # type: ignore[no-untyped-def]
        at = [place[text] for text in of]
        return np.column_stack([np.where(said[at], 1.0, -1.0), rng.normal(0, 0.1, len(at))])

    book = Codebook("b", (Code("c", "C", keywords=("nowhere",)),))
    labels = said[:, None].astype(float)
    blind, seeing = learn(book, texts[:150], labels[:150]), learn(book, texts[:150], labels[:150], encoder=encode)
    assert (seeing.decisions(texts[150:])[:, 0] == said[150:]).mean() > 0.95
    assert (blind.decisions(texts[150:])[:, 0] == said[150:]).mean() < 0.8
    assert seeing.reasons(texts[0], "c") is not None
