"""What residents mention, in sentences and tables; shares of those who answered, never of everybody."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from trustsurvey.language import N_, _
from trustsurvey.present.words import count, percent, signed, whole
from trustsurvey.voices.mentions import TOO_FEW_READ
from trustsurvey.voices.picture import Themes

#: How people speak of a theme.
STANCES = {"positive": N_("Praise"), "negative": N_("Complaint"), "suggestion": N_("Suggestion")}
#: Themes drawn in the first chart; the others are in the table.
DRAWN = 12


def basis_words(found: Themes) -> str:
    """How many answered, how many answers people read, and what the machine did."""
    if found.audited == found.answered:
        told = _("{answered} residents answered in their own words. People read {read} of the answers: all of them.")
    elif found.audited == found.read:
        told = _(
            "{answered} residents answered in their own words. People read {read} of the answers; a machine that "
            "learnt from them read the rest. The ranges take its errors into account."
        )
    else:
        told = _(
            "{answered} residents answered in their own words. People read {read} of the answers, {audited} of them "
            "drawn at random; a machine that learnt from them read the rest. The ranges take its errors into account."
        )
    return told.format(answered=count(found.answered), read=count(found.read), audited=count(found.audited))


def in_percent(rows: pd.DataFrame) -> pd.DataFrame:
    """Shares of 0 to 1 on 0 to 100, as charts draw them, the most frequent first, withheld ones last."""
    scaled = rows.assign(**{name: 100 * rows[name].astype(float) for name in ("est", "lci", "uci")})
    return scaled.sort_values("est", ascending=False, na_position="last", kind="stable")


def chart_end(rows: pd.DataFrame) -> float:
    """Where a chart of shares on 0 to 100 ends: at 100, or at 50 or 25 where all ranges do."""
    highest = float(rows["uci"].max())
    return next((end for end in (25.0, 50.0) if highest < 0.92 * end), 100.0)


def share_table(rows: pd.DataFrame, label: str) -> pd.DataFrame:
    """The numbers behind a chart of shares."""
    shown = (rows["suppressed"] == "").to_numpy()
    few = np.where(rows["suppressed"] == TOO_FEW_READ, _("too few read"), _("too few answers"))

    def told(name: str) -> list[str]:
        return [percent(v) if ok else "" for v, ok in zip(rows[name], shown, strict=True)]

    return pd.DataFrame(
        {
            "": [str(name) for name in rows[label]],
            _("Mention it"): [s if ok else why for s, ok, why in zip(told("est"), shown, few, strict=True)],
            _("Likely from"): told("lci"),
            _("to"): told("uci"),
            _("Answers"): [count(n) if math.isfinite(n) else "" for n in rows["n"]],
            _("Read at random"): [count(n) if math.isfinite(n) else "" for n in rows["audited"]],
        }
    )


def change_words(found: Themes) -> list[tuple[str, str]]:
    """Themes that are mentioned more or less often than in the wave before, the clearest first."""
    if found.change is None:
        return [("", _("There is no earlier wave of which enough answers were read."))]
    rows = found.change[found.change["by"] == ""]
    moved = rows[rows["verdict"].isin(["up", "down"])].sort_values("p_adj")
    if moved.empty:
        none = _("No theme is mentioned detectably more or less often than in {wave}.")
        return [("", none.format(wave=found.previous))]
    lines = []
    for row in moved.head(5).to_dict("records"):
        low, high = sorted((abs(row["lci"]), abs(row["uci"])))
        told = (
            _("mentioned more often than in {wave}, by {points} points of a hundred, likely between {low} and {high}.")
            if row["verdict"] == "up"
            else _(
                "mentioned less often than in {wave}, by {points} points of a hundred, likely between {low} and {high}."
            )
        ).format(
            wave=found.previous, points=whole(100 * abs(row["diff"])), low=whole(100 * low), high=whole(100 * high)
        )
        lines.append((_(found.codebook.code(str(row["measure"])).title), told))
    return lines


def change_table(found: Themes) -> pd.DataFrame:
    """All themes now and before."""
    assert found.change is not None
    rows = found.change[found.change["by"] == ""]

    def told(values: pd.Series, say: object) -> list[str]:
        return [say(v) if math.isfinite(v) else "" for v in values.astype(float)]  # type: ignore[operator]

    words = {"up": _("more often"), "down": _("less often"), "none": _("no detectable change")}
    return pd.DataFrame(
        {
            "": [_(found.codebook.code(key).title) for key in rows["measure"]],
            found.previous: told(rows["before"], percent),
            _("Now"): told(rows["after"], percent),
            _("Points"): told(100 * rows["diff"].astype(float), signed),
            _("Verdict"): [words.get(v, _("too few to compare")) for v in rows["verdict"]],
        }
    )


def needed_words(rows: pd.DataFrame, points: int) -> str:
    """How many answers have to be read at random for ranges of so many points to either side."""
    needed = rows.loc[(rows["suppressed"] == "") & np.isfinite(rows["needed"]), "needed"]
    more = needed.max() - rows["audited"].max() if len(needed) else 0
    if not len(needed) or more <= 0:
        return ""
    return _(
        "For ranges of at most {points} points to either side about {more} more answers have to be read at random."
    ).format(points=points, more=count(more))


def tone_table(found: Themes) -> pd.DataFrame:
    """How people spoke of each theme, as those who read at random said."""
    assert found.tone is not None
    table = found.tone.estimates.table
    table = table[table["by"] == ""].set_index("measure")
    rows = []
    for code in found.codebook.codes:
        cells = {"": _(code.title)}
        for stance, title in STANCES.items():
            row = table.loc[f"{code.key}: {stance}"]
            cells[_(title)] = percent(row["est"]) if row["suppressed"] == "" and math.isfinite(row["est"]) else ""
        rows.append(cells)
    return pd.DataFrame(rows)
