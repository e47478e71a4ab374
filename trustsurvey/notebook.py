"""A study file and a survey export for a notebook, without a database."""

from __future__ import annotations

from pathlib import Path

from trustsurvey.harmonise import harmonise, propose
from trustsurvey.instruments import default_instrument
from trustsurvey.model import Mapping, Margins, Study, Wave
from trustsurvey.readers.guard import read
from trustsurvey.scales.scoring import score
from trustsurvey.study_file import read_study_file


def read_study(path: str | Path) -> Study:
    """The study that a study file (YAML) describes: its name, questionnaire and areas."""
    return read_study_file(path).study


def read_wave(
    path: str | Path,
    study: Study | None = None,
    *,
    mapping: Mapping | None = None,
    margins: Margins | None = None,
    name: str | None = None,
) -> Wave:
    """Read a survey export (CSV, TSV, XLSX) into a scored wave.

    Without a ``mapping`` one is proposed from the file, with the help of the ``margins``, whose
    categories tell which column is which group; a value that is not understood is a SurveyError
    that names its row. Without a ``study``: the default questionnaire and no areas.
    Ids become pseudonyms under a key made for this call, so two calls cannot be joined.
    """
    raw = read(path)
    instrument = study.instrument if study else default_instrument()
    levels = study.levels if study else ()
    groups = {margin.variable: list(margin.targets.index) for margin in margins or ()}
    known = {name: groups[name] for name in groups if name not in {level.key for level in levels}}
    chosen = mapping or propose(raw, instrument, levels, known_groups=known)[0]
    result = harmonise(
        raw,
        chosen,
        instrument,
        levels,
        name=name or Path(path).stem,
        probability=bool(study and study.probability),
    )
    return score(result.settled())
