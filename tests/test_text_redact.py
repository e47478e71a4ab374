"""What tells who somebody is comes out of texts, and what does not stays in. All people here are made up."""

from __future__ import annotations

import csv
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from trustsurvey.text.redact import Replacement, rebuilt, redact, redact_all

PLACES = ("Riverton", "Old Town", "Mill", "Hill Park")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        # People by title, by name, by initials as police write them; the same person has the same number.
        ("Officer Dana Voss was kind. Voss came back.", "Officer [person 1] was kind. [person 1] came back."),
        ("Sgt. J. Doe and PO Jones laughed", "Sgt. [person 1] and PO [person 2] laughed"),
        ("officer johnson never came", "officer [person 1] never came"),
        ("my neighbour Maria Lopez and Maria's son", "my neighbour [person 1] and [person 1]'s son"),
        ("ask maria lopez next door", "ask [person 1] next door"),
        ("I told Rodriguez about it", "I told [person 1] about it"),
        (
            "GW, 50/B/M, says Officers CR and V lied. GW left.",
            "[person 1], [age], says Officers [person 2] and [person 3] lied. [person 1] left.",
        ),
        ("The complainant, KJ, states Ms. J ran", "The complainant, [person 1], states Ms. [person 1] ran"),
        ("BH, 21/B/F", "[person 1], [age]"),
        ("my son, QR, was there", "my son, [person 1], was there"),
        ("Detective J.N. of the unit", "Detective [person 1] of the unit"),
        (
            "Officers QR, Highway Unit and AC. According to AC",
            "Officers [person 1], Highway Unit and [person 2]. According to [person 2]",
        ),
        ("Officer DC gave no DC number at 9:00 PM", "Officer [person 1] gave no DC number at 9:00 PM"),
        (
            "The complainant, PM, came at 9:00 PM. PM left",
            "The complainant, [person 1], came at 9:00 PM. [person 1] left",
        ),
        (
            "QN, 50/B/F and TS left. TS's older son, AH, and N",
            "[person 1], [age] and [person 2] left. [person 2]'s older son, [person 3], and [person 1]",
        ),
        ("on behalf of her client, KB, 48 W/F", "on behalf of her client, [person 1], [age]"),
        ("Officer A called. Officer K. The man ran", "Officer [person 1] called. Officer [person 2]. The man ran"),
        ("Officer S.F. According to her son, B., no", "Officer [person 1] According to her son, [person 2]., no"),
        ("TS-W, 20/W/F, and Civilian TD", "[person 1], [age], and Civilian [person 2]"),
        ("The complainant, MO'R, 20/B/F, and MO'R's son", "The complainant, [person 1], [age], and [person 1]'s son"),
        # Names that no list holds, by what stands before them.
        ("The complainant, Zyx Qwrt, 20/B/F, told Qwrt", "The complainant, [person 1], [age], told [person 1]"),
        (
            "Officers Zyx, Qwrt and Vbn came for my son Klm",
            "Officers [person 1], [person 2] and [person 3] came for my son [person 4]",
        ),
        ("Sean O'Malley-Smith spoke", "[person 1] spoke"),
        ("Juan de la Cruz helped", "[person 1] helped"),
        # Numbers and addresses.
        ("call 215-555-0142 or (215) 555 0143", "call [phone] or [phone]"),
        ("ring +44 20 7946 0958 please", "ring [phone] please"),
        ("write to a.b+c@mail.example.org!", "write to [e-mail]!"),
        ("see https://example.org/u/dvoss today", "see [link] today"),
        ("ask @dana_voss about it", "ask [handle] about it"),
        ("I live at 1234 N. Broad Street, Apt 3B now", "I live at [address] now"),
        ("at 12 high street", "at [address]"),
        ("on the 1200 block of Market St again", "on the [address] again"),
        ("at 15th and Market every night", "at [address] every night"),
        ("at D and Elm Streets, off Fir Road near Oak Road", "at [address], off [address]"),
        ("on the 1100 block of Mt. Alder Avenue", "on the [address]"),
        ("hit by RPC 22P5", "hit by RPC [vehicle number]"),
        ("between Lincoln Ave and Ocean Blvd", "between [address]"),
        ("badge number 4456", "badge number [badge]"),
        ("Officer Dana Voss #4456", "Officer [person 1] #[badge]"),
        ("case number DC 13-22-045678", "case number DC [case number]"),
        ("his plate ABC 1234", "his plate [plate]"),
        ("a car AB12 CDE", "a car [plate]"),
        ("born 4/5/1961", "born [date of birth]"),
        ("my postcode is SW1A 1AA", "my postcode is [postcode]"),
    ],
)
def test_what_tells_who_somebody_is_comes_out(written: str, read: str) -> None:
    assert redact(written, PLACES).text == read


