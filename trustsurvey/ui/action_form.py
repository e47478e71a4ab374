"""The form of a promise, in the four steps of SARA; it says what was typed and chosen, and saves nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import streamlit as st

from trustsurvey.language import _, pgettext
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
        st.markdown(f"### {_('What was heard')}")
        said("heard", _("What did residents say?"), help=_("In a sentence, without names."))
        told["theme"] = _pick(
            _("Theme"), ["", *themes], start.theme, f"theme {key}", _title(book, pgettext("theme", "none"))
        )
        told["level"], told["area"] = _pick(
            _("Where?"), [("", ""), *areas], (start.level, start.area), f"area {key}",
            lambda of: place(of) if of[1] else _("Everywhere"),
        )  # fmt: skip
        told["wave"] = _pick(_("Heard in"), ["", *waves], start.wave, f"wave {key}", lambda name: name or _("not said"))
        st.markdown(f"### {_('What lies behind it')}")
        said("analysis", _("What was found out about it?"))
    with block():
        st.markdown(f"### {_('What was promised')}")
        said("promised", _("What was promised?"), help=_("So that anybody can tell later whether it was done."))
        told["unit"] = st.text_input(
            _("Who promised it?"), start.unit, key=f"unit {key}", help=_("A unit, not a person: people move on.")
        ).strip()
        told["state"] = st.segmented_control(
            _("Where does it stand?"), STATES, default=start.state, format_func=lambda state: _(TITLES[state]),
            key=f"state {key}", required=True,
        )  # fmt: skip
        told["due"] = st.date_input(_("Promised for"), start.due, key=f"due {key}")
        told["done"], told["reason"] = None, ""
        if told["state"] == "done":
            day = start.done or today
            told["done"] = st.date_input(_("Done on"), day, max_value=max(day, today), key=f"done {key}")
        if told["state"] == "dropped":
            said("reason", _("Why was it dropped?"))
        st.markdown(f"### {_('What should change')}")
        measures = [("", ""), *(("score", index.key) for index in study.instrument.indices)]
        measures += [("share", code) for code in themes]
        scores = {index.key: _(index.title) for index in study.instrument.indices}

        def measure(of: Place) -> str:
            if of[0] == "score":
                return scores.get(of[1], of[1])
            if not of[0]:
                return _("nothing that the survey asks")
            return _("How many mention: {theme}").format(theme=_title(book, "")(of[1]))

        start_at = ("score", start.score) if start.score else ("share", start.share) if start.share else ("", "")
        kind, name = _pick(
            _("What in the survey should change?"), measures, start_at, f"measure {key}", measure,
            help=_("Name it before the next survey, and it cannot be said that it was picked for its result."),
        )  # fmt: skip
        told["score"], told["share"] = (name if kind == each else "" for each in ("score", "share"))
        told["question"], told["by"], told["group"] = "", "", ""
        if kind == "share":
            asked = {item.id: item.text for item in study.instrument.open}
            told["question"] = _pick(
                _("In answer to"), ["", *asked], start.question, f"question {key}",
                lambda item: asked.get(item, item) or _("the first open question"),
            )  # fmt: skip
        if kind:
            told["by"], told["group"] = _pick(
                _("For whom?"), [("", ""), *areas, *groups], (start.by, start.group), f"group {key}",
                lambda of: place(of) if of[1] else _("Everyone"),
            )  # fmt: skip
    with block():
        st.markdown(f"### {_('What came of it')}")
        said("outcome", _("What came of it, apart from the survey?"))
    return told


def _pick(label: str, options: list[Any], value: Any, key: str, show: Callable[[Any], str], **how: Any) -> Any:
    """One of the options; what was named before and is gone by now may stay."""
    known = options if value in options else [*options, value]
    return known[st.selectbox(label, range(len(known)), known.index(value), lambda k: show(known[k]), key=key, **how)]


def _title(book: Codebook, none: str) -> Callable[[str], str]:
    return lambda code: _(book.code(code).title) if code in book else code or none
