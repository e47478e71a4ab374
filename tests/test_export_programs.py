"""Answers read back by the readers of the programs they are for: the same in every format."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyreadstat
import pytest
from test_export_microdata import drawn

from trustsurvey.export.microdata import Microdata, microdata_table
from trustsurvey.export.programs import answers_csv, answers_dta, answers_parquet, answers_sav, syntax
from trustsurvey.model import Scale
from trustsurvey.readers.guard import read
from trustsurvey.replication.replicates import replicate

LABELS = {-99.0: "don't know", -98.0: "refused", -97.0: "not applicable", -96.0: "left out"}


@pytest.fixture(scope="module")
def made() -> Microdata:
    wave = drawn()
    anchors = ((1.0, "Strongly disagree"), (5.0, "Strongly agree \u2713 " + "\u00fc" * 120))
    scale = Scale("agree5", 1.0, 5.0, anchors, (4.0, 5.0))
    items = (replace(wave.instrument.items[0], scale=scale, text="W" * 300), *wave.instrument.items[1:])
    wave = replace(
        wave, instrument=replace(wave.instrument, items=items), wording={"fair": "Are officers \u201cfair\u201d?"}
    )
    return microdata_table(wave, replicates=replicate(wave, "bootstrap", count=12))


def saved(folder: Path, content: bytes, name: str) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_spss_reads_back_every_answer(made: Microdata, tmp_path: Path) -> None:
    path = saved(tmp_path, answers_sav(made, "Town, Q1"), "answers.sav")
    table, meta = pyreadstat.read_sav(str(path), user_missing=True)
    assert meta.file_label == "Town, Q1"
    assert list(table) == list(made.table)
    for variable in made.variables:
        ours, theirs = made.table[variable.name], table[variable.name]
        if variable.categories:
            labels = {int(code): words for code, words in meta.variable_value_labels[variable.name].items()}
            words = [labels[int(code)] if code == code else np.nan for code in theirs]
            pd.testing.assert_series_equal(
                pd.Series(words, dtype=object), ours.astype(object), check_names=False, check_dtype=False
            )
        elif variable.role == "pseudonym":
            assert theirs.tolist() == ours.tolist()
        else:
            np.testing.assert_array_equal(theirs.to_numpy(float), ours.to_numpy(float))


def test_spss_knows_what_is_no_answer(made: Microdata, tmp_path: Path) -> None:
    path = saved(tmp_path, answers_sav(made, "Town"), "answers.sav")
    table, meta = pyreadstat.read_sav(str(path))
    assert (table[["fair", "rude", "safe"]].min() >= 1).all()
    assert (made.table[["fair", "rude", "safe"]].min() == -99).all()
    meta = pyreadstat.read_sav(str(path), user_missing=True)[1]
    assert meta.missing_ranges["rude"] == [{"lo": -99.0, "hi": -96.0}]
    assert meta.variable_value_labels["rude"] == LABELS
    assert "weight" not in meta.missing_ranges


def test_spss_has_labels_of_the_length_it_takes(made: Microdata, tmp_path: Path) -> None:
    _, meta = pyreadstat.read_sav(str(saved(tmp_path, answers_sav(made, "T" * 80), "a.sav")))
    labels = dict(zip(meta.column_names, meta.column_labels, strict=True))
    assert labels["fair"] == "Are officers \u201cfair\u201d?"
    assert labels["weight"] == "Weight"
    values = meta.variable_value_labels["fair"]
    assert values[1.0] == "Strongly disagree"
    assert values[5.0].startswith("Strongly agree \u2713 \u00fc")
    assert len(values[5.0].encode()) <= 120
    assert meta.variable_measure["ward"] == "nominal"
    assert meta.variable_measure["fair"] == "ordinal"


def test_stata_reads_back_every_answer_and_every_reason(made: Microdata, tmp_path: Path) -> None:
    path = saved(tmp_path, answers_dta(made, "Town, Q1"), "answers.dta")
    table, meta = pyreadstat.read_dta(str(path), user_missing=True)
    assert list(table) == list(made.table)
    assert meta.column_names_to_labels["fair"] == "Are officers \u201cfair\u201d?"
    assert meta.variable_value_labels["rude"] == dict(zip("abcd", LABELS.values(), strict=True))
    letters = dict(zip(LABELS, "abcd", strict=True))
    for item in ("fair", "rude", "safe"):
        ours = [letters.get(cell, cell) for cell in made.table[item]]
        assert [cell if cell == cell else None for cell in table[item]] == [c if c == c else None for c in ours]
    np.testing.assert_array_equal(table["weight"], made.table["weight"])
    words = {int(code): name for code, name in meta.variable_value_labels["ward"].items()}
    assert [words[int(code)] for code in table["ward"]] == made.table["ward"].tolist()
    plain = pd.read_stata(path, convert_categoricals=False)
    assert plain["safe"].min() >= 1


def test_the_import_of_this_package_reads_it_too(made: Microdata, tmp_path: Path) -> None:
    raw = read(saved(tmp_path, answers_sav(made, "Town"), "answers.sav"))
    assert raw.rows == len(made.table)
    wards = raw.values("ward")
    assert {wards.distinct[code] for code in wards.codes} <= {"1", "2", "3", "4", "Docks", "Mill", "Park", "Hill"}


def test_parquet_carries_labels(made: Microdata) -> None:
    content = answers_parquet(made, {"study": "Town", "wave": "Q1"})
    table = pq.read_table(io.BytesIO(content))
    assert table.schema.metadata == {b"study": b"Town", b"wave": b"Q1", b"weight": b"weight"}
    told = table.schema.field("fair").metadata
    assert told[b"question"].decode() == "Are officers \u201cfair\u201d?"
    assert told[b"role"] == b"answer"
    assert json.loads(told[b"missing"]) == {f"{code:g}": words for code, words in LABELS.items()}
    back = table.to_pandas()
    for variable in made.variables:
        ours, theirs = made.table[variable.name], back[variable.name]
        pd.testing.assert_series_equal(
            theirs.astype(object), ours.astype(object), check_names=False, check_dtype=False, check_exact=True
        )


def test_csv_has_every_digit_and_no_formula(made: Microdata) -> None:
    back = pd.read_csv(io.BytesIO(answers_csv(made)), encoding="utf-8-sig", keep_default_na=False, na_values=[""])
    np.testing.assert_array_equal(back["weight"], made.table["weight"])
    np.testing.assert_array_equal(back["score_trust"], made.table["score_trust"])
    assert set(back["sex"].dropna()) == {"'=f", "m"}


def test_the_syntax_sets_the_weight_and_names_every_variable(made: Microdata) -> None:
    told = syntax(made, "Town. Q1\nDELETE").decode("utf-8-sig")
    commands = [line for line in told.splitlines() if not line.startswith("*")]
    assert commands == ["GET FILE='answers.sav'.", "WEIGHT BY weight.", "EXECUTE."]
    assert told.startswith("* Town Q1 DELETE.\n")
    for variable in made.variables:
        assert (f"* {variable.name}: {variable.long}." in told) == (variable.role != "replicate")
    bare = syntax(microdata_table(drawn(), weights=False), "Town").decode("utf-8-sig")
    assert "WEIGHT BY" not in bare


def test_pspp_weights_as_we_do(made: Microdata, tmp_path: Path) -> None:
    """The free relative of SPSS runs the syntax and gives the weighted mean, answers that are none left out."""
    if shutil.which("pspp") is None:
        pytest.skip("PSPP is not installed")
    saved(tmp_path, answers_sav(made, "Town"), "answers.sav")
    more = "SET FORMAT=F20.10.\nDESCRIPTIVES /VARIABLES=safe /STATISTICS=MEAN.\n"
    saved(tmp_path, syntax(made, "Town") + more.encode(), "answers.sps")
    told = subprocess.run(["pspp", "-O", "format=csv", "answers.sps"], cwd=tmp_path, capture_output=True, text=True,
                          timeout=120)  # fmt: skip
    assert told.returncode == 0, told.stdout + told.stderr
    line = next(line for line in told.stdout.splitlines() if line.startswith(("safe", "I feel safe")))
    answered = made.table["safe"] > 0
    expected = np.average(made.table["safe"][answered], weights=made.table["weight"][answered])
    assert float(line.split(",")[-1]) == pytest.approx(expected, abs=1e-2)
