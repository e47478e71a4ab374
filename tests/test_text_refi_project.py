"""Projects from readings and back, and what a project refuses."""

from __future__ import annotations

import pytest
from refi import BOOK

from trustsurvey.errors import SurveyError
from trustsurvey.model import Code, Codebook, Coding
from trustsurvey.text.refi_qda.project import (
    Applied,
    Case,
    Note,
    Project,
    Remark,
    Set,
    Source,
    codings_of,
    project_of,
    same_codes,
)
from trustsurvey.text.refi_qda.read import project_from_qdpx
from trustsurvey.text.refi_qda.write import project_to_qdpx

TEXTS = {"k1": "I never see them", "k2": "They are kind", "k3": "nothing"}
CODINGS = (
    Coding("k1", "first", (("visibility", "negative"), ("foot", "")), "audit", "twice", 3),
    Coding("k1", "second", (("visibility", ""),), "second", "", 3),
    Coding("k2", "first", (("respect", "positive"),), "audit", "", 3),
    Coding("k3", "first", (), "audit", "", 3),
    Coding("k9", "first", (("respect", ""),), "audit", "", 3),
)


def test_readings_come_back_from_a_file_but_those_that_found_nothing() -> None:
    project = project_of("Wave 1", BOOK, TEXTS, CODINGS, (Case("resident 1", ("k1",), (("area", "north"),)),))
    assert project.sources[0].notes == (Note("twice", coder="first"),)
    read, _ = project_from_qdpx(project_to_qdpx(project))
    assert read == project
    assert codings_of(read, "audit") == tuple(
        coding if coding.queue == "audit" else Coding(coding.answer, coding.coder, coding.codes, "audit", "", 3)
        for coding in CODINGS[:3]
    )


def test_later_readings_of_a_person_replace_earlier_ones() -> None:
    earlier = Coding("k1", "first", (("respect", ""),))
    assert project_of("p", BOOK, TEXTS, (earlier, *CODINGS)) == project_of("p", BOOK, TEXTS, CODINGS)


def test_spans_of_a_code_are_one_reading_and_the_nameless_get_a_name() -> None:
    source = Source("s", "abcdef", (Applied("foot", "", 0, 2, memo="a"), Applied("foot", "", 3, 5, "positive", "b")))
    (reading,) = codings_of(Project("p", BOOK, (source,)), coder="somebody")
    assert reading == Coding("s", "somebody", (("foot", "positive"),), "training", "a\nb", 3)


def test_a_remark_is_part_of_the_reading_of_the_person_who_made_it() -> None:
    source = Source("s", "abcdef", (Applied("foot", "a", 0, 2),), remarks=(Remark("why?", 1, 3, "a"),))
    assert codings_of(Project("p", BOOK, (source,))) == (Coding("s", "a", (("foot", ""),), "training", "why?", 3),)


def test_codes_that_went_elsewhere_are_known_by_key_or_title() -> None:
    theirs = Codebook("t", (Code("foot", "Renamed"), Code("x", "VISIBLE policing"), Code("y", "New")))
    assert same_codes(theirs, BOOK) == {"foot": "foot", "x": "visibility"}


@pytest.mark.parametrize(
    ("sources", "cases", "sets"),
    [
        ((Source("a", ""), Source("a", "")), (), ()),
        ((Source("a", "text", (Applied("unknown"),)),), (), ()),
        ((Source("a", "text", (Applied("foot", "", 2, 5),)),), (), ()),
        ((Source("a", "text", (Applied("foot", "", 2, 2),)),), (), ()),
        ((Source("a", "text", (Applied("foot", "", 2),)),), (), ()),
        ((Source("a", "text", remarks=(Remark("?", 0, 5),)),), (), ()),
        ((Source("a", "text"),), (Case("c", parts=(("a", 3, 3),)),), ()),
        ((Source("a", "text"),), (Case("c", parts=(("b", 0, 3),)),), ()),
        ((), (Case("c", ("a",)),), ()),
        ((), (), (Set("s", ("unknown",)),)),
    ],
)
def test_an_unsound_project_is_refused(sources: tuple, cases: tuple, sets: tuple) -> None:  # type: ignore[type-arg]
    with pytest.raises(SurveyError) as refused:
        Project("p", BOOK, sources, cases, sets=sets)
    assert refused.value.code == "refi.project"
