"""What residents mention, in sentences and tables; shares of those who answered, never of everybody."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from trustsurvey.present.words import count, percent, signed, whole
from trustsurvey.voices.mentions import TOO_FEW_READ
from trustsurvey.voices.picture import Themes

#: Themes drawn in the first chart; the others are in the table.
DRAWN = 12


def basis_words(found: Themes) -> str:
    """How many answered, how many answers people read, and what the machine did."""
    told = (
        f"{count(found.answered)} residents answered in their own words. People read {count(found.read)} of the answers"
    )
    drawn = "" if found.audited == found.read else f", {count(found.audited)} of them drawn at random"
    if found.audited == found.answered:
        return f"{told}: all of them."
    return f"{told}{drawn}; a machine that learnt from them read the rest. The ranges take its errors into account."


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
    few = np.where(rows["suppressed"] == TOO_FEW_READ, "too few read", "too few answers")

    def told(name: str) -> list[str]:
        return [percent(v) if ok else "" for v, ok in zip(rows[name], shown, strict=True)]

    return pd.DataFrame(
        {
            "": [str(name) for name in rows[label]],
            "Mention it": [s if ok else why for s, ok, why in zip(told("est"), shown, few, strict=True)],
            "Likely from": told("lci"),
            "to": told("uci"),
            "Answers": [count(n) if math.isfinite(n) else "" for n in rows["n"]],
            "Read at random": [count(n) if math.isfinite(n) else "" for n in rows["audited"]],
        }
    )


def change_words(found: Themes) -> list[tuple[str, str]]:
    """Themes that are mentioned more or less often than in the wave before, the clearest first."""
    if found.change is None:
        return [("", "There is no earlier wave of which enough answers were read.")]
    rows = found.change[found.change["by"] == ""]
    moved = rows[rows["verdict"].isin(["up", "down"])].sort_values("p_adj")
    if moved.empty:
        return [("", f"No theme is mentioned detectably more or less often than in {found.previous}.")]
    lines = []
    for row in moved.head(5).to_dict("records"):
        way = "more" if row["verdict"] == "up" else "less"
        low, high = sorted((abs(row["lci"]), abs(row["uci"])))
        lines.append(
            (found.codebook.code(str(row["measure"])).title,
             f"mentioned {way} often than in {found.previous}, by {whole(100 * abs(row['diff']))} points of a hundred, "
             f"likely between {whole(100 * low)} and {whole(100 * high)}.")
        )  # fmt: skip
    return lines


def change_table(found: Themes) -> pd.DataFrame:
    """All themes now and before."""
    assert found.change is not None
    rows = found.change[found.change["by"] == ""]

    def told(values: pd.Series, say: object) -> list[str]:
        return [say(v) if math.isfinite(v) else "" for v in values.astype(float)]  # type: ignore[operator]

    words = {"up": "more often", "down": "less often", "none": "no detectable change"}
    return pd.DataFrame(
        {
            "": [found.codebook.code(key).title for key in rows["measure"]],
            found.previous: told(rows["before"], percent),
            "Now": told(rows["after"], percent),
            "Points": told(100 * rows["diff"].astype(float), signed),
            "Verdict": [words.get(v, "too few to compare") for v in rows["verdict"]],
        }
    )


def needed_words(rows: pd.DataFrame, points: int) -> str:
    """How many answers have to be read at random for ranges of so many points to either side."""
    needed = rows.loc[(rows["suppressed"] == "") & np.isfinite(rows["needed"]), "needed"]
    more = needed.max() - rows["audited"].max() if len(needed) else 0
    if not len(needed) or more <= 0:
        return ""
    return (
        f"For ranges of at most {points} points to either side about {count(more)} more answers have to be read at "
        "random."
    )


def tone_table(found: Themes) -> pd.DataFrame:
    """How people spoke of each theme, as those who read at random said."""
    assert found.tone is not None
    table = found.tone.estimates.table
    table = table[table["by"] == ""].set_index("measure")
    rows = []
    for code in found.codebook.codes:
        cells = {"": code.title}
        for stance, title in (("positive", "Praise"), ("negative", "Complaint"), ("suggestion", "Suggestion")):
            row = table.loc[f"{code.key}: {stance}"]
            cells[title] = percent(row["est"]) if row["suppressed"] == "" and math.isfinite(row["est"]) else ""
        rows.append(cells)
    return pd.DataFrame(rows)
