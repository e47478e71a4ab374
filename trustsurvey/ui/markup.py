"""Text from files and people on a page that renders Markdown."""

from __future__ import annotations

import re

#: Where Streamlit finds addresses, icons and signs such as an arrow when Markdown's escapes are gone already.
SIGNS = re.compile(
    r"(?<=:)(?=[^\W\d]|/)|(?<=www)(?=\.)|(?=@)|(?<=[-<])(?=-)|(?<=-)(?=>)|(?<=[<>~])(?==)", re.IGNORECASE
)
JOINER = "\u2060"  # no width, no break


def plain(text: str) -> str:
    """Text from files for a place that renders Markdown: one line, and nothing in it is markup any more."""
    text = SIGNS.sub(JOINER, " ".join(text.split()))
    text = re.sub(r"(?<=\d) %", "\u00a0%", text)
    return "".join(f"\\{c}" if c in "\\`*_{}[]()<>#+-.!|~$:&=" else c for c in text)


def unmarked(text: str) -> str:
    """Markdown as it is read aloud: without headings, stars and the escapes of :func:`plain`."""
    text = re.sub(r"^#+ ", "", text, flags=re.MULTILINE)
    return " ".join(re.sub(rf"\\([^\w\s]|_)|\*\*|{JOINER}", r"\1", text).split())
