"""Projects that other programs wrote: read as they meant them, and refused where they are unsound."""

from __future__ import annotations

import contextlib
import re
from datetime import date

import pytest
from hypothesis import given, settings, strategies as st
from refi import FULL, unzipped, zipped

from trustsurvey.errors import SurveyError
from trustsurvey.text.refi_qda.project import Applied, Case, Note, Remark, Set, Source
from trustsurvey.text.refi_qda.read import project_from_qdpx
from trustsurvey.text.refi_qda.write import project_to_qdpx

NS = 'xmlns="urn:QDA-XML:project:1.0"'


def number(k: int) -> str:
    return f"{k:08x}-0000-4000-8000-000000000000"


#: Written for the purpose, in the manner of NVivo: the folder in capitals, a mark before the XML, rich and plain
#: texts, codes listed for cases, notes in files, line ends of Windows counted as one character.
LIKE_NVIVO = zipped({
    "project.qde": f"""\ufeff<?xml version="1.0" encoding="utf-8"?>
<Project {NS} name="Meetings" origin="NVivo" creatingUserGUID="{number(1)}" basePath="">
 <Users><User guid="{number(1)}" name="A. Coder" id="AC"/></Users>
 <CodeBook><Codes>
  <Code guid="{number(10)}" name="Being heard" isCodable="true" color="#F00"><Description>They listen.</Description>
   <NoteRef targetGUID="{number(42)}"/>
   <Code guid="{number(11)}" name="Being heard" isCodable="true" color="red"/></Code>
  <Code guid="{number(20)}" name="Anna" isCodable="true"/>
 </Codes></CodeBook>
 <Variables><Variable guid="{number(30)}" name="Cases:Age group" typeOfVariable="Text"><Description/></Variable>
  <Variable guid="{number(31)}" name="Met" typeOfVariable="Date"/></Variables>
 <Cases><Case guid="{number(20)}" name="Anna"><Description/>
  <VariableValue><VariableRef targetGUID="{number(30)}"/><TextValue>20-29</TextValue></VariableValue>
  <VariableValue><VariableRef targetGUID="{number(31)}"/><DateValue>2026-05-04Z</DateValue></VariableValue>
  <VariableValue><VariableRef targetGUID="{number(39)}"/><TextValue>of nothing</TextValue></VariableValue>
 </Case></Cases>
 <Sources>
  <TextSource guid="{number(50)}" name="Group A" richTextPath="internal://{number(50)}.docx"
     plainTextPath="internal://{number(50)}.txt" creatingUser="{number(1)}" creationDateTime="2026-05-04T10:00:00Z">
   <Description>in the library</Description>
   <PlainTextSelection guid="{number(51)}" name="" startPosition="16" endPosition="27" creatingUser="{number(1)}">
    <Description>quietly</Description>
    <Coding guid="{number(52)}"><CodeRef targetGUID="{number(11)}"/></Coding></PlainTextSelection>
   <PlainTextSelection guid="{number(53)}" name="" startPosition="28" endPosition="37">
    <Coding guid="{number(54)}" creatingUser="{number(1)}"><CodeRef targetGUID="{number(10)}"/></Coding>
    <Coding guid="{number(55)}" creatingUser="{number(1)}"><CodeRef targetGUID="{number(20)}"/></Coding>
   </PlainTextSelection>
   <PlainTextSelection guid="{number(56)}" startPosition="28" endPosition="4000"/>
   <NoteRef targetGUID="{number(40)}"/>
  </TextSource>
  <TextSource guid="{number(60)}" name="Scan" richTextPath="internal://{number(60)}.docx"/>
 </Sources>
 <Notes>
  <Note guid="{number(40)}" name="Memo" plainTextPath="internal://{number(40)}.txt" creatingUser="{number(1)}"/>
  <Note guid="{number(41)}" name="Loose"><PlainTextContent>not tied to anything</PlainTextContent></Note>
  <Note guid="{number(42)}" name="On the code"><PlainTextContent>Ask about this.</PlainTextContent></Note>
 </Notes>
</Project>""".encode(),
    f"Sources/{number(50)}.docx": b"PK",
    f"Sources/{number(50)}.txt": "\ufeffWhat do you say\r\nthey listen\r\nnow ask me\r\n".encode(),
    f"Sources/{number(40)}.txt": b"Read\r\ntwice",
})  # fmt: skip


