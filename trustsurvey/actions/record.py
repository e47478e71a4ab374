"""The record of a study's actions over a store: written down, changed, and held against what the surveys found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from trustsurvey.actions.before_after import Heard, before_after
from trustsurvey.actions.checked import check
from trustsurvey.actions.follow_up import Record
from trustsurvey.model import Action, ActionVersion, Codebook, Study, Wave
from trustsurvey.store import Store
from trustsurvey.voices.answers import Machine, OpenAnswers
from trustsurvey.voices.study import answers_of, codebook_of, taught

#: What is looked at: when it was first named is what counts.
MEASURE = ("score", "share", "question", "by", "group")


def add(store: Store, slug: str, actions: Sequence[Action], today: date | None = None) -> list[int]:
    """Write actions down, all or none; their numbers. SurveyError ``action.*``."""
    known = _known(store, slug)
    checked = [check(action, *known, today or date.today()) for action in actions]
    return store.actions.save(slug, checked)


def change(store: Store, slug: str, action: Action, seen: int, note: str = "", today: date | None = None) -> bool:
    """Write down that an action stands otherwise now; False where nothing differs. See ``store.actions.change``."""
    old = store.actions.history(slug, action.id)[-1].action
    check(action, *_known(store, slug), today or date.today(), old)
    return store.actions.change(slug, action, seen, note)


def add_new(store: Store, slug: str, actions: Sequence[Action]) -> int:
    """Write down those actions whose promise, for the same area, the study does not have; how many."""
    present = {(v.action.promised, v.action.area) for v in store.actions.listed(slug)}
    new = [action for action in actions if (action.promised, action.area) not in present]
    return len(add(store, slug, new)) if new else 0


def _known(store: Store, slug: str) -> tuple[Study, Codebook, list[str]]:
    return store.study(slug), codebook_of(store, slug), [record.name for record in store.seen_waves(slug)]


def named_on(history: Sequence[ActionVersion], study: Study) -> date | None:
    """The day on which the measure that an action names now was written down; None in a sample study.

    That is written down all at once, after the fact.
    """
    if study.sample:
        return None
    now = history[-1].action
    same = history[-1]
    for version in reversed(history):
        if any(getattr(version.action, name) != getattr(now, name) for name in MEASURE):
            break
        same = version
    return same.created_at.date()


def record_of(
    store: Store, slug: str, waves: Sequence[Wave], heard: Heard | None = None, today: date | None = None
) -> Record:
    """The record of a study, with what ``waves`` (scored, in order of time) found before and after what was done.

    ``heard``: where open answers come from; without it no share of a theme is compared.
    """
    study, found = store.study(slug), {}
    histories = store.actions.histories(slug)
    actions = tuple(history[-1].action for history in histories)
    for action, history in zip(actions, histories, strict=True):
        if action.state == "done":
            found[action.id] = before_after(action, waves, study, heard, named_on(history, study))
    return Record(study, codebook_of(store, slug), actions, today or date.today(), found)


def heard_in(store: Store, slug: str, waves: Sequence[Wave]) -> Heard:
    """The answers to the open questions of waves and the machine taught from them, once they are asked for."""

    def read() -> tuple[list[list[OpenAnswers]], Machine]:
        book = codebook_of(store, slug)
        asked = [answers_of(store, slug, wave, book) for wave in waves]
        return asked, taught(book, asked)

    return read
