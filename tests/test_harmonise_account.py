"""The account of an import: every row, every strange value and every question is told of, and kept with the wave."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from files import CORE, TRUST, csv_text, items_of, read_here, taken_in

from trustsurvey.harmonise.modes import mode_of, mode_shares
from trustsurvey.model import ColumnMap, Mapping, Report
from trustsurvey.model.report import mode_shift
from trustsurvey.store import parts

IDS = CORE[:10]


def report(**rule: object) -> Report:
    """A file with a test answer, two duplicates, a partial answer, haste and strange values."""
    given = np.random.default_rng(1).integers(1, 5, (40, 10)).astype(str).tolist()
    rows = [[f"p{k}", "0", 300, "web", *given[k]] for k in range(40)]
    rows[3][1] = "1"
    rows[5][0] = "p4"
    rows[7][4:] = rows[6][4:]
    rows[9][6:] = [""] * 8
    rows[11][2] = 20
    rows[12][4], rows[13][4], rows[14][4] = "62", "Don't know", "Refused"
    text = csv_text([["id", "status", "seconds", "how", *IDS], *rows])
    columns = (
        ColumnMap("id", "id"),
        ColumnMap("status", "status"),
        ColumnMap("seconds", "duration"),
        ColumnMap("how", "mode"),
    )
    first, *others = items_of(*IDS)
    first = ColumnMap(first.column, "item", first.target, leave_out=("62",))
    return taken_in(text, Mapping((*columns, first, *others), platform="qualtrics"), TRUST).settled().report


def test_every_row_is_accounted_for() -> None:
    told = report()
    table = told.rows_table()
    assert table["check"].tolist() == [
        "rows read", "test answers and previews", "same respondent id as an earlier row",
        "answered less than 50% of the questions put to everyone", "identical to an earlier row in every answer",
        "hasty answers", "rows kept",
    ]  # fmt: skip
    assert table["count"].tolist() == [40, 1, 1, 1, 1, 1, 36]
    assert table["rows"].tolist() == ["", "5", "7", "11", "9", "13", ""]
    assert table.loc[table["done"] == "left out", "count"].sum() == told.rows_read - told.rows_kept
    assert dict(told.dropped) == {check.check: check.count for check in told.checks if check.done == "left out"}
    assert all(table["rule"])


def test_strange_values_are_listed_with_row_and_column() -> None:
    table = report().values_table()
    assert table.to_dict("records") == [
        {"column": "pj1", "item": "pj1", "value": "62", "count": 1, "done": "left out", "rows": "14"}
    ]


def test_questions_are_told_of_with_their_dont_knows() -> None:
    told = report()
    check = told.item("pj1")
    assert check is not None
    assert (check.answered, check.dont_know, check.refused, check.left_out, check.put_to) == (33, 1, 1, 1, 36)
    assert sum(share for _, share in check.shares) == pytest.approx(1, abs=1e-5)
    table = told.items_table().set_index("item")
    assert table.loc["pj1", "don't know"] == pytest.approx(1 / 36)
    assert list(table.index) == list(IDS)
    assert told.item("nothing") is None
    assert told.modes == (("web", 1.0),)


def test_the_account_survives_the_store() -> None:
    told = report()
    again = Report.restored(json.loads(json.dumps(told.as_dict())))
    assert again == told or pd.isna([check.rest for check in told.items]).any()
    assert again.rows_table().equals(told.rows_table())
    assert again.items_table().equals(told.items_table())
    old = {"platform": "plain", "rows_read": 3, "dropped": [["x", 1]], "notices": []}
    assert Report.restored(old) == Report("plain", 3, (("x", 1),))
    assert parts.report_of(json.dumps({"report": old})).rows_kept == 2
    assert Report().rows_table()["check"].tolist() == ["rows read", "rows kept"]


def test_answers_that_the_tool_calls_unfinished_are_told_of_and_kept() -> None:
    rows = [[f"r{k}", "Partial" if k < 3 else "Complete", k % 5 + 1, 4] for k in range(20)]
    text = csv_text([["id", "Status", "kind", "fair"], *rows])
    columns = "  id: id\n  Status: status\n  kind: {item: kind}\n  fair: {item: fair}"
    told = taken_in(text, f"platform: alchemer\ncolumns:\n{columns}").wave.report
    assert told.rows_kept == 20
    assert [(check.check, check.count, check.done, check.rows) for check in told.checks] == [
        ("not finished", 3, "kept", (2, 3, 4))
    ]
    assert [notice.code for notice in told.notices] == ["quality.unfinished"]


@pytest.mark.parametrize(
    ("label", "mode"),
    [
        ("Web", "web"),
        ("online", "web"),
        ("CAWI", "web"),
        ("anonymous", "web"),
        ("E-mail link", "web"),
        ("Mail", "paper"),
        ("by post", "paper"),
        ("CATI", "phone"),
        ("Telephone interview", "phone"),
        ("Teléfono", "phone"),
        ("Telefonisch", "phone"),
        ("Face-to-face", "in person"),
        ("CAPI (tablet)", "in person"),
        ("kiosk", "kiosk"),
        ("", ""),
    ],
)
def test_modes_go_by_many_names(label: str, mode: str) -> None:
    assert mode_of(label) == mode


def test_shares_of_modes_leave_the_unknown_aside() -> None:
    assert mode_shares(pd.Series(["Web", "online", "CATI", None])) == (
        ("web", pytest.approx(2 / 3, abs=1e-6)),
        ("phone", pytest.approx(1 / 3, abs=1e-6)),
    )
    assert mode_shares(pd.Series([], dtype=object)) == ()


def test_a_quarter_of_the_interviews_in_another_mode_is_a_shift() -> None:
    def of(web: float) -> Report:
        return Report(modes=(("web", web), ("phone", 1 - web)))

    assert mode_shift(of(0.5), of(0.75))
    assert not mode_shift(of(0.5), of(0.74))
    assert mode_shift(of(1), Report(modes=(("paper", 1.0),)))
    assert not mode_shift(of(1), Report())


def test_the_mode_of_a_whole_file_can_be_stated() -> None:
    raw = read_here("kind,b\n4,1\n5,2\n")
    wave = taken_in(raw, "partial_below: 0\nmode: phone\ncolumns:\n  kind: {item: kind}\n").wave
    assert wave.people["mode"].tolist() == ["phone", "phone"]
    assert wave.report.modes == (("phone", 1.0),)
