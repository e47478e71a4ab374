"""Sources side by side: every rule of the table, the sentences, and that groups never give a share of residents."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, strategies as st

from trustsurvey.errors import SurveyError
from trustsurvey.focus_groups.triangulate import SAMPLE, InGroups, InSurvey, Moved, Received, triangulate

MANY, FEW, OPEN = InSurvey(0.15, 0.12, 0.18), InSurvey(0.05, 0.03, 0.07), InSurvey(0.1, 0.06, 0.15)
HIDDEN = InSurvey(float("nan"), float("nan"), float("nan"), "too few read")
WIDELY, HARDLY, SOME = InGroups(5, 6, 14, 48, "negative"), InGroups(1, 6, 2, 48), InGroups(2, 6, 4, 48)
FEW_WRITE = "Few residents write about it in the survey (3 to 7 of 100)"
MANY_WRITE = "Many residents write about it in the survey (12 to 18 of 100)"


@pytest.mark.parametrize(
    ("survey", "groups", "verdict"),
    [
        (MANY, WIDELY, "agree"), (MANY, HARDLY, "differ"), (MANY, SOME, "too little"),
        (FEW, WIDELY, "differ"), (FEW, HARDLY, "agree"), (FEW, SOME, "too little"),
        (OPEN, WIDELY, "too little"), (OPEN, HARDLY, "too little"), (OPEN, SOME, "too little"),
        (HIDDEN, WIDELY, "only groups"), (None, HARDLY, "too little"), (HIDDEN, SOME, "only groups"),
        (FEW, InGroups(2, 2, 9, 16), "only survey"), (MANY, None, "only survey"),
        (None, InGroups(1, 1, 8, 8), "too little"), (HIDDEN, None, "too little"), (None, None, "too little"),
        (MANY, InGroups(3, 6, 2, 48), "too little"),  # half of the groups, but two people
    ],
)  # fmt: skip
def test_the_table_of_rules(survey: InSurvey | None, groups: InGroups | None, verdict: str) -> None:
    found = triangulate(survey, groups)
    assert found.verdict == verdict
    assert (found.sentences[-1] == SAMPLE) == (groups is not None)


@pytest.mark.parametrize(
    ("survey", "groups", "first"),
    [
        (FEW, WIDELY, f"{FEW_WRITE}, yet five of six groups raised it, mostly critically. 14 of the 48 people there"),
        (FEW, HARDLY, f"{FEW_WRITE}, and only one of six groups raised it. Two of the 48 people there spoke of it."),
        (MANY, InGroups(6, 6, 30, 48, "mixed"), f"{MANY_WRITE}, and all six groups raised it, in different ways."),
        (MANY, InGroups(0, 6, 0, 48), f"{MANY_WRITE}, yet none of six groups raised it. Groups talk about what"),
        (MANY, SOME, f"{MANY_WRITE}. Two of six groups raised it: too little to call it agreement or difference."),
        (HIDDEN, WIDELY, "The survey has too few answers to say how many write about it. Five of six groups"),
        (None, WIDELY, "The survey tells nothing about it. Five of six groups raised it, mostly critically."),
        (OPEN, SOME, "In the survey 6 to 15 of 100 residents write about it, a range too wide to call that few or "
                     "many. Two of six groups raised it."),
        (InSurvey(0, 0, 0.004), InGroups(1, 1, 2, 8), "Few residents write about it in the survey (under 1 of 100). "
                                                      "Only one group was held: too few to set beside other"),
    ],
)  # fmt: skip
def test_sentences(survey: InSurvey | None, groups: InGroups, first: str) -> None:
    assert triangulate(survey, groups).words.startswith(first)


def test_people_change_and_comments_are_told() -> None:
    survey = InSurvey(0.15, 0.12, 0.18, moved=Moved(0.05, 0.02, 0.08, 0.004))
    found = triangulate(survey, WIDELY, Received(1_200, 900))
    assert found.verdict == "agree"
    assert found.sentences[1:4] == (
        "14 of the 48 people there spoke of it.",
        "In the survey it is mentioned more often than before, by 5 points of a hundred, likely between 2 and 8.",
        "1,200 comments of this kind came in, more than the 900 before.",
    )


def test_opposite_directions_are_a_difference_whatever_the_groups_say() -> None:
    survey = InSurvey(0.15, 0.12, 0.18, moved=Moved(-0.05, -0.08, -0.02))
    found = triangulate(survey, WIDELY, Received(120, 80))
    assert found.verdict == "differ"
    assert "Residents write less about it and there are more comments: the sources differ." in found.sentences
    assert triangulate(survey, WIDELY, Received(90, 80)).verdict == "agree"
    still = InSurvey(0.15, 0.12, 0.18, moved=Moved(-0.05, -0.08, -0.02, 0.2))  # not after adjusting for many themes
    assert triangulate(still, WIDELY, Received(120, 80)).verdict == "agree"
    assert "No detectable change in the survey." in triangulate(still, None).sentences


@pytest.mark.parametrize(
    ("received", "told"),
    [
        (Received(9, 200), "Fewer than ten comments of this kind came in."),
        (Received(200, 9), "200 comments of this kind came in."),
        (Received(25, 20), "25 comments of this kind came in, no detectable change from 20 before."),
        (Received(20, 60), "20 comments of this kind came in, fewer than the 60 before."),
    ],
)
def test_comments(received: Received, told: str) -> None:
    assert told in triangulate(FEW, None, received).sentences


def test_numbers_that_cannot_be_are_refused() -> None:
    for make in (
        lambda: InGroups(4, 3, 1, 9), lambda: InGroups(1, 3, 10, 9), lambda: Received(-1), lambda: Received(3, -1),
        lambda: triangulate(InSurvey(0.5, 0.6, 0.7)), lambda: triangulate(InSurvey(15, 12, 18)),
    ):  # fmt: skip
        with pytest.raises(SurveyError):
            make()


SHARES = st.tuples(*[st.floats(0, 1)] * 3).map(lambda three: InSurvey(sorted(three)[1], min(three), max(three)))
GROUPS = st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(0, 60), st.integers(0, 60)).map(
    lambda n: InGroups(min(n[:2]), max(n[:2]), min(n[2:]), max(n[2:]), "negative")
)


@given(st.none() | st.just(HIDDEN) | SHARES, st.none() | GROUPS, st.none() | st.builds(Received, st.integers(0, 500)))
def test_groups_never_give_a_share_of_residents(
    survey: InSurvey | None, groups: InGroups | None, received: Received | None
) -> None:
    found = triangulate(survey, groups, received)
    assert "%" not in found.words
    assert "percent" not in found.words
    if survey is None or survey.suppressed:
        assert "of 100" not in found.words
    if found.verdict == "only groups":
        assert groups is not None
        assert groups.raised > 0
    assert all(re.fullmatch(r"[A-Z0-9].*\.", sentence) for sentence in found.sentences)


@given(SHARES, GROUPS)
def test_more_groups_raising_it_never_turn_difference_of_few_into_agreement(survey: InSurvey, groups: InGroups) -> None:
    fuller = InGroups(groups.groups, groups.groups, groups.of_people, groups.of_people)
    before, after = triangulate(survey, groups).verdict, triangulate(survey, fuller).verdict
    if survey.level == "few" and before == "differ":
        assert after == "differ"
    if survey.level == "many" and before == "agree":
        assert after == "agree"
