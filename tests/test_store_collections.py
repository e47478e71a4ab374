"""Comments and transcripts in the store, on both databases."""

from __future__ import annotations

from dataclasses import replace

from builders import refusal
from stores import sound
from test_store_voices import TEXTS, W1, town

from trustsurvey.model import Coding
from trustsurvey.store import Body, CollectionRecord, Store

__all__ = ["town"]
RECORD = CollectionRecord("Web form", "comments", "form.csv", "abc", {"area": "district"})
BODY = Body("Web form", "collection")
UNREDACTED = TEXTS[["key", "unredacted"]].rename(columns={"unredacted": "text"})


def test_words_from_elsewhere_are_kept_once_and_read_like_others(town: Store) -> None:
    texts = TEXTS[["key", "text", "replaced"]]
    town.collections.save("town", RECORD, texts, UNREDACTED)
    assert town.collections.listed("town") == [RECORD]
    assert town.collections.load("town", "Web form").equals(texts)
    for again in (RECORD, replace(RECORD, name="Other"), replace(RECORD, digest="def")):
        with refusal("store.imported-twice"):
            town.collections.save("town", again, texts, UNREDACTED)
    town.voices.add_codings("town", BODY, [Coding("k1", "a")])
    assert town.voices.codings("town", W1) == []
    assert len(town.voices.codings("town", BODY)) == 1
    assert town.voices.unredacted("town", BODY, "why")["k1"] == "Pat Voss was kind"
    town.collections.remove("town", "Web form", "old")
    assert town.collections.listed("town") == []
    with refusal("store.no-words"):
        town.collections.load("town", "Web form")
    sound(town)


def test_texts_that_are_taken_out_go_with_what_was_read_in_them(town: Store) -> None:
    town.collections.save("town", RECORD, TEXTS[["key", "text", "replaced"]], UNREDACTED)
    town.voices.add_codings("town", BODY, [Coding("k1", "a"), Coding("k2", "a")])
    town.collections.change("town", "Web form", {"memo": "x"})
    assert town.collections.listed("town")[0].about == {"memo": "x"}
    assert len(town.voices.codings("town", BODY)) == 2
    town.collections.change("town", "Web form", {}, "asked", ["k1"])
    assert town.collections.load("town", "Web form")["key"].tolist() == ["k2"]
    assert [coding.answer for coding in town.voices.codings("town", BODY)] == ["k2"]
    assert set(town.voices.unredacted("town", BODY, "why")) == {"k2"}
    assert town.audit_trail()["action"].tolist()[1:3] == ["withdraw words", "describe words"]
    sound(town)
