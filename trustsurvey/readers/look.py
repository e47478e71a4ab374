"""One look at every byte of a file: its digest, and what a parser of text must know beforehand."""

from __future__ import annotations

import codecs
import hashlib
from dataclasses import dataclass
from pathlib import Path

BLOCK = 1 << 20


@dataclass(frozen=True)
class Look:
    """What the bytes of a file say.

    ``digest``: their SHA-256. ``defect``: where they cease to be UTF-8, None where all are; ``nul``: whether there
    are NULs; ``quotes``: how many quotation marks.
    """

    digest: str
    defect: int | None
    nul: bool
    quotes: int

    @property
    def sound(self) -> bool:
        """Whether a parser of text may take the file as it is."""
        return self.defect is None and not self.nul and self.quotes % 2 == 0


#: The look at a file of which nothing bad is known.
SOUND = Look("", None, False, 0)


def begins_sound(path: Path) -> bool:
    """Whether the first bytes of a file let one suppose that all of it is sound; few files differ further down."""
    with path.open("rb") as file:
        start = file.read(BLOCK)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return False
    return b"\0" not in start


def look(path: Path) -> Look:
    """Read a file once; OSError where it cannot be."""
    digest, decoder = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")()
    done, quotes, nul, pending = 0, 0, False, 0
    defect: int | None = None
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
            quotes += block.count(b'"')
            nul = nul or b"\0" in block
            if defect is None and (pending or not block.isascii()):
                try:
                    decoder.decode(block)
                except UnicodeDecodeError as error:
                    defect = done - pending + error.start
                pending = len(decoder.getstate()[0])
            done += len(block)
    if defect is None and pending:
        defect = done - pending
    return Look(digest.hexdigest(), defect, nul, quotes)


def line_at(path: Path, offset: int) -> int:
    """The number of the line in which a byte stands."""
    lines = 1
    with path.open("rb") as file:
        while offset > 0 and (block := file.read(min(BLOCK, offset))):
            lines += block.count(b"\n")
            offset -= len(block)
    return lines
