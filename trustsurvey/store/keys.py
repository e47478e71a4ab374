"""The secret that pseudonyms are made with; it lies beside the database, never in it."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
import tempfile
from pathlib import Path

from trustsurvey.errors import SurveyError
from trustsurvey.store.engines import home


def master_key() -> bytes:
    """``TRUSTSURVEY_SECRET``, or the file ``secret.key`` in the home folder, made on first use."""
    stated = os.environ.get("TRUSTSURVEY_SECRET")
    if stated:
        return stated.encode("utf-8")
    path = home() / "secret.key"
    try:
        key = _key_of(path)
    except OSError as error:
        raise SurveyError(
            "store.key-file", "The secret key cannot be read or made", where=str(path),
            got=error.strerror or str(error), hint="Check the folder named by TRUSTSURVEY_HOME.",
        ) from error  # fmt: skip
    if not key:
        raise SurveyError(
            "store.key-file", "The file of the secret key is empty", where=str(path),
            hint="Put the key back from a copy; pseudonyms without a key could be undone by anybody.",
        )  # fmt: skip
    return key


def _key_of(path: Path) -> bytes:
    """What stands in the key's file, which is made if there is none."""
    if not path.exists():
        # Written whole under another name first: of two processes that start together one wins.
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".secret-") as file:
            file.write(secrets.token_hex(32).encode("ascii"))
            file.flush()
            os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(file.name, path)
    return path.read_bytes().strip()


def study_key(slug: str) -> bytes:
    """The key of one study, so that pseudonyms of two studies cannot be joined."""
    return hmac.new(master_key(), f"trustsurvey study {slug}".encode(), hashlib.sha256).digest()


def key_check(slug: str) -> str:
    """A fingerprint of the study's key; of a key made at random it gives nothing away."""
    return hashlib.sha256(study_key(slug) + b"check").hexdigest()


def refuse_other_key(slug: str, stored: str) -> None:
    """Refuse to make pseudonyms under another key than the study was begun with."""
    if key_check(slug) != stored:
        raise SurveyError(
            "store.key",
            "The secret key is not the one this study was begun with",
            where=slug,
            expected="the file secret.key, or TRUSTSURVEY_SECRET, of the machine where it was begun",
            hint="Put the key back; without it the same person would get two pseudonyms.",
        )