def test_a_project_in_the_manner_of_nvivo() -> None:
    project, notices = project_from_qdpx(LIKE_NVIVO, "meetings.qdpx")
    assert [(c.key, c.title, c.parent, c.colour) for c in project.codebook.codes] == [
        ("being_heard", "Being heard", "", "#FF0000"),
        ("being_heard_2", "Being heard", "being_heard", ""),
    ]
    assert project.codebook.codes[0].definition == "They listen.\nAsk about this."
    (source,) = project.sources
    assert source.text == "What do you say\nthey listen\nnow ask me\n"
    assert source.applied == (
        Applied("being_heard_2", "A. Coder", 16, 27, memo="quietly"),
        Applied("being_heard", "A. Coder", 28, 37),
    )
    assert source.text[16:27] == "they listen"
    assert (source.memo, source.notes) == ("in the library", (Note("Read\ntwice", "Memo", "A. Coder"),))
    told = (("Cases:Age group", "20-29"), ("Met", date(2026, 5, 4)))
    assert project.cases == (Case("Anna", (), told, parts=(("Group A", 28, 37),)),)
    assert project.notes == (Note("not tied to anything", "Loose"),)
    assert project.codebook.name == "Meetings"
    assert [notice.text for notice in notices] == [
        "Sources left out (text that the file does not hold): 1.",
        "Coded parts left out, outside their source: 1.",
    ]


#: Written for the purpose: numbers in braces and capitals, sets, whole sources coded, sound with a transcript, a PDF
#: with its text, a picture, paths elsewhere, an unknown code.
LIKE_OTHERS = zipped({
    "project.qde": f"""<?xml version="1.0" encoding="UTF-8"?>
<Project {NS} name="Interviews" origin="MAXQDA 2022">
 <Users><User guid="{{{number(0xab).upper()}}}" id="MK"/></Users>
 <CodeBook><Codes><Code guid="{{{number(0xcd).upper()}}}" name="Speed" isCodable="false"/></Codes></CodeBook>
 <Sources>
  <TextSource guid="{number(1)}" name="Same" plainTextPath="internal://no%20one.txt">
   <Coding guid="{number(2)}" creatingUser="{number(0xab)}"><CodeRef targetGUID="{number(0xcd)}"/>
    <NoteRef targetGUID="{number(7)}"/></Coding>
   <Coding guid="{number(3)}"><CodeRef targetGUID="{number(0xee)}"/></Coding>
  </TextSource>
  <TextSource guid="{number(4)}" name="Same"><PlainTextContent>inline &amp; short</PlainTextContent></TextSource>
  <TextSource guid="{number(5)}" name="Away" plainTextPath="relative:///../../etc/passwd.txt"/>
  <PDFSource guid="{number(6)}" name="Letter" path="internal://letter.pdf">
   <PDFSelection guid="{number(61)}" page="0" firstX="0" firstY="0" secondX="9" secondY="9"/>
   <Representation guid="{number(62)}" plainTextPath="internal://letter.txt">
    <PlainTextSelection guid="{number(63)}" startPosition="0" endPosition="4">
     <Coding guid="{number(64)}"><CodeRef targetGUID="{number(0xcd)}"/></Coding></PlainTextSelection>
   </Representation></PDFSource>
  <PictureSource guid="{number(8)}" name="Photo" path="internal://photo.jpg"/>
  <AudioSource guid="{number(9)}" name="Hearing" path="relative:///hearing.mp3">
   <Transcript guid="{number(91)}"><PlainTextContent>They came late. Nobody spoke.</PlainTextContent>
    <SyncPoint guid="{number(92)}" timeStamp="0" position="0"/>
    <SyncPoint guid="{number(93)}" timeStamp="4000" position="15"/>
    <TranscriptSelection guid="{number(94)}" fromSyncPoint="{number(92)}" toSyncPoint="{number(93)}">
     <Coding guid="{number(95)}"><CodeRef targetGUID="{number(0xcd)}"/></Coding></TranscriptSelection>
   </Transcript></AudioSource>
 </Sources>
 <Notes><Note guid="{number(7)}" name="" plainTextPath="internal://gone.txt"><Description>why</Description></Note></Notes>
 <Sets><Set guid="{number(70)}" name="Evening"><MemberCode targetGUID="{number(0xcd)}"/>
  <MemberSource targetGUID="{number(1)}"/><MemberSource targetGUID="{number(5)}"/></Set></Sets>
</Project>""".encode(),
    "sources/No one.txt": b"first",
    "sources\\Letter.TXT": b"Dear officer",
})  # fmt: skip


def test_a_project_in_the_manner_of_others() -> None:
    project, notices = project_from_qdpx(LIKE_OTHERS)
    assert project.sources == (
        Source("Same", "first", (Applied("speed", "MK", memo="why"),)),
        Source("Same (2)", "inline & short"),
        Source("Letter", "Dear officer", (Applied("speed", start=0, end=4),)),
        Source("Hearing", "They came late. Nobody spoke.", (Applied("speed", start=0, end=15),)),
    )
    assert project.sets == (Set("Evening", ("speed",), ("Same",)),)
    assert [notice.text for notice in notices] == [
        "Sources left out (text that the file does not hold): 1.",
        "Sources left out (PictureSource): 1.",
        "Codings left out, of a code that the file does not hold: 1.",
        "Coded parts left out, of a picture or of sound: 1.",
    ]


