"""Pictures of what an analyst asked, one for each kind of table."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from trustsurvey.language import _
from trustsurvey.present import pairs
from trustsurvey.present.charts import dots
from trustsurvey.present.ranges import ranges


def _rows(names: pd.Series, table: pd.DataFrame, est: str, lci: str, uci: str, scale: float = 1.0) -> pd.DataFrame:
    """The rows that charts take; those without a number are drawn as hidden."""
    values = {new: scale * table[old].astype(float) for new, old in (("est", est), ("lci", lci), ("uci", uci))}
    hidden = pd.Series(values["est"].isna() | values["lci"].isna())
    suppressed = hidden.map({True: "hidden", False: ""})
    return pd.DataFrame({"level": names.astype(str), **values, "suppressed": suppressed})


def _levels(table: pd.DataFrame) -> pd.Series:
    return table["level"].where(table["level"] != "", _("everyone"))


def slopes(table: pd.DataFrame) -> go.Figure:
    """The slope of each area or group beside none; ``table`` of ``workbench.trends``."""
    return ranges(_rows(_levels(table), table, "slope", "lci", "uci"), reference=0.0, places=1)


def gaps(table: pd.DataFrame) -> go.Figure:
    """Raw and adjusted gaps beside none; ``table`` of ``workbench.group_gaps``."""
    rows = table[table["level"] != table["reference"]]
    both = rows["kind"].nunique() > 1
    names = rows["level"].astype(str) + (", " + rows["kind"].astype(str) if both else "")
    return ranges(_rows(names, rows, "gap", "lci", "uci"), reference=0.0, places=1)


def reliabilities(table: pd.DataFrame) -> go.Figure | None:
    """Alpha of each score beside .70; ``table`` of ``workbench.scales``."""
    if table.empty:
        return None
    return ranges(_rows(table["measure"], table, "alpha", "alpha_lci", "alpha_uci"), reference=0.7, places=2)


def importance(table: pd.DataFrame) -> go.Figure:
    """What each experience shares of all that is explained, in percent; ``table`` of ``workbench.goes_with``."""
    return dots(_rows(table["predictor"], table, "share", "share_lci", "share_uci", 100.0))


def coefficients(table: pd.DataFrame) -> go.Figure | None:
    """Coefficients beside none, or odds ratios beside 1 where there are any; ``table`` of ``workbench.regression``."""
    rows = table[table["term"] != "(intercept)"]
    if rows.empty:
        return None
    if "odds_ratio" in rows:
        return ranges(_rows(rows["term"], rows, "odds_ratio", "or_lci", "or_uci"), reference=1.0, log=True)
    return ranges(_rows(rows["term"], rows, "est", "lci", "uci"), reference=0.0)


def heard(table: pd.DataFrame) -> go.Figure | None:
    """Those who answered beside the population; ``table`` of ``workbench.who_is_missing``."""
    rows = table[table["population"] < 1]
    if rows.empty:
        return None
    return pairs.represented(rows.assign(category=rows["variable"] + ": " + rows["category"].astype(str)))
