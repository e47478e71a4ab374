"""The verbs as commands. Each says what it did in a line or two; ``--help`` teaches."""

from trustsurvey.cli import (  # each adds its commands
    accounts,
    actions,
    group_themes,
    groups,
    imports,
    inference,
    microdata,
    questions,
    studies,
    tables,
    voices,
    waves,
    weights,
)
from trustsurvey.cli.group import cli

__all__ = ["accounts", "actions", "cli", "group_themes", "groups", "imports", "inference", "microdata", "questions",
           "studies",
           "tables", "voices", "waves", "weights"]  # fmt: skip
