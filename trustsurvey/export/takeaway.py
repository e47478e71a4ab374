"""What an analyst takes away of one wave: answers for other programs, and all that is needed to use them rightly."""

from __future__ import annotations

import io
import textwrap
import zipfile
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from datetime import date

import pandas as pd

from trustsurvey.analysis import Picture
from trustsurvey.errors import SurveyError, some
from trustsurvey.export.codebook import codebook_table
from trustsurvey.export.method import column_rows, method_rows
from trustsurvey.export.method_weights import replicate_rows
from trustsurvey.export.microdata import microdata_table, open_answers_table, rare
from trustsurvey.export.programs import FORMATS, answers_csv, answers_dta, answers_parquet, answers_sav, syntax
from trustsurvey.export.r_script import r_script
from trustsurvey.export.tables import picture_tables
from trustsurvey.export.workbook import csv_bytes
from trustsurvey.language import SOURCE, _, speaking
from trustsurvey.model import RULES, Wave
from trustsurvey.replication.elsewhere import replicates_table
from trustsurvey.replication.replicates import Replicates
from trustsurvey.store import WaveRecord
from trustsurvey.wording import figure

#: What each file is, in the order of the README.
ABOUT = {
    "answers.csv": "The answers as a table, one row a resident. Areas and groups are in words.",
    "answers.parquet": "The same for Python, R and databases, with labels.",
    "answers.sav": "The same for SPSS, with labels; reasons for no answer are declared missing.",
    "answers.sps": "Opens the SPSS file and sets its weight. Run it first: the file itself cannot hold the weight.",
    "answers.dta": "The same for Stata; reasons for no answer are .a to .d, in the order of the codebook.",
    "open_answers.csv": "What residents wrote, names taken out by a machine, which misses some.",
    "codebook.csv": "What each column is: wording, scale, values, codes for no answer.",
    "method.csv": "Every choice between the survey's file and the figures.",
    "margins_used.csv": "The population that the weights were set to.",
    "replicate_scales.csv": "The scale of each replicate weight.",
    "results.csv": "The results as everybody sees them. Small numbers are hidden.",
    "figures.R": "Makes the results anew in R and says how far they are from results.csv. Run: Rscript figures.R",
    "reproduce.yaml": "All settings. With the surveys' own files: trustsurvey reproduce reproduce.yaml --data FOLDER",
}


@dataclass(frozen=True)
class Choice:
    """What is taken away. ``weights``: with the design and what the weights were set to; the R script needs them.

    SurveyError ``export.formats`` for none, or one that is unknown.
    """

    formats: tuple[str, ...] = FORMATS
    weights: bool = True
    open_answers: bool = False

    def __post_init__(self) -> None:
        strange = [name for name in self.formats if name not in FORMATS]
        if strange or not self.formats:
            raise SurveyError("export.formats", "The answers are wanted in no format that there is",
                              got=some(strange) or "none", expected=some(FORMATS))  # fmt: skip


@speaking(SOURCE)
def takeaway_files(
    picture: Picture, record: WaveRecord | None, choice: Choice, told: str, replicates: Replicates | None = None
) -> dict[str, bytes]:
    """The files by name, for the wave of a picture; ``told``: who took them, when and why, for the README.

    Whoever calls has asked whether they may be taken (see ``trustsurvey.takeaway``).
    """
    wave = picture.wave
    title = f"{picture.study.name}, {wave.name}" + (" (invented sample data)" if picture.study.sample else "")
    replicates = replicates if choice.weights else None
    made = microdata_table(wave, weights=choice.weights, replicates=replicates)
    method = method_rows(picture, record, microdata=True) + ([] if record is None else column_rows(record.mapping))
    method += replicate_rows(replicates) if replicates else []
    files: dict[str, bytes] = {}
    if "csv" in choice.formats:
        files["answers.csv"] = answers_csv(made)
    if "parquet" in choice.formats:
        files["answers.parquet"] = answers_parquet(made, {"study": picture.study.name, "wave": wave.name})
    if "sav" in choice.formats:
        files |= {"answers.sav": answers_sav(made, title), "answers.sps": syntax(made, title)}
    if "dta" in choice.formats:
        files["answers.dta"] = answers_dta(made, title)
    if choice.open_answers:
        files["open_answers.csv"] = csv_bytes(open_answers_table(wave))
    files["codebook.csv"] = csv_bytes(codebook_table(wave, made))
    files["method.csv"] = csv_bytes(pd.DataFrame(method, columns=["subject", "statement"]))
    files["results.csv"] = csv_bytes(picture_tables(picture)["Results"])
    if len(made.margins):
        files["margins_used.csv"] = csv_bytes(made.margins)
    if replicates is not None:
        files["replicate_scales.csv"] = csv_bytes(replicates_table(wave, replicates)[1])
    if choice.weights and "csv" in choice.formats:
        files["figures.R"] = r_script(wave, made, title, replicates)
    files["README.txt"] = _readme(wave, title, told, files).encode("utf-8")
    return files


def packed(files: MappingType[str, bytes]) -> bytes:
    """The files as one zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def told_of(person: str, day: date, reason: str) -> str:
    """Who took it, when, and why."""
    return f"Taken away on {day.isoformat()} by {person}. Reason given: {' '.join(reason.split()).rstrip('.')}."


def rare_words(wave: Wave) -> str:
    """How many residents could be told by their area and groups alone."""
    alone, few = rare(wave)
    told = _(
        "{alone} of {all} residents are the only ones with their areas, groups and way of interview; {few} are among "
        "fewer than {people} alike."
    )
    return told.format(alone=figure(alone), all=figure(len(wave)), people=RULES.people, few=figure(few))


def _readme(wave: Wave, title: str, told: str, files: MappingType[str, bytes]) -> str:
    listed = [f"{name}\n    {about}" for name, about in ABOUT.items() if name in files or name == "reproduce.yaml"]
    care = (
        "Names, addresses and the survey tool's ids are not in them. Whoever knows a resident may know them again by "
        f"area, age and answers. {rare_words(wave)} Numbers are not hidden here as they are in results: before a "
        f"figure is passed on, hide what rests on fewer than {RULES.people} people. Keep the files where only those "
        "who need them can read them. Do not join them to other lists of people. Delete them when the work is done."
    )
    use = (
        "Columns have the same names in all files; codebook.csv says what each is. An answer such as -99 is a reason "
        "for no answer, not a number to reckon with. Rows stand in the order of the pseudonyms, not of the interviews."
    )
    parts = [title, f"{told} This is written down in the list of what was done.", "THESE ARE ANSWERS OF SINGLE PEOPLE.",
             care, use, "FILES"]  # fmt: skip
    return "\n\n".join(textwrap.fill(part, 100) for part in parts) + "\n\n" + "\n".join(listed) + "\n"
