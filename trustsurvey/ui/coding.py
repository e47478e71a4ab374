"""What there is to read, who reads, and which text comes next."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from trustsurvey.language import N_, _
from trustsurvey.model import Queue
from trustsurvey.rights import Person
from trustsurvey.store import Body, Store
from trustsurvey.ui.desk import TONES, desk
from trustsurvey.ui.guard import plain
from trustsurvey.voices.answers import Machine, OpenAnswers
from trustsurvey.wording import figure

#: From so many readings on the machine is taught, and again after each so many more.
TEACH_EVERY = 25
TASKS: dict[Queue, str] = {
    "audit": N_("Read at random"),
    "training": N_("Teach the machine"),
    "second": N_("Read a second time"),
    "settled": N_("Settle differences"),
}
WHY: dict[Queue, str] = {
    "audit": N_("Drawn at random in every area. The shares on the page \u201cWhat residents say\u201d rest on these."),
    "training": N_(
        "Chosen because the machine is unsure of them, or because they may hold a rare theme. They make "
        "the machine better, and count for no share by themselves."
    ),
    "second": N_("Answers that somebody else read. You do not see what was chosen; how far you agree is worked out."),
    "settled": N_("Answers that were read differently. What you choose here counts from now on."),
}
DONE: dict[Queue, str] = {
    "audit": N_("Every answer was read."),
    "training": N_("Every answer was read."),
    "second": N_("Nothing is left that only somebody else read."),
    "settled": N_("Nobody read an answer differently."),
}
#: Of a conversation: nothing is drawn at random, for it is no sample.
SPOKEN: dict[Queue, str] = {"training": N_("Read in order"), "second": TASKS["second"], "settled": TASKS["settled"]}
IN_ORDER = N_(
    "In the order spoken. Themes of a group are counted from what people read, never from what the machine thinks."
)


def waiting_for(
    answers: OpenAnswers, task: Queue, coder: str, machine: Machine | None, spoken: bool = False
) -> list[int]:
    """Positions of the answers that wait for this coder, the next first; what was ``spoken`` in its order."""
    readings = answers.readings
    if spoken and task == "training":
        return [at for at, key in enumerate(answers.keys) if key not in readings.counts()]
    mine = readings.by_coder.get(coder, {})
    place = {key: at for at, key in enumerate(answers.keys)}
    if task == "audit":
        return [int(at) for at in answers.audit.waiting]
    if task == "training":
        return [int(at) for at in answers.to_teach(machine)]
    if task == "settled":
        return [place[key] for key, _found in readings.disagreements()]
    others = [key for key in readings.counts() if key not in mine and key not in readings.settled]
    once = [key for key in others if sum(key in of for of in readings.by_coder.values()) == 1]
    return [place[key] for key in sorted(once)]


def next_of(answers: OpenAnswers, waiting: Sequence[int]) -> int:
    """The answer that was just taken back where it still waits, else the first."""
    again = st.session_state.get("again")
    at = answers.keys.index(again) if again in answers.keys else -1
    return at if at in waiting else waiting[0]


def reader(person: Person) -> str:
    """Who reads: whoever is signed in, else whoever is named; the page stops here until somebody is.

    The field goes once it was filled in: as long as it has the cursor, it and not the desk gets the keys.
    """
    if not person.open_mode:
        return person.name
    named: str = st.session_state.get("reader", "")
    if named:
        st.markdown(_("Reading as **{named}**").format(named=plain(named)))
        st.button(_("Somebody else reads"), on_click=st.session_state.pop, args=("reader",), type="tertiary")
        return named

    def name() -> None:
        st.session_state["reader"] = st.session_state["coder"].strip()

    st.text_input(_("Who is reading?"), key="coder", placeholder=_("Your name or initials"), on_change=name)
    st.info(_("Type your name or initials first: each reading carries who made it."))
    st.stop()
    raise AssertionError("unreachable: the page stopped")


def room(
    store: Store, slug: str, body: Body, answers: OpenAnswers, machine: Machine | None, coder: str,
    before: Callable[[str], Sequence[tuple[str, str]]] | None = None,
) -> None:  # fmt: skip
    """What there is to read, how far it went, and the answer that is next at the desk.

    ``before``: of turns in a conversation, who said what just before a text; they are read in the order spoken.
    """
    st.caption(
        _("With the keyboard: 1 to 9 for a theme, P, N or S for its tone, Enter for the next answer, U to go back.")
    )
    tasks = TASKS if before is None else SPOKEN
    first: Queue = next(iter(tasks))
    task: Queue = st.segmented_control(
        _("What to do"), list(tasks), default=first, format_func=lambda key: _(tasks[key]),
        key="task" if before is None else "spoken task",
    ) or first  # fmt: skip
    why = WHY[task] if before is None or task != "training" else IN_ORDER
    st.caption(_(why))
    readings, every = answers.readings, len(answers.keys)
    read, done = len(readings.counts()), int(answers.audit.audited.sum())
    far = _("{read} of {every} answers read, {done} at random") if before is None else _("{read} of {every} turns read")
    st.progress(read / every, far.format(read=figure(read), every=figure(every), done=figure(done)))
    waiting = waiting_for(answers, task, coder, machine, before is not None)
    if not waiting:
        st.success(_(DONE[task]))
        return
    now = next_of(answers, waiting)
    stale = readings.stale.get(answers.keys[now])
    if stale is not None:
        st.caption(
            _("Read before the codebook had all of its themes: what was chosen then is chosen, look for the new ones.")
        )
    if task == "settled":
        for one in next(found for key, found in readings.disagreements() if key == answers.keys[now]):
            known = [
                (_(answers.codebook.code(code).title), tone) for code, tone in one.codes if code in answers.codebook
            ]
            told = ", ".join(plain(title) + (f" ({_(TONES[tone]).lower()})" if tone else "") for title, tone in known)
            st.markdown(f"**{plain(one.coder)}**: {told or _('none of the themes')}")
    start = [pair for pair in stale.codes if pair[0] in answers.codebook] if stale is not None else []
    for who, text in before(answers.keys[now]) if before is not None else ():
        st.caption(f"**{plain(who)}**: {plain(text)}")
    desk(store, slug, body, answers, now, machine, coder, task, start, parts=before is not None)
