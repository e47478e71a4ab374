"""What was promised, what was done, did it help: sentences that say what went with what, never what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from trustsurvey.actions.before_after import BeforeAfter, Row
from trustsurvey.actions.follow_up import Record, Unanswered
from trustsurvey.language import N_, _, ngettext
from trustsurvey.model import Action, State
from trustsurvey.present.findings import Line
from trustsurvey.present.words import change_words, detectable_words, group_words, reach, rounded, signed, whole
from trustsurvey.wording import capital, day, in_words, listed

#: The states in the order in which they are looked at, and what a list of each is called.
TITLES: dict[State, str] = {
    "under way": N_("Under way"), "planned": N_("Planned"), "done": N_("Done"), "dropped": N_("Dropped"),
}  # fmt: skip
#: Actions that are told in a briefing and read out in a meeting, at most.
TOLD, READ_OUT = 12, 5
NOTHING = N_("Nothing is recorded of what was promised or done.")
#: What stands beside numbers before and after.
CAUTION = N_(
    "What was found before and after is compared, not why: other things happened in the same time, and a change that "
    "went with an action need not have come of it."
)
#: What stands with a promise of which no more may be told.
BEYOND = N_("It is for, or judged by, more than the areas that you see: only the promise and where it stands are told.")
_MISSING = {
    "unnamed": N_("Nothing was named that should change, so the survey cannot say whether it did."),
    "undated": N_("The surveys carry no dates, so none is known to be before or after."),
    "no before": N_("No survey ended before it was done, so there is nothing to compare with."),
    "no after": N_("No survey began since it was done; the next one will tell."),
}


# --- one action ----------------------------------------------------------------------------------------


def state_words(action: Action, today: date) -> str:
    """Where a promise stands: 'Done on 8 December 2025, seven days later than promised.'"""
    if action.state == "done" and action.done is not None:
        days = 0 if action.due is None else (action.done - action.due).days
        if days <= 0:
            return _("Done on {day}.").format(day=day(action.done))
        return ngettext(
            "Done on {day}, {n} day later than promised.", "Done on {day}, {n} days later than promised.", days
        ).format(day=day(action.done), n=in_words(days))
    if action.state == "dropped":
        return _("Dropped: {reason}").format(reason=stopped(action.reason))
    stands = _(TITLES[action.state])
    if action.due is None:
        return _("{stands}; no day was named.").format(stands=stands)
    if action.overdue(today):
        return _("{stands}, and overdue: it was promised for {day}.").format(stands=stands, day=day(action.due))
    return _("{stands}, promised for {day}.").format(stands=stands, day=day(action.due))


def measure_words(action: Action, record: Record) -> str:
    """What should change, and for whom: 'Trust index in Harbour'; empty where nothing was named."""
    if action.share:
        known = action.share in record.codebook
        theme = _(record.codebook.code(action.share).title) if known else action.share
        return _for_whom(_("Mentions of \u201c{theme}\u201d").format(theme=theme), action, record)
    titles = {index.key: _(index.title) for index in record.study.instrument.indices}
    return _for_whom(titles.get(action.score, action.score), action, record) if action.score else ""


def _for_whom(measure: str, action: Action, record: Record) -> str:
    if not action.group:
        return measure
    if action.by in {level.key for level in record.study.levels}:
        return _("{measure} in {area}").format(measure=measure, area=action.group)
    return _("{measure} among {group}").format(measure=measure, group=group_words(action.by, action.group))


def assessment_words(action: Action, record: Record) -> list[str]:
    """What the surveys found before and after, in a few sentences; none where the action is not done."""
    found = record.found.get(action.id)
    if found is None or found.missing == "open":
        return []
    left_out = (
        ngettext(
            "{waves} is left out: people were asked while it was done.",
            "{waves} are left out: people were asked while it was done.",
            len(found.during),
        ).format(waves=listed(found.during))
        if found.during
        else ""
    )
    if found.missing in _MISSING:
        return [sentence for sentence in (_(_MISSING[found.missing]), left_out) if sentence]
    old, new = _period(found.old), _period(found.new)
    subject = measure_words(action, record)
    if found.missing == "not asked":
        return [_("{subject} cannot be told for both {old} and {new}.").format(subject=subject, old=old, new=new)]
    if found.row is None:
        few = _("Too few answers of {old} or {new} were read at random to count who mentions it.")
        return [few.format(old=old, new=new)]
    told = [*_before_after(found, found.row, subject, old, new), *_beside(found), left_out]
    if found.late:
        told.append(
            _(
                "What to look at was written down after that survey; of several measures one changes by chance more "
                "easily."
            )
        )
    return [sentence for sentence in told if sentence]


def _before_after(found: BeforeAfter, row: Row, subject: str, old: str, new: str) -> list[str]:
    verdict = row["verdict"]
    if verdict not in ("up", "down", "none"):
        return [f"{subject}: {change_words(row, old)}"]
    share = bool(found.action.share)
    row = {**row, **{name: 100 * row[name] for name in _NUMBERS}} if share else row
    told = (
        _("{subject}: of a hundred who answered in their own words, {before} before ({old}) and {after} after ({new})")
        if share
        else _("{subject} was {before} before ({old}) and {after} after ({new})")
    ).format(subject=subject, before=whole(row["before"]), after=whole(row["after"]), old=old, new=new)
    if verdict == "none":
        likely = _("The change is likely between {low} and {high}.")
        return [
            _("{told}; that could be chance.").format(told=told),
            likely.format(low=signed(row["lci"]), high=signed(row["uci"])),
            detectable_words(row),
        ]
    way = _("{told}: higher by {size}.") if verdict == "up" else _("{told}: lower by {size}.")
    return [way.format(told=told, size=_reach(row)), _("It went with what was done; that does not show why.")]


_NUMBERS = ("before", "after", "diff", "lci", "uci", "detectable")


def _beside(found: BeforeAfter) -> list[str]:
    """The change there against that of all others over the same time."""
    row = found.beside
    if row is None:
        shown = found.row is not None and found.row["verdict"] in ("up", "down", "none")
        if shown and found.action.share and found.action.group:
            return [_("Others are not set beside it: that is worked out for scores alone.")]
        return []
    if row["verdict"] == "none":
        none = _(
            "Set against everybody else over the same time, the change is likely between {low} and {high} points: no "
            "detectable difference."
        )
        return [none.format(low=signed(row["lci"]), high=signed(row["uci"]))]
    way = (
        _("Set against everybody else over the same time, it moved up by {size}.")
        if row["verdict"] == "up"
        else _("Set against everybody else over the same time, it moved down by {size}.")
    )
    return [way.format(size=_reach(row))]


def _reach(row: Row) -> str:
    """'5 points, likely between 1 and 9' of a difference that is there."""
    low, high = sorted((abs(row["lci"]), abs(row["uci"])))
    points = whole(abs(row["diff"]))
    told = (
        _("less than 1 point, {likely}")
        if points == "0"
        else ngettext("{points} point, {likely}", "{points} points, {likely}", rounded(abs(row["diff"])))
    )
    return told.format(points=points, likely=reach(low, high))


def _period(waves: Sequence[str]) -> str:
    return waves[0] if len(waves) == 1 else _("{first} to {last}").format(first=waves[0], last=waves[-1])


# --- the whole record ----------------------------------------------------------------------------------


def in_order(record: Record) -> list[Action]:
    """Overdue ones first, the longest overdue on top; then by state, what was done last on top.

    Of an area all of its own come before those of what it lies in.
    """
    states = list(TITLES)

    def place(action: Action) -> tuple[int, int, int, int]:
        near = record.distance(action)
        if action.overdue(record.today):
            return near, 0, 0, (action.due or record.today).toordinal()
        when = action.due if action.open else action.done
        last = -when.toordinal() if when and not action.open else when.toordinal() if when else 10**7
        return near, 1, states.index(action.state), last

    return sorted(record.actions, key=place)


def action_line(action: Action, record: Record) -> Line:
    """What was promised, and in a few sentences where it is meant, where it stands, what the survey found."""
    title, *told = action_parts(action, record)
    return title, " ".join(told)


def action_parts(action: Action, record: Record) -> list[str]:
    """The same part by part: the promise; where and how it stands; what came of it; what the survey found."""
    stands = f"{stopped(action.area or _('All areas'))} {state_words(action, record.today)}"
    if action.id in record.read_only:
        told = [f"{stands} {promised_by(action)}".strip(), _(BEYOND)]
        return [action.promised.strip().rstrip("."), *told]
    came = stopped(_("What came of it: {outcome}").format(outcome=action.outcome)) if action.outcome else ""
    told = [stands, came, " ".join(assessment_words(action, record))]
    return [action.promised.strip().rstrip("."), *filter(None, told)]


def promised_by(action: Action) -> str:
    """The unit that promised it; empty where none is named."""
    return _("Promised by: {unit}").format(unit=stopped(action.unit)) if action.unit else ""


def record_lines(record: Record, most: int = TOLD) -> list[Line]:
    """The record in lines: what is overdue, what is under way, what was done and what was found."""
    ordered = in_order(record)
    if not ordered:
        return [("", _(NOTHING))]
    lines = [action_line(action, record) for action in ordered[:most]]
    more = len(ordered) - most
    rest = ngettext("And {n} more action; see the record.", "And {n} more actions; see the record.", more)
    return [*lines, ("", rest.format(n=in_words(more)))] if more > 0 else lines


def tally_words(record: Record) -> str:
    """How many promises there are and where they stand: 'Six promises: three done, one under way ...'"""
    if not record.actions:
        return ""
    done, going, planned, dropped = (
        sum(action.state == state for action in record.actions) for state in ("done", "under way", "planned", "dropped")
    )
    states = (
        (done, ngettext("{n} done", "{n} done", done)),
        (going, ngettext("{n} under way", "{n} under way", going)),
        (planned, ngettext("{n} planned", "{n} planned", planned)),
        (dropped, ngettext("{n} dropped", "{n} dropped", dropped)),
    )
    all_of, late = len(record.actions), sum(action.overdue(record.today) for action in record.actions)
    told = ", ".join(text.format(n=in_words(many)) for many, text in states if many)
    promises = ngettext("{n} promise: {states}.", "{n} promises: {states}.", all_of)
    overdue = ngettext("{n} is overdue.", "{n} are overdue.", late).format(n=in_words(late))
    sentences = [promises.format(n=in_words(all_of), states=told), *([overdue] if late else [])]
    return " ".join(capital(sentence) for sentence in sentences)


def compared(record: Record) -> bool:
    """Whether numbers before and after stand in the record, so that the caution about them has a place."""
    rows = (found.row for found in record.found.values() if found.row is not None)
    return any(row["verdict"] in ("up", "down", "none") for row in rows)


def unanswered_line(theme: Unanswered) -> Line:
    """A theme much heard of which nothing was promised."""
    est, low, high = (whole(100 * value) for value in (theme.est, theme.lci, theme.uci))
    told = _("of a hundred who answered in {wave}, {est} mentioned it, likely between {low} and {high}.")
    return _(theme.title), told.format(wave=theme.in_wave, est=est, low=low, high=high)


def spoken(record: Record) -> list[str]:
    """The record for the ear: a paragraph an action, own ones of the place first; nothing for an empty record."""
    told = [_spoken(action, record) for action in record.actions[:READ_OUT]]
    more = len(record.actions) - READ_OUT
    rest = ngettext("{n} more promise is recorded.", "{n} more promises are recorded.", more)
    return [*told, capital(rest.format(n=in_words(more)))] if more > 0 else told


def _spoken(action: Action, record: Record) -> str:
    for_more = action.area and action.id in record.read_only
    said = _("For all of {area} we promised: {promised}") if for_more else _("We promised: {promised}")
    told = [said.format(area=action.area, promised=stopped(action.promised))]
    if action.state == "done" and action.done is not None:
        told.append(_("That was done on {day}.").format(day=day(action.done)))
    elif action.state == "dropped":
        told.append(_("We gave it up. {reason}").format(reason=stopped(action.reason)))
    elif action.overdue(record.today) and action.due is not None:
        told.append(_("It was to be done by {day}. It is not done yet.").format(day=day(action.due)))
    else:
        told.append(_("It is under way.") if action.state == "under way" else _("It is not begun yet."))
        told += [_("It is to be done by {day}.").format(day=day(action.due))] if action.due is not None else []
    told += [stopped(action.outcome)] if action.outcome else []
    return " ".join([*told, *assessment_words(action, record)])


def stopped(text: str) -> str:
    """A text on one line that ends with a stop."""
    told = " ".join(text.split())
    return told if told.endswith((".", "!", "?")) or not told else f"{told}."
