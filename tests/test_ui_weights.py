"""What the weighting page asks for: a table to fill in, an uploaded one, and margins in words."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from builders import margins_of, refusal
from files import read_here
from stores import small_wave

from trustsurvey.ui import weights
from trustsurvey.weighting.population import margins_from_table


def test_the_table_to_fill_in_has_every_category_and_no_number() -> None:
    table = weights.template(small_wave())
    assert list(table.columns) == ["variable", "category", "count"]
    assert table["variable"].value_counts().to_dict() == {"ward": 4, "district": 2, "sex": 2}
    assert table["count"].isna().all()
    assert table["count"].dtype == float


def test_a_wave_without_areas_and_groups_gives_an_empty_table_that_can_be_typed_into() -> None:
    table = weights.template(replace(small_wave(), areas=(), groups=()))
    assert table.empty
    assert list(table.dtypes) == [np.dtype(object), np.dtype(object), np.dtype(float)]


def test_the_table_filled_in_is_what_raking_takes() -> None:
    wave = small_wave()
    table = weights.template(wave)
    table["count"] = 100.0
    district = table[table["variable"] == "district"]
    made = weights.make(wave, margins_from_table(district), {"start": "one", "missing": "keep", "bounds": None})
    assert made.raked
    share = made.weights[(wave.people["district"] == "East").to_numpy()].sum() / made.weights.sum()
    assert share == pytest.approx(0.5)


def test_categories_cannot_become_formulas_of_a_spreadsheet() -> None:
    table = pd.DataFrame({"variable": ["sex"], "category": ["=HYPERLINK(1)"], "count": [1.0]})
    content = weights.csv(table)
    assert b"\n=" not in content
    assert b",=" not in content
    assert pd.read_csv(io.BytesIO(content))["category"].iloc[0].endswith("=HYPERLINK(1)")


@pytest.mark.parametrize("name", ["margins.csv", "../../margins.csv", "-x.csv", "a b\u00e9.csv"])
def test_an_uploaded_table_is_read_whatever_its_name(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Path] = []

    def reading(path: Path, called: str) -> object:
        seen.append(path)
        return read_here(path.read_bytes(), called)

    monkeypatch.setattr("trustsurvey.readers.tables.read", reading)
    content = b'variable,category,count\nsex,f,"1,200"\nsex,m,1100\n'
    margins = weights.read_upload(SimpleNamespace(name=name, getbuffer=lambda: content))
    assert margins.source == name
    assert [(m.variable, m.targets.to_dict()) for m in margins] == [("sex", {"f": 1200.0, "m": 1100.0})]
    assert seen[0].name == "upload"
    assert not seen[0].parent.exists()


def test_an_uploaded_table_that_is_unsound_is_refused_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trustsurvey.readers.tables.read", lambda path, name: read_here(path.read_bytes(), name))
    content = b"variable,category,count\nsex,f,many\n"
    with refusal("margins.number", "m.csv, row 2", "'many'"):
        weights.read_upload(SimpleNamespace(name="m.csv", getbuffer=lambda: content))


def test_choices_reach_the_raking() -> None:
    margins = margins_of(district={"East": 999.0, "West": 1.0})
    with refusal("rake.infeasible", "between 0.9 and 1.1"):
        weights.make(small_wave(), margins, {"bounds": (0.9, 1.1)})
