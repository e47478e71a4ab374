"""One promise in full: its steps, who wrote down what, and the numbers that before and after rest on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import numpy as np
import pandas as pd
from test_present_actions import DESK, NONE, record

from trustsurvey.actions.before_after import BeforeAfter
from trustsurvey.language import speaking
from trustsurvey.model import Action, ActionVersion
from trustsurvey.present import promise


def test_the_four_steps_say_what_was_written_down() -> None:
    action = replace(DESK, heard="Nobody is there", theme="speed", wave="Q1", analysis="The desk closed",
                     outcome="Twenty people come")  # fmt: skip
    found = BeforeAfter(action, None, ("Q1",), ("Q2",), NONE)
    steps = dict(promise.steps(action, record(action, found=found)))
    assert steps["What was heard"] == ["Nobody is there.", "Speed of response. Docks. Heard in Q1."]
    assert steps["What lies behind it"] == ["The desk closed."]
    assert steps["What was promised and done"] == [
        "Promised by: Harbour team. Done on 8 December 2025, seven days later than promised."
    ]
    came, measure, survey = steps["What came of it"]
    assert (came, measure) == ("Twenty people come.", "What should change in the survey: Trust index in Docks.")
    assert survey.startswith("Trust index in Docks was 41 before (Q1) and 46 after (Q2); that could be chance.")


def test_a_step_of_which_nothing_was_written_says_so() -> None:
    bare = Action("Lamps", theme="a theme that is gone", id=1)
    steps = dict(promise.steps(bare, record(bare)))
    assert steps["What was heard"] == ["Nothing was written down.", "a theme that is gone. All areas."]
    assert steps["What lies behind it"] == steps["What came of it"] == ["Nothing was written down."]
    assert steps["What was promised and done"] == ["Planned; no day was named."]


def test_the_history_tells_each_change_the_newest_first() -> None:
    def version(number: int, action: Action, note: str = "") -> ActionVersion:
        return ActionVersion(action, number, f"person {number}", datetime(2026, number, 1, 9, 30), note)

    first = Action("Lamps", due=date(2026, 5, 1))
    table = promise.history_table(
        [version(1, first), version(2, replace(first, due=None, unit="Team"), "they come late")]
    )
    assert table.to_dict("records") == [
        {"When (UTC)": "1 February 2026, 09:30", "Who": "person 2", "Why": "they come late",
         "What": "Who promised it: Team (was: nothing); Promised for: nothing (was: 1 May 2026)"},
        {"When (UTC)": "1 January 2026, 09:30", "Who": "person 1", "Why": "",
         "What": "What was promised: Lamps; State: planned; Promised for: 1 May 2026"},
    ]  # fmt: skip
    with speaking("es"):
        (told,) = promise.history_table([version(1, first)]).to_dict("records")
        assert told["Cuándo (UTC)"] == "1 de enero de 2026, 09:30"
        assert told["Qué"].endswith(": 1 de mayo de 2026")


def test_every_entry_has_a_name_to_be_told_by() -> None:
    from trustsurvey.model.action import DAYS, TEXTS

    assert set(promise.ENTRIES) == {*TEXTS, *DAYS}


def test_the_numbers_are_the_protected_estimates_and_hidden_ones_are_called_so() -> None:
    levels = pd.DataFrame({
        "wave": ["Q1", "Q2", "Q1", "Q2"], "by": ["ward", "ward", "", ""], "level": ["Docks", "Docks", "", ""],
        "est": [41.2, np.nan, 50.0, 51.0], "lci": [38.0, np.nan, 49.0, 50.0], "uci": [44.0, np.nan, 51.0, 52.0],
        "suppressed": ["", "too few answers", "", ""],
    })  # fmt: skip
    rows = promise.level_rows(BeforeAfter(DESK, None, ("Q1",), ("Q2",), NONE, levels=levels))
    assert rows["name"].tolist() == ["Docks, Q1", "Docks, Q2", "Everyone, Q1", "Everyone, Q2"]
    table = promise.level_table(rows)
    assert table["Number"].tolist() == ["41", "too few answers", "50", "51"]
    assert table.loc[1, ["Likely from", "to"]].tolist() == ["", ""]
    shares = replace(DESK, score="", share="speed")
    parts = levels.assign(**{name: levels[name] / 100 for name in ("est", "lci", "uci")})
    hundred = promise.level_rows(BeforeAfter(shares, None, ("Q1",), ("Q2",), NONE, levels=parts))
    pd.testing.assert_frame_equal(hundred, rows)