def test_remarks_without_a_code_and_parts_that_a_case_refers_to() -> None:
    data = zipped({"project.qde": f"""<Project {NS} name="p"><Users><User guid="{number(1)}" name="Ann"/></Users>
 <CodeBook><Codes><Code guid="{number(2)}" name="Speed" isCodable="true"/></Codes></CodeBook>
 <Cases><Case guid="{number(3)}" name="P1"><SelectionRef targetGUID="{number(5)}"/>
  <SelectionRef targetGUID="{number(99)}"/></Case></Cases>
 <Sources><TextSource guid="{number(4)}" name="g"><PlainTextContent>They came late</PlainTextContent>
  <PlainTextSelection guid="{number(5)}" startPosition="0" endPosition="4" creatingUser="{number(1)}">
   <Description>who?</Description></PlainTextSelection>
  <PlainTextSelection guid="{number(6)}" startPosition="5" endPosition="9"><NoteRef targetGUID="{number(7)}"/>
   </PlainTextSelection></TextSource></Sources>
 <Notes><Note guid="{number(7)}" creatingUser="{number(1)}"><PlainTextContent>when?</PlainTextContent></Note></Notes>
</Project>""".encode()})  # fmt: skip
    project, notices = project_from_qdpx(data)
    assert project.sources[0].remarks == (Remark("who?", 0, 4, "Ann"), Remark("when?", 5, 9, "Ann"))
    assert project.cases == (Case("P1", parts=(("g", 0, 4),)),)
    assert (project.notes, notices) == ((), [])


def test_what_was_read_can_be_written_and_is_the_same_again() -> None:
    for data in (LIKE_NVIVO, LIKE_OTHERS):
        project, _ = project_from_qdpx(data)
        assert project_from_qdpx(project_to_qdpx(project))[0] == project


def refused(data: bytes) -> str:
    with pytest.raises(SurveyError) as error:
        project_from_qdpx(data, "x.qdpx")
    assert "x.qdpx" in error.value.where
    return error.value.code


def test_unsound_files_are_refused() -> None:
    whole = project_to_qdpx(FULL)
    bomb = "<Project>" + " " * (60 << 20) + "</Project>"
    entity = '<!DOCTYPE p [<!ENTITY a "b">]><Project>&a;</Project>'
    assert refused(b"") == "refi.damaged"
    assert refused(b"no archive at all") == "refi.damaged"
    assert refused(whole[: len(whole) // 2]) == "refi.damaged"
    assert refused(zipped({"a.txt": b"x"})) == "refi.absent"
    assert refused(zipped({"project.qde": b"<Project"})) == "refi.xml"
    assert refused(zipped({"project.qde": b'<?xml version="1.0" encoding="x-none"?><Project/>'})) == "refi.xml"
    assert refused(zipped({"project.qde": entity.encode()})) == "refi.entities"
    assert refused(zipped({"project.qde": bomb.encode()})) == "refi.bomb"
    assert refused(zipped({"project.qde": b"<CodeBook/>"})) == "refi.root"
    assert refused(zipped({"project.qde": b"<Project/>"})) == "refi.empty"
    deep = "<Code guid='{}' name='a'>"
    nested = "".join(deep.format(number(k)) for k in range(5000)) + "</Code>" * 5000
    book = f"<Project><CodeBook><Codes>{nested}</Codes></CodeBook></Project>"
    assert refused(zipped({"project.qde": book.encode()})) == "refi.deep"
    assert refused(zipped({"project.qde": ("<a>" * 10**6).encode()})) == "refi.xml"


def test_a_password_is_told() -> None:
    data = bytearray(zipped({"project.qde": b"<Project/>"}))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + place] |= 1
    assert refused(bytes(data)) == "refi.password"


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_is_changed_in_a_project_it_is_read_or_refused(data: st.DataObject) -> None:
    members = unzipped(data.draw(st.sampled_from([project_to_qdpx(FULL), LIKE_NVIVO, LIKE_OTHERS])))
    text = members["project.qde"].decode("utf-8-sig")
    pieces = [match.span() for match in re.finditer(r'"[^"]*"|<[^<>]+/?>', text)]
    for _ in range(data.draw(st.integers(1, 4))):
        start, end = data.draw(st.sampled_from(pieces))
        other = data.draw(st.sampled_from(['""', '"-1"', '"99999999999999999999"', "<Code/>", "", text[start:end] * 2]))
        text = text[:start] + other + text[end:]
    members["project.qde"] = text.encode()
    with contextlib.suppress(SurveyError):
        project_from_qdpx(zipped(members))