@pytest.mark.parametrize(
    "written",
    [
        "Many officers are polite. Will they come? Mark my words.",
        "Lincoln Park is dark and Main Street is loud",
        "Nobody in Riverton or in Old Town listens, least of all at Mill",
        "They came in 20 minutes on 4-14-15 at 7:00 PM, 3 times",
        "The 24th District officers. According to them it was 2016.",
        "I give them 8/10, and 24/7 patrols. Call 911.",
        "Black and Asian residents are stopped more in April and May",
        "Highway Patrol and 22nd District officers in a Crown Victoria renewed the registration on 1-22-14",
        "Since September they sit at the desk of the Northwest division",
        "The complainant called Central and DHS; officers shook the car of my neighbour. The man left",
        "POLICE SHOULD LISTEN MORE AND TALK LESS",
        "The officer I met was kind, and so were the officers near the playground",
        "Faster response. More patrols. Better training!",
        "\u8b66\u5bdf\u5f88\u597d \u0627\u0644\u0634\u0631\u0637\u0629 \U0001f600",
        "",
    ],
)
def test_what_tells_nobody_stays(written: str) -> None:
    assert redact(written, PLACES) == rebuilt(written, ())


def test_stated_words_always_go() -> None:
    assert redact("ask Zyx at the desk, not zyxel", always=("Zyx",)).text == "ask [name] at the desk, not zyxel"


def test_of_two_people_of_one_text_each_has_a_number_of_their_own() -> None:
    found = redact("Officer Voss hit Officer Lopez. Lopez told Voss.")
    assert found.text == "Officer [person 1] hit Officer [person 2]. [person 2] told [person 1]."
    assert [one.kind for one in found.replacements] == ["person"] * 4


NAMES = st.sampled_from(
    ["Officer Dana Voss", "GW, 50/B/M", "215-555-0142", "12 High Street", "Maria", "the Park", "Sgt. V"]
)


@settings(max_examples=150)
@given(st.lists(st.one_of(NAMES, st.text(max_size=12)), max_size=6).map(" ".join))
def test_offsets_are_right_for_any_text_and_what_stands_between_is_unchanged(text: str) -> None:
    found = redact(text)
    assert rebuilt(text, found.replacements) == found
    at = 0
    for one in found.replacements:
        assert at <= one.start < one.end <= len(text)
        at = one.end
    assert redact_all([text, text]) == [found, found]


@settings(max_examples=100)
@given(st.lists(NAMES, min_size=1, max_size=5), st.sampled_from([" said ", ". ", ", then "]))
def test_a_second_time_finds_nothing_more(names: list[str], between: str) -> None:
    once = redact(between.join(names)).text
    assert redact(once).text == once


def test_replacements_that_overlap_are_taken_once() -> None:
    both = [Replacement(0, 4, "a", "[a]"), Replacement(2, 6, "b", "[b]")]
    assert rebuilt("abcdefgh", both).text == "[a]efgh"


def test_no_text_makes_it_hang() -> None:
    for text in ("A. " * 20_000, "1" * 50_000, "Officer " * 5_000, "a@" * 20_000, "12 " * 20_000, "Aa " * 5_000):
        assert isinstance(redact(text).text, str)


@pytest.mark.realdata
def test_of_what_a_reader_marked_in_narratives_nearly_all_goes(real_data: Path) -> None:
    """Marks of ``benchmarks/redaction.py``: what it prints for the sample that was read second."""
    with (real_data / "philadelphia" / "ppd_complaints.csv").open(encoding="utf-8-sig", newline="") as lines:
        narratives = [row["summary"] for row in csv.DictReader(lines)]
    marks = Path(__file__).parents[1] / "benchmarks" / "redaction_marks.csv"
    found = total = wrong = 0
    with marks.open(encoding="ascii", newline="") as lines:
        for row in csv.DictReader(lines):
            text = narratives[int(row["row"])]
            assert sha256(text.encode()).hexdigest()[:12] == row["digest"]
            if row["sample"] == "second":
                spans = [tuple(map(int, mark.split("-")[:2])) for mark in row["marks"].split(";") if mark]
                taken = redact(text).replacements
                gone = {k for one in taken for k in range(one.start, one.end)}
                found += sum(all(k in gone for k in range(a, b) if text[k].isalnum()) for a, b in spans)
                total += len(spans)
                wrong += sum(not any(a < one.end and one.start < b for a, b in spans) for one in taken)
    assert total == 1226
    assert found / total > 0.98
    assert wrong <= 3


def test_of_many_texts_it_is_told_how_far_it_went() -> None:
    texts = [f"Ask Maria Lopez about number {k}." for k in range(450)]
    told: list[float] = []
    assert redact_all(texts, progress=told.append) == redact_all(texts)
    assert told == [200 / 450, 400 / 450, 1.0]
