"""The members of a .qdpx file, checked before anything is unpacked; pictures and sound are never touched."""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from dataclasses import dataclass
from urllib.parse import unquote

from trustsurvey.errors import SurveyError
from trustsurvey.text.refi_qda.parsed import LARGEST

#: Bytes of text that an archive may hold, members, and how often it may be larger than packed once it is of some size.
MOST, MEMBERS, RATIO, SMALL = 512 << 20, 200_000, 200, 1 << 24
DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, RuntimeError)


@dataclass(frozen=True)
class Archive:
    """The project file and the plain texts of an archive, by their names in small letters."""

    name: str
    project: bytes
    texts: dict[str, bytes]

    @classmethod
    def of(cls, data: bytes, name: str) -> Archive:
        """Unpack what is text; SurveyError ``refi.damaged``, ``refi.bomb``, ``refi.password`` or ``refi.absent``."""
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                wanted = [m for m in archive.infolist() if m.filename.lower().endswith((".qde", ".txt"))]
                _refuse(wanted, archive.infolist(), name)
                members = {_plain(m.filename): archive.read(m) for m in wanted}
        except DAMAGED as error:
            raise SurveyError("refi.damaged", "The file is damaged or no REFI-QDA project", where=name,
                              expected="a .qdpx file", hint="Export it again.") from error  # fmt: skip
        projects = [key for key in members if key.endswith(".qde")]
        if not projects:
            raise SurveyError("refi.absent", "The archive holds no project", where=name, expected="project.qde",
                              hint="Export it again as a REFI-QDA project.")  # fmt: skip
        chosen = "project.qde" if "project.qde" in projects else min(projects, key=len)
        return cls(name, members[chosen], {key: text for key, text in members.items() if key.endswith(".txt")})

    def text(self, path: str | None) -> bytes | None:
        """The text that a path leads to, such as ``internal://x.txt``; None where the archive does not hold it.

        Programs write the folder in small letters or not, or name none, and blanks as %20; nothing elsewhere is opened.
        """
        place = _plain((path or "").rpartition("://")[2])
        for told in (place, unquote(place)):
            for candidate in (f"sources/{told}", told, f"sources/{told.rpartition('/')[2]}"):
                if candidate in self.texts:
                    return self.texts[candidate]
        return None


def _plain(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def _refuse(wanted: list[zipfile.ZipInfo], members: list[zipfile.ZipInfo], name: str) -> None:
    total, packed = sum(m.file_size for m in wanted), sum(m.compress_size for m in wanted)
    largest = max((m.file_size for m in wanted if m.filename.lower().endswith(".qde")), default=0)
    if total > MOST or largest > LARGEST or len(members) > MEMBERS or (total > SMALL and total > RATIO * packed):
        raise SurveyError(
            "refi.bomb", "The archive unpacks to far more than a project needs", where=name,
            got=f"{total / 2**20:,.0f} MB in {len(members):,} files",
            expected=f"at most {MOST >> 20} MB, {RATIO} times its size, and {MEMBERS:,} files",
        )  # fmt: skip
    if any(m.flag_bits & 1 for m in wanted):
        raise SurveyError("refi.password", "The archive is protected by a password", where=name,
                          hint="Export it without one.")  # fmt: skip
