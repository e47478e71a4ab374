"""Refusals and notices: the only two ways the package speaks of trouble."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


class SurveyError(Exception):
    """A refusal that a user can act on.

    Parameters
    ----------
    code : stable identifier such as ``"read.not-a-workbook"``; tests and scripts may rely on it.
    title : what was wrong, one sentence without the final stop.
    where : file, row, column; empty when the whole request is at fault.
    got, expected : what stood there and what should have.
    hint : what to do next, one sentence.
    """

    def __init__(
        self,
        code: str,
        title: str,
        *,
        where: str = "",
        got: str = "",
        expected: str = "",
        hint: str = "",
    ) -> None:
        self.code = code
        self.title = title
        self.where = where
        self.got = got
        self.expected = expected
        self.hint = hint
        super().__init__(str(self))

    def __str__(self) -> str:
        """The whole refusal on one line, as the command line prints it."""
        text = f"{self.where}: {self.title}" if self.where else self.title
        if self.got:
            text += f"; found {self.got}"
        if self.expected:
            text += f"; expected {self.expected}"
        text = " ".join(text.split()).rstrip(".") + "."
        return f"{text} {' '.join(self.hint.split())}".strip()

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (self.as_dict(),))

    def as_dict(self) -> dict[str, str]:
        """The six fields as plain strings; ``SurveyError(**fields)`` restores it in another process."""
        names = ("code", "title", "where", "got", "expected", "hint")
        return {name: getattr(self, name) for name in names}


def _rebuild(fields: dict[str, str]) -> SurveyError:
    return SurveyError(fields.pop("code"), fields.pop("title"), **fields)


@dataclass(frozen=True)
class Notice:
    """Something the user should know but that stops nothing."""

    code: str
    text: str
    level: Literal["info", "warning"] = "info"


def some(values: object, limit: int = 5) -> str:
    """Join a few values for a sentence: ``'a', 'b' and 3 more``."""
    listed = [str(value) for value in values]  # type: ignore[attr-defined]
    shown = ", ".join(f"'{value}'" for value in listed[:limit])
    rest = len(listed) - limit
    return f"{shown} and {rest:,} more" if rest > 0 else shown
