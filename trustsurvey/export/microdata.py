"""The answers themselves, for other programs: one row a resident, and nothing that tells who somebody is.

Only for those with the right to microdata. Rows stand in the order of the pseudonyms, units and strata are numbered
in that order, and the number of the row in the survey tool's file is not there: neither tells who is who in that file.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from trustsurvey.errors import SurveyError
from trustsurvey.export.variables import Part, Variable, missing_codes, reason_at, short_names
from trustsurvey.model import RULES, Floats, Ints, Wave
from trustsurvey.replication.replicates import Replicates
from trustsurvey.voices.answers import refuse_unredacted
from trustsurvey.weighting.categories import EVERYONE
from trustsurvey.weighting.targets import Targets


@dataclass(frozen=True, eq=False)
class Microdata:
    """Answers of one wave: ``table`` has a row a resident and a column for each of ``variables``, in their order.

    ``margins``: what the weights were set to, as used: variable (a column of the table), category, target; empty
    where they were not.
    """

    table: pd.DataFrame
    variables: tuple[Variable, ...]
    margins: pd.DataFrame = field(default_factory=pd.DataFrame)

    def named(self, *roles: Part) -> dict[str, str]:
        """Short names by long ones, of the variables of these roles."""
        return {variable.long: variable.name for variable in self.variables if variable.role in roles}


def microdata_table(wave: Wave, *, weights: bool = True, replicates: Replicates | None = None) -> Microdata:
    """The answers of a scored wave, one row a resident.

    Pseudonym, areas, groups, interview mode and columns of numbers; every rated answer on its scale, with the codes of
    :func:`~trustsurvey.export.variables.missing_codes` where a reason is known; the indices, 0 to 100.
    ``weights``: base weight, weight, the design, and the categories that the weights were set to.
    ``replicates``: their weights too. Never private columns, open answers or rows of the source file.

    SurveyError ``export.pooled`` for a rolling year, ``export.unscored`` for a wave without scores.
    """
    if wave.parts:
        raise SurveyError("export.pooled", "Answers are taken away wave by wave", where=wave.name)
    if wave.scores is None:
        raise SurveyError("export.unscored", "The wave has no scores", where=wave.name, hint="Call score(wave) first.")
    made = _Columns(np.argsort(wave.people["respondent"].to_numpy(str), kind="stable"))
    made.add("respondent", "Pseudonym of the resident in this study", "pseudonym",
             wave.people["respondent"].astype(str).to_numpy(object))  # fmt: skip
    _who(wave, made)
    _answers(wave, made)
    margins = pd.DataFrame()
    if weights:
        margins = _weights(wave, made)
        for k in range(0 if replicates is None else len(replicates)):
            assert replicates is not None
            made.add(f"rep_{k + 1}", f"Replicate weight {k + 1}", "replicate", replicates.weights[:, k])
    variables, table = made.finished()
    if len(margins):
        margins["variable"] = margins["variable"].map({v.long: v.name for v in variables})
    return Microdata(table, variables, margins)


def open_answers_table(wave: Wave) -> pd.DataFrame:
    """What residents wrote, names taken out: respondent, question, wording, text, in the order of the pseudonyms.

    SurveyError ``voices.unredacted`` where names may still be in them.
    """
    refuse_unredacted(wave)
    columns = ["respondent", "question", "wording", "text"]
    if not len(wave.comments):
        return pd.DataFrame(columns=columns)
    asked = {item.id: item.text for item in wave.instrument.open}
    questions = wave.comments["item"].astype(str)
    table = pd.DataFrame(
        {
            "respondent": wave.people["respondent"].astype(str).to_numpy()[wave.comments["row"].to_numpy(int)],
            "question": questions.to_numpy(),
            "wording": [wave.wording.get(name) or asked.get(name, "") for name in questions],
            "text": wave.comments["text"].to_numpy(),
        }
    )
    return table.sort_values(["respondent", "question"], kind="stable", ignore_index=True)


def rare(wave: Wave, people: int = RULES.people) -> tuple[int, int]:
    """How many residents share areas, groups and mode with nobody, and how many with fewer than ``people`` in all."""
    known = [name for name in (*wave.areas, *wave.groups, "mode") if name in wave.people]
    if not known:
        return 0, 0
    alike = wave.people[known].astype(object).fillna("").groupby(known, sort=False)[known[0]].transform("size")
    return int((alike == 1).sum()), int((alike < people).sum())


@dataclass
class _Columns:
    """Columns as they are put together, in the order of the rows they will have."""

    order: Ints
    found: list[tuple[Variable, pd.Series]] = field(default_factory=list)

    def add(self, long: str, label: str, role: Part, cells: Any, **more: Any) -> None:
        column = pd.Series(cells).reset_index(drop=True).iloc[self.order].reset_index(drop=True)
        self.found.append((Variable(long, long, label, role, **more), column))

    def categories(self, long: str, label: str, role: Part, values: pd.Series) -> None:
        column = values.astype("category")
        column = column.cat.rename_categories([str(name) for name in column.cat.categories])
        told = tuple((float(k), str(name)) for k, name in enumerate(column.cat.categories, start=1))
        self.add(long, label, role, column, values=told, categories=True)

    def numbered(self, long: str, label: str, codes: Ints) -> None:
        """Units by numbers from 1, in the order in which they come in the file that is made."""
        self.found.append((Variable(long, long, label, "design"), pd.Series(pd.factorize(codes[self.order])[0] + 1)))

    def finished(self) -> tuple[tuple[Variable, ...], pd.DataFrame]:
        names = short_names(variable.long for variable, _ in self.found)
        variables = tuple(replace(variable, name=name) for (variable, _), name in zip(self.found, names, strict=True))
        table = pd.concat([column for _, column in self.found], axis=1, keys=names)
        return variables, table


def _who(wave: Wave, made: _Columns) -> None:
    people = wave.people
    for name in (*wave.areas, *wave.groups):
        if name in people:
            made.categories(name, name, "area" if name in wave.areas else "group", people[name])
    if "mode" in people and "mode" not in (*wave.areas, *wave.groups) and people["mode"].notna().any():
        made.categories("mode", "How the resident was interviewed", "mode", people["mode"])
    for name in wave.numbers:
        if name not in (*wave.areas, *wave.groups):
            made.add(name, name, "number", people[name].to_numpy(float, na_value=np.nan))


def _answers(wave: Wave, made: _Columns) -> None:
    assert wave.scores is not None
    codes = missing_codes(wave)
    for name in wave.items:
        item, why = wave.instrument.item(name), wave.missing[name].to_numpy()
        answers = wave.answers[name].to_numpy(float).copy()
        for reason, code in codes.items():
            answers[why == reason_at(reason)] = code
        asked_on = f"; answered on {wave.asked_on[name]}, carried over" if name in wave.asked_on else ""
        made.add(
            name, item.text, "answer", answers, asked=wave.wording.get(name) or item.text,
            scale=f"{item.scale.low:g} to {item.scale.high:g}{', agreeing means less trust' if item.reverse else ''}"
            + asked_on,
            values=tuple(sorted((float(code), text) for code, text in item.scale.anchors)),
            missing=tuple((code, reason) for reason, code in codes.items()),
        )  # fmt: skip
    for index in wave.instrument.indices:
        if index.key in wave.scores:
            made.add(
                f"score_{index.key}", index.title, "score", wave.scores[index.key].to_numpy(float), scale="0 to 100"
            )


def _weights(wave: Wave, made: _Columns) -> pd.DataFrame:
    """Weights and design; what the weights were set to, as used, is added and given back."""
    design, calibrated = wave.design, wave.weighting
    made.add("base_weight", "Weight before it was set to the population", "weight", design.weights)
    made.add("weight", "Weight", "weight", wave.weights)
    if len(design.stratum_psus) > 1:
        made.numbered("stratum", "Stratum of the sample", design.strata)
    if design.n_psu < len(wave):
        made.numbered("psu", "Sampling unit", design.psus)
    if design.fpc is not None:
        made.add("fpc", "Sampling units of the stratum in the population", "design", design.fpc)
    if calibrated is None or not calibrated.constraints.shape[1]:
        return pd.DataFrame()
    targets = Targets.saved(wave, calibrated.margins, calibrated.settings)
    rows: list[tuple[str, str, float]] = []
    for margin, code in zip(targets.margins, targets.codes, strict=True):
        long, names = f"cal_{margin.variable}", [str(name) for name in margin.targets.index]
        about = "everyone" if margin.variable == EVERYONE else margin.variable
        made.categories(long, f"Category of {about} that the weights were set to", "calibration",
                        pd.Series(pd.Categorical.from_codes(code, names)))  # fmt: skip
        rows += [(long, name, float(target)) for name, target in zip(names, margin.targets, strict=True)]
    for k, (name, total) in enumerate(targets.totals.items()):
        made.add(f"cal_{name}", f"{name}, to whose total the weights were set", "calibration", targets.numbers[:, k])
        rows.append((f"cal_{name}", "", float(total)))
    if calibrated.settings.get("trimmed"):
        made.add("cal_factor", "Weight over what it was before it was cut off", "calibration",
                 _factor(calibrated.base, targets.base))  # fmt: skip
    return pd.DataFrame(rows, columns=["variable", "category", "target"])


def _factor(base: Floats, before: Floats) -> Floats:
    """What trimming multiplied weights by: the base weights of a trimmed wave carry its square."""
    return np.sqrt(base / before)
