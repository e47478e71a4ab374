"""Reports to take away: made of what the page shows, only for those who may, and written down."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from builders import refusal
from pages_of_html import Parsed
from test_pages_voices import read_at_random

from trustsurvey.present import words
from trustsurvey.rights import Person
from trustsurvey.store import Store
from trustsurvey.ui import briefing, cache

SLUG = "riverton-sample-study"


def test_a_briefing_holds_what_the_page_shows_and_is_written_down(sample_home: Path) -> None:
    store = Store.open()
    read_at_random(store, "2026 Q2", 100)
    records = store.waves(SLUG)
    picture = cache.study_picture(store, SLUG, records, 7)
    page = Parsed(briefing.written(store, SLUG, records, 7, picture, "neighbourhood"))
    page.inert()
    text, told = page.text, words.headline_words(picture, picture.measure)
    assert told["range"][1:] in text
    assert told["change"] in text
    assert "the last 4 waves (2025 Q3 to 2026 Q2) are taken together here" in text
    assert "People read 100 of the answers" in text
    assert "In residents\u2019 words" in text
    assert "What goes with it?" in text
    assert any(said.startswith("Map.") for said in page.spoken())
    assert "is a draft" not in text
    newest = store.audit_trail(1).iloc[0]
    assert (newest["action"], newest["object"], newest["detail"]) == ("export", f"{SLUG}/2026 Q2", "briefing")
    with refusal("rights.denied", SLUG):
        briefing.written(store.acting_as(Person("a viewer")), SLUG, records, 7, picture, "")
    assert store.audit_trail(1).iloc[0]["hash"] == newest["hash"]
    store.close()


def test_a_draft_is_called_one(sample_seen: Path) -> None:
    (record, *_) = Store.open().waves(SLUG)
    assert briefing.remarks_of(record) == []
    (told,) = briefing.remarks_of(replace(record, released=False))
    assert told == "The wave 2024 Q3 is a draft; its numbers may still change."


def test_names_of_files_are_plain() -> None:
    assert briefing.stem_of("town", "2026 Q2/../x", "briefing") == "town_2026_q2____x_briefing"
