"""Tables with a row for each resident, made elsewhere: lined up with the wave, or refused by row and column."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from builders import refusal
from stores import small_wave

from trustsurvey.errors import SurveyError
from trustsurvey.model import Wave
from trustsurvey.replication.elsewhere import replicates_from_table, replicates_table
from trustsurvey.replication.replicates import replicate
from trustsurvey.scales.scoring import score
from trustsurvey.weighting.residents import Beside, weights_from_table


@pytest.fixture(scope="module")
def wave() -> Wave:
    return score(small_wave(n=40, seed=3))


def written(wave: Wave, key: str = "respondent", **columns: object) -> pd.DataFrame:
    """A table as it is read from a file: text, in another order than the wave's."""
    table = pd.DataFrame({key: wave.people[key].astype(str), **columns}).astype(str)
    return table.iloc[::-1].reset_index(drop=True)


@pytest.mark.parametrize("key", ["respondent", "source_row"])
def test_rows_find_their_residents_in_any_order(wave: Wave, key: str) -> None:
    weights = 1.0 + np.arange(40)
    assert weights_from_table(wave, written(wave, key, weight=weights), "w.csv").tolist() == weights.tolist()


def test_the_pseudonym_goes_before_the_row(wave: Wave) -> None:
    table = written(wave, weight=1.0 + np.arange(40)).assign(source_row="no number")
    assert weights_from_table(wave, table, "w.csv")[3] == 4.0


def test_digits_are_kept_to_the_last(wave: Wave) -> None:
    weights = np.random.default_rng(1).lognormal(size=40)
    assert (weights_from_table(wave, written(wave, weight=[repr(float(w)) for w in weights]), "w") == weights).all()


def bent(wave: Wave, what: str) -> pd.DataFrame:
    table = written(wave, weight=np.ones(40))
    match what:
        case "key":
            return table.rename(columns={"respondent": "id"})
        case "weight":
            return table.rename(columns={"weight": "w"})
        case "twice":
            table.loc[5, "respondent"] = table.loc[2, "respondent"]
        case "unknown":
            table.loc[7, "respondent"] = "somebody"
        case "absent":
            return table.iloc[:-12]
        case "few absent":
            return table.iloc[:-2]
        case "number":
            table.loc[[9, 4], "weight"] = ["1,5", "heavy"]
        case "blank":
            table.loc[11, "weight"] = ""
    return table


@pytest.mark.parametrize(
    ("what", "code", "words"),
    [
        ("key", "residents.key", ("w.csv", "'respondent'", "'source_row'", "'id'")),
        ("weight", "residents.weight", ("no column 'weight'",)),
        ("twice", "residents.twice", ("w.csv, row 7", "stands twice")),
        ("unknown", "residents.unknown", ("w.csv, row 9", "'somebody'")),
        ("absent", "residents.absent", ("12 residents", "40 rows")),
        ("few absent", "residents.absent", ("A few residents",)),
        ("number", "residents.number", ("w.csv, row 6, column 'weight'", "'heavy'")),
        ("blank", "residents.number", ("row 13", "''")),
    ],
)
def test_what_does_not_fit_is_named_by_row(wave: Wave, what: str, code: str, words: tuple[str, ...]) -> None:
    with refusal(code, *words):
        weights_from_table(wave, bent(wave, what), "w.csv")


# --- replicate weights --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["bootstrap", "JK1"])
@pytest.mark.parametrize("key", ["respondent", "source_row"])
def test_what_is_taken_away_comes_back_alike(wave: Wave, kind: str, key: str) -> None:
    ours = replicate(wave, kind, count=30)  # type: ignore[arg-type]
    table, scales = replicates_table(wave, ours)
    assert list(table)[:4] == ["respondent", "source_row", "weight", "rep_1"]
    text = table.drop(columns="source_row" if key == "respondent" else "respondent").map(str)
    text[text.columns[0]] = table[key].astype(str)
    back = replicates_from_table(wave, text.iloc[::-1], kind, source="r.csv")  # type: ignore[arg-type]
    np.testing.assert_allclose(back.weights, ours.weights, rtol=1e-15)
    assert (back.scale, back.df, back.mse) == (pytest.approx(ours.scale), ours.df, ours.mse)
    assert back.settings["reason"] == "from r.csv"
    told = replicates_from_table(
        wave, text, "other", source="r.csv", scale=ours.scale, rscales=scales.astype(str), mse=True
    )
    assert told.scale == ours.scale
    assert told.mse
    assert told.rscales.tolist() == ours.rscales.tolist()


def test_factors_become_weights(wave: Wave) -> None:
    draws = np.random.default_rng(2).integers(0, 3, (40, 5))
    table = written(wave, **{f"r{k}": draws[:, k] for k in range(5)})
    assert (replicates_from_table(wave, table, "bootstrap", source="r", factors=True).weights == draws).all()


def of(wave: Wave, **more: object) -> pd.DataFrame:
    return written(wave, rep_1=np.ones(40), rep_2=np.arange(40.0), **more)


def test_replicates_of_other_weights_are_refused_with_what_to_do(wave: Wave) -> None:
    with refusal("replicates.weights", "r.csv", "100.0% of the mean weight", "weigh STUDY --from FILE"):
        replicates_from_table(wave, of(wave, weight=np.full(40, 2.0)), "BRR", source="r.csv")
    assert len(replicates_from_table(wave, of(wave, weight=np.full(40, 1.0 + 1e-9)), "BRR", source="r.csv")) == 2


def test_jkn_needs_a_scale_for_each_replicate(wave: Wave) -> None:
    def scales(**rows: str) -> pd.DataFrame:
        return pd.DataFrame({"replicate": list(rows), "rscale": list(rows.values())})

    with refusal("replicates.scale", "JKn needs rscales"):
        replicates_from_table(wave, of(wave), "JKn", source="r.csv")
    got = replicates_from_table(wave, of(wave), "JKn", source="r.csv", rscales=scales(REP_2="0.5", rep_1="0.9"))
    assert got.rscales.tolist() == [0.9, 0.5]
    for wrong, words in (
        ({"rep_1": "0.9"}, "'rep_2' has no scale"),
        ({"rep_1": "0.9", "rep_2": "-1"}, "'-1'"),
        ({"rep_1": "0.9", "rep_2": "much"}, "'much'"),
    ):
        with refusal("replicates.rscales", words):
            replicates_from_table(wave, of(wave), "JKn", source="r.csv", rscales=scales(**wrong))
    with refusal("replicates.rscales", "'replicate' and 'rscale'"):
        replicates_from_table(wave, of(wave), "JKn", source="r.csv", rscales=pd.DataFrame({"a": ["1"]}))


def test_a_table_of_one_replicate_is_too_few(wave: Wave) -> None:
    with refusal("replicates.count", "r.csv", "two or more"):
        replicates_from_table(wave, written(wave, rep_1=np.ones(40)), "BRR", source="r.csv")


def test_fays_replicates_need_rho(wave: Wave) -> None:
    with pytest.raises(SurveyError, match="need rho"):
        replicates_from_table(wave, of(wave), "Fay", source="r.csv")
    assert replicates_from_table(wave, of(wave), "Fay", source="r.csv", rho=0.5).scale == pytest.approx(2.0)


def test_lining_up_keeps_the_lines_of_the_file(wave: Wave) -> None:
    beside = Beside.of(wave, of(wave), "r.csv")
    assert beside.row.tolist() == list(range(41, 1, -1))
    assert beside.numbers(["rep_2", "rep_1"])[:3].tolist() == [[0.0, 1.0], [1.0, 1.0], [2.0, 1.0]]
