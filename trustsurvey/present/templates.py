"""Pages that are files: their templates, in which all text is escaped."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template


@lru_cache
def template(name: str) -> Template:
    """A template by the name of its file; the words in it are said by the ``_`` that it is rendered with."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, finalize=_unbroken,
    )  # fmt: skip
    return environment.get_template(f"{name}.html.j2")


def _unbroken(value: object) -> object:
    """Text of which no line begins with a percent sign."""
    return re.sub(r"(?<=\d) %", "\u00a0%", value) if type(value) is str else value
