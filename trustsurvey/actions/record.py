"""The record of a study's actions over a store: written down, changed, and held against what the surveys found.

Whoever is limited to some areas reads, writes and changes what is promised there and for the whole city. Of what is
promised for larger areas that hold theirs, they read the promise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import cache

from trustsurvey.actions.before_after import BeforeAfter, Heard, before_after
from trustsurvey.actions.checked import check
from trustsurvey.actions.follow_up import Record
from trustsurvey.errors import SurveyError, some
from trustsurvey.limits import actions_within, areas_within, promises_beyond
from trustsurvey.model import Action, ActionVersion, Codebook, Study, Wave
from trustsurvey.model.action import MEASURE
from trustsurvey.store import Store
from trustsurvey.voices.answers import Machine, OpenAnswers
from trustsurvey.voices.study import answers_of, codebook_of, taught

#: Holds the surveys before an action against those after it; told also the day its measure was written down.
Assess = Callable[[Action, Study, date | None], BeforeAfter]


def add(store: Store, slug: str, actions: Sequence[Action], today: date | None = None) -> list[int]:
    """Write actions down, all or none; their numbers. SurveyError ``action.*``."""
    known = _known(store, slug)
    _refuse_elsewhere(store, known[0], *actions)
    checked = [check(action, *known, today or date.today()) for action in actions]
    return store.actions.save(slug, checked)


def change(store: Store, slug: str, action: Action, seen: int, note: str = "", today: date | None = None) -> bool:
    """Write down that an action stands otherwise now; False where nothing differs. See ``store.actions.change``."""
    old = history(store, slug, action.id)[-1].action
    known = _known(store, slug)
    _refuse_elsewhere(store, known[0], action)
    check(action, *known, today or date.today(), old)
    return store.actions.change(slug, action, seen, note)


def remove(store: Store, slug: str, number: int, reason: str) -> None:
    """Delete an action that was written down by mistake. See ``store.actions.remove``."""
    history(store, slug, number)
    store.actions.remove(slug, number, reason)


def history(store: Store, slug: str, number: int) -> list[ActionVersion]:
    """All that was ever written down of an action, the first first.

    SurveyError ``store.no-action``; ``action.place`` for one that the person does not see.
    """
    found = store.actions.history(slug, number)
    _refuse_elsewhere(store, store.study(slug), found[-1].action)
    return found


def add_new(store: Store, slug: str, actions: Sequence[Action]) -> list[Action]:
    """Write down those actions whose promise, for the same area, the study does not have; those that were new."""
    present = {(v.action.promised, v.action.place) for v in store.actions.listed(slug)}
    new = [action for action in actions if (action.promised, action.place) not in present]
    if new:
        add(store, slug, new)
    return new


def _known(store: Store, slug: str) -> tuple[Study, Codebook, list[str]]:
    return store.study(slug), codebook_of(store, slug), [record.name for record in store.seen_waves(slug)]


def _refuse_elsewhere(store: Store, study: Study, *actions: Action) -> None:
    """SurveyError ``action.place`` for what a person who is limited to some areas would not see."""
    places = store.person.limited_to(study.slug)
    if places is None:
        return
    mine = set(actions_within(actions, study, places))
    for action in actions:
        if action not in mine:
            areas = areas_within(study, places)
            raise SurveyError(
                "action.place", "The promise is about an area that you do not see",
                where="" if action.id else action.promised[:60],  # what is stored is not told
                expected=some([name for level in study.levels for name in sorted(areas[level.key])], 12),
                hint="Ask somebody who sees all areas.",
            )  # fmt: skip


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
    return record_with(
        store, slug, lambda action, study, named: before_after(action, waves, study, heard, named), today
    )


def record_with(store: Store, slug: str, assess: Assess, today: date | None = None) -> Record:
    """The record of a study as the person sees it; ``assess`` is asked of each action that is done."""
    study = store.study(slug)
    histories = {history[-1].action: history for history in store.actions.histories(slug)}
    places = store.person.limited_to(slug)
    mine = actions_within(tuple(histories), study, places)
    beyond = promises_beyond(tuple(histories), study, places)
    found = {
        action.id: assess(action, study, named_on(histories[action], study))
        for action in mine if action.state == "done"
    }  # fmt: skip
    shown = {action.id: action for action in (*mine, *beyond)}
    return Record(
        study, codebook_of(store, slug), tuple(shown[one.id] for one in histories if one.id in shown),
        today or date.today(), found, elsewhere=tuple(one for one in histories if one.id not in shown),
        read_only=frozenset(action.id for action in beyond),
    )  # fmt: skip


def heard_in(store: Store, slug: str, waves: Sequence[Wave]) -> Heard:
    """The answers to the open questions of waves and the machine taught from them, read once they are asked for."""

    @cache
    def read() -> tuple[list[list[OpenAnswers]], Machine]:
        book = codebook_of(store, slug)
        asked = [answers_of(store, slug, wave, book) for wave in waves]
        return asked, taught(book, asked)

    return read
