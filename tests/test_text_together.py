"""Codes in the same answer: counts by hand, and what is hidden."""

from __future__ import annotations

import numpy as np
import pytest

from trustsurvey.errors import SurveyError
from trustsurvey.model import Code, Codebook
from trustsurvey.text.together import kin_of, together

#: 20 with both, 20 and 30 with one, 50 with neither; the third code in 9 answers.
LABELS = np.zeros((120, 3))
LABELS[:40, 0] = LABELS[20:70, 1] = LABELS[:9, 2] = 1


def test_counts_lift_and_jaccard_by_hand() -> None:
    row = together(LABELS, ["a", "b", "c"]).iloc[0]
    assert (row["a"], row["b"], row["n"], row["both"], row["suppressed"]) == ("a", "b", 120, 20, "")
    assert row["share"] == pytest.approx(20 / 120)
    assert row["lift"] == pytest.approx((20 / 120) / (40 / 120 * 50 / 120))
    assert row["jaccard"] == pytest.approx(20 / 70)


def test_weights_move_shares_and_not_counts() -> None:
    w = np.where(np.arange(120) < 20, 3.0, 1.0)
    row = together(LABELS, ["a", "b", "c"], w).iloc[0]
    assert row["both"] == 20
    assert row["share"] == pytest.approx(20 / 160)
    assert row["lift"] == pytest.approx((20 / 160) / (80 / 160 * 50 / 160))


def test_any_small_cell_hides_the_pair() -> None:
    table = together(LABELS, ["a", "b", "c"]).set_index(["a", "b"])
    assert table.loc[("a", "c"), "suppressed"] == "too few"
    assert table.loc[("b", "c")].drop("suppressed").isna().all()
    within = LABELS.copy()
    within[:, 1] = within[:, 0] * (np.arange(120) != 3)  # one alone mentions the first without the second
    assert together(within, ["a", "b", "c"]).set_index(["a", "b"]).loc[("a", "b"), "suppressed"] == "too few"


def test_answers_that_nobody_read_do_not_count_and_kin_is_left_out() -> None:
    unread = np.vstack([LABELS, np.full((30, 3), np.nan)])
    assert together(unread, ["a", "b", "c"]).equals(together(LABELS, ["a", "b", "c"]))
    book = Codebook("b", (Code("a", "A"), Code("b", "B", parent="a"), Code("c", "C", parent="b")))
    assert kin_of(book) == {("a", "b"), ("a", "c"), ("b", "c")}
    assert together(LABELS, ["a", "b", "c"], kin=kin_of(book)).empty
    with pytest.raises(SurveyError):
        together(LABELS, ["a"])
