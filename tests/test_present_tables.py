"""An analyst's tables: written with the decimals they deserve, the numbers themselves untouched."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pandas.io.formats.style import Styler

from trustsurvey.present import tables


def cells(table: pd.DataFrame) -> dict[str, list[str]]:
    """What a reader sees, by column."""
    styler = tables.written(table)
    assert isinstance(styler, Styler)
    shown = styler._translate(sparse_index=False, sparse_cols=False)
    heads = [cell["display_value"] for cell in shown["head"][0] if cell["type"] == "th" and cell["is_visible"]]
    body = [[cell["display_value"] for cell in row if cell["type"] == "td"] for row in shown["body"]]
    return dict(zip(heads[-len(body[0]) :], map(list, zip(*body, strict=True)), strict=True))


@pytest.mark.parametrize(
    ("column", "values", "shown"),
    [
        ("est", [54.7132, 6.0], ["54.7", "6.0"]),
        ("est", [0.4567, 0.2], ["0.457", "0.200"]),
        ("est", [123456.7, 10.2], ["123,457", "10"]),
        ("se", [2.1423, 0.9], ["2.14", "0.90"]),
        ("n_eff", [680.4754, 5.0], ["680", "5"]),
        ("ddf", [974.0, 12.3], ["974", "12"]),
        ("residents", [15195.0, 300.0], ["15,195", "300"]),
        ("p", [6.95e-07, 0.0396], ["< 0.0001", "0.0396"]),
        ("p_adj", [1.0, 0.00009], ["1.0000", "< 0.0001"]),
        ("d_p", [0.8585, np.nan], ["0.8585", "\u2013"]),
        ("items", [5, 1200], ["5", "1,200"]),
        ("more_width", [12.0, np.nan], ["12", "\u2013"]),
        ("gap", [np.nan, -15.3], ["\u2013", "-15.30"]),
        ("df_resid", [0.25, 0.5], ["0.250", "0.500"]),
    ],
)
def test_numbers_are_written_by_what_they_are_and_how_large(column: str, values: list, shown: list[str]) -> None:
    table = pd.DataFrame({column: values})
    assert cells(table)[column] == shown
    pd.testing.assert_series_equal(tables.written(table).data[column], table[column])  # type: ignore[union-attr]


def test_columns_without_anything_are_left_out_but_no_table_is() -> None:
    table = pd.DataFrame(
        {"level": ["a", "b"], "by": ["", ""], "est": [1.0, np.nan], "deff": [np.nan, np.nan], "holds": [True, False]}
    )
    assert list(tables.without_empty(table)) == ["level", "est", "holds"]
    assert list(tables.without_empty(table.head(0))) == list(table)
    assert cells(table)["level"] == ["a", "b"]


def test_a_column_may_hold_anything() -> None:
    table = pd.DataFrame({"x": [np.inf, 1.0], "y": ["", "b"], "z": pd.Series([None, "c"], dtype="string")})
    shown = cells(table)
    assert shown["x"] == ["inf", "1"]
    assert shown["z"] == ["\u2013", "c"]


def test_very_large_tables_are_shown_as_they_are() -> None:
    table = pd.DataFrame({"est": np.arange(tables.MOST + 1.0)})
    assert tables.written(table) is not table
    assert isinstance(tables.written(table), pd.DataFrame)


def test_the_ends_of_an_interval_have_the_decimals_of_what_they_enclose() -> None:
    table = pd.DataFrame({"gap": [-15.04], "lci": [-20.32], "uci": [-9.8], "alpha": [0.8], "alpha_lci": [0.7]})
    shown = cells(table)
    assert (shown["gap"], shown["lci"], shown["uci"]) == (["-15.04"], ["-20.32"], ["-9.80"])
    assert shown["alpha_lci"] == ["0.700"]
    assert cells(pd.DataFrame({"importance": [0.38], "lci": [0.3361]}))["lci"] == ["0.336"]
