"""The coded transcript as a page: every turn with its themes, coded words marked, nothing that runs."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

from focus_groups import conversation
from hypothesis import given, settings, strategies as st
from refi import TEXT

from trustsurvey.focus_groups.conversation import Conversation
from trustsurvey.model import Code, Codebook, Coding
from trustsurvey.present.coded_transcript import coded_html

BOOK = Codebook("small", (Code("police", "The police"), Code("speed", "Speed of response", "police", colour="#aa3300"),
                          Code("parks", "Parks & greens", colour="red"), Code("none", "Nobody said this")))  # fmt: skip
GROUP = conversation("North", [
    ("Moderator", "What about the desk?", 3.0), ("P1", "They came late, always late.", 761.9), ("", "Yes."),
], date(2026, 4, 14))  # fmt: skip
CODINGS = (
    Coding("North 2", "Ann O.", (("speed", "negative"), ("police", "")), memo="with a smile",
           spans=(("speed", 10, 14), ("speed", 23, 27))),
    Coding("North 2", "Ben", (("speed", "negative"), ("parks", "")), spans=(("parks", 5, 14),)),
    Coding("elsewhere", "Ben", (("none", ""),)),
)  # fmt: skip
VOID = {"meta"}


class Page(HTMLParser):
    """Cells of the table as text, marked words, and every element and attribute that there is."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.marks: list[tuple[str, str]] = []
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag == "mark":
            self.marks.append((dict(attrs)["title"] or "", ""))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "sup" not in self.open and {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data
        if self.open and self.open[-1] == "mark":
            self.marks[-1] = (self.marks[-1][0], self.marks[-1][1] + data)


def page(group: Conversation = GROUP, codings: tuple[Coding, ...] = CODINGS) -> str:
    return coded_html(group, BOOK, codings)


def test_each_turn_has_who_when_where_words_and_themes() -> None:
    shown = Page(page())
    rows = [[" ".join(cell.split()) for cell in row] for row in shown.rows]
    assert rows == [
        ["Who, when", "Words", "Themes"],
        ["Moderator 0:03, line 1", "What about the desk?", ""],
        [
            "P1 12:41, line 2",
            "They came late, always late.",
            "1 The police (Ann O.) 2 Speed of response: negative (Ben) 2 Speed of response: negative, in part (Ann O.) "
            "3 Parks & greens, in part (Ben) Ann O.: with a smile",
        ],
        ["Not named line 3", "Yes.", ""],
    ]
    assert shown.open == []


def test_coded_words_are_marked_with_their_themes_and_numbers() -> None:
    text = page()
    assert Page(text).marks == [
        ("Parks & greens", "came "), ("Speed of response; Parks & greens", "late"), ("Speed of response", "late"),
    ]  # fmt: skip
    assert re.findall("<sup>(.*?)</sup>", text) == ["2, 3", "2"]
    # "red" is no colour that a codebook may have; it could be anything.
    assert re.findall('style="(.*?)"', text) == [
        "border-color: #3f7ca6",
        "border-color: #aa3300",
        "border-color: #aa3300",
    ]


def test_it_says_what_was_read_and_names_used_themes_alone() -> None:
    text = page()
    assert "Held on 14 April 2026. Three turns, one turn with a theme." in text
    listed = text.partition("<table>")[0]
    assert re.findall("<li>(.*)</li>", listed) == ["1 The police", "2 Speed of response", "3 Parks &amp; greens"]
    assert "Nobody said this" not in text
    assert "<h2>Themes</h2>" not in page(codings=())


def test_it_stands_by_itself_and_nothing_of_it_runs() -> None:
    text = page()
    assert Page(text).elements.isdisjoint({"script", "link", "img", "iframe", "a", "object", "form", "svg"})
    assert "default-src 'none'" in text
    assert not re.search(r"https?:|url\(|@import|\r", text)
    assert "@media print" in text
    assert text.endswith("</html>\n")


def test_what_people_say_is_text_whatever_it_looks_like() -> None:
    evil = '</td><script>alert(1)</script><b onclick="x">\r\n{{ 7*7 }}&lt;\u202e\x00'
    turns = GROUP.turns.assign(text=evil, speaker=evil)
    group = replace(GROUP, name=evil, memo=evil, turns=turns)
    book = replace(BOOK, codes=(Code("police", evil, colour='red"><script>'), *BOOK.codes[1:]))
    coding = Coding("North 2", '<i>"Ann"', (("police", ""),), memo=evil, spans=(("police", 2, 9),))
    text = coded_html(group, book, [coding])
    shown, plain = Page(text), Page(page())
    assert (shown.elements, shown.attributes) == (plain.elements, plain.attributes)
    assert "{{ 7*7 }}" in text
    assert shown.rows[1][1] == evil.replace("\r\n", "  ").replace("\x00", "\ufffd")


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_words_stand_on_the_page_once_with_what_was_coded_marked(data: st.DataObject) -> None:
    words = data.draw(TEXT.filter(bool))
    places = st.tuples(st.integers(0, len(words)), st.integers(0, len(words))).map(sorted)
    places = places.filter(lambda place: place[0] < place[1] and tuple(place) != (0, len(words)))
    spans = data.draw(
        st.lists(st.tuples(st.sampled_from(["speed", "parks"]), places), max_size=4) if len(words) > 1 else st.just([])
    )
    coding = Coding("g 1", "A", (("speed", ""), ("parks", "")), spans=tuple((code, a, b) for code, (a, b) in spans))
    shown = Page(coded_html(conversation("g", [("P1", words)]), BOOK, [coding]))
    assert shown.rows[1][1] == words.replace("\n", " ")
    within = {at for _, (a, b) in spans for at in range(a, b)}
    marked = "".join(text for _, text in shown.marks)
    assert marked == "".join(words[at] for at in sorted(within)).replace("\n", " ")
