"""Uploaded text: UTF-8 with or without a mark, anything else refused."""

from __future__ import annotations

import pytest
from builders import refusal

from trustsurvey.ui.uploads import text_of


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_text_comes_back_without_its_mark(mark: bytes) -> None:
    assert text_of(mark + "Stra\u00dfe \U0001f600".encode(), "a.yaml") == "Stra\u00dfe \U0001f600"
    assert text_of(mark, "a.yaml") == ""


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16"])
def test_letters_are_not_guessed(encoding: str) -> None:
    with refusal("upload.text", "a.yaml", "the byte 0x", "UTF-8"):
        text_of("title: Stra\u00dfe".encode(encoding), "a.yaml")
