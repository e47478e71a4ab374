"""What a file is by its first bytes, and the refusal of those that hold no text."""

from __future__ import annotations

from trustsurvey.errors import SurveyError
from trustsurvey.language import N_

#: What is no transcript, by the end of its code: what it is, and what to do.
KINDS = {
    "picture": (N_("a picture"), N_("Import the text of the conversation, not a picture of it.")),
    "pdf": (N_("a PDF"), N_("Save it as text or .docx, or copy the text into a document.")),
    "sound": (N_("a recording"), N_("Have it transcribed first, then import the text.")),
}
#: First bytes of it.
NOT_TEXT = (
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"BM", "picture"),
    (b"II*\0", "picture"),
    (b"MM\0*", "picture"),
    (b"%PDF", "pdf"),
    (b"ID3", "sound"),
    (b"\xff\xfb", "sound"),
    (b"OggS", "sound"),
    (b"fLaC", "sound"),
    (b"\x1aE\xdf\xa3", "sound"),
)


def refuse_kind(data: bytes) -> None:
    """SurveyError ``transcript.picture``, ``.pdf``, ``.sound``, ``.password`` or ``.old-document``."""
    for start, kind in NOT_TEXT:
        if data.startswith(start) and (start != b"BM" or b"\0" in data[:32]):
            raise _not_text(kind)
    if data[:4] == b"RIFF":
        raise _not_text("picture" if data[8:12] == b"WEBP" else "sound")
    if data[4:8] == b"ftyp":
        raise _not_text("sound")
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise SurveyError("transcript.password", "The document is protected by a password",
                              hint="Save it without a password and import it again.")  # fmt: skip
        raise SurveyError("transcript.old-document", "The document is in the format of Word before 2007",
                          expected=".docx", hint="Open it, save it as .docx and import that.")  # fmt: skip


def _not_text(kind: str) -> SurveyError:
    what, hint = KINDS[kind]
    return SurveyError(f"transcript.{kind}", "The file is not a text", got=what, expected="a transcript", hint=hint)
