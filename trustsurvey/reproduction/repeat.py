"""Making figures again from the surveys' own files, as a reproducibility file says, and holding them against it."""

from __future__ import annotations

import hashlib
import io
import secrets
from collections.abc import Callable, Mapping as MappingType
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from trustsurvey.analysis import picture
from trustsurvey.errors import SurveyError, some
from trustsurvey.export.tables import picture_tables
from trustsurvey.harmonise import harmonise, keyed_pseudonyms
from trustsurvey.harmonise.former import as_today, in_mapping, of_level, speaks_of
from trustsurvey.harmonise.rounds import only
from trustsurvey.mapping_file import mapping_digest
from trustsurvey.model import RULES, Study, Wave
from trustsurvey.readers.guard import read
from trustsurvey.readers.raw import Raw
from trustsurvey.reproduction.recipe import TABLES, figures, versions
from trustsurvey.scales.scoring import score
from trustsurvey.study_file import StudyFile, WavePlan, read_study_file
from trustsurvey.weighing import weighted
from trustsurvey.workflow import read_mapping, read_margins

#: Figures that differ by less, relative to themselves, are identical but for rounding in the last digits.
SAME = 1e-9
#: What names a row in a list of differences.
NAMES = ("wave", "measure", "question", "stat", "by", "level", "variable", "category")


@dataclass(frozen=True, eq=False)
class Repeated:
    """What came of it: how many figures were compared, those that differ, and what else is not as it was.

    ``differences``: table, row, column, was, is.
    """

    wave: str
    compared: int
    differences: pd.DataFrame
    notes: tuple[str, ...]

    @property
    def identical(self) -> bool:
        """Whether every figure came out as it was."""
        return not len(self.differences)


def repeat(file: str | Path, data: str | Path, tell: Callable[[str], object] = lambda wave: None) -> Repeated:
    """Make the figures of a reproducibility file (``recipe.recipe``) again from the surveys in the folder ``data``.

    The surveys are found by their SHA-256, whatever they are called. Nothing is saved anywhere. SurveyError
    ``reproduce.*`` for a file that is none, or a survey that is not there.
    """
    plan = read_study_file(file)
    told = _told(plan, Path(file).name)
    key, waves, notes = secrets.token_bytes(32), [], _other(told)
    found = _files(Path(data))
    for wave in plan.waves:
        source = told["sources"].get(wave.name) or {}
        raw = _read(wave, str(source.get("sha256", "")), found)
        tell(wave.name)
        withheld = frozenset((str(m), str(by), str(level)) for m, by, level in source.get("withheld") or ())
        waves.append(replace(_made(wave, raw, plan.study, key), withheld=withheld))
        if wave.mapping is not None and mapping_digest(read_mapping(wave.mapping)) != source.get("mapping"):
            notes.append(f"the mapping of {wave.name} is another one than the figures were made with")
        notes += [f"{wave.name}: {source['note']}"] if source.get("note") else []
    at = [wave.name for wave in plan.waves].index(told["wave"])
    tables = picture_tables(picture(waves, at, plan.study, told.get("measure")))
    compared, rows = 0, list[tuple[str, ...]]()
    for name in TABLES:
        was, now = _table(told["figures"].get(name)), _table(figures(tables[name]) if name in tables else None)
        more, apart = _differences(name, was, now)
        compared, rows = compared + more, rows + apart
    differences = pd.DataFrame(rows, columns=["table", "row", "column", "was", "is"])
    return Repeated(told["wave"], compared, differences, tuple(notes))


def _told(plan: StudyFile, where: str) -> MappingType[str, Any]:
    told = plan.reproduces
    names = [wave.name for wave in plan.waves]
    whole = isinstance(told, dict) and told.get("wave") in names and bool(told.get("figures"))
    if not whole or not all(isinstance(told.get(name), dict) for name in ("figures", "sources", "versions", "rules")):
        raise SurveyError("reproduce.file", "The file names no figures to reproduce", where=where,
                          expected="an entry 'reproduces' with wave, versions, rules, sources and figures",
                          hint="Write one with: trustsurvey export STUDY FILE.yaml")  # fmt: skip
    return told


