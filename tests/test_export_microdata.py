"""One row a resident: all answers, nothing that tells who somebody is or where they stand in the survey's file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from builders import margins_of, refusal
from stores import INSTRUMENT, small_wave
from test_export_tables import planted, weighted

from trustsurvey.comparison.pooling import pool
from trustsurvey.export.codebook import codebook_table
from trustsurvey.export.microdata import Microdata, microdata_table, open_answers_table, rare
from trustsurvey.model import REASONS, Design, Wave
from trustsurvey.replication.replicates import replicate
from trustsurvey.scales.scoring import score
from trustsurvey.weighting.trimming import trim
from trustsurvey.weighting.weigh import rake


def drawn(n: int = 400, seed: int = 5) -> Wave:
    """A wave in strata and units, with a mode, a number, and people in the order of their arrival."""
    rng = np.random.default_rng(seed)
    wave = small_wave("Q1", n=n, seed=seed)
    people = wave.people.assign(
        respondent=[f"{k:020x}" for k in rng.permutation(n)],
        mode=pd.Categorical(rng.choice(["web", "phone"], n)),
        household=rng.integers(1, 6, n).astype(float),
        sex=wave.people["sex"].cat.rename_categories(["=f", "m"]),
    )
    strata = np.sort(rng.integers(0, 3, n)).astype(np.int64)
    units = pd.factorize(strata * 9 + rng.integers(0, 9, n))[0].astype(np.int64)
    design = Design(rng.gamma(4, 2, n), strata, units, np.array([60.0, 70.0, 80.0])[strata], lonely="adjust")
    return score(replace(wave, people=people, design=design))


def of(made: Microdata, wave: Wave, name: str) -> np.ndarray:
    """A column of the answers in the order of the wave."""
    return made.table.set_index("respondent")[name].reindex(wave.people["respondent"]).to_numpy()


def test_every_answer_is_there_and_every_reason() -> None:
    wave = drawn()
    made = microdata_table(wave)
    for item in wave.items:
        told, why = of(made, wave, item), wave.missing[item].to_numpy()
        answered = why == 0
        np.testing.assert_array_equal(told[answered], wave.answers[item].to_numpy()[answered])
        for reason, code in {"don't know": -99, "refused": -98, "not applicable": -97, "left out": -96}.items():
            assert (told[why == REASONS.index(reason)] == code).all()
        assert np.isnan(told[why == REASONS.index("blank")]).all()
        assert set(np.unique(why)) == set(range(6))  # nothing of this is empty
    assert wave.scores is not None
    for key in ("respect", "safety", "trust"):
        np.testing.assert_array_equal(of(made, wave, f"score_{key}"), wave.scores[key])


def test_who_they_are_is_there_and_how_they_were_drawn() -> None:
    wave = drawn()
    made = microdata_table(wave)
    for name in ("ward", "district", "sex", "mode"):
        pd.testing.assert_series_equal(
            pd.Series(of(made, wave, name)), wave.people[name].astype(object), check_names=False, check_dtype=False
        )
    np.testing.assert_array_equal(of(made, wave, "household"), wave.people["household"])
    np.testing.assert_array_equal(of(made, wave, "weight"), wave.weights)
    np.testing.assert_array_equal(of(made, wave, "fpc"), wave.design.fpc)
    for name, codes in (("stratum", wave.design.strata), ("psu", wave.design.psus)):
        pairs = pd.DataFrame({"ours": codes, "theirs": of(made, wave, name)}).drop_duplicates()
        assert pairs["ours"].is_unique
        assert pairs["theirs"].is_unique


def test_neither_row_nor_number_tells_the_place_in_the_surveys_file() -> None:
    wave = drawn()
    made = microdata_table(wave)
    assert made.table["respondent"].is_monotonic_increasing
    assert "source_row" not in made.table
    assert made.table["psu"].drop_duplicates().tolist() == list(range(1, wave.design.n_psu + 1))
    plain = microdata_table(replace(wave, design=Design.simple(len(wave))))
    assert not {"psu", "stratum", "fpc"} & set(plain.table)


def test_other_columns_and_what_residents_wrote_stay_behind() -> None:
    wave = drawn()
    wave = replace(wave, people=wave.people.assign(surname="Muster", device="x1"))
    made = microdata_table(wave)
    assert list(made.table) == [
        "respondent", "district", "ward", "sex", "mode", "household", "fair", "rude", "safe",
        "score_respect", "score_safety", "score_trust", "base_weight", "weight", "stratum", "psu", "fpc",
    ]  # fmt: skip
    text = made.table.to_csv()
    assert "Muster" not in text
    assert "because" not in text


def test_margins_are_given_as_they_were_used() -> None:
    wave = drawn()
    margins = margins_of(district={"East": 4000, "West": 6000}, sex={"=f": 5000, "m": 5000})
    made = rake(wave, margins, missing="keep", totals={"household": 31_000})
    table = microdata_table(made)
    assert list(table.margins.columns) == ["variable", "category", "target"]
    for (name, category), target in table.margins.set_index(["variable", "category"])["target"].items():  # type: ignore[misc]
        here = table.table[name] == category if category else table.table[name]
        assert float(table.table["weight"] @ here.astype(float)) == pytest.approx(target)
    assert set(table.margins["variable"]) == {"cal_district", "cal_sex", "cal_household"}
    assert "(no answer)" in set(table.margins["category"])
    cut = trim(made, 0.7, 1.6)
    assert np.prod(microdata_table(cut).table[["cal_factor"]].to_numpy()) > 0
    np.testing.assert_allclose(of(microdata_table(cut), cut, "cal_factor"), cut.weights / made.weights)


def test_weights_and_replicates_only_where_asked() -> None:
    wave = weighted(planted(1))
    wave = score(wave)
    bare = microdata_table(wave, weights=False)
    assert not [v for v in bare.variables if v.role in ("weight", "design", "calibration", "replicate")]
    assert bare.margins.empty
    drawn_anew = replicate(wave, "bootstrap", count=7, failed="drop")
    made = microdata_table(wave, replicates=drawn_anew)
    assert len([v for v in made.variables if v.role == "replicate"]) == len(drawn_anew)
    np.testing.assert_array_equal(of(made, wave, "rep_3"), drawn_anew.weights[:, 2])


def test_who_could_be_told_by_area_and_group_is_counted() -> None:
    people = pd.DataFrame(
        {"respondent": [f"r{k}" for k in range(16)], "ward": ["a"] * 11 + ["b"] * 3 + ["c", None],
         "sex": ["f"] * 16}
    )  # fmt: skip
    wave = replace(small_wave(n=16), people=people, areas=("ward",), groups=("sex",))
    assert rare(wave) == (2, 5)
    assert rare(replace(wave, areas=(), groups=())) == (0, 0)


def test_a_rolling_year_and_an_unscored_wave_are_refused() -> None:
    with refusal("export.unscored"):
        microdata_table(small_wave())
    with refusal("export.pooled"):
        microdata_table(pool([score(small_wave("a")), score(small_wave("b", seed=2))]))


def test_what_residents_wrote_needs_its_names_taken_out() -> None:
    wave = small_wave()
    assert len(wave.comments)
    with refusal("voices.unredacted"):
        open_answers_table(wave)
    redacted = replace(wave, comments=wave.comments.assign(key="k", text="[person 1] was kind"))
    table = open_answers_table(redacted)
    assert list(table) == ["respondent", "question", "wording", "text"]
    assert table["respondent"].is_monotonic_increasing
    assert set(table["text"]) == {"[person 1] was kind"}
    assert open_answers_table(replace(wave, comments=pd.DataFrame())).empty


def test_the_codebook_has_a_row_for_each_column() -> None:
    wave = drawn()
    wave = replace(wave, wording={**wave.wording, "fair": "Are officers fair?"}, asked_on={"rude": "1 to 7"})
    made = microdata_table(wave, replicates=replicate(wave, "bootstrap", count=5))
    book = codebook_table(wave, made)
    assert list(book) == ["variable", "short", "label", "question", "scale", "values", "missing", "role"]
    rows = book.set_index("short")
    columns = [name for name in made.table if not name.startswith("rep_")]
    assert list(rows.index) == [*columns, "rep_1 to rep_5"]
    assert rows.loc["fair", "question"] == "Are officers fair?"
    assert rows.loc["fair", "label"] == INSTRUMENT.item("fair").text
    assert rows.loc["rude", "scale"] == "1 to 5, agreeing means less trust; answered on 1 to 7, carried over"
    assert rows.loc["safe", "missing"] == (
        "-99 = don't know; -98 = refused; -97 = not applicable; -96 = left out; empty = left blank"
    )
    assert rows.loc["ward", "values"] == "1 = Docks; 2 = Mill; 3 = Park; 4 = Hill"
    assert rows.loc["weight", "role"] == "weight"
    assert codebook_table(wave)["short"].tolist() == columns
