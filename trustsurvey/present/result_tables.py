"""The tables behind sentences about results: what changed, and every question of a wave."""

from __future__ import annotations

import math

import pandas as pd

from trustsurvey.analysis import Picture
from trustsurvey.language import N_, _
from trustsurvey.present.words import percent, signed, whole

#: What a verdict on a change is called in a table.
VERDICTS = {
    "up": N_("higher"),
    "down": N_("lower"),
    "none": N_("no detectable change"),
    "break": N_("not asked in the same way"),
    "withheld": N_("too few answers"),
    "guarded": N_("not shown, to protect a small group"),
}


def change_table(rows: pd.DataFrame, since: str) -> pd.DataFrame:
    """The numbers behind sentences about change."""
    told = [_(VERDICTS[verdict]) for verdict in rows["verdict"]]
    return pd.DataFrame(
        {
            "": rows["level"],
            since: rows["before"].map(_or_blank),
            _("Now"): rows["after"].map(_or_blank),
            _("Difference"): rows["diff"].map(signed),
            _("Likely from"): rows["lci"].map(signed),
            _("to"): rows["uci"].map(signed),
            _("Visible from"): rows["detectable"].map(lambda v: f"{math.ceil(v)}" if math.isfinite(v) else ""),
            _("In words"): told,
        }
    )


def question_table(picture: Picture) -> pd.DataFrame:
    """Every question of a wave: mean score, percent positive and percent don't know, with ranges."""
    cells = {(cell["measure"], cell["stat"]): cell for cell in picture.questions.table.to_dict("records")}
    rows = []
    for name in picture.wave.items:
        row: dict[str, str] = {_("Question"): picture.wave.wording.get(name, picture.wave.instrument.item(name).text)}
        for stat, label in (
            ("mean", _("Mean score")),
            ("positive", _("Positive answers")),
            ("don't know", _("Don't know")),
        ):
            cell = cells[name, stat]
            show = whole if stat == "mean" else percent
            row[label] = (
                _("{est} ({lci} to {uci})").format(est=show(cell["est"]), lci=show(cell["lci"]), uci=show(cell["uci"]))
                if cell["suppressed"] == ""
                else _("too few answers")
            )
        rows.append(row)
    return pd.DataFrame(rows)


def _or_blank(value: float) -> str:
    return whole(value) if math.isfinite(value) else ""
