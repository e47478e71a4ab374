"""Word, OpenDocument, Rich Text and HTML: what is text in them, and what is refused."""

from __future__ import annotations

import pytest
from builders import refusal
from conversations import FOLDER, read_here, said
from files import minimal_xlsx, zipped

WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
MORE = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'


def docx(body: str, start: str = "", **members: str) -> bytes:
    """A document with this body."""
    text = f'<?xml version="1.0"?>{start}<w:document {WORD} {MORE}><w:body>{body}</w:body></w:document>'
    return zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": text, **members})


def p(*runs: str) -> str:
    return f"<w:p>{''.join(runs)}</w:p>"


def t(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def test_runs_tabs_and_breaks() -> None:
    body = p(t("An"), t("na:"), "<w:r><w:tab/></w:r>", t("Yes,"), "<w:r><w:br/></w:r>", t("all of")) + p(
        t("us &amp; them.")
    )
    transcript = read_here(docx(body + p(t("Ben: So")) + p(t("Anna: No"))))
    assert said(transcript) == [("Anna", "Yes, all of us & them."), ("Ben", "So"), ("Anna", "No")]
    assert [turn.line for turn in transcript.turns] == [1, 3, 4]
    assert transcript.counted == "paragraph"


def test_what_was_deleted_is_not_read() -> None:
    body = (
        p(t("Anna: Yes"), "<w:del><w:r><w:delText>never</w:delText></w:r></w:del>", "<w:ins>",
            t(" indeed"), "</w:ins>")
        + p(t("Ben: "), "<w:r><w:instrText>HYPERLINK x</w:instrText></w:r>", "<w:hyperlink>", t("a page"),
              "</w:hyperlink>")
        + p("<mc:AlternateContent><mc:Choice>", t("Anna: once"), "</mc:Choice>",
            "<mc:Fallback>", t("twice"), "</mc:Fallback></mc:AlternateContent>")
    )  # fmt: skip
    assert said(docx(body)) == [("Anna", "Yes indeed"), ("Ben", "a page"), ("Anna", "once")]


def row(*cells: str) -> str:
    return "<w:tr>" + "".join(f"<w:tc>{p(t(cell))}</w:tc>" for cell in cells) + "</w:tr>"


def test_tables_with_times_and_names() -> None:
    body = "<w:tbl>" + row("0:01", "Anna", "Yes.") + row("0:04", "Ben", "No.") + row("0:09", "Anna", "Why?")
    transcript = read_here(docx(body + "</w:tbl>"))
    assert said(transcript) == [("Anna", "Yes."), ("Ben", "No."), ("Anna", "Why?")]
    assert [turn.start for turn in transcript.turns] == [1.0, 4.0, 9.0]


def test_rich_text_with_letters_beyond_its_code_page() -> None:
    text = (
        r"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}\pard "
        r"Ana:\tab \'bfC\'f3mo est\'e1? \u-10179?\u-8704?\par Ben: Well."
        r"\par Ana: So.\par}"
    )
    assert said(text) == [("Ana", "¿Cómo está? 😀"), ("Ben", "Well."), ("Ana", "So.")]


def test_hypertext_without_its_scripts() -> None:
    text = "<html><head><title>Anna: no</title><script>var a = '<p>Ben: no</p>'</script></head><body><!-- Ben: no -->"
    body = "<div>Anna: 1 &lt; 2, it&#39;s <b>so</b><br>and on</div><p class='a'>Ben: Yes</p>\n<ul><li>Anna: No</ul>"
    assert said(text + body) == [("Anna", "1 < 2, it's so and on"), ("Ben", "Yes"), ("Anna", "No")]
    rows = ("<th>Speaker</th><th>Text</th>", "<td>Anna</td><td>Yes</td>", "<td>Ben</td><td>No</td>")
    table = "<table>" + "".join(f"<tr>{cells}</tr>" for cells in rows) + "</table>"
    transcript = read_here("<!DOCTYPE html><body>" + table)
    assert (transcript.layout, said(transcript)) == ("table", [("Anna", "Yes"), ("Ben", "No")])


@pytest.mark.parametrize(
    "text", ["<p>" * 200_000, "<!--" * 200_000, "<a" * 200_000, "<p <p" * 100_000, "<script>" * 50_000]
)
def test_malformed_hypertext_takes_no_time(text: str) -> None:
    with refusal("transcript.nothing-said"):
        read_here("<html>" + text)


BODY = p(t("Anna: Yes")) + p(t("Ben: No")) + p(t("Anna: So"))
BAD = {
    "transcript.macros": docx(BODY, **{"word/vbaProject.bin": "x"}),
    "transcript.markup": docx(BODY, '<!DOCTYPE a [<!ENTITY b "c">]>'),
    "transcript.damaged": docx(BODY)[:-60],
    "transcript.bomb": docx("<w:p/>" * (70 << 20 >> 2)),
    "transcript.archive": zipped({"a.vtt": "WEBVTT", "b.vtt": "WEBVTT"}),
    "transcript.password": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
    "transcript.old-document": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    "transcript.columns": minimal_xlsx(("A1", "age"), ("B1", "sex"), ("A2", "30"), ("B2", "f")),
    "transcript.nothing-said": docx("<w:p/>"),
}


@pytest.mark.parametrize("code", BAD)
def test_documents_that_are_refused(code: str) -> None:
    with refusal(code) as error:
        read_here(BAD[code], "meeting.docx")
    assert error.where.startswith("meeting.docx")
    assert error.hint


def test_markup_that_breaks_off_or_is_none() -> None:
    for text in ("<w:document", f"<w:document {WORD}><w:body>{BODY}", "", "\0\1"):
        with refusal("transcript.damaged"):
            read_here(zipped({"word/document.xml": text}))


def test_a_locked_open_document() -> None:
    members = {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "x",
               "META-INF/manifest.xml": "<manifest:encryption-data/>"}  # fmt: skip
    with refusal("transcript.password"):
        read_here(zipped(members))


def test_a_member_that_says_it_is_smaller_than_it_is() -> None:
    data = bytearray((FOLDER / "teams.docx").read_bytes())
    place = data.rfind(b"word/document.xml") - 46 + 24  # the size told in the central directory
    data[place : place + 4] = (5).to_bytes(4, "little")
    with refusal("transcript.damaged"):
        read_here(bytes(data))


def test_markup_nested_deeply() -> None:
    deep = "<w:sdt>" * 50_000 + BODY + "</w:sdt>" * 50_000
    assert len(said(docx(deep))) == 3
