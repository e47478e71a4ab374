"""What was promised, what was done, did it help: sentences that say what went with what, never what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from trustsurvey.actions.before_after import BeforeAfter, Row
from trustsurvey.actions.follow_up import Record, Unanswered
from trustsurvey.language import N_, _
from trustsurvey.model import Action, State
from trustsurvey.present.findings import Line
from trustsurvey.present.words import change_words, day, detectable_words, signed, whole
from trustsurvey.wording import capital, in_words, number

#: The states in the order in which they are looked at, and what a list of each is called.
TITLES: dict[State, str] = {"under way": "Under way", "planned": "Planned", "done": "Done", "dropped": "Dropped"}
#: Actions that are told in a briefing and read out in a meeting, at most.
TOLD, READ_OUT = 12, 5
NOTHING = N_("Nothing is recorded of what was promised. Nothing is recorded of what was done.")
#: What stands beside numbers before and after.
CAUTION = (
    "What was found before and after is compared, not why: other things happened in the same time, and a change that "
    "went with an action need not have come of it."
)
_MISSING = {
    "unnamed": "Nothing was named that should change, so the survey cannot say whether it did.",
    "undated": "The surveys carry no dates, so none is known to be before or after.",
    "no before": "No survey ended before it was done, so there is nothing to compare with.",
    "no after": "No survey began since it was done; the next one will tell.",
}


# --- one action ----------------------------------------------------------------------------------------


def state_words(action: Action, today: date) -> str:
    """Where a promise stands: 'Done on 8 December 2025, seven days later than promised.'"""
    if action.state == "done" and action.done is not None:
        days = 0 if action.due is None else (action.done - action.due).days
        late = f", {number(days, 'day')} later than promised" if days > 0 else ""
        return f"Done on {day(action.done)}{late}."
    if action.state == "dropped":
        return f"Dropped: {stopped(action.reason)}"
    stands = "Under way" if action.state == "under way" else "Planned"
    if action.due is None:
        return f"{stands}; no day was named."
    if action.overdue(today):
        return f"{stands}, and overdue: it was promised for {day(action.due)}."
    return f"{stands}, promised for {day(action.due)}."


def measure_words(action: Action, record: Record) -> str:
    """What should change, and for whom: 'Trust index in Harbour'; empty where nothing was named."""
    if action.share:
        known = action.share in record.codebook
        theme = record.codebook.code(action.share).title if known else action.share
        return f"Mentions of \u201c{theme}\u201d{_for_whom(action, record)}"
    titles = {index.key: index.title for index in record.study.instrument.indices}
    return f"{titles.get(action.score, action.score)}{_for_whom(action, record)}" if action.score else ""


def _for_whom(action: Action, record: Record) -> str:
    if not action.group:
        return ""
    if action.by in {level.key for level in record.study.levels}:
        return f" in {action.group}"
    return f" among {action.by.replace('_', ' ')} {action.group}"


def assessment_words(action: Action, record: Record) -> list[str]:
    """What the surveys found before and after, in a few sentences; none where the action is not done."""
    found = record.found.get(action.id)
    if found is None or found.missing == "open":
        return []
    left_out = f"{_listed(found.during)} is left out: people were asked while it was done." if found.during else ""
    if found.missing in _MISSING:
        return [sentence for sentence in (_MISSING[found.missing], left_out) if sentence]
    old, new = _period(found.old), _period(found.new)
    subject = measure_words(action, record)
    if found.missing == "not asked":
        return [f"{subject} cannot be told for both {old} and {new}."]
    if found.row is None:
        return [f"Too few answers of {old} or {new} were read at random to count who mentions it."]
    told = [*_before_after(found, found.row, subject, old, new), *_beside(found), left_out]
    if found.late:
        told.append(
            "What to look at was written down after that survey; of several measures one changes by chance more easily."
        )
    return [sentence for sentence in told if sentence]


def _before_after(found: BeforeAfter, row: Row, subject: str, old: str, new: str) -> list[str]:
    verdict = row["verdict"]
    if verdict not in ("up", "down", "none"):
        return [f"{subject}: {change_words(row, old)}"]
    share = bool(found.action.share)
    row = {**row, **{name: 100 * row[name] for name in _NUMBERS}} if share else row
    before, after = whole(row["before"]), whole(row["after"])
    if share:
        asked = "of a hundred who answered in their own words"
        told = f"{subject}: {asked}, {before} before ({old}) and {after} after ({new})"
    else:
        told = f"{subject} was {before} before ({old}) and {after} after ({new})"
    if verdict == "none":
        likely = f"The change is likely between {signed(row['lci'])} and {signed(row['uci'])}."
        return [f"{told}; that could be chance.", likely, detectable_words(row)]
    way = "higher" if verdict == "up" else "lower"
    return [f"{told}: {way} by {_reach(row)}.", "It went with what was done; that does not show why."]


_NUMBERS = ("before", "after", "diff", "lci", "uci", "detectable")


def _beside(found: BeforeAfter) -> list[str]:
    """The change there against that of all others over the same time."""
    row = found.beside
    if row is None:
        shown = found.row is not None and found.row["verdict"] in ("up", "down", "none")
        if shown and found.action.share and found.action.group:
            return ["Others are not set beside it: that is worked out for scores alone."]
        return []
    if row["verdict"] == "none":
        likely = f"likely between {signed(row['lci'])} and {signed(row['uci'])} points"
        return [f"Set against everybody else over the same time, the change is {likely}: no detectable difference."]
    way = "up" if row["verdict"] == "up" else "down"
    return [f"Set against everybody else over the same time, it moved {way} by {_reach(row)}."]


def _reach(row: Row) -> str:
    """'5 points, likely between 1 and 9' of a difference that is there."""
    low, high = sorted((abs(row["lci"]), abs(row["uci"])))
    points = whole(abs(row["diff"]))
    size = "less than 1 point" if points == "0" else f"{points} point{'' if points == '1' else 's'}"
    return f"{size}, likely between {whole(low)} and {whole(high)}"


def _period(waves: Sequence[str]) -> str:
    return waves[0] if len(waves) == 1 else f"{waves[0]} to {waves[-1]}"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names)


# --- the whole record ----------------------------------------------------------------------------------


def in_order(record: Record) -> list[Action]:
    """Overdue ones first, the longest overdue on top; then by state, what was done last on top."""
    states = list(TITLES)

    def place(action: Action) -> tuple[int, int, int]:
        if action.overdue(record.today):
            return 0, 0, (action.due or record.today).toordinal()
        when = action.due if action.open else action.done
        last = -when.toordinal() if when and not action.open else when.toordinal() if when else 10**7
        return 1, states.index(action.state), last

    return sorted(record.actions, key=place)


def action_line(action: Action, record: Record) -> Line:
    """What was promised, and in a few sentences where it is meant, where it stands, what the survey found."""
    told = [stopped(action.area or "All areas"), state_words(action, record.today)]
    told += [stopped(f"What came of it: {action.outcome}")] if action.outcome else []
    return action.promised.strip().rstrip("."), " ".join([*told, *assessment_words(action, record)])


def record_lines(record: Record, most: int = TOLD) -> list[Line]:
    """The record in lines: what is overdue, what is under way, what was done and what was found."""
    ordered = in_order(record)
    if not ordered:
        return [("", _(NOTHING))]
    lines = [action_line(action, record) for action in ordered[:most]]
    more = len(ordered) - most
    return [*lines, ("", f"And {number(more, 'more action')}; see the record.")] if more > 0 else lines


def tally_words(record: Record) -> str:
    """How many promises there are and where they stand: 'Six promises: three done, one under way ...'"""
    states = {state: sum(action.state == state for action in record.actions) for state in ("done", *TITLES)}
    late = sum(action.overdue(record.today) for action in record.actions)
    told = ", ".join(f"{in_words(many)} {state}" for state, many in states.items() if many)
    overdue = f" {capital(in_words(late))} {'is' if late == 1 else 'are'} overdue." if late else ""
    return f"{capital(number(len(record.actions), 'promise'))}: {told}.{overdue}" if record.actions else ""


def compared(record: Record) -> bool:
    """Whether numbers before and after stand in the record, so that the caution about them has a place."""
    rows = (found.row for found in record.found.values() if found.row is not None)
    return any(row["verdict"] in ("up", "down", "none") for row in rows)


def unanswered_line(theme: Unanswered) -> Line:
    """A theme much heard of which nothing was promised."""
    est, low, high = (whole(100 * value) for value in (theme.est, theme.lci, theme.uci))
    return theme.title, (
        f"of a hundred who answered in {theme.in_wave}, {est} mentioned it, likely between {low} and {high}."
    )


def spoken(record: Record) -> list[str]:
    """The record for the ear: a paragraph an action, own ones of the place first; nothing for an empty record."""
    told = [_spoken(action, record) for action in record.actions[:READ_OUT]]
    more = len(record.actions) - READ_OUT
    rest = f"{capital(number(more, 'more promise'))} {'is' if more == 1 else 'are'} recorded."
    return [*told, rest] if more > 0 else told


def _spoken(action: Action, record: Record) -> str:
    told = [f"We promised: {stopped(action.promised)}"]
    if action.state == "done" and action.done is not None:
        told.append(f"That was done on {day(action.done)}.")
    elif action.state == "dropped":
        told.append(f"We gave it up. {stopped(action.reason)}")
    elif action.overdue(record.today) and action.due is not None:
        told.append(f"It was to be done by {day(action.due)}. It is not done yet.")
    else:
        told.append("It is under way." if action.state == "under way" else "It is not begun yet.")
        told += [f"It is to be done by {day(action.due)}."] if action.due is not None else []
    told += [stopped(action.outcome)] if action.outcome else []
    return " ".join([*told, *assessment_words(action, record)])


def stopped(text: str) -> str:
    """A text on one line that ends with a stop."""
    told = " ".join(text.split())
    return told if told.endswith((".", "!", "?")) or not told else f"{told}."
