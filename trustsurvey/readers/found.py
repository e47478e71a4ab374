"""What every family of files becomes before its answers are written: a heading and batches of text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import pyarrow as pa

from trustsurvey.errors import Notice, SurveyError
from trustsurvey.readers.platforms import Platform
from trustsurvey.readers.raw import Column

#: Told how far reading has come, from 0 to 1.
Report = Callable[[float], None]


@dataclass
class Found:
    """A file taken apart.

    ``batches`` hold the answers as text, in columns c0, c1 ...; ``first_row`` is the number of their
    first row in the file. ``blank`` and ``notices`` may grow while the batches are drawn; ``describe``
    is called afterwards and adds to the columns what the file itself tells about them.
    """

    platform: Platform
    columns: list[Column]
    batches: Iterable[pa.RecordBatch]
    first_row: int
    notices: list[Notice]
    blank: set[int] = field(default_factory=set)
    describe: Callable[[list[Column]], list[Column]] = list


def no_answers() -> SurveyError:
    """The refusal of a file that ends with its heading."""
    return SurveyError(
        "read.no-rows",
        "The file has a heading but no answers",
        expected="one row a resident below the heading",
        hint="Check the date range and the filter of the export.",
    )
