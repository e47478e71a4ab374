"""The meeting pack: what is read aloud is what the picture says; what is not known or done is said plainly."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from pages_of_html import Parsed
from stores import STUDY
from test_present_area import shown, with_row  # noqa: F401
from test_present_briefing import EVIL
from voices import BOOK, audited

from trustsurvey.actions.follow_up import Record
from trustsurvey.analysis import Picture
from trustsurvey.model import Action, Study
from trustsurvey.present import area as areas, words
from trustsurvey.present.actions import spoken
from trustsurvey.present.area import Area
from trustsurvey.present.meeting import NOTHING, meeting_html, meeting_text
from trustsurvey.voices.answers import teach
from trustsurvey.voices.picture import Themes, themes


@pytest.fixture(scope="module")
def found() -> Themes:
    answers, _ = audited(1, 250, n=720)
    return themes([[answers]], 0, "why", Study("town", "Town", STUDY.instrument), teach(BOOK, [answers]))


@pytest.fixture
def docks(shown: Picture) -> Area:  # noqa: F811
    return Area.of(shown, "ward", "Docks")


def told(text: str) -> str:
    return " ".join(text.split())


def test_the_page_and_the_voice_say_the_same(docks: Area) -> None:
    page, text = Parsed(meeting_html(docks)), told(meeting_text(docks))
    page.inert()
    for sentence in re.split(r"(?<=[.:])\s", text.replace("HERE IS WHAT YOU TOLD US", "")):
        if sentence and not sentence.isupper() and "HERE" not in sentence and "WHAT WE" not in sentence:
            assert sentence in page.text, sentence
    heads = [words for within, words in page.words if within == "h2"]
    assert heads == [
        "Here is what you told us", "Here is how sure we are", "What we do not know", "Here is what we did",
    ]  # fmt: skip


def test_the_numbers_are_those_of_the_area(docks: Area) -> None:
    text = told(meeting_text(docks))
    row = docks.row
    assert f"From 0 for none to 100 for full, Docks is at {words.whole(row['est'])}." in text
    assert f"likely between {words.whole(row['lci'])} and {words.whole(row['uci'])}." in text
    assert f"This rests on {words.answers_worth(row['n'], row['n_eff'])}" in text
    assert words.standing_words(docks.picture.wave) in text
    lower = with_row(docks, "against", verdict="down", diff=-7.6, before=54.0)
    assert "Everyone together is at 54. Here it is lower, by about 8 points." in told(meeting_text(lower))
    rose = with_row(docks, "change", verdict="up", diff=0.6)
    assert "Since Q1 it went up, by about 1 point." in told(meeting_text(rose))
    broke = with_row(docks, "change", verdict="break")
    assert "We cannot say whether it changed. Not comparable with Q1" in told(meeting_text(broke))


def test_that_nothing_is_recorded_is_said_and_not_hidden(docks: Area) -> None:
    assert NOTHING in told(meeting_text(docks))
    done = told(meeting_text(docks, actions=["In May we put up two lamps."]))
    assert "In May we put up two lamps." in done
    assert "Nothing is recorded" not in done


def test_an_area_with_too_few_answers_has_no_number(shown: Picture) -> None:  # noqa: F811
    hill = Area.of(shown, "ward", "Hill")
    text = told(meeting_text(hill))
    assert "In Hill too few people answered to give a number." in text
    assert "It takes at least 30." in text
    assert "likely between" not in text
    assert "of 100" not in Parsed(meeting_html(hill)).text


def test_what_people_wrote_is_counted_and_never_quoted(docks: Area, found: Themes) -> None:
    """Who stands in the hall could know the words of a neighbour."""
    south = replace(docks, name="south", view=replace(docks.view, level=replace(docks.view.level, key="area")))
    rows = areas.theme_rows(found, south)
    assert len(rows)
    text = told(meeting_text(south, [found]))
    for row in rows.head(3).to_dict("records"):
        low, high = words.whole(row["lci"]), words.whole(row["uci"])
        assert f"{row['title']}: about {words.whole(row['est'])} spoke of it, likely between {low} and {high}." in text
    assert areas.theme_rows(found, replace(south, name="east")).empty  # eight people live there
    silent = told(meeting_text(replace(south, name="east"), [found]))
    assert "We cannot say what people in east wrote most about" in silent


def test_sentences_are_short_enough_to_be_heard(docks: Area) -> None:
    sentences = re.split(r"(?<=[.?!:])\s+", told(meeting_text(docks)))
    assert max(len(sentence.split()) for sentence in sentences) <= 26


def test_names_are_inert(docks: Area) -> None:
    page = Parsed(meeting_html(replace(docks, name=EVIL), actions=[EVIL], remarks=[EVIL]))
    page.inert()
    assert page.text.count(EVIL) >= 5


def test_the_record_of_the_area_is_read_out(docks: Area) -> None:
    own = Action("Two lamps", level="ward", area="Docks", state="done", done=date(2026, 5, 1), id=1)
    everywhere = Action("Letters", due=date(2026, 9, 1), id=2)
    other = Action("Benches", level="ward", area="Mill", id=3)
    record = Record(docks.picture.study, BOOK, (everywhere, other, own), date(2026, 7, 1))
    text = told(meeting_text(docks, actions=spoken(record.of_place("ward", "Docks"))))
    assert "HERE IS WHAT WE DID We promised: Two lamps. That was done on 1 May 2026." in text
    assert text.index("Two lamps") < text.index("We promised: Letters. It is not begun yet.")
    assert "Benches" not in text
    assert "Nothing is recorded" not in text
