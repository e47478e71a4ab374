"""A study file that repeats figures: all settings in one file, what they were made with, and the figures themselves.

Nothing in it is an answer of a single resident: the surveys' own files are needed beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from importlib.metadata import PackageNotFoundError, version
from platform import python_version
from typing import Any

import numpy as np
import pandas as pd
import yaml

from trustsurvey.analysis import Picture
from trustsurvey.errors import SurveyError
from trustsurvey.export.tables import picture_tables
from trustsurvey.export.workbook import csv_bytes
from trustsurvey.instruments import dump_instrument
from trustsurvey.mapping_file import Dumper, mapping_digest, mapping_to_yaml
from trustsurvey.model import RULES, AreaLevel, Margin, Margins, Wave
from trustsurvey.store import WaveRecord
from trustsurvey.weighing import weighted
from trustsurvey.weighting.population import NO_ANSWER

PACKAGES = ("trustsurvey", "numpy", "scipy", "pandas", "pyarrow")
#: Tables whose figures follow from the answers and the settings.
TABLES = ("Results", "Areas", "Against everyone", "Change", "Trend", "Questions", "Margins")
#: Weights that differ by less than this are the same.
SAME = 1e-9

HEAD = """\
# The figures of {study}, {wave}, can be made again from this file and the surveys' own files:
#   trustsurvey reproduce THIS-FILE --data FOLDER-OF-THE-SURVEYS
# It is a study file: with the surveys beside it, "trustsurvey run THIS-FILE" makes the study itself anew.
"""


def recipe(picture: Picture, waves: Sequence[Wave], records: Sequence[WaveRecord], margins: Margins | None) -> str:
    """The file as YAML, for a picture of the last of ``waves``; ``margins``: the study's own, "as given".

    A wave whose weights cannot be made anew from margins, such as weights from elsewhere, says so in its note.
    """
    study = picture.study
    mappings = [record.mapping for record in records]
    whole: dict[str, Any] = {
        "name": study.name, "slug": study.slug, "sample": study.sample, "probability": study.probability,
        "instrument": yaml.safe_load(dump_instrument(study.instrument)),
        "areas": [_area(level) for level in study.levels],
        "mapping": _plain(mapping_to_yaml(mappings[-1])),
        "waves": [],
    }  # fmt: skip
    sources: dict[str, dict[str, Any]] = {}
    for wave, record in zip(waves, records, strict=True):
        entry: dict[str, Any] = {"name": wave.name, "file": record.file}
        entry |= {name: day for name, day in (("start", wave.start), ("end", wave.end)) if day is not None}
        if mapping_digest(record.mapping) != mapping_digest(mappings[-1]):
            entry["mapping"] = _plain(mapping_to_yaml(record.mapping))
        used, choices, note = _weights(wave, margins)
        if used is not None:
            entry |= {"margins": _margins(used), "weighting": choices}
        whole["waves"].append(entry)
        sources[wave.name] = {"sha256": record.digest, "mapping": mapping_digest(record.mapping)}
        sources[wave.name] |= {"note": note} if note else {}
        # What an earlier release did not show is not shown after a correction either.
        sources[wave.name] |= {"withheld": [list(cell) for cell in sorted(wave.withheld)]} if wave.withheld else {}
    whole = _together(whole)
    whole["reproduces"] = {
        "wave": picture.wave.name,
        "measure": picture.measure,
        "versions": versions(),
        "rules": asdict(RULES),
        "sources": sources,
        "figures": {name: figures(table) for name, table in picture_tables(picture).items() if name in TABLES},
    }
    text = yaml.dump(whole, Dumper=_Tables, allow_unicode=True, sort_keys=False, width=100)
    return HEAD.format(study=" ".join(study.name.split()), wave=" ".join(picture.wave.name.split())) + text


def versions() -> dict[str, str]:
    """The versions of Python, of this package and of those it computes with."""
    found = {"python": python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "from source"
    return found


def figures(table: pd.DataFrame) -> str:
    """A table as text, every digit of it."""
    return csv_bytes(table).decode("utf-8-sig")


class _Tables(Dumper):
    """Tables of figures are written as tables; nothing is written by reference."""

    def represent_str(self, data: str) -> yaml.ScalarNode:
        if data.count("\n") > 1:
            return self.represent_scalar("tag:yaml.org,2002:str", data, style="|")
        return super().represent_str(data)

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Tables.add_representer(str, _Tables.represent_str)


def _plain(text: str) -> Any:
    return yaml.safe_load(text)


def _together(whole: dict[str, Any]) -> dict[str, Any]:
    """The study with margins and choices of its own instead of the same ones for every wave."""
    first = whole["waves"][0]
    shared = {name: first[name] for name in ("margins", "weighting") if name in first}
    if not shared or any({name: wave.get(name) for name in shared} != shared for wave in whole["waves"]):
        return whole
    waves = [{name: value for name, value in wave.items() if name not in shared} for wave in whole["waves"]]
    return {**{name: value for name, value in whole.items() if name != "waves"}, **shared, "waves": waves}


def _area(level: AreaLevel) -> dict[str, Any]:
    entry: dict[str, Any] = {"key": level.key, "title": level.title}
    entry |= {"parent": level.parent} if level.parent else {}
    entry |= {"names": dict(level.areas) if level.parent else list(level.names)} if level.areas else {}
    return entry | ({"former": [list(row) for row in level.former]} if level.former else {})


def _margins(margins: Margins) -> dict[str, Any]:
    tables = {m.variable: {str(name): float(count) for name, count in m.targets.items()} for m in margins}
    return {"source": margins.source, **tables}


def _weights(wave: Wave, margins: Margins | None) -> tuple[Margins | None, dict[str, Any], str]:
    """Margins and choices that make a wave's weights anew, and what is to be said where none do."""
    made = wave.weighting
    if made is None:
        return None, {}, ""
    settings = made.settings
    if settings.get("method") == "external":
        return None, {}, "its weights were brought from elsewhere and are not made anew"
    choices: dict[str, Any] = {
        "method": "linear" if str(settings.get("method", "")).startswith("linear") else "rake",
        **{name: settings[name] for name in ("start", "missing", "rescale", "collapse") if settings.get(name)},
        **({"ordered": list(settings["ordered"])} if settings.get("ordered") else {}),
        **(
            {"bounds": [float(b) for b in settings["bounds"]], "bounds_on": settings["bounds_on"]}
            if settings.get("bounds")
            else {}
        ),
    }
    cut = settings.get("trimmed")
    if cut:
        mean = float(wave.weights.mean())
        choices["trim"] = [
            0.0 if cut["lower"] is None else cut["lower"] / mean,
            float("inf") if cut["upper"] is None else cut["upper"] / mean,
        ]
        if cut["strict"]:
            return None, {}, "its weights were cut off strictly, which a study file cannot ask for"
    as_made = {name: value for name, value in choices.items() if name not in ("trim", "ordered")}
    as_made |= {"trim_to": tuple(choices["trim"])} if cut else {}
    for candidate in (margins, _as_given(made.margins, settings)):
        if candidate is not None and _same(wave, candidate, {**as_made, "ordered": choices.get("ordered", ())}):
            return candidate, choices, ""
    return None, {}, "its weights do not follow from the margins that are kept"


def _as_given(margins: Margins, settings: Any) -> Margins:
    """The margins that a wave was weighted to without the share of those who gave no answer, and with its totals."""
    kept = tuple(replace(m, targets=m.targets.drop(NO_ANSWER, errors="ignore")) for m in margins)
    whole = margins.margins[0].targets.sum() if margins.margins else 1.0
    kept = tuple(replace(m, targets=m.targets * (whole / m.targets.sum())) for m in kept)
    totals = tuple(Margin(name, pd.Series({"total": told["total"]})) for name, told in settings["totals"].items())
    return replace(margins, margins=(*kept, *totals))


def _same(wave: Wave, margins: Margins, choices: dict[str, Any]) -> bool:
    try:
        again = weighted(replace(wave, weighting=None), margins, **choices)
    except SurveyError:
        return False
    return bool(np.allclose(again.weights, wave.weights, rtol=SAME, atol=0.0))
