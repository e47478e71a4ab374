"""Uploaded files as text."""

from __future__ import annotations

from trustsurvey.errors import SurveyError


def text_of(content: bytes, name: str) -> str:
    """The text of an uploaded file in UTF-8, with or without a byte order mark; SurveyError for any other.

    Letters that were guessed would stay in names and questions for good.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SurveyError(
            "upload.text", "The file is not text in UTF-8", where=name,
            got=f"the byte {content[error.start]:#04x} at position {error.start + 1:,}",
            hint="Save it again with the encoding UTF-8.",
        ) from error  # fmt: skip
