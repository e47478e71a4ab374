"""What each source says of a theme, from groups that were read, shares and counts of comments."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
from test_focus_groups_study import SAID
from test_focus_groups_who import spoken

from trustsurvey.focus_groups.conversation import Conversation
from trustsurvey.focus_groups.sources import in_comments, in_groups, in_survey
from trustsurvey.focus_groups.study import heard_of
from trustsurvey.focus_groups.triangulate import InGroups, InSurvey, Moved, Received
from trustsurvey.model import Code, Codebook, Coding
from trustsurvey.text.readings import Readings

BOOK = Codebook("b", (Code("desk", "Desk"), Code("hours", "Hours", "desk"), Code("bias", "Bias")))


def group(name: str, *stances: tuple[str, str, str]) -> tuple[Conversation, Readings]:
    """The same talk; (turn, code, stance) that somebody read."""
    talk = spoken(*SAID)
    role = ["moderator", "participant", "participant", "participant"]
    speaker = ["Moderator", "P1", "P2", "P1"]
    keys = [f"{name}{at}" for at in range(4)]
    turns = pd.DataFrame(
        {"key": keys, "speaker": speaker, "role": role, "text": [turn.text for turn in talk.turns], "replaced": "[]",
         "start": np.nan, "end": np.nan, "line": range(1, 5)}
    )  # fmt: skip
    people = pd.DataFrame({"speaker": ["Moderator", "P1", "P2"], "role": ["moderator", "participant", "participant"]})
    codings = [Coding(f"{name}{turn}", "a", ((code, stance),)) for turn, code, stance in stances]  # type: ignore[arg-type]
    return Conversation(name, turns, people), Readings.of(BOOK, keys, codings)


def counted(*groups: tuple[Conversation, Readings], code: str = "desk") -> InGroups | None:
    readings = [reading for _, reading in groups]
    return in_groups(heard_of([one for one, _ in groups], readings, ["desk", "bias"]), readings, code)


def test_groups_and_people_who_raised_a_theme_or_one_below_it() -> None:
    one, other = (
        group("A", ("1", "hours", "negative"), ("2", "desk", "negative")),
        group("B", ("0", "desk", "negative")),
    )
    assert counted(one, other) == InGroups(1, 2, 2, 4, "negative")
    assert counted(one, other, code="bias") == InGroups(0, 2, 0, 4, "")
    assert in_groups(None, [], "desk") is None


def test_where_no_stance_prevails_it_is_mixed() -> None:
    mixed = group("A", ("1", "desk", "negative"), ("2", "desk", "positive"))
    assert counted(mixed).stance == "mixed"  # type: ignore[union-attr]
    assert counted(group("A", ("1", "desk", ""))).stance == ""  # type: ignore[union-attr]


def test_the_share_of_the_survey_with_its_change() -> None:
    row = pd.DataFrame([{"est": 0.2, "lci": 0.1, "uci": 0.3, "suppressed": ""}])
    change = pd.DataFrame(
        [{"by": "", "measure": "desk", "diff": 0.1, "lci": 0.02, "uci": 0.2, "p_adj": 0.01},
         {"by": "ward", "measure": "desk", "diff": 0.5, "lci": 0.4, "uci": 0.6, "p_adj": 0.0}]
    )  # fmt: skip
    found = SimpleNamespace(rows=lambda code: row, change=change)
    assert in_survey(found, "desk") == InSurvey(0.2, 0.1, 0.3, "", Moved(0.1, 0.02, 0.2, 0.01))  # type: ignore[arg-type]
    assert in_survey(SimpleNamespace(rows=lambda code: row, change=None), "desk").moved is None  # type: ignore
    assert in_survey(None, "desk") is None


def test_comments_under_ten_are_as_good_as_none() -> None:
    table = pd.DataFrame({"code": ["desk", "desk", "bias"], "comments": [12.0, np.nan, np.nan]})
    assert in_comments(table, "desk") == Received(12)
    assert in_comments(table, "bias") == Received(0)
    assert in_comments(None, "desk") is None
