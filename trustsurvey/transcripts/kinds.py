"""What a file is by its first bytes, and the refusal of those that hold no text."""

from __future__ import annotations

from trustsurvey.errors import SurveyError
from trustsurvey.language import N_

_SOUND = N_("Have it transcribed first, then import the text.")
#: First bytes of what is no transcript: what it is, a code, and what to do.
NOT_TEXT = (
    (b"\x89PNG", "picture", N_("a picture"), ""),
    (b"\xff\xd8\xff", "picture", N_("a picture"), ""),
    (b"GIF8", "picture", N_("a picture"), ""),
    (b"BM", "picture", N_("a picture"), ""),
    (b"II*\0", "picture", N_("a picture"), ""),
    (b"MM\0*", "picture", N_("a picture"), ""),
    (b"%PDF", "pdf", N_("a PDF"), N_("Save it as text or .docx, or copy the text into a document.")),
    (b"ID3", "sound", N_("a recording"), _SOUND),
    (b"\xff\xfb", "sound", N_("a recording"), _SOUND),
    (b"OggS", "sound", N_("a recording"), _SOUND),
    (b"fLaC", "sound", N_("a recording"), _SOUND),
    (b"\x1aE\xdf\xa3", "sound", N_("a recording"), _SOUND),
)


def refuse_kind(data: bytes) -> None:
    """SurveyError ``transcript.picture``, ``.pdf``, ``.sound``, ``.password`` or ``.old-document``."""
    for start, code, what, hint in NOT_TEXT:
        if data.startswith(start) and (start != b"BM" or b"\0" in data[:32]):
            raise _not_text(code, what, hint)
    if data[:4] == b"RIFF":
        is_picture = data[8:12] == b"WEBP"
        raise _not_text("picture", N_("a picture"), "") if is_picture else _not_text("sound", N_("a recording"), _SOUND)
    if data[4:8] == b"ftyp":
        raise _not_text("sound", N_("a recording"), _SOUND)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise SurveyError("transcript.password", "The document is protected by a password",
                              hint="Save it without a password and import it again.")  # fmt: skip
        raise SurveyError("transcript.old-document", "The document is in the format of Word before 2007",
                          expected=".docx", hint="Open it, save it as .docx and import that.")  # fmt: skip


def _not_text(code: str, what: str, hint: str) -> SurveyError:
    return SurveyError(f"transcript.{code}", "The file is not a text", got=what, expected="a transcript",
                       hint=hint or N_("Import the text of the conversation, not a picture of it."))  # fmt: skip
