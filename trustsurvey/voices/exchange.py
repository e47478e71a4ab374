"""Readings of a wave as files that other programs take, and readings made there."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from trustsurvey.errors import SurveyError
from trustsurvey.model import Codebook, Coding, Wave
from trustsurvey.text.codings import codings_from_csv, codings_table
from trustsurvey.text.refi_qda.project import Case, codings_of, project_of, same_codes
from trustsurvey.text.refi_qda.read import project_from_qdpx
from trustsurvey.text.refi_qda.write import project_to_qdpx


def as_qdpx(wave: Wave, codebook: Codebook, codings: Sequence[Coding], study: str) -> bytes:
    """The redacted open answers of a wave with their readings as a REFI-QDA project.

    A source an answer, under its key; a case a resident who wrote, under the pseudonym, with areas and groups.
    """
    comments, people = wave.comments, wave.people
    named = [*wave.areas, *wave.groups]
    cases = []
    for row, mine in comments.groupby("row", sort=True):
        person = people.iloc[int(str(row))]
        known = tuple((name, str(person[name])) for name in named if pd.notna(person[name]))
        cases.append(Case(str(person["respondent"]), tuple(mine["key"]), known))
    texts = dict(zip(comments["key"], comments["text"], strict=True))
    return project_to_qdpx(project_of(f"{study}, {wave.name}", codebook, texts, codings, tuple(cases)))


def as_table(wave: Wave, codings: Sequence[Coding]) -> pd.DataFrame:
    """The readings of a wave, one row an answer, coder and code, with the question and the redacted text."""
    texts = wave.comments.set_index("key")[["item", "text"]]
    table = codings_table(codings)
    return table.merge(texts, left_on="answer", right_index=True, how="inner").reset_index(drop=True)


def taken(data: bytes, name: str, wave: Wave, codebook: Codebook) -> tuple[Coding, ...]:
    """Readings from a .csv or .qdpx file, for the answers of a wave; SurveyError ``codings.*``, ``refi.*``.

    They teach the machine: whether they were drawn at random cannot be known of readings from elsewhere, unless
    the file says so (queue "audit" in a CSV).
    """
    keys = frozenset(wave.comments["key"])
    if not name.lower().endswith(".qdpx"):
        return codings_from_csv(data, codebook, keys, name)
    project, _ = project_from_qdpx(data, name)
    known = [coding for coding in codings_of(project) if coding.answer in keys]
    if not known:
        raise SurveyError("codings.strangers", "The project holds none of the answers of this wave", where=name,
                          hint="Take one that was exported here, with sources under the same names.")  # fmt: skip
    same = same_codes(project.codebook, codebook)
    made = []
    for coding in known:
        codes = {same[key]: stance for key, stance in coding.codes if key in same}
        made.append(
            Coding(coding.answer, coding.coder, tuple(codes.items()), coding.queue, coding.memo, codebook.version)
        )
    return tuple(made)
