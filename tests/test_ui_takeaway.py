"""Answers for other programs on the page of downloads: asked for with a reason, refused without one or the right."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import yaml
from stores import STUDY, put, small_wave
from streamlit.testing.v1 import AppTest
from test_pages import app, button, select, words

from trustsurvey.store import Store
from trustsurvey.ui import takeaway

REASON = "to compare with the survey of the county"


@pytest.fixture
def town(own_home: Path) -> Store:
    """Two waves whose open answers have their names taken out."""
    store = Store.open()
    store.create_study(STUDY)
    for k in (1, 2):
        wave = small_wave(f"Q{k}", n=120, seed=k)
        comments = wave.comments.assign(key=[f"{k} {row}" for row in wave.comments["row"]], text="fair", replaced="")
        put(store, replace(wave, comments=comments), f"d{k}")
    return store


def field(test: AppTest, kind: str, label: str):  # type: ignore[no-untyped-def]
    return next(f for f in test.get(kind) if label in f.label)


def archive(test: AppTest) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(test.session_state["answers taken"][2]))


def test_answers_are_prepared_for_a_reason(town: Store) -> None:
    test = app("downloads")
    assert "These are answers of single people" in words(test)
    field(test, "text_input", "needed for").set_value(REASON)
    button(test, "Prepare the answers").click().run()
    assert not test.exception
    assert "Ready, and written down." in words(test)
    assert "of 120 residents are the only ones with their areas, groups and way of interview" in words(test)
    with archive(test) as packed:
        names = set(packed.namelist())
        table = pd.read_csv(io.BytesIO(packed.read("answers.csv")), encoding="utf-8-sig")
    assert {"answers.sav", "answers.sps", "answers.parquet", "codebook.csv", "figures.R", "reproduce.yaml"} <= names
    assert "open_answers.csv" not in names
    assert len(table) == 120
    trail = town.audit_trail().iloc[0]
    assert (trail["action"], trail["object"]) == ("take away", "town/Q2")
    assert trail["detail"] == f"csv, parquet, sav, dta, weights; {REASON}"


def test_what_was_chosen_is_what_is_in_it(town: Store) -> None:
    test = app("downloads")
    select(test, "Wave").set_value(0).run()
    field(test, "text_input", "needed for").set_value(REASON)
    field(test, "multiselect", "Formats").set_value(["csv"])
    field(test, "selectbox", "Replicate").set_value("jackknife")
    field(test, "checkbox", "residents wrote").check()
    button(test, "Prepare the answers").click().run()
    assert not test.exception
    with archive(test) as packed:
        assert {"answers.csv", "open_answers.csv", "replicate_scales.csv"} <= set(packed.namelist())
        assert "answers.sav" not in packed.namelist()
        assert b"rep_120" in packed.read("answers.csv")
    assert town.audit_trail()["detail"].iloc[0] == f"csv, weights, 120 replicates, open answers; {REASON}"
    select(test, "Wave").set_value(1).run()  # what was prepared belongs to the other wave
    assert "Ready, and written down." not in words(test)


@pytest.mark.parametrize("reason", ["", "because"])
def test_without_a_reason_none_are(town: Store, reason: str) -> None:
    test = app("downloads")
    field(test, "text_input", "needed for").set_value(reason)
    button(test, "Prepare the answers").click().run()
    assert not test.exception
    assert "taken away for a reason" in words(test)
    assert "answers taken" not in test.session_state
    assert "take away" not in set(town.audit_trail()["action"])


def test_without_the_right_there_is_no_form(town: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(takeaway, "allowed", lambda person, action, thing: action != "download microdata")
    test = app("downloads")
    assert not test.exception
    assert "need a right of their own, which you do not have" in words(test)
    assert not [b for b in test.button if b.label == "Prepare the answers"]


def test_the_file_that_repeats_the_figures(town: Store) -> None:
    test = app("downloads")
    button(test, "Prepare the file that repeats the figures").click().run()
    assert not test.exception
    whole = yaml.safe_load(test.session_state["recipe"][2])
    assert whole["reproduces"]["wave"] == "Q2"
    assert [wave["name"] for wave in whole["waves"]] == ["Q1", "Q2"]
    assert town.audit_trail()["detail"].iloc[0] == "to reproduce the figures"
