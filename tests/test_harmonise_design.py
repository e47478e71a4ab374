"""How the sample was drawn, and pseudonyms that join one study and nothing else."""

from __future__ import annotations

import hashlib
import hmac

import numpy as np
import pytest
from builders import refusal
from files import csv_text, read_here, taken_in
from hypothesis import given, strategies as st

from trustsurvey.harmonise import keyed_pseudonyms
from trustsurvey.model import Design

KEY, OTHER = b"k" * 32, b"o" * 32


def design_of(head: str, rows: list[tuple[object, ...]], columns: str) -> Design:
    text = csv_text([[*head.split(","), "kind"], *((*row, 4) for row in rows)])
    return taken_in(text, f"{columns}\n  kind: {{item: kind}}").wave.design


# --- weights --------------------------------------------------------------------------------------


def test_without_design_columns_everyone_counts_once() -> None:
    design = design_of("x", [("a",), ("b",)], "  x: ignore")
    assert design.weights.tolist() == [1, 1]
    assert design.strata.tolist() == [0, 0]
    assert design.psus.tolist() == [0, 1]
    assert design.fpc is None
    assert design.psu_ids is None


def test_base_weights_are_read_in_any_notation() -> None:
    assert design_of("w", [("1.5",), (" 2 ",), ("1e3",), (".25",)], "  w: weight").weights.tolist() == [
        1.5,
        2,
        1e3,
        0.25,
    ]


@pytest.mark.parametrize("weight", ["-1", "0", "", "x", "nan", "1e400", "-1e400", "0,5", "NA"])
def test_a_weight_that_is_none_is_named_with_row_and_column(weight: str) -> None:
    with refusal("design.weight", "not usable in 1 rows", "a weight above 0", "'ignore'") as told:
        design_of("w", [("1",), (weight,), ("2",)], "  w: weight")
    assert told.where == "survey.csv, row 3, column 'w'"
    assert told.got == f"'{weight}'"


def test_a_weight_of_a_row_that_is_left_out_does_not_matter() -> None:
    text = csv_text([["id", "w", "kind"], ["a", 1, 4], ["a", -5, 4], ["b", 2, 3]])
    design = taken_in(text, "  id: id\n  w: weight\n  kind: {item: kind}").wave.design
    assert design.weights.tolist() == [1, 2]


def test_two_columns_of_weights_are_refused() -> None:
    with refusal("map.role-twice", "'v' and 'w'", "'weight'"):
        design_of("v,w", [(1, 2)], "  v: weight\n  w: weight")


# --- strata, units, population --------------------------------------------------------------------


def test_strata_and_units_become_codes() -> None:
    design = design_of("s,p", [("b", "1"), ("a", "1"), ("b", "2"), ("b", "1")], "  s: stratum\n  p: psu")
    assert design.strata.tolist() == [0, 1, 0, 0]
    assert design.psus.tolist() == [0, 1, 2, 0]
    assert design.psu_ids is not None
    assert design.psu_ids.tolist() == ["b 1", "a 1", "b 2", "b 1"]
    assert design.lonely == "adjust"


def test_units_alone_keep_their_names() -> None:
    design = design_of("p", [("x",), ("y",), ("x",)], "  p: psu")
    assert design.psus.tolist() == [0, 1, 0]
    assert design.psu_ids is not None
    assert design.psu_ids.tolist() == ["x", "y", "x"]


@pytest.mark.parametrize("role", ["stratum", "psu"])
def test_a_blank_stratum_or_unit_is_named(role: str) -> None:
    with refusal(f"design.{role}", f"2 rows have no {role}", "row 3", "column 's'"):
        design_of("s", [("a",), ("",), (" ",)], f"  s: {role}")


def test_the_population_number_is_taken_along() -> None:
    design = design_of("s,n", [("a", "20"), ("b", "12"), ("a", "20")], "  s: stratum\n  n: fpc")
    assert design.fpc is not None
    assert design.fpc.tolist() == [20, 12, 20]
    with refusal("design.fpc", "row 2", "number of sampling units"):
        design_of("n", [("-3",)], "  n: fpc")
    with refusal("design.fpc"):
        design_of("s,n", [("a", "20"), ("a", "12")], "  s: stratum\n  n: fpc")


