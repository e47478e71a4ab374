"""The one door for answers of single residents: the right, a reason, and a line in the audit trail."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from builders import refusal
from stores import STUDY, put, small_wave

from trustsurvey import rights, workflow
from trustsurvey.analysis import Picture, picture
from trustsurvey.export.takeaway import Choice
from trustsurvey.model import Wave
from trustsurvey.rights import Person
from trustsurvey.store import Store
from trustsurvey.takeaway import take_away

REASON = "for the council's statistician"


@pytest.fixture
def town(own_home: object) -> tuple[Store, Picture, list[Wave]]:
    store = Store.open()
    store.create_study(STUDY)
    wave = small_wave("w1", n=200)
    comments = wave.comments.assign(key=[f"k{k}" for k in range(len(wave.comments))], text="[person 1] was kind")
    put(store, replace(wave, comments=comments.assign(replaced="")))
    waves, study = workflow.load_waves(store, "town")
    return store, picture(waves, 0, study), waves


def test_what_was_taken_by_whom_and_why_is_written_down(town: tuple[Store, Picture, list[Wave]]) -> None:
    store, shown, waves = town
    files = take_away(store, shown, waves, f" {REASON}\n", Choice(("csv", "sav")))
    row = store.audit_trail().iloc[0]
    assert (row["person"], row["action"], row["object"]) == ("this machine", "take away", "town/w1")
    assert row["detail"] == f"csv, sav, weights; {REASON}"
    assert REASON in " ".join(files["README.txt"].decode().split())
    assert b"reproduces:" in files["reproduce.yaml"]
    assert "open_answers.csv" not in files


def test_open_answers_only_if_asked_for_and_without_names(town: tuple[Store, Picture, list[Wave]]) -> None:
    store, shown, waves = town
    files = take_away(store, shown, waves, REASON, Choice(open_answers=True))
    assert files["open_answers.csv"].decode("utf-8-sig").count("[person 1] was kind") == len(waves[0].comments)
    assert not any(b"was kind" in content for name, content in files.items() if name != "open_answers.csv")
    assert store.audit_trail()["detail"].iloc[0] == f"csv, parquet, sav, dta, weights, open answers; {REASON}"


@pytest.mark.parametrize("reason", ["", "   ", "why not"])
def test_without_a_reason_nothing_leaves(town: tuple[Store, Picture, list[Wave]], reason: str) -> None:
    store, shown, waves = town
    before = len(store.audit_trail())
    with refusal("export.reason"):
        take_away(store, shown, waves, reason)
    assert len(store.audit_trail()) == before


def test_without_the_right_nothing_leaves(
    town: tuple[Store, Picture, list[Wave]], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, shown, waves = town
    with refusal("rights.denied"):
        take_away(store.acting_as(Person("somebody")), shown, waves, REASON)
    analyst = store.acting_as(Person("an analyst", frozenset({"analyst"})))
    monkeypatch.setattr(rights, "allowed", lambda person, action, thing: action != "code")
    with refusal("rights.denied"):
        take_away(analyst, shown, waves, REASON, Choice(open_answers=True))
    files = take_away(analyst, shown, waves, REASON)
    assert isinstance(files["answers.csv"], bytes)
    assert store.audit_trail()["person"].iloc[0] == "an analyst"
    assert isinstance(pd.Timestamp(store.audit_trail()["at"].iloc[0]), pd.Timestamp)
