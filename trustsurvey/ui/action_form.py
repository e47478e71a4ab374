"""The form of a promise, in the four steps of SARA; it says what was typed and chosen, and saves nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import streamlit as st

from trustsurvey.model import STATES, Action, Codebook, Study, Wave
from trustsurvey.present.actions import TITLES
from trustsurvey.ui import pieces

Place = tuple[str, str]
#: What stands for a promise that is not typed yet.
FRESH = "new"


def groups_of(wave: Wave) -> list[Place]:
    """The groups of a wave: grouping and category."""
    return [(group, str(name)) for group in wave.groups for name in wave.people[group].cat.categories]


def form(
    old: Action | None,
    key: str,
    study: Study,
    book: Codebook,
    waves: Sequence[str],
    groups: Sequence[Place],
    today: date,
) -> dict[str, Any]:
    """The entries of an action as they stand in the form, beginning with those of an ``old`` one."""
    start = old or Action(FRESH)
    areas = [(level.key, name) for level in study.levels for name in level.names]
    titles = {level.key: level.title for level in study.levels}
    themes = [code.key for code in book.codes]
    told: dict[str, Any] = {}

    def said(name: str, label: str, **how: Any) -> None:
        now = "" if old is None else getattr(old, name)
        told[name] = st.text_area(label, now, key=f"{name} {key}", height=90, **how).strip()

    def place(of: Place) -> str:
        return f"{of[1]} ({titles[of[0]]})" if of[0] in titles else f"{of[0]} {of[1]}".strip()

    block = pieces.blocks()
    with block():
        st.markdown("### What was heard")
        said("heard", "What did residents say?", help="In a sentence, without names.")
        told["theme"] = _pick("Theme", ["", *themes], start.theme, f"theme {key}", _title(book, "none"))
        told["level"], told["area"] = _pick(
            "Where?", [("", ""), *areas], (start.level, start.area), f"area {key}",
            lambda of: place(of) if of[1] else "Everywhere",
        )  # fmt: skip
        told["wave"] = _pick("Heard in", ["", *waves], start.wave, f"wave {key}", lambda name: name or "not said")
        st.markdown("### What lies behind it")
        said("analysis", "What was found out about it?")
    with block():
        st.markdown("### What was promised")
        said("promised", "What was promised?", help="So that anybody can tell later whether it was done.")
        told["unit"] = st.text_input(
            "Who promised it?", start.unit, key=f"unit {key}", help="A unit, not a person: people move on."
        ).strip()
        told["state"] = st.segmented_control(
            "Where does it stand?", STATES, default=start.state, format_func=TITLES.__getitem__, key=f"state {key}",
            required=True,
        )  # fmt: skip
        told["due"] = st.date_input("Promised for", start.due, key=f"due {key}")
        told["done"], told["reason"] = None, ""
        if told["state"] == "done":
            day = start.done or today
            told["done"] = st.date_input("Done on", day, max_value=max(day, today), key=f"done {key}")
        if told["state"] == "dropped":
            said("reason", "Why was it dropped?")
    with block():
        st.markdown("### What should change")
        measures = [("", ""), *(("score", index.key) for index in study.instrument.indices)]
        measures += [("share", code) for code in themes]
        scores = {index.key: index.title for index in study.instrument.indices}

        def measure(of: Place) -> str:
            if of[0] == "score":
                return scores.get(of[1], of[1])
            return f"How many mention: {_title(book, '')(of[1])}" if of[0] else "nothing that the survey asks"

        start_at = ("score", start.score) if start.score else ("share", start.share) if start.share else ("", "")
        kind, name = _pick(
            "What in the survey should change?", measures, start_at, f"measure {key}", measure,
            help="Name it before the next survey, and it cannot be said that it was picked for its result.",
        )  # fmt: skip
        told["score"], told["share"] = (name if kind == each else "" for each in ("score", "share"))
        told["question"], told["by"], told["group"] = "", "", ""
        if kind == "share":
            asked = {item.id: item.text for item in study.instrument.open}
            told["question"] = _pick(
                "In answer to", ["", *asked], start.question, f"question {key}",
                lambda item: asked.get(item, item) or "the first open question",
            )  # fmt: skip
        if kind:
            told["by"], told["group"] = _pick(
                "For whom?", [("", ""), *areas, *groups], (start.by, start.group), f"group {key}",
                lambda of: place(of) if of[1] else "Everyone",
            )  # fmt: skip
        st.markdown("### What came of it")
        said("outcome", "What came of it, apart from the survey?")
    return told


def _pick(label: str, options: list[Any], value: Any, key: str, show: Callable[[Any], str], **how: Any) -> Any:
    """One of the options; what was named before and is gone by now may stay."""
    known = options if value in options else [*options, value]
    return known[st.selectbox(label, range(len(known)), known.index(value), lambda k: show(known[k]), key=key, **how)]


def _title(book: Codebook, none: str) -> Callable[[str], str]:
    return lambda code: book.code(code).title if code in book else code or none
