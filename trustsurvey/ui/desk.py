"""The desk at which a person reads one text: what is suggested, what was chosen, how it is saved and taken back."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, field

import streamlit as st

from trustsurvey.language import N_, _, ngettext
from trustsurvey.model import Codebook, Coding, Queue, Stance
from trustsurvey.store import Body, Store
from trustsurvey.text.keywords import Matcher
from trustsurvey.text.language import sentences
from trustsurvey.text.readings import STANCES
from trustsurvey.ui.guard import plain, refusals
from trustsurvey.voices.answers import Machine, OpenAnswers

#: Codes that have a number key.
KEYS = 9
ACROSS = 3
#: The machine suggests a code from this probability on.
LIKELY = 0.25
TONES = {"positive": N_("Positive"), "negative": N_("Negative"), "suggestion": N_("Suggestion")}
STANCE_KEYS: dict[str, Stance] = {"P": "positive", "N": "negative", "S": "suggestion"}
MARK = "background:rgba(63,124,166,.28);color:inherit;border-radius:3px;padding:0 2px"


@dataclass
class Draft:
    """The reading that is being made: kept in the session until it is saved."""

    answer: str
    codes: dict[str, Stance] = field(default_factory=dict)
    current: str = ""
    spans: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    choices: int = 0

    @property
    def parts(self) -> str:
        """The key of the box of sentences: another one after each choice, for what has the focus gets the keys."""
        return f"parts {self.answer} {self.choices}"

    def toggle(self, code: str) -> None:
        """Apply a code, to the parts of the text that are chosen if any are, or take it away again."""
        self.spans.pop(code, None)
        parts = st.session_state.get(self.parts)
        self.choices += 1
        if code in self.codes:
            del self.codes[code]
            self.current = next(reversed(self.codes), "")
        else:
            self.codes[code] = ""
            self.current = code
            if parts:
                self.spans[code] = sorted(parts)

    def toned(self, stance: Stance) -> None:
        """Say the tone of the code that was applied last; the same tone twice takes it away."""
        if self.current:
            self.codes[self.current] = "" if self.codes[self.current] == stance else stance


def draft_of(answer: str, start: Sequence[tuple[str, Stance]]) -> Draft:
    """The draft of an answer, begun anew where another one came up."""
    draft: Draft | None = st.session_state.get("draft")
    if draft is None or draft.answer != answer:
        draft = st.session_state["draft"] = Draft(answer, dict(start))
        st.session_state["memo"] = ""
    return draft


def suggested(answers: OpenAnswers, at: int, machine: Machine | None, recent: Sequence[str]) -> list[str]:
    """Codes on the number keys: what the machine or the keywords find, then what was used lately."""
    text, keys = answers.texts[at], answers.codebook.keys
    hits = [key for key, hit in zip(keys, answers.hits[at], strict=True) if hit]
    likely: list[str] = []
    if machine is not None:
        chances = machine.classifier.probabilities([text])[0]
        order = sorted(range(len(keys)), key=lambda j: -chances[j])
        likely = [keys[j] for j in order if chances[j] >= LIKELY]
    found = list(dict.fromkeys([*likely, *hits]))
    # A code under one that is suggested says more than the one above it.
    above = {answers.codebook.code(key).parent for key in found}
    found = [key for key in found if key not in above]
    return list(dict.fromkeys([*found, *recent, *(k for k in keys if k not in above)]))[:KEYS]


def because(answers: OpenAnswers, at: int, machine: Machine | None, codes: Sequence[str]) -> str:
    """Which words made the machine suggest codes, for those of which it is fairly sure."""
    if machine is None:
        return ""
    text, keys = answers.texts[at], answers.codebook.keys
    chances = dict(zip(keys, machine.classifier.probabilities([text])[0], strict=True))
    told = []
    for code in (code for code in codes if chances[code] >= LIKELY):
        words = [word for word, weight in machine.classifier.reasons(text, code) if weight > 0]
        if words:
            told.append(f"{_(answers.codebook.code(code).title)} ({', '.join(words[:4])})")
    return _("The machine thinks of: {told}.").format(told="; ".join(told)) if told else ""


def marked(text: str, codebook: Codebook, codes: Sequence[str]) -> str:
    """The answer as HTML, inert, with the words marked that point to the codes."""
    matcher = Matcher(codebook)
    spans = sorted((a, b, key) for key in codes for a, b in matcher.spans(text, key))
    parts, at = [], 0
    for a, b, key in spans:
        if a >= at:
            title = html.escape(_(codebook.code(key).title), quote=True)
            parts += [html.escape(text[at:a]), f'<mark style="{MARK}" title="{title}">{html.escape(text[a:b])}</mark>']
            at = b
    parts.append(html.escape(text[at:]))
    body = "".join(parts).replace("\n", "<br>")
    return f'<div style="font-size:1.25rem;line-height:1.5;padding:.5rem 0 1rem">{body}</div>'


def desk(
    store: Store, slug: str, body: Body, answers: OpenAnswers, at: int, machine: Machine | None, coder: str,
    queue: Queue, start: Sequence[tuple[str, Stance]], parts: bool = False,
) -> None:  # fmt: skip
    """One answer with everything needed to read it: codes on keys, tone, memo, save, undo.

    ``parts``: a theme may be of some sentences alone.
    """
    book, key = answers.codebook, answers.keys[at]
    draft = draft_of(key, start)
    recent: list[str] = st.session_state.setdefault("recent codes", [])
    offered: dict[str, list[str]] = st.session_state.setdefault("offered codes", {})
    if key not in offered:
        offered.clear()
        offered[key] = suggested(answers, at, machine, recent)
    codes = offered[key]
    st.html(marked(answers.texts[at], book, codes))
    if parts and len(cut := sentences(answers.texts[at])) > 1:
        st.pills(
            _("Only part of it? Choose the sentences first, then the theme."), cut, selection_mode="multi",
            key=draft.parts, format_func=lambda span: plain(_short(answers.texts[at][slice(*span)])),
        )  # fmt: skip
    if reasons := because(answers, at, machine, codes):
        st.caption(plain(reasons))
    for number, code in enumerate(codes):
        if number % ACROSS == 0:  # rows of their own, so that on a telephone they stay in order
            columns = st.columns(ACROSS)
        columns[number % ACROSS].button(
            plain(_(book.code(code).title)), key=f"code {number}", shortcut=str(number + 1),
            type="primary" if code in draft.codes else "secondary", width="stretch",
            help=plain(book.code(code).definition) or None, on_click=draft.toggle, args=(code,),
        )  # fmt: skip
    others = [k for k in book.keys if k not in codes]

    def pick() -> None:
        if st.session_state["other code"]:
            draft.toggle(st.session_state["other code"])
        st.session_state["other code"] = None

    st.selectbox(
        _("Another theme"), others, index=None, key="other code", on_change=pick, placeholder=_("Type to find one"),
        format_func=lambda k: _path(book, k),
    )  # fmt: skip
    if draft.codes:
        told = [f"**{plain(_(book.code(c).title))}**" + _about(s, len(draft.spans.get(c, ()))) for c, s in
                draft.codes.items()]  # fmt: skip
        st.markdown(_("Chosen: {themes}").format(themes=", ".join(told)))
    row = st.columns([1, 1, 1, 3])
    speaks = None
    if draft.current:
        speaks = _("How it speaks of {theme}").format(theme=plain(_(book.code(draft.current).title)))
    for column, (letter, stance) in zip(row, STANCE_KEYS.items(), strict=False):
        chosen = bool(draft.current) and draft.codes.get(draft.current) == stance
        column.button(
            _(TONES[stance]), shortcut=letter, key=f"tone {letter}", width="stretch",
            type="primary" if chosen else "secondary", disabled=not draft.current, on_click=draft.toned,
            args=(stance,), help=speaks,
        )  # fmt: skip
    memo = row[3].text_input(_("Memo"), key="memo", placeholder=_("Memo (optional)"), label_visibility="collapsed")

    def save() -> None:
        with refusals():
            spans = tuple((code, *span) for code, of in draft.spans.items() for span in of)
            coding = Coding(key, coder, tuple(draft.codes.items()), queue, memo.strip(), book.version, spans=spans)
            store.voices.add_codings(slug, body, [coding])
        st.session_state["recent codes"] = list(dict.fromkeys([*draft.codes, *recent]))[:KEYS]
        st.session_state.pop("draft", None)
        st.session_state.pop("again", None)

    def undo() -> None:
        with refusals():
            back = store.voices.undo_coding(slug, body, coder)
        if back is not None:
            spans: dict[str, list[tuple[int, int]]] = {}
            for code, *span in back.spans:
                spans.setdefault(code, []).append((span[0], span[1]))
            st.session_state["draft"] = Draft(
                back.answer, dict(back.codes), next(reversed(dict(back.codes)), ""), spans
            )
            st.session_state["memo"] = back.memo
            st.session_state["again"] = back.answer

    left, right, _rest = st.columns([2, 2, 2])
    left.button(
        _("Save and next") if draft.codes else _("No theme, next"), type="primary",
        shortcut="Enter", on_click=save, width="stretch",
    )  # fmt: skip
    right.button(_("Take the last one back"), shortcut="U", on_click=undo, width="stretch")


def _about(stance: str, parts: int) -> str:
    """In brackets, the tone of a theme and of how many sentences it is, where that is said."""
    said = [stance] if stance else []
    said += [ngettext("{n} sentence", "{n} sentences", parts).format(n=parts)] if parts else []
    return f" ({', '.join(said)})" if said else ""


def _short(text: str) -> str:
    return text if len(text) <= 70 else f"{text[:68].rstrip()} \u2026"


def _path(book: Codebook, key: str) -> str:
    parent = book.code(key).parent
    title = _(book.code(key).title)
    return f"{_(book.code(parent).title)} \u203a {title}" if parent else title


assert set(STANCE_KEYS.values()) == set(STANCES)
