"""Pieces that pages share: which wave, charts told in words, notices, rows left out."""

from __future__ import annotations

import json
from datetime import date
from types import SimpleNamespace

import pytest
from conftest import ROOT
from streamlit.testing.v1 import AppTest

from trustsurvey.present.tables import NOTHING

MARKUP = "2026/Q2 <b>x</b> **y** [z](https://evil.example) & 100 %?wave=1#2"


def waves(names: list[str], draft: str = "") -> None:
    from types import SimpleNamespace

    import streamlit as st

    from trustsurvey.store import Store
    from trustsurvey.ui import pieces

    records = [SimpleNamespace(name=name, released=name != draft, status="draft") for name in names]
    at = pieces.choose_wave(Store.open(), "town", records)
    st.code(names[at])


def page(*names: str, draft: str = "") -> AppTest:
    return AppTest.from_function(waves, args=(list(names),), kwargs={"draft": draft})


def shown(test: AppTest) -> str:
    assert not test.exception
    return test.code[0].value


# --- which wave -----------------------------------------------------------------------------------------


def test_the_newest_wave_is_shown_first_and_drafts_are_marked() -> None:
    test = page("one", "two", draft="two").run()
    assert shown(test) == "two"
    assert test.selectbox[0].options == ["one", "two (draft)"]


def test_every_choice_counts_also_right_after_another() -> None:
    test = page(*"abcde").run()
    for position in (0, 1, 2, 3, 1, 4, 0):
        test.selectbox[0].set_value(position).run()
        assert shown(test) == "abcde"[position]
        assert test.query_params["wave"] == "abcde"[position]


@pytest.mark.parametrize("name", ["2026/Q2", "..", MARKUP, "\u6771 \U0001f600", "w (draft)"])
def test_a_wave_of_any_name_is_reached_by_its_address(name: str) -> None:
    test = page(name, "other", "w", draft="w")
    test.query_params["wave"] = name
    assert shown(test.run()) == name
    test.selectbox[0].set_value(1).run()
    assert shown(test) == "other"
    test.selectbox[0].set_value(0).run()
    assert shown(test) == name


@pytest.mark.parametrize("asked", ["gone", "", "TWO"])
def test_an_address_of_a_wave_that_is_gone_gives_the_newest(asked: str) -> None:
    test = page("one", "two")
    test.query_params["wave"] = asked
    assert shown(test.run()) == "two"
    assert test.query_params["wave"] == "two"


def test_a_wave_saved_or_removed_in_another_tab_does_not_move_the_choice() -> None:
    test = page(*"abc").run()
    test.selectbox[0].set_value(1).run()
    for names in ("xabc", "abcx", "bx"):
        test.args = (list(names),)
        assert shown(test.run()) == "b"
    test.args = (["a", "c"],)
    assert shown(test.run()) == "c"


def test_switching_the_study_keeps_a_wave_that_it_has_too() -> None:
    test = page("2026 Q1", "2026 Q2").run()
    test.selectbox[0].set_value(0).run()
    test.args = (["2026 Q1", "later"],)
    assert shown(test.run()) == "2026 Q1"
    test.args = (["early", "other"],)
    assert shown(test.run()) == "other"


def test_a_wave_that_was_just_saved_is_opened() -> None:
    test = page(*"abc").run()
    test.selectbox[0].set_value(1).run()
    test.session_state["wave"] = "a"
    assert shown(test.run()) == "a"


# --- the rest -------------------------------------------------------------------------------------------


def test_a_chart_is_told_in_words_without_markup() -> None:
    def charting(name: str) -> None:
        import pandas as pd
        import plotly.graph_objects as go

        from trustsurvey.ui import pieces
        from trustsurvey.ui.guard import plain

        table = pd.DataFrame({"Area": [f"Area {k}" for k in range(14)], "Score": ["54", ""] * 7})
        pieces.chart(go.Figure(), f"#### Over time\n**By {plain(name)}**", table, "chart")

    test = AppTest.from_function(charting, args=("age_<b>",)).run()
    assert not test.exception
    (told,) = [element.proto.alt for element in test.get("plotly_chart")]
    assert told.startswith("Over time By age_<b> Area Area 0, Score 54. Area Area 1. ")
    assert "Area 11" in told
    assert "Area 12" not in told  # the rest is in the table
    assert test.expander[0].label == "The numbers"
    assert len(test.dataframe[0].value) == 14


def test_warnings_stand_alone_and_the_rest_in_one_line() -> None:
    def noticing(found: str) -> None:
        import json

        from trustsurvey.errors import Notice
        from trustsurvey.ui import pieces

        pieces.notices(tuple(Notice("x", text, level) for text, level in json.loads(found)))

    given = [["first", "info"], ["<i>careful</i>", "warning"], ["*second*", "info"]]
    test = AppTest.from_function(noticing, args=(json.dumps(given),)).run()
    assert [w.value for w in test.warning] == [r"\<i\>careful\</i\>"]
    assert [c.value for c in test.caption] == [r"first \*second\*"]
    nothing = AppTest.from_function(noticing, args=("[]",)).run()
    assert (len(nothing.caption), len(nothing.warning)) == (0, 0)


def test_rows_left_out_are_counted_with_their_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    from trustsurvey.model import Report
    from trustsurvey.ui import pieces

    told: list[str] = []
    monkeypatch.setattr(pieces, "st", SimpleNamespace(markdown=told.append))
    pieces.left_out(Report("plain", 1500, (("a_test", 1200), ("partial", 1))))
    assert told[0].splitlines() == [
        "**299 of 1,500 rows count as answers.**", "", r"- 1,200 left out: a\_test", "- 1 left out: partial",
    ]  # fmt: skip


@pytest.mark.parametrize("said", [None, date(2011, 9, 1), date(202, 3, 1), date(2126, 3, 1)])
def test_a_wave_of_long_ago_can_be_dated_and_a_slip_of_the_file_stands_in_the_box(said: date | None) -> None:
    def dating(said: object) -> None:
        import streamlit as st

        from trustsurvey.ui import pieces

        st.write(pieces.day(st.columns(1)[0], "First day", said, "first"))

    test = AppTest.from_function(dating, args=(said,)).run()
    assert not test.exception
    assert test.date_input[0].value == said
    assert test.date_input[0].min <= date(1995, 1, 1)
    assert test.date_input[0].max > date.today()


def test_a_table_carries_no_more_digits_than_are_read_and_a_dash_where_nothing_is() -> None:
    def script() -> None:
        import pandas as pd

        from trustsurvey.ui import pieces

        rows = pd.DataFrame({
            "of": ["a", "b"], "n": [1234, 5], "weight": [1051.4975306723065, 3.0], "score": [54.712956426354445, None],
            "times": [6.708716729623452, 0.31], "share": [0.0065836278013969105, 0.25],
        })  # fmt: skip
        pieces.table(rows)
        pieces.numbers(rows)

    test = AppTest.from_function(script).run()
    assert not test.exception
    for shown in test.dataframe:
        assert shown.proto.placeholder == NOTHING
        first = shown.value.iloc[0].to_dict()
        assert first == {"of": "a", "n": 1234, "weight": 1051, "score": 54.7, "times": 6.71, "share": 0.007}


def test_tables_are_made_in_one_place_but_for_the_analysts_own_and_one_to_choose_from() -> None:
    files = [*(ROOT / "pages").glob("*.py"), *(ROOT / "trustsurvey" / "ui").glob("*.py")]
    own = {file.stem for file in files if "st.dataframe(" in file.read_text(encoding="utf-8")}
    assert own == {"pieces", "analyst", "redaction"}
