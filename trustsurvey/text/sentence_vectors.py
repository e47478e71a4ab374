"""Vectors of whole texts from a packaged model, for those who install the extra and ask for it; nothing is downloaded.

Numbers depend on whether they are used, so that having the package alone changes nothing: the setting
``TRUSTSURVEY_SENTENCE_VECTORS=wordllama`` does.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from trustsurvey.errors import SurveyError
from trustsurvey.model import Floats

#: (n,) texts to (n, d) vectors of length 1.
Encoder = Callable[[Sequence[str]], Floats]
SETTING = "TRUSTSURVEY_SENTENCE_VECTORS"
KNOWN = "wordllama"


def chosen() -> Encoder | None:
    """The encoder that the setting names, None without one.

    SurveyError ``vectors.unknown`` for another name, ``vectors.absent`` where the extra is not installed.
    """
    name = os.environ.get(SETTING, "").strip().lower()
    if not name:
        return None
    if name != KNOWN:
        raise SurveyError("vectors.unknown", "There are no such sentence vectors", where=SETTING, got=f"'{name}'",
                          expected=f"'{KNOWN}', or nothing")  # fmt: skip
    return wordllama()


def wordllama() -> Encoder:
    """WordLlama's 256 dimensions (Miller 2024), with the weights that come in its package."""
    model = _model()

    def encode(texts: Sequence[str]) -> Floats:
        # A text without a word has no direction; the package would divide by its length.
        full = [text if text.strip() else "." for text in texts]
        return np.nan_to_num(np.asarray(model.embed(full, norm=True), dtype=float))

    return encode


@lru_cache(maxsize=1)
def _model() -> Any:
    try:
        import wordllama as package
    except ImportError as error:
        raise SurveyError(
            "vectors.absent", "The package wordllama is not installed", where=SETTING,
            hint="Install it (pip install wordllama), or take the setting away.",
        ) from error  # fmt: skip
    # Weights and tokenizer lie beside the code, where the package looks for what it would have downloaded.
    return package.WordLlama.load(cache_dir=Path(package.__file__).parent, disable_download=True)
