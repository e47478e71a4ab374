"""The verbs as commands. Each says what it did in a line or two; ``--help`` teaches."""

from trustsurvey.cli import imports, inference, questions, studies, tables, voices, waves  # each adds its commands
from trustsurvey.cli.group import cli

__all__ = ["cli", "imports", "inference", "questions", "studies", "tables", "voices", "waves"]
