"""What goes with a score, on the pages of results: association, told as such."""

from __future__ import annotations

import pandas as pd

from trustsurvey.language import _
from trustsurvey.model import Instrument
from trustsurvey.present.themes import chart_end
from trustsurvey.present.words import whole
from trustsurvey.scales.drivers import ASSOCIATION, CAUTIONS


def parts(table: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """The table of ``workbench.goes_with`` as rows that ``charts.dots`` draws: parts of a hundred, by title."""
    rows = table[["importance", "lci", "uci"]].mul(100).clip(0, 100).rename(columns={"importance": "est"})
    return rows.assign(level=[_(instrument.index(key).title) for key in table["predictor"]], suppressed="")


def parts_words(rows: pd.DataFrame, title: str) -> str:
    """How much of what sets residents apart goes with all of these together, and that this is no cause."""
    told = _(
        "Residents score differently on {title}. About {parts} of 100 parts of these differences go along with what is "
        "shown here; the rest goes with what was not asked, or with chance. The chart ends at {end}."
    ).format(title=title, parts=whole(rows["est"].sum()), end=whole(chart_end(rows)))
    return f"{told} {_(CAUTIONS[ASSOCIATION])}"


def parts_table(rows: pd.DataFrame) -> pd.DataFrame:
    """The numbers behind the chart."""
    return pd.DataFrame(
        {
            "": rows["level"],
            _("Parts of 100"): rows["est"].map(whole),
            _("Likely from"): rows["lci"].map(whole),
            _("to"): rows["uci"].map(whole),
        }
    )
