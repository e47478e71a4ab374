"""Codebooks as .qdc: the same codes back, and those of other programs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from refi import BOOK, codebooks

from trustsurvey.errors import SurveyError
from trustsurvey.model import Codebook
from trustsurvey.text.codebook import codebook_from_yaml, codebook_to_yaml
from trustsurvey.text.refi_qda.codes import codebook_from_qdc, codebook_to_qdc

#: Written for the purpose, in the manner of ATLAS.ti.
LIKE_ATLAS = b"""\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?>
<CodeBook xmlns="urn:QDA-XML:codebook:1.0" origin="ATLAS.ti">
  <Codes>
    <Code guid="1FF58B12-6F6F-4B0C-8BE5-BBDC91F55294" name="Speed: slow" color="#46AA00" isCodable="true">
      <Description>takes too long</Description></Code>
    <Code guid="{1FF58B12-6F6F-4B0C-8BE5-BBDC91F55295}" name="---" isCodable="true"/>
    <Code guid="1ff58b12-6f6f-4b0c-8be5-bbdc91f55294" name="the same number again" isCodable="true"/>
  </Codes>
  <Sets><Set name="group" guid="ECA18D76-2B8B-4B0C-8BE5-BBDC91F55296">
    <MemberCode guid="1FF58B12-6F6F-4B0C-8BE5-BBDC91F55294"/></Set></Sets>
</CodeBook>"""


@settings(max_examples=100, deadline=None)
@given(codebooks())
def test_the_codes_are_read_back_the_same(codebook: Codebook) -> None:
    read, notices = codebook_from_qdc(codebook_to_qdc(codebook), codebook.name)
    assert read.codes == codebook.codes
    assert notices == []


def test_an_unusual_order_is_read_back_as_a_tree() -> None:
    first, child, last = BOOK.codes
    assert codebook_from_qdc(codebook_to_qdc(replace(BOOK, codes=(first, last, child))))[0].codes == BOOK.codes


def test_another_programs_codebook() -> None:
    codebook, notices = codebook_from_qdc(LIKE_ATLAS, "atlas")
    assert [(c.key, c.title, c.definition, c.colour) for c in codebook.codes] == [
        ("speed_slow", "Speed: slow", "takes too long", "#46AA00"),
        ("code", "---", "", ""),
    ]
    assert [notice.text for notice in notices] == ["Sets of codes left out: 1."]
    # What was read can be kept as any codebook.
    assert codebook_from_yaml(codebook_to_yaml(codebook)) == codebook


def test_other_files_are_refused() -> None:
    for data, code in (
        (b"<Project/>", "refi.root"), (b"<CodeBook/>", "refi.empty"), (b"", "refi.xml"),
        (b"<!DOCTYPE x><CodeBook/>", "refi.entities"),
    ):  # fmt: skip
        with pytest.raises(SurveyError) as refused:
            codebook_from_qdc(data)
        assert refused.value.code == code
    with pytest.raises(SurveyError, match="no codes"):
        codebook_to_qdc(Codebook("empty", ()))
