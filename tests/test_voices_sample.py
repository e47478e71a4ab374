"""The sample study's open answers: read as far as a person would, and what that tells of all of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from sample_data import generate
from trustsurvey import workflow
from trustsurvey.estimation.means import estimate
from trustsurvey.store import Body, Store
from trustsurvey.text.readings import Readings
from trustsurvey.voices.answers import OpenAnswers
from trustsurvey.voices.mentions import mentions
from trustsurvey.voices.sample import MANY, read_sample
from trustsurvey.voices.study import answers_of, codebook_of, taught

SLUG = "riverton-sample-study"
READINGS = ROOT / "sample_data" / "readings.csv"


@pytest.fixture
def store(sample_home: Path) -> Store:
    return Store.open()


def test_the_table_of_readings_is_what_the_generator_makes(tmp_path: Path) -> None:
    generate.write_readings(tmp_path)
    assert (tmp_path / "readings.csv").read_bytes() == READINGS.read_bytes()


def test_so_many_of_each_question_are_read_at_random_and_nothing_twice(store: Store) -> None:
    assert read_sample(store, SLUG, READINGS) == 4 * 2 * MANY
    assert read_sample(store, SLUG, READINGS) == 0
    book = codebook_of(store, SLUG)
    for asked in answers_of(store, SLUG, workflow.load_wave(store, SLUG, "2026 Q2"), book):
        assert int(asked.audit.audited.sum()) == MANY
    assert store.voices.codings(SLUG, Body("2024 Q3")) == []


def test_reading_two_fifths_tells_the_share_that_reading_all_would(store: Store) -> None:
    """Of 4 waves x 2 questions x 26 codes at least 93 % of the ranges hold the share with every answer read."""
    read_sample(store, SLUG, READINGS)
    book = codebook_of(store, SLUG)
    table = pd.read_csv(READINGS, dtype=str, keep_default_na=False)
    waves = [workflow.load_wave(store, SLUG, name) for name in dict.fromkeys(table["wave"])]
    answers = [answers_of(store, SLUG, wave, book) for wave in waves]
    machine = taught(book, answers)
    held, narrower = [], []
    for one in (asked for wave in answers for asked in wave):
        rows = table[(table["wave"] == one.wave.name) & (table["item"] == one.item)]
        truth = pd.DataFrame(
            {code: [float(code in c.split(";")) for c in rows["codes"]] for code in book.keys}, index=rows["text"]
        )
        truth = truth[~truth.index.duplicated(keep="last")]
        known = np.array([text in truth.index for text in one.texts])
        spread = np.full((len(one.wave), len(book.keys)), np.nan)
        spread[one.rows[known]] = truth.loc[[t for t, k in zip(one.texts, known, strict=True) if k]].to_numpy()
        for code in book.codes:  # whoever mentions a code mentions the one above it
            if code.parent:
                at = book.keys.index(code.parent)
                spread[:, at] = np.fmax(spread[:, at], spread[:, book.keys.index(code.key)])
        everyone = estimate(one.wave, pd.DataFrame(spread, columns=list(book.keys)), stat="share").table
        made = {how: mentions(one, machine, how=how).estimates.rows(by="") for how in ("supervised", "hand")}  # type: ignore[arg-type]
        # The share of all who answered, not of the population: what auditing alone leaves open.
        shown = made["supervised"]
        held += ((shown["lci"].to_numpy() <= everyone["est"].to_numpy() + 1e-12)
                 & (everyone["est"].to_numpy() <= shown["uci"].to_numpy() + 1e-12)).tolist()  # fmt: skip
        found = (made["hand"]["est"] > 0).to_numpy()
        widths = [(rows["uci"] - rows["lci"]).to_numpy()[found] for rows in made.values()]
        narrower.append(np.mean(widths[0]) / np.mean(widths[1]))
        # Where nobody found a theme the machine changes nothing.
        assert (shown["uci"][~found] == made["hand"]["uci"][~found]).all()
    assert np.mean(held) >= 0.93
    assert np.mean(narrower) < 0.9


def test_readings_of_an_unknown_text_end_the_random_part(store: Store, tmp_path: Path) -> None:
    table = pd.read_csv(READINGS, dtype=str, keep_default_na=False)
    few = table[table["wave"] == "2026 Q2"].iloc[::2]
    few.to_csv(tmp_path / "few.csv", index=False)
    assert 0 <= read_sample(store, SLUG, tmp_path / "few.csv") < 2 * MANY
    wave = workflow.load_wave(store, SLUG, "2026 Q2")
    for asked in answers_of(store, SLUG, wave, codebook_of(store, SLUG)):
        assert isinstance(asked, OpenAnswers)
        assert isinstance(asked.readings, Readings)
        assert int(asked.audit.audited.sum()) == len(asked.readings.counts())
