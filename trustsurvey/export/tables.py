"""The tables of a picture, one a sheet, in the order of the workbook."""

from __future__ import annotations

import pandas as pd

from trustsurvey.analysis import Picture
from trustsurvey.disclosure.cells import nesting_of
from trustsurvey.disclosure.crossed import protect_margins
from trustsurvey.export.account import account_table
from trustsurvey.export.method import column_rows, method_rows
from trustsurvey.export.method_weights import replicate_rows
from trustsurvey.language import SOURCE, speaking
from trustsurvey.model import Wave
from trustsurvey.replication.elsewhere import replicates_table
from trustsurvey.replication.replicates import Replicates
from trustsurvey.store import WaveRecord


@speaking(SOURCE)
def picture_tables(
    picture: Picture,
    record: WaveRecord | None = None,
    microdata: bool = False,
    replicates: Replicates | None = None,
    actions: pd.DataFrame | None = None,
) -> dict[str, pd.DataFrame]:
    """Sheets by name. ``microdata`` adds the weights by pseudonym and row of the source file.

    ``replicates`` adds replicate weights beside them, each with its scale, and says how they came about.
    ``actions``: what was promised and done (see ``export.actions``).
    """
    wave = picture.wave
    method = method_rows(picture, record, microdata) + ([] if record is None else column_rows(record.mapping))
    drawn = scales = pd.DataFrame()
    if replicates is not None:
        drawn, scales = replicates_table(wave, replicates)
        method += replicate_rows(replicates)
    tables = {
        "Results": picture.estimates.table,
        "Areas": pd.concat(
            [view.estimates.table.assign(waves=", ".join(view.waves)) for view in picture.levels],
            ignore_index=True,
        )
        if picture.levels
        else pd.DataFrame(),
        "Against everyone": pd.concat([view.against for view in picture.levels], ignore_index=True).rename(
            columns={"before": "everyone", "after": "area"}
        )
        if picture.levels
        else pd.DataFrame(),
        "Change": pd.DataFrame()
        if picture.change is None
        else picture.change.table.assign(since=picture.change.old, wave=picture.change.new),
        "Trend": picture.trend.table,
        "Questions": _questions(picture),
        "Actions": pd.DataFrame() if actions is None else actions,
        "Margins": pd.DataFrame()
        if wave.weighting is None
        else protect_margins(wave.weighting.report, wave, nesting_of(picture.study.levels)),
        "Weights": weights_table(wave) if microdata else pd.DataFrame(),
        "Replicates": drawn,
        "Replicate scales": scales,
        "Import": account_table(wave.report, microdata),
        "Method": pd.DataFrame(method, columns=["subject", "statement"]),
    }
    return {name: table for name, table in tables.items() if not table.empty}


def weights_table(wave: Wave) -> pd.DataFrame:
    """Pseudonym, source row, base weight and weight of every resident: microdata."""
    return pd.DataFrame(
        {
            "respondent": wave.people["respondent"],
            "source_row": wave.people["source_row"],
            "base_weight": wave.design.weights,
            "weight": wave.weights,
        }
    )


def _questions(picture: Picture) -> pd.DataFrame:
    """One row a question: wording asked, scale, mean, percent positive, percent don't know."""
    wave, table = picture.wave, picture.questions.table
    wide = table.pivot(index="measure", columns="stat", values=["est", "lci", "uci", "n"])
    rows = []
    for name in wave.items:
        item = wave.instrument.item(name)
        row: dict[str, object] = {
            "question": name,
            "wording": wave.wording.get(name, item.text),
            "scale": item.scale.name,
            "reverse": item.reverse,
        }
        for stat, label in (("mean", "mean"), ("positive", "positive"), ("don't know", "dont_know")):
            for part in ("est", "lci", "uci", "n"):
                row[f"{label}_{part}"] = wide.loc[name, (part, stat)]
        rows.append(row)
    return pd.DataFrame(rows)
