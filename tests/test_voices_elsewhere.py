"""Comments that are no survey: read from tables, kept apart, counted as comments."""

from __future__ import annotations

import numpy as np
import pandas as pd
from builders import refusal
from stores import STUDY
from voices import BOOK

from trustsurvey.model import Coding
from trustsurvey.store import Store
from trustsurvey.voices.answers import teach
from trustsurvey.voices.elsewhere import NO_AREA, as_answers, columns_of, counts, words_of_table

TABLE = pd.DataFrame(
    {
        "Created": ["2026-05-03", "12 May 2026", "no date", "2026-06-01"] * 15,
        "Ward": ["Docks", "mill", "Atlantis", ""] * 15,
        "Message": ["Officer Voss came late", "the park is dark", "very polite people", ""] * 15,
    }
)


def test_columns_are_known_by_their_headings_or_by_long_texts() -> None:
    assert columns_of(TABLE) == {"text": "Message", "area": "Ward", "date": "Created"}
    assert columns_of(TABLE.rename(columns={"Message": "x"}))["text"] == ""
    long = TABLE.assign(x="a long text that nobody called by any of the names").drop(columns="Message")
    assert columns_of(long)["text"] == "x"


def test_names_come_out_areas_are_the_study_s_and_empty_rows_go() -> None:
    made = words_of_table(TABLE, "Form", "form.csv", "d", STUDY, b"key")
    assert len(made.texts) == 45
    assert made.texts["text"][0] == "Officer [person 1] came late"
    assert made.unredacted["text"][0] == "Officer Voss came late"
    assert list(made.texts["area"][:3]) == ["Docks", "Mill", ""]
    assert list(made.texts["month"][:3]) == ["2026-05", "2026-05", ""]
    assert made.record.about["unknown_areas"] == 15
    assert made.texts["key"].is_unique
    again = words_of_table(TABLE, "Form", "form.csv", "d", STUDY, b"key")
    assert again.texts.equals(made.texts)


def test_comments_are_read_and_counted_but_never_as_a_share() -> None:
    texts = words_of_table(TABLE, "Form", "form.csv", "d", STUDY, b"key").texts
    themes = {"late": "speed", "park": "parks", "polite": "manner"}
    codings = [
        Coding(key, "a", tuple((code, "") for word, code in themes.items() if word in text))
        for key, text in zip(texts["key"][:30], texts["text"][:30], strict=True)
    ]
    answers = as_answers("Form", texts, BOOK, codings)
    hand = counts(answers, None, texts).set_index("code")
    assert hand["comments"].to_dict() == {"police": 20, "speed": 10, "manner": 10, "parks": 10}
    assert (hand["of"] == 45).all()
    both = counts(answers, teach(BOOK, [answers]), texts, "area")
    speed = both[both["code"] == "speed"].set_index("level")["comments"]
    assert speed["Docks"] == 15
    assert np.isnan(speed["Mill"])  # none there, which is under ten as well
    assert "share" not in both.columns
    assert NO_AREA in answers.wave.people["area"].cat.categories


def test_a_table_without_comments_is_refused() -> None:
    with refusal("words.text"):
        words_of_table(TABLE.drop(columns="Message"), "Form", "form.csv", "d", STUDY, b"key")
    with refusal("words.none"):
        words_of_table(TABLE.assign(Message=" "), "Form", "form.csv", "d", STUDY, b"key")


def test_they_are_kept_beside_the_study(own_home: object) -> None:
    store = Store.open()
    store.create_study(STUDY)
    made = words_of_table(TABLE, "Form", "form.csv", "d", STUDY, b"key")
    store.collections.save("town", made.record, made.texts, made.unredacted)
    loaded = store.collections.load("town", "Form")
    assert loaded.equals(made.texts)
    assert not any("Voss" in text for text in loaded["text"])
