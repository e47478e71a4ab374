"""One area of a picture: what is said of it is what its rows say, and nothing where they are hidden."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from stores import STUDY, raked
from test_analysis import quarter
from test_present_briefing import few_in

from trustsurvey.analysis import Picture, picture
from trustsurvey.present import area, findings, words
from trustsurvey.present.area import Area


@pytest.fixture(scope="module")
def shown() -> Picture:
    """Two waves weighted to districts; in the ward Hill five people answered."""
    return picture([few_in(raked(quarter(k, n=600), 0.7), "Hill") for k in (1, 2)], 1, STUDY)


def with_row(of: Area, part: str, **changes: object) -> Area:
    row = getattr(of, part)
    assert row is not None
    return replace(of, **{part: {**row, **changes}})


def test_the_rows_of_an_area_are_its_own(shown: Picture) -> None:
    docks = Area.of(shown, "ward", "Docks")
    rows = shown.view("ward").estimates.rows(by="ward")
    assert docks.row["est"] == rows.set_index("level").loc["Docks", "est"]
    assert docks.against is not None
    assert docks.against["after"] == docks.row["est"]
    assert docks.change is not None
    assert docks.change["after"] == docks.row["est"]
    assert (docks.parent, docks.shown) == ("East", True)
    assert area.names(shown.view("ward")) == list(rows["level"])
    with pytest.raises(StopIteration):
        Area.of(shown, "ward", "Nowhere")


def test_an_area_stands_beside_everyone(shown: Picture) -> None:
    docks = Area.of(shown, "ward", "Docks")
    up = with_row(docks, "against", verdict="up", diff=7.2, lci=3.1, uci=11.4, before=54.0)
    told = area.against_words(up)
    assert told == "Higher than everyone together by 7 points, likely between 3 and 11. Everyone together is at 54."
    none = with_row(docks, "against", verdict="none", before=54.0)
    assert area.against_words(none) == ("No detectable difference from everyone together. Everyone together is at 54.")
    assert "to protect a small group" in area.against_words(with_row(docks, "against", verdict="guarded"))
    assert area.against_words(with_row(docks, "against", verdict="withheld")) == ""


def test_change_is_told_in_the_words_of_the_page(shown: Picture) -> None:
    docks = Area.of(shown, "ward", "Docks")
    assert docks.change is not None
    assert area.change_words(docks)[0] == words.change_words(docks.change, "Q1")
    first = Area.of(picture([quarter(1, n=600)], 0, STUDY), "ward", "Docks")
    assert area.change_words(first) == ["There is no earlier wave to compare with."]


def test_a_hidden_area_tells_no_number(shown: Picture) -> None:
    hill = Area.of(shown, "ward", "Hill")
    assert not hill.shown
    assert words.score_words(hill.row) == {"number": "\u2013", "range": words.too_few(), "answers": ""}
    assert area.against_words(hill) == ""
    assert "Too few answers to compare." in area.change_words(hill)
    rows, _, _ = area.trend_rows([shown], "ward", "Hill")
    assert rows["est"].isna().all()


def test_the_lowest_are_named_only_where_that_is_probable(shown: Picture) -> None:
    docks = Area.of(shown, "ward", "Docks")
    lowest = pd.DataFrame({"area": ["Docks", "Mill"], "k": 1, "probability": [0.92, 0.08], "flag": ""})
    view = replace(docks.view, lowest=lowest)
    told = area.lowest_words(replace(docks, view=view))
    assert told == ("Probably among the lowest fifth of the wards (1 of 4), by a model that allows for chance: 92 %.")
    assert area.lowest_words(replace(docks, view=view, name="Mill")) == ""
    assert area.lowest_words(replace(docks, view=replace(view, lowest=None))) == ""


def test_the_course_of_an_area_follows_the_waves(shown: Picture) -> None:
    rows, times, breaks = area.trend_rows([shown], "ward", "Docks")
    assert (list(rows["wave"]), times, breaks) == (["Q1", "Q2"], ["Q1", "Q2"], [])
    assert set(rows["level"]) == {"Docks"}


def test_years_follow_one_another_and_share_no_wave() -> None:
    waves = [quarter(k, n=80) for k in range(1, 10)]
    names = [wave.name for wave in waves]
    asked: list[int] = []

    def picture_at(at: int) -> Picture:
        asked.append(at)
        return picture(waves, at, STUDY)

    found = area.years(picture_at, 8, names, "ward", "trust")
    assert asked == [8, 4, 0]  # of the first wave alone there is no year
    assert [one.view("ward").waves for one in found] == [("Q2", "Q3", "Q4", "Q5"), ("Q6", "Q7", "Q8", "Q9")]
    rows, times, breaks = area.trend_rows(found, "ward", "Docks")
    assert times == ["Q2 to Q5", "Q6 to Q9"]
    assert breaks == []
    for one, (_, row) in zip(found, rows.iterrows(), strict=True):
        estimates = one.view("ward").estimates.rows(by="ward").set_index("level")
        assert row["est"] == estimates.loc["Docks", "est"]
    last = replace(found[-1], trend_breaks={**found[-1].trend_breaks, "trust": ("Q6",)})
    assert area.trend_rows([found[0], last], "ward", "Docks")[2] == ["Q6 to Q9"]
    assert area.years(picture_at, 8, names, "ward", "trust")[0].measure == "trust"


def test_who_is_not_heard_is_told_of_areas_that_were_counted(shown: Picture) -> None:
    assert shown.heard is not None
    west = Area.of(shown, "district", "West")
    row = shown.heard.set_index("category").loc["West"]
    told = area.heard_words(west)
    assert told[0].startswith(
        f"{findings.share_words(row['base'])} of all answers came from West, where 30 % of residents live."
    )
    assert told[1] == "Which people are missing, by age or sex, is not known for West alone."
    few = replace(shown, heard=shown.heard.assign(ratio=0.5))
    assert "That is few for how many they are." in area.heard_words(replace(west, picture=few))[0]
    hidden = replace(shown, heard=shown.heard.assign(hidden=True))
    assert area.heard_words(replace(west, picture=hidden))[0].endswith("to protect a small group.")
    assert (
        "were not compared with how many people live in Docks" in area.heard_words(Area.of(shown, "ward", "Docks"))[0]
    )
    nobody = replace(shown, heard=None)
    assert "were not compared" in area.heard_words(replace(west, picture=nobody))[0]


def test_groups_within_an_area_have_their_own_names(shown: Picture) -> None:
    crossed = pd.DataFrame(
        {"by": "ward x sex", "level": ["Docks x f", "Docks x m", "Mill x f"], "est": [1.0, 2.0, 3.0]}
    )
    rows = area.group_rows(crossed, shown, "ward", "Docks", "sex")
    assert list(zip(rows["level"], rows["est"], strict=True)) == [("f", 1.0), ("m", 2.0)]
    assert area.group_rows(crossed, shown, "district", "Docks", "sex").empty