def _other(told: MappingType[str, Any]) -> list[str]:
    here = versions()
    notes = [
        f"{package} was {was}, is {here[package]}"
        for package, was in told["versions"].items() if package in here and here[package] != str(was)
    ]  # fmt: skip
    if told["rules"] != asdict(RULES):
        notes.append("the rules of what may be shown are others than the figures were made with")
    return notes


def _files(folder: Path) -> dict[str, Path]:
    """The files of a folder by the SHA-256 of their bytes."""
    if not folder.is_dir():
        raise SurveyError("reproduce.data", "There is no such folder", where=str(folder),
                          expected="the folder with the surveys' own files")  # fmt: skip
    found = {}
    for path in sorted(p for p in folder.iterdir() if p.is_file()):
        with path.open("rb") as file:
            found[hashlib.file_digest(file, "sha256").hexdigest()] = path
    return found


def _read(wave: WavePlan, digest: str, found: MappingType[str, Path]) -> Raw:
    """The survey of a wave; where its file holds several, the rows of this one."""
    if digest in found:
        return read(found[digest])
    name = wave.file.name
    for whole, path in found.items():
        chosen = _chosen(name, whole, digest)
        if chosen is not None:
            return only(read(path), *chosen)
    raise SurveyError(
        "reproduce.absent", f"The file of the wave '{wave.name}' is not there", where=name,
        got=some((path.name for path in found.values()), 6) or "an empty folder",
        expected=f"a file with the SHA-256 {digest[:12]}\u2026",
        hint="It has to be the very file that was imported; saving it anew changes it.",
    )  # fmt: skip


def _chosen(name: str, whole: str, digest: str) -> tuple[str, str] | None:
    """Column and value by which a wave was taken from a file with the digest ``whole``, if it was.

    Such a wave's source is called "file.csv (COLUMN VALUE)", and its digest is made of the file's and of both.
    """
    for start in (k for k in range(len(name)) if name.startswith(" (", k)):
        words = name[start + 2 :].removesuffix(")").split(" ")
        for cut in range(1, len(words)):
            column, value = " ".join(words[:cut]), " ".join(words[cut:])
            if hashlib.sha256(f"{whole} {column}={value}".encode()).hexdigest() == digest:
                return column, value
    return None


def _made(plan: WavePlan, raw: Raw, study: Study, key: bytes) -> Wave:
    """The wave as it was imported, weighted and scored."""
    if plan.mapping is None:
        raise SurveyError("reproduce.mapping", "The wave has no mapping in the file", where=plan.name)
    mapping = read_mapping(plan.mapping)
    for level in study.levels:
        if level.former and speaks_of(raw, mapping, level, of_level(level)):
            mapping, _ = in_mapping(raw, mapping, level, of_level(level))
    wave = harmonise(
        raw, mapping, study.instrument, study.levels, name=plan.name, pseudonymise=keyed_pseudonyms(key),
        start=plan.start, end=plan.end, probability=study.probability,
    ).settled()  # fmt: skip
    if plan.margins is not None:
        wave = weighted(wave, read_margins(plan.margins), **plan.weighting)
    return score(as_today(wave, study.levels))


def _table(text: Any) -> pd.DataFrame:
    if not isinstance(text, str) or not text.strip():
        return pd.DataFrame()
    return pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)


def _differences(name: str, was: pd.DataFrame, now: pd.DataFrame) -> tuple[int, list[tuple[str, ...]]]:
    """How many figures of a table were compared, and those that differ."""
    if list(was.columns) != list(now.columns) or len(was) != len(now):
        shapes = [f"{len(t):,} rows of {some(t.columns, 4) or 'nothing'}" for t in (was, now)]
        return 0, [(name, "the whole table", "", *shapes)]
    rows, compared = list[tuple[str, ...]](), 0
    for column in was.columns:
        one, other = was[column], now[column]
        a, b = (pd.to_numeric(values, errors="coerce").to_numpy(float) for values in (one, other))
        compared += int(np.isfinite(a).sum())
        same = (one == other).to_numpy() | np.isclose(a, b, rtol=SAME, atol=SAME)
        for at in np.flatnonzero(~same):
            row = ", ".join(str(was[c].iloc[at]) for c in NAMES if c in was and was[c].iloc[at])
            rows.append((name, row, str(column), str(one.iloc[at]), str(other.iloc[at])))
    return compared, rows
