"""The desk at which a person reads one answer after another: what is suggested, what was chosen, what comes next."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, field

import streamlit as st

from trustsurvey.model import Codebook, Coding, Queue, Stance
from trustsurvey.store import Body, Store
from trustsurvey.text.keywords import Matcher
from trustsurvey.text.readings import STANCES
from trustsurvey.ui.guard import plain, refusals
from trustsurvey.voices.answers import Machine, OpenAnswers

#: Codes that have a number key.
KEYS = 9
ACROSS = 3
#: The machine suggests a code from this probability on.
LIKELY = 0.25
#: From so many readings on the machine is taught, and again after each so many more.
TEACH_EVERY = 25
STANCE_KEYS: dict[str, Stance] = {"P": "positive", "N": "negative", "S": "suggestion"}
TASKS: dict[Queue, str] = {
    "audit": "Read at random",
    "training": "Teach the machine",
    "second": "Read a second time",
    "settled": "Settle differences",
}
WHY: dict[Queue, str] = {
    "audit": "Drawn at random in every area. The shares on the page \u201cWhat residents say\u201d rest on these.",
    "training": "Chosen because the machine is unsure of them, or because they may hold a rare theme. They make the "
    "machine better, and count for no share by themselves.",
    "second": "Answers that somebody else read. You do not see what was chosen; how far you agree is worked out.",
    "settled": "Answers that were read differently. What you choose here counts from now on.",
}
DONE: dict[Queue, str] = {
    "audit": "Every answer was read.",
    "training": "Every answer was read.",
    "second": "Nothing is left that only somebody else read.",
    "settled": "Nobody read an answer differently.",
}
MARK = "background:rgba(63,124,166,.28);color:inherit;border-radius:3px;padding:0 2px"


@dataclass
class Draft:
    """The reading that is being made: kept in the session until it is saved."""

    answer: str
    codes: dict[str, Stance] = field(default_factory=dict)
    current: str = ""

    def toggle(self, code: str) -> None:
        """Apply a code, or take it away again."""
        if code in self.codes:
            del self.codes[code]
            self.current = next(reversed(self.codes), "")
        else:
            self.codes[code] = ""
            self.current = code

    def toned(self, stance: Stance) -> None:
        """Say the tone of the code that was applied last; the same tone twice takes it away."""
        if self.current:
            self.codes[self.current] = "" if self.codes[self.current] == stance else stance


def waiting_for(answers: OpenAnswers, task: Queue, coder: str, machine: Machine | None) -> list[int]:
    """Positions of the answers that wait for this coder, the next first."""
    readings = answers.readings
    mine = readings.by_coder.get(coder, {})
    place = {key: at for at, key in enumerate(answers.keys)}
    if task == "audit":
        return [int(at) for at in answers.audit.waiting]
    if task == "training":
        return [int(at) for at in answers.to_teach(machine)]
    if task == "settled":
        return [place[key] for key, _ in readings.disagreements()]
    others = [key for key in readings.counts() if key not in mine and key not in readings.settled]
    once = [key for key in others if sum(key in of for of in readings.by_coder.values()) == 1]
    return [place[key] for key in sorted(once)]


def next_of(answers: OpenAnswers, waiting: Sequence[int]) -> int:
    """The answer that was just taken back where it still waits, else the first."""
    again = st.session_state.get("again")
    at = answers.keys.index(again) if again in answers.keys else -1
    return at if at in waiting else waiting[0]


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
            told.append(f"{answers.codebook.code(code).title} ({', '.join(words[:4])})")
    return f"The machine thinks of: {'; '.join(told)}." if told else ""


def marked(text: str, codebook: Codebook, codes: Sequence[str]) -> str:
    """The answer as HTML, inert, with the words marked that point to the codes."""
    matcher = Matcher(codebook)
    spans = sorted((a, b, key) for key in codes for a, b in matcher.spans(text, key))
    parts, at = [], 0
    for a, b, key in spans:
        if a >= at:
            title = html.escape(codebook.code(key).title, quote=True)
            parts += [html.escape(text[at:a]), f'<mark style="{MARK}" title="{title}">{html.escape(text[a:b])}</mark>']
            at = b
    parts.append(html.escape(text[at:]))
    body = "".join(parts).replace("\n", "<br>")
    return f'<div style="font-size:1.25rem;line-height:1.5;padding:.5rem 0 1rem">{body}</div>'


def reader() -> str:
    """Who reads; the page stops here until somebody is named.

    The field goes once it was filled in: as long as it has the cursor, it and not the desk gets the keys.
    """
    named: str = st.session_state.get("reader", "")
    if named:
        st.markdown(f"Reading as **{plain(named)}**")
        st.button("Somebody else reads", on_click=st.session_state.pop, args=("reader",), type="tertiary")
        return named

    def name() -> None:
        st.session_state["reader"] = st.session_state["coder"].strip()

    st.text_input("Who is reading?", key="coder", placeholder="Your name or initials", on_change=name)
    st.info("Type your name or initials first: each reading carries who made it.")
    st.stop()
    raise AssertionError("unreachable: the page stopped")


def room(store: Store, slug: str, body: Body, answers: OpenAnswers, machine: Machine | None, coder: str) -> None:
    """What there is to read, how far it went, and the answer that is next at the desk."""
    st.caption(
        "With the keyboard: 1 to 9 for a theme, P, N or S for its tone, Enter for the next answer, U to go back."
    )
    chosen = st.segmented_control("What to do", list(TASKS), default="audit", format_func=TASKS.__getitem__, key="task")
    task: Queue = chosen or "audit"
    st.caption(WHY[task])
    readings, every = answers.readings, len(answers.keys)
    read, done = len(readings.counts()), int(answers.audit.audited.sum())
    st.progress(read / every, f"{read:,} of {every:,} answers read, {done:,} at random")
    waiting = waiting_for(answers, task, coder, machine)
    if not waiting:
        st.success(DONE[task])
        return
    now = next_of(answers, waiting)
    before = readings.stale.get(answers.keys[now])
    if before is not None:
        st.caption(
            "Read before the codebook had all of its themes: what was chosen then is chosen, look for the new ones."
        )
    if task == "settled":
        for one in next(found for key, found in readings.disagreements() if key == answers.keys[now]):
            known = [(answers.codebook.code(code).title, tone) for code, tone in one.codes if code in answers.codebook]
            told = ", ".join(plain(title) + (f" ({tone})" if tone else "") for title, tone in known)
            st.markdown(f"**{plain(one.coder)}**: {told or 'none of the themes'}")
    start = [pair for pair in before.codes if pair[0] in answers.codebook] if before is not None else []
    desk(store, slug, body, answers, now, machine, coder, task, start)


def desk(
    store: Store, slug: str, body: Body, answers: OpenAnswers, at: int, machine: Machine | None, coder: str,
    queue: Queue, start: Sequence[tuple[str, Stance]],
) -> None:  # fmt: skip
    """One answer with everything needed to read it: codes on keys, tone, memo, save, undo."""
    book, key = answers.codebook, answers.keys[at]
    draft = draft_of(key, start)
    recent: list[str] = st.session_state.setdefault("recent codes", [])
    offered: dict[str, list[str]] = st.session_state.setdefault("offered codes", {})
    if key not in offered:
        offered.clear()
        offered[key] = suggested(answers, at, machine, recent)
    codes = offered[key]
    st.html(marked(answers.texts[at], book, codes))
    if reasons := because(answers, at, machine, codes):
        st.caption(plain(reasons))
    for number, code in enumerate(codes):
        if number % ACROSS == 0:  # rows of their own, so that on a telephone they stay in order
            columns = st.columns(ACROSS)
        columns[number % ACROSS].button(
            plain(book.code(code).title), key=f"code {number}", shortcut=str(number + 1),
            type="primary" if code in draft.codes else "secondary", width="stretch",
            help=plain(book.code(code).definition) or None, on_click=draft.toggle, args=(code,),
        )  # fmt: skip
    others = [k for k in book.keys if k not in codes]

    def pick() -> None:
        if st.session_state["other code"]:
            draft.toggle(st.session_state["other code"])
        st.session_state["other code"] = None

    st.selectbox(
        "Another theme", others, index=None, key="other code", on_change=pick, placeholder="Type to find one",
        format_func=lambda k: _path(book, k),
    )  # fmt: skip
    if draft.codes:
        told = [f"**{plain(book.code(c).title)}**" + (f" ({s})" if s else "") for c, s in draft.codes.items()]
        st.markdown("Chosen: " + ", ".join(told))
    row = st.columns([1, 1, 1, 3])
    for column, (letter, stance) in zip(row, STANCE_KEYS.items(), strict=False):
        chosen = bool(draft.current) and draft.codes.get(draft.current) == stance
        column.button(
            stance.capitalize(), shortcut=letter, key=f"tone {letter}", width="stretch",
            type="primary" if chosen else "secondary", disabled=not draft.current, on_click=draft.toned,
            args=(stance,), help=f"How it speaks of {plain(book.code(draft.current).title)}" if draft.current else None,
        )  # fmt: skip
    memo = row[3].text_input("Memo", key="memo", placeholder="Memo (optional)", label_visibility="collapsed")

    def save() -> None:
        with refusals():
            coding = Coding(key, coder, tuple(draft.codes.items()), queue, memo.strip(), book.version)
            store.voices.add_codings(slug, body, [coding])
        st.session_state["recent codes"] = list(dict.fromkeys([*draft.codes, *recent]))[:KEYS]
        st.session_state.pop("draft", None)
        st.session_state.pop("again", None)

    def undo() -> None:
        with refusals():
            back = store.voices.undo_coding(slug, body, coder)
        if back is not None:
            st.session_state["draft"] = Draft(back.answer, dict(back.codes), next(reversed(dict(back.codes)), ""))
            st.session_state["memo"] = back.memo
            st.session_state["again"] = back.answer

    left, right, _ = st.columns([2, 2, 2])
    left.button(
        "Save and next" if draft.codes else "No theme, next", type="primary",
        shortcut="Enter", on_click=save, width="stretch",
    )  # fmt: skip
    right.button("Take the last one back", shortcut="U", on_click=undo, width="stretch")


def _path(book: Codebook, key: str) -> str:
    parent = book.code(key).parent
    return f"{book.code(parent).title} \u203a {book.code(key).title}" if parent else book.code(key).title


assert set(STANCE_KEYS.values()) == set(STANCES)
