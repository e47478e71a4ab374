"""An R script that makes the figures anew from the answers that were taken away, by the package ``survey``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping as MappingType
from importlib import resources

from trustsurvey.export.microdata import Microdata
from trustsurvey.model import Wave
from trustsurvey.replication.replicates import Replicates


def r_script(wave: Wave, made: Microdata, title: str, replicates: Replicates | None = None) -> bytes:
    """The script, for the folder with ``answers.csv``, ``results.csv`` and, if weighted, ``margins_used.csv``.

    It declares the design, calibrates to the same margins (Lumley 2010, *Complex Surveys*, ch. 7), prints means with
    standard errors and intervals for all that the results show, and the largest difference from these.
    """
    measures = {long.removeprefix("score_"): short for long, short in made.named("score").items()}
    answers = [v for v in made.variables if v.role == "answer"]
    settings = {} if wave.weighting is None else wave.weighting.settings
    told = {
        "measures": _named(measures),
        "groupings": _named(made.named("area", "group")),
        "in_words": _vector(v.name for v in made.variables if v.categories or v.role == "pseudonym"),
        "questions": _vector(v.name for v in answers),
        "no_answers": _vector((code for code, _ in answers[0].missing) if answers else ()),
        "lonely": _quoted(wave.design.lonely),
        "lonely_domains": str(wave.design.lonely_domains).upper(),
        "start": _quoted(str(settings.get("start", "base"))),
        "calibration": _quoted(_calibration(made, settings)),
        "replicates": "NULL"
        if replicates is None
        else f"list(scale = {replicates.scale!r}, mse = {str(replicates.mse).upper()})",
    }
    head = [
        f"# {_one_line(title)}: the figures of results.csv, from answers.csv.",
        "# Run it in the folder of these files: Rscript figures.R",
        '# It needs the package survey (install.packages("survey")).',
        "",
        *(f"{name} <- {value}" for name, value in told.items()),
        "",
    ]
    body = resources.files("trustsurvey.export").joinpath("figures.R").read_text(encoding="utf-8")
    return ("\n".join(head) + "\n" + body).encode("utf-8")


def _calibration(made: Microdata, settings: MappingType[str, object]) -> str:
    """How R finds the weights: it calibrates too, or takes them from the file, or knows of no calibration."""
    if made.margins.empty:
        return "none"
    method = str(settings.get("method", ""))
    if settings.get("trimmed") or settings.get("bounds") or method == "external":
        return "weights as downloaded"
    return "linear" if method.startswith("linear") else "raking"


def _named(names: MappingType[str, str]) -> str:
    return "c(" + ", ".join(f"{_quoted(long)} = {_quoted(short)}" for long, short in names.items()) + ")"


def _vector(values: Iterable[object]) -> str:
    return "c(" + ", ".join(_quoted(v) if isinstance(v, str) else f"{v:g}" for v in values) + ")"


def _quoted(text: str) -> str:
    """A string of R: what could end it is escaped, letters beyond ASCII by their number."""
    told = []
    for letter in text:
        if letter in '"\\':
            told.append("\\" + letter)
        elif 32 <= ord(letter) < 127:
            told.append(letter)
        else:
            told.append(f"\\U{ord(letter):08x}" if ord(letter) else " ")
    return '"' + "".join(told) + '"'


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
