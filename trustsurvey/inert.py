"""Cells of CSV files that a spreadsheet opens: nothing in them runs."""

from __future__ import annotations

import re

#: What a spreadsheet reads as a formula where text begins with it, with the wide forms that some read alike.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
#: Text that begins so, or would but for the apostrophes before it.
LIVE = re.compile(f"'*[{re.escape(''.join(DANGEROUS))}]")


def guarded(text: str) -> str:
    """Text for a cell of a CSV file, where a spreadsheet that opens it runs nothing.

    >>> guarded("=1+1"), guarded("1+1")
    ("'=1+1", '1+1')
    """
    return f"'{text}" if LIVE.match(text) else text


def unguarded(text: str) -> str:
    """The text of a cell that :func:`guarded` may have changed."""
    return text[1:] if text.startswith("'") and LIVE.match(text) else text
