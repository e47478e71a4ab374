"""One look at every byte: whatever the bytes are, it says what whole-file functions of Python say."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings, strategies as st

from trustsurvey.readers import look as looking
from trustsurvey.readers.look import Look, line_at, look


def defect_of(content: bytes) -> int | None:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return None


@settings(max_examples=150)
@given(
    st.lists(
        st.sampled_from([b"a", b"\n", b'"', b"\0", "é".encode(), "\u20ac".encode(), b"\xff", b"\xe2\x82"]), max_size=40
    ),
    st.integers(1, 9),
)  # fmt: skip
@example(["€".encode()], 1)
@example([b"a", b"\xe2\x82"], 2)
def test_it_says_what_python_says_of_the_whole(pieces: list[bytes], block: int) -> None:
    content = b"".join(pieces)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(looking, "BLOCK", block)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "upload"
            file.write_bytes(content)
            found = look(file)
    assert found == Look(hashlib.sha256(content).hexdigest(), defect_of(content), b"\0" in content, content.count(b'"'))


def test_a_line_is_found_by_a_byte_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "BLOCK", 4)
    path = tmp_path / "x"
    path.write_bytes(b"one\ntwo\nthree\n")
    assert [line_at(path, at) for at in (0, 3, 4, 7, 8, 13, 14)] == [1, 1, 2, 2, 3, 3, 4]
