"""The tone of texts by a list of words, where the extra is installed; a sentence where it is not."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from builders import refusal

from trustsurvey.text import tone as of


def test_a_missing_list_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    of._analyser.cache_clear()
    monkeypatch.setitem(sys.modules, "vaderSentiment.vaderSentiment", None)
    monkeypatch.setitem(sys.modules, "vaderSentiment", None)
    with refusal("tone.absent", "pip install"):
        of.tone(["Good."])
    of._analyser.cache_clear()


def test_only_english_has_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of.util, "find_spec", lambda name: object())
    assert of.available("english")
    assert not of.available("spanish")
    monkeypatch.setattr(of.util, "find_spec", lambda name: None)
    assert not of.available("english")


def test_what_has_no_tone_to_speak_of_is_called_nothing() -> None:
    assert of.called(np.array([0.05, 0.04, 0.0, -0.04, -0.05])).tolist() == ["positive", "", "", "", "negative"]


def test_praise_and_its_negation() -> None:
    pytest.importorskip("vaderSentiment", reason="the extra 'tone' is not installed")
    values = of.tone(["The officer was very kind.", "The officer was not kind.", "The desk is on Mill Street.", ""])
    assert of.called(values).tolist() == ["positive", "negative", "", ""]
