"""A report that stands by itself: what is written in it is text, it fetches nothing, and it can be read aloud."""

from __future__ import annotations

import pandas as pd
import pytest
from builders import refusal
from pages_of_html import Parsed

from trustsurvey.present import document
from trustsurvey.present.document import Block, Document, Section, as_html, as_text

EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script>{{ 7 * 7 }} </style> [a](b) 'q' \"z\""


def report(text: str, **more: object) -> Document:
    block = Block(
        title=text, number="54", told=[text, ""], lines=[(text, text), ("", text)], quotes=[text],
        table=pd.DataFrame({"": [text], "Score": ["54"], text: [text], "Empty": [""]}), caption=text,
    )  # fmt: skip
    return Document(text, text, [Section(text, [block])], remarks=[text], **more)  # type: ignore[arg-type]


def test_all_text_is_text_wherever_it_stands() -> None:
    page = Parsed(as_html(report(EVIL)))
    page.inert()
    assert page.text.count("<script>alert(2)</script>{{ 7 * 7 }}") == 15
    assert "49" not in page.text


def test_a_table_has_heads_and_no_empty_columns() -> None:
    page = Parsed(as_html(report("Docks")))
    assert page.tables == [("Docks", [["", "Score", "Docks"], ["Docks", "54", "Docks"]])]
    assert page.attributes.count(("th", "scope", "col")) == 3
    assert page.attributes.count(("th", "scope", "row")) == 1


def test_only_a_drawing_is_taken_as_it_is() -> None:
    drawn = Document("a", "b", [Section("c", [Block(svg='<svg role="img"></svg>')])])
    assert '<figure><svg role="img"></svg></figure>' in as_html(drawn)


def test_no_percent_sign_stands_alone_at_the_start_of_a_line() -> None:
    assert "92\u00a0%" in as_html(report("Docks (92 %)"))


def test_a_page_says_its_language_and_how_it_prints() -> None:
    page = as_html(report("Docks", large=True))
    assert '<html lang="en">' in page
    assert '<body class="large">' in page
    assert "@media print" in page
    assert "@page" in page


def test_a_page_too_large_to_be_sent_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "LARGEST", 5_000)
    with refusal("briefing.size", "Docks", "fewer areas"):
        as_html(report("Docks " * 200))


def test_for_a_voice_there_are_sentences_alone() -> None:
    told = as_text(report("One  of\nthe\x1b[31m \x00names."))
    assert "\x1b" not in told
    assert "\x00" not in told
    assert told.splitlines()[0] == "One of the[31m names."
    assert "\u201cOne of the[31m names.\u201d" in told
    assert "Score" not in told
    assert max(map(len, as_text(report("word " * 100)).splitlines())) <= 76