# --- pseudonyms -----------------------------------------------------------------------------------


def test_a_pseudonym_is_a_keyed_hash() -> None:
    expected = hmac.new(KEY, b"R_1", hashlib.sha256).hexdigest()[:20]
    assert keyed_pseudonyms(KEY)(["R_1", "R_1", "R_2"])[:2] == [expected, expected]


@given(st.lists(st.text(max_size=8), unique=True, max_size=20))
def test_ids_and_pseudonyms_are_one_to_one_under_a_key(ids: list[str]) -> None:
    one, again, other = keyed_pseudonyms(KEY)(ids), keyed_pseudonyms(KEY)(ids), keyed_pseudonyms(OTHER)(ids)
    assert one == again
    assert len(set(one)) == len(ids)
    assert not set(one) & set(other)


def respondents(text: str, key: bytes | None, columns: str = "  id: id\n") -> list[str]:
    pseudonymise = keyed_pseudonyms(key) if key else None
    wave = taken_in(
        text, f"keep_duplicates: true\ncolumns:\n{columns}  kind: {{item: kind}}", pseudonymise=pseudonymise
    ).wave
    return wave.people["respondent"].tolist()


def test_the_same_person_is_the_same_in_two_waves_of_a_study_and_in_no_other() -> None:
    one, two = "id,kind\nanna,4\nben,5\n", "id,kind\ncleo,4\nanna,2\n"
    assert respondents(one, KEY)[0] == respondents(two, KEY)[1]
    assert respondents(one, KEY)[0] not in respondents(two, OTHER)
    assert not set(respondents(one, None)) & set(respondents(one, None))


def test_rows_without_an_id_are_told_apart_and_stay_the_same_for_the_same_file() -> None:
    text = "id,kind\n,4\n,4\nanna,4\n"
    first = respondents(text, KEY)
    assert len(set(first)) == 3
    assert respondents(text, KEY) == first
    assert not set(respondents(text + "\n", KEY)[:2]) & set(first)
    assert respondents(text, KEY, "  id: ignore\n")[:2] == first[:2]


def test_without_an_id_units_join_nothing_and_with_one_they_are_the_pseudonyms() -> None:
    text = "id,kind\nanna,4\nben,5\n"
    columns = "  kind: {item: kind}"
    assert taken_in(text, columns).wave.design.psu_ids is None
    wave = taken_in(text, f"  id: id\n{columns}", pseudonymise=keyed_pseudonyms(KEY)).wave
    assert wave.design.psu_ids is not None
    assert wave.design.psu_ids.tolist() == wave.people["respondent"].tolist()


def test_ids_and_private_columns_never_reach_a_wave() -> None:
    secrets = [
        "R_secret1",
        "Maria Muster",
        "maria@example.org",
        "198.51.100.77",
        "45.0123",
        "+44 7700 900123",
        "unlisted",
    ]
    head = ["id", "name", "mail", "ip", "lat", "phone", "other", "kind", "why"]
    text = csv_text([head, [*secrets, 4, "slow"], [*(f"{s}x" for s in secrets), 5, "kind"]])
    private = "".join(f"  {name}: private\n" for name in ("name", "mail", "lat", "phone"))
    columns = f"  id: id\n  ip: device\n{private}  kind: {{item: kind}}\n  why: {{text: why}}"
    wave = taken_in(text, columns).wave
    frames = (wave.people, wave.answers, wave.missing, wave.comments)
    told = " ".join([*(frame.to_csv() for frame in frames), repr((wave.design.psu_ids, wave.report, wave.wording))])
    assert "slow" in told
    for secret in secrets:
        assert secret not in told
    assert list(wave.people.columns) == ["respondent", "source_row"]


def test_pseudonyms_do_not_depend_on_the_order_of_rows() -> None:
    ids = [f"p{k}" for k in range(50)]
    order = np.random.default_rng(3).permutation(50)
    one = dict(zip(ids, respondents("id,kind\n" + "".join(f"{i},4\n" for i in ids), KEY), strict=True))
    mixed = [ids[k] for k in order]
    assert respondents("id,kind\n" + "".join(f"{i},4\n" for i in mixed), KEY) == [one[i] for i in mixed]
    assert read_here("id,kind\n1,2\n").rows == 1
