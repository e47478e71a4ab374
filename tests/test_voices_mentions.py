"""Shares of those who mention a theme, past the gate; what changed; when too little was read to say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from builders import refusal
from voices import BOOK, audited

from trustsurvey.estimation.means import estimate
from trustsurvey.instruments import default_instrument
from trustsurvey.model import Study
from trustsurvey.voices.answers import OpenAnswers, teach
from trustsurvey.voices.mentions import TOO_FEW_READ, changed, mentions, withheld_answers
from trustsurvey.voices.picture import themes

STUDY = Study("town", "Town", default_instrument())


def test_with_everything_read_the_share_is_the_weighted_one_of_those_who_answered() -> None:
    answers, told = audited(1, 10_000)
    made = mentions(answers, teach(BOOK, [answers]), ["area"])
    speaks = np.full(len(answers.wave), np.nan)
    speaks[answers.rows] = [float("speed" in one) for one in told]
    plain = estimate(answers.wave, pd.DataFrame({"speed": speaks}), ["area"], stat="share").table
    shown = made.estimates.rows(measure="speed").reset_index(drop=True)
    known = (shown["suppressed"] == "").to_numpy()
    # East has eight residents; what is hidden with it depends on who wrote.
    assert known[0]
    assert known.any()
    assert not known[list(shown["level"]).index("east")]
    assert np.allclose(shown["est"][known], plain["est"][known])


def test_few_people_are_hidden_and_few_answers_read_are_said() -> None:
    answers, _ = audited(2, 60)
    made = mentions(answers, teach(BOOK, [answers]), ["area"])
    rows = made.estimates.rows(measure="parks").set_index("level")
    assert rows.loc["east", "suppressed"] == "too few people"
    assert np.isnan(rows.loc["east", ["est", "n"]].astype(float)).all()
    assert np.isnan(made.audited[rows.index.get_loc("east")])
    south = rows.loc["south"]
    assert south["suppressed"] == TOO_FEW_READ
    assert np.isnan(south["est"])
    assert rows.loc["", "suppressed"] == ""


def test_a_correction_goes_on_hiding_how_many_of_a_group_answered() -> None:
    """East is small in the release and not in the correction: both together would tell what the first one hid."""
    first = audited(2, 60)[0].wave
    told = withheld_answers(first, {})
    assert ("answers to why", "area", "east") in told
    codes = np.arange(len(first)) % 3
    second = replace(
        first, people=first.people.assign(area=pd.Categorical.from_codes(codes, ["north", "south", "east"]))
    )
    answers = OpenAnswers.of(second, "why", BOOK, audited(2, 60)[0].readings.counts().values())
    machine = teach(BOOK, [answers])
    shown = mentions(answers, machine, ["area"]).estimates.rows(measure="parks").set_index("level")
    assert np.isfinite(shown.loc["east", "n"])
    corrected = OpenAnswers.of(replace(second, withheld=told), "why", BOOK, answers.readings.counts().values())
    again = mentions(corrected, machine, ["area"]).estimates.rows(measure="parks").set_index("level")
    assert np.isnan(again.loc["east", "n"])


def test_a_narrower_range_takes_more_readings() -> None:
    answers, _ = audited(3, 60)
    machine = teach(BOOK, [answers])
    wide, narrow = (mentions(answers, machine, half_width=h).needed for h in (0.2, 0.06))
    assert (narrow >= wide).all()
    assert wide.min() == 60 < narrow.max()


def test_a_theme_that_rose_is_found_and_the_others_are_not() -> None:
    old, new = audited(4, 200, n=900)[0], audited(5, 200, n=900, name="w2", shift=0.3)[0]
    machine = teach(BOOK, [old, new])
    found = changed(old, new, mentions(old, machine), mentions(new, machine)).set_index("measure")
    assert found["verdict"].to_dict() == {"police": "up", "speed": "up", "manner": "none", "parks": "none"}
    assert (found["p_adj"] >= found["p"]).all()


def test_the_picture_of_a_wave_leaves_out_waves_of_which_too_little_was_read() -> None:
    waves = [[audited(seed, read, n=500, name=f"w{seed}")[0]] for seed, read in ((6, 120), (7, 10), (8, 120))]
    machine = teach(BOOK, [one for wave in waves for one in wave])
    found = themes(waves, 2, "why", STUDY, machine)
    assert list(dict.fromkeys(found.trend["wave"])) == ["w6", "w8"]
    assert found.previous == "w6"
    assert found.audited == 120
    assert found.top() == ["police", "parks"]
    with refusal("voices.few-read"):
        themes(waves, 1, "why", STUDY, machine)
    assert themes(waves, 0, "why", STUDY, machine).change is None


def test_the_order_of_residents_makes_no_difference() -> None:
    answers, _ = audited(9, 90)
    turned = np.arange(len(answers.wave))[::-1]
    wave = answers.wave
    flipped = replace(
        wave, people=wave.people.iloc[turned].reset_index(drop=True), scores=wave.scores,
        design=replace(wave.design, weights=wave.design.weights[turned]),
        comments=wave.comments.assign(row=len(wave) - 1 - wave.comments["row"]).iloc[::-1].reset_index(drop=True),
    )  # fmt: skip
    other = OpenAnswers.of(flipped, "why", BOOK, answers.readings.counts().values())
    one, two = (mentions(a, teach(BOOK, [a]), how="hand").estimates.table for a in (answers, other))
    assert np.allclose(one["est"], two["est"])
