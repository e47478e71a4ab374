"""Files that commands read and write."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import pandas as pd

from trustsurvey.actions.record import heard_in, record_of
from trustsurvey.analysis import Picture, picture as picture_of
from trustsurvey.cli.rights import may_see_single_answers
from trustsurvey.errors import SurveyError
from trustsurvey.export.actions import actions_table
from trustsurvey.export.tables import picture_tables
from trustsurvey.export.workbook import csv_archive, workbook_bytes
from trustsurvey.model import Study, Wave
from trustsurvey.readers.guard import read
from trustsurvey.readers.tables import read_table
from trustsurvey.replication.replicates import Replicates
from trustsurvey.reproduction.recipe import recipe
from trustsurvey.store import Store


def read_answers(file: Path, codebook: Path | None = None) -> Any:
    """Read a file, with a bar for one that takes time."""
    if not file.exists() or file.stat().st_size < 20 << 20:
        return read(file, codebook=codebook)
    with click.progressbar(length=1000, label=f"Reading {file.name}") as bar:
        return read(file, progress=lambda share: bar.update(int(1000 * share) - bar.pos), codebook=codebook)


def read_columns(file: Path) -> pd.DataFrame:
    """A table beside a survey, such as replicate weights, as text with its headings in lower case."""
    return read_table(file)


def write_results(
    store: Store, picture: Picture, waves: Sequence[Wave], target: Path, microdata: bool,
    replicates: Replicates | None = None,
) -> None:  # fmt: skip
    """Write the results of a picture to a workbook or an archive of CSV files, and note that in the trail.

    ``waves``: those up to that of the picture. ``replicates`` need the right to single answers, which the caller has
    asked about.
    """
    refuse_kind(target)
    study = picture.study.slug
    record = next(r for r in store.waves(study) if r.name == picture.wave.name)
    entitled = microdata and may_see_single_answers(study)
    promised = actions_table(record_of(store, study, waves, heard_in(store, study, waves)))
    tables = picture_tables(picture, record, entitled, replicates, promised)
    content = workbook_bytes(tables) if target.suffix.lower() == ".xlsx" else csv_archive(tables)
    write_bytes(target, content)
    more = f" and {len(replicates):,} replicates" if replicates is not None else ""
    store.note("export", f"{study}/{picture.wave.name}", f"{target.name}{' with weights' if entitled else ''}{more}")


def write_recipe(store: Store, waves: list[Wave], study: Study, target: Path) -> None:
    """Write the file from which the figures of the last wave can be made again, and note that in the trail."""
    records = {record.name: record for record in store.waves(study.slug)}
    shown = picture_of(waves, len(waves) - 1, study)
    text = recipe(shown, waves, [records[wave.name] for wave in waves], store.margins(study.slug))
    write_bytes(target, text.encode("utf-8"))
    store.note("export", f"{study.slug}/{waves[-1].name}", f"{target.name}, to reproduce the figures")


def write_bytes(target: Path, content: bytes) -> None:
    """Write a file, in a folder that is made if the one around it is there; SurveyError ``export.write``."""
    try:
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(content)
    except OSError as error:
        raise SurveyError("export.write", "The file cannot be written", where=str(target),
                          got=error.strerror or str(error)) from error  # fmt: skip


def refuse_kind(target: Path) -> None:
    """Refuse a file of another kind than there are, before anything is worked out for it."""
    if target.suffix.lower() not in (".xlsx", ".zip", ".yaml"):
        raise SurveyError("export.kind", "The file's name must end in .xlsx or .zip, or in .yaml", where=str(target),
                          hint="A workbook, CSV files packed into one, or the file that 'reproduce' takes.",
                          )  # fmt: skip
