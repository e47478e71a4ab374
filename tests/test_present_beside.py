"""Sources side by side, in a table and a sentence."""

from __future__ import annotations

from trustsurvey.focus_groups.triangulate import InGroups, InSurvey, Received, triangulate
from trustsurvey.model import Code, Codebook
from trustsurvey.present.beside import side_table, summary_words

BOOK = Codebook("b", tuple(Code(key, key.title()) for key in ("crime", "desk", "praise", "dogs")))
SOURCES = {
    "desk": (InSurvey(0.2, 0.15, 0.25), InGroups(4, 6, 20, 48), None),
    "crime": (InSurvey(0.02, 0.01, 0.034), InGroups(6, 6, 30, 48), None),
    "praise": (InSurvey(0.3, 0.2, 0.4), InGroups(1, 6, 1, 48), None),
    "dogs": (InSurvey(0.1, 0.1, 0.1, "too few answers"), InGroups(0, 6, 0, 48), None),
}
TOGETHER = {code: triangulate(*of) for code, of in SOURCES.items()}


def test_what_stands_out_comes_first_and_says_where() -> None:
    table = side_table(SOURCES, TOGETHER, BOOK)
    assert table["Theme"].tolist() == ["Crime", "Praise", "Desk", "Dogs"]
    assert table["Together"].tolist() == [
        "more in the groups", "more in the survey", "they agree", "too little to say"
    ]  # fmt: skip
    assert table["Survey: of 100 who answered"].tolist() == ["1 to 3", "20 to 40", "15 to 25", "too few answers"]
    assert table["Groups"].tolist() == ["6 of 6", "1 of 6", "4 of 6", "0 of 6"]
    assert "Comments" not in table


def test_comments_have_a_column_where_there_are_any() -> None:
    sources = {"desk": (*SOURCES["desk"][:2], Received(12)), "crime": (*SOURCES["crime"][:2], Received(0))}
    table = side_table(sources, {code: TOGETHER[code] for code in sources}, BOOK)
    assert table.set_index("Theme")["Comments"].to_dict() == {"Crime": "under 10", "Desk": "12"}


def test_the_sentence_counts_agreement_and_names_what_stands_out() -> None:
    assert summary_words(SOURCES, TOGETHER, BOOK) == (
        "Of 4 themes, survey and groups agree on 1. Few write about, but groups speak of: Crime. Many write about, but "
        "groups hardly speak of: Praise."
    )
