"""The signatures of survey platforms: how each is recognised and what its own columns are.

One entry a platform, in a file a family. A new platform is one more entry and one test.
"""

from __future__ import annotations

from trustsurvey.language import N_
from trustsurvey.readers.platforms.alchemer import ALCHEMER
from trustsurvey.readers.platforms.entry import SINGLE, Meaning, Platform, Rows, State, plain_columns
from trustsurvey.readers.platforms.forms import GOOGLE, MICROSOFT, TYPEFORM
from trustsurvey.readers.platforms.limesurvey import LIMESURVEY
from trustsurvey.readers.platforms.odk import CENTRAL, KOBO
from trustsurvey.readers.platforms.qualtrics import QUALTRICS
from trustsurvey.readers.platforms.redcap import DICTIONARY_FILE, REDCAP
from trustsurvey.readers.platforms.surveymonkey import SURVEYMONKEY

__all__ = ["PLATFORMS", "SINGLE", "STATISTICAL", "Meaning", "Platform", "Rows", "State", "detect", "platform_named"]

PLAIN = Platform("plain", "plain table", lambda rows: 1, plain_columns, noun=N_("plain table"))
#: Files of statistics programs are told by their first bytes, not by their headings.
SPSS = Platform("spss", "SPSS", lambda rows: 0, plain_columns, noun=N_("SPSS file"))
STATA = Platform("stata", "Stata", lambda rows: 0, plain_columns, noun=N_("Stata file"))
STATISTICAL = {"sav": SPSS, "por": SPSS, "dta": STATA}

#: In the order in which they are asked; the plain table takes what is left.
PLATFORMS: tuple[Platform, ...] = (
    QUALTRICS,
    SURVEYMONKEY,
    GOOGLE,
    MICROSOFT,
    LIMESURVEY,
    KOBO,
    CENTRAL,
    DICTIONARY_FILE,
    REDCAP,
    ALCHEMER,
    TYPEFORM,
    SPSS,
    STATA,
    PLAIN,
)


def detect(rows: Rows) -> tuple[Platform, int]:
    """The platform whose signature the first rows of a file show, and how many rows stand above the answers."""
    return next((platform, depth) for platform in PLATFORMS if (depth := platform.recognise(rows)))


def platform_named(name: str) -> Platform:
    """The entry of this name; the plain table for an unknown one."""
    return next((platform for platform in PLATFORMS if platform.name == name), PLAIN)
