"""A file beside the last wave: renamed, recoded, flipped, reworded questions, and another way of interviewing."""

from __future__ import annotations

from collections.abc import Mapping as MappingType, Sequence
from dataclasses import replace

import numpy as np
import pytest
from files import csv_text, labelled, read_here

from trustsurvey.comparison.compare import breaks
from trustsurvey.harmonise import Harmonised, LastWave, accept, decide, harmonise, propose
from trustsurvey.instruments import parse_instrument
from trustsurvey.mapping_file import mapping_from_yaml, mapping_to_yaml
from trustsurvey.model import Mapping
from trustsurvey.readers.raw import Raw

#: Questions as an African barometer asks them; answers in four steps.
WORDS = {
    "tr": "How much do you trust the police?",
    "co": "How much do you trust the courts of law?",
    "go": "How much do you trust your local council?",
    "he": "How often do the police help people who ask for it?",
    "st": "How often do the police stop drivers without good reason?",
}
AMOUNT = ["Not at all", "Just a little", "Somewhat", "A lot"]
OFTEN = ["Never", "Rarely", "Often", "Always"]
BAROMETER = parse_instrument(
    "scales:\n"
    + "".join(
        f"  {name}: {{anchors: {{{', '.join(f'{k}: {word}' for k, word in enumerate(words))}}}}}\n"
        for name, words in (("amount", AMOUNT), ("often", OFTEN))
    )
    + "items:\n"
    + "".join(
        f"  {key}: {{text: '{text}', scale: {'amount' if key in ('tr', 'co', 'go') else 'often'}"
        f"{', reverse: true' if key == 'st' else ''}}}\n"
        for key, text in WORDS.items()
    )
    + "indices: {trust: {title: Trust, parts: [tr, co, go, he, st]}}\n"
)
GAPS = {"8": "Refused", "9": "Don't know", "-1": "Missing"}


def answers(n: int = 400, seed: int = 1) -> dict[str, np.ndarray]:
    """Answers from 0 to 3 to the five questions, which hang together."""
    random = np.random.default_rng(seed)
    trust = random.normal(size=n)
    made = {}
    for key in WORDS:
        sign = -1 if key == "st" else 1
        made[key] = np.clip(np.rint(1.9 + sign * trust + random.normal(scale=0.7, size=n)), 0, 3).astype(int)
    return made


def survey(
    given: MappingType[str, np.ndarray],
    columns: MappingType[str, str],
    labels: MappingType[str, MappingType[str, str]] | None = None,
    headings: MappingType[str, str] | None = None,
    mode: Sequence[str] = (),
) -> Raw:
    """A file whose columns are called as ``columns`` says (item to name), with labels by item."""
    n = len(next(iter(given.values())))
    names = [columns[key] for key in given]
    rows = [[*(int(given[key][k]) for key in given), *([mode[k % len(mode)]] if mode else [])] for k in range(n)]
    raw = read_here(csv_text([[*names, *(["mode"] if mode else [])], *rows]))
    raw = labelled(raw, **{columns[key]: told for key, told in (labels or {}).items()})
    texts = {columns[key]: (headings or WORDS)[key] for key in given}
    return replace(raw, columns=tuple(replace(c, text=texts.get(c.name, c.text)) for c in raw.columns))


def labels_of(words: Sequence[str], **gaps: str) -> dict[str, str]:
    return {str(k): word for k, word in enumerate(words)} | (gaps or GAPS)


ALL_LABELS = {key: labels_of(AMOUNT if key in ("tr", "co", "go") else OFTEN) for key in WORDS}
R5 = {key: f"Q{k}A" for k, key in enumerate(WORDS, 50)}
R7 = {key: f"Q{k}B" for k, key in enumerate(WORDS, 40)}


def proposed(raw: Raw, last: LastWave | None) -> Mapping:
    if last is None:
        return propose(raw, BAROMETER)[0]
    return propose(raw, BAROMETER, previous=last.mapping, last=last.report)[0]


def taken(raw: Raw, last: LastWave | None = None, mapping: Mapping | None = None) -> Harmonised:
    chosen = mapping or proposed(raw, last)
    result = harmonise(raw, replace(chosen, keep_duplicates=True), BAROMETER, name="w", last=last)
    result.__dict__["mapping"] = chosen
    return result


def last_of(result: Harmonised) -> LastWave:
    """What is kept of a wave: its mapping as a file, its report as JSON has it."""
    report = type(result.wave.report).restored(result.wave.report.as_dict())
    return LastWave("R5", mapping_from_yaml(mapping_to_yaml(result.__dict__["mapping"])), report)


@pytest.fixture(scope="module")
def first() -> Harmonised:
    """The first round, labelled."""
    result = taken(survey(answers(), R5, ALL_LABELS))
    assert not result.problems
    return result


@pytest.fixture(scope="module")
def bare() -> Harmonised:
    """The first round without labels."""
    result = taken(survey(answers(), R5))
    assert not result.problems
    return result


def codes(result: Harmonised) -> list[str]:
    return [notice.code for notice in result.wave.report.notices]


def test_the_same_again_needs_no_word(first: Harmonised) -> None:
    again = taken(survey(answers(seed=2), R5, ALL_LABELS), last_of(first))
    assert not again.problems
    assert codes(again) == []
    assert breaks(first.wave, again.wave, "trust") == ()


def test_renamed_columns_are_followed_and_said(first: Harmonised) -> None:
    again = taken(survey(answers(seed=2), R7, ALL_LABELS), last_of(first))
    assert not again.problems
    assert again.wave.items == first.wave.items
    (notice,) = again.wave.report.notices
    assert notice.code == "column.renamed"
    assert notice.text.startswith("5 questions stand in another column than in R5: 'Q50A \u2192 Q40B'")


def test_a_name_that_went_to_another_question_follows_the_words(first: Harmonised) -> None:
    swapped = dict(R5) | {"tr": R5["co"], "co": R5["tr"]}
    again = taken(survey(answers(seed=2), swapped, ALL_LABELS), last_of(first))
    assert not again.problems
    assert again.wave.answers["tr"].mean() == pytest.approx(answers(seed=2)["tr"].mean())
    assert codes(again) == ["column.renamed"]


def test_flipped_and_recoded_answers_are_read_by_their_labels_and_said(first: Harmonised) -> None:
    now = answers(seed=2)
    flipped = dict(now) | {"tr": 3 - now["tr"], "st": now["st"] + 1}
    told = ALL_LABELS | {
        "tr": labels_of(AMOUNT[::-1], **{"98": "Refused", "99": "Don't know"}),
        "st": {str(k + 1): word for k, word in enumerate(OFTEN)} | GAPS,
    }
    again = taken(survey(flipped, R5, told), last_of(first))
    assert not again.problems
    assert again.wave.answers["tr"].tolist() == now["tr"].tolist()
    assert again.wave.answers["st"].tolist() == now["st"].tolist()
    assert codes(again) == ["scale.backwards", "labels.changed"]
    assert "In 2 columns" in again.wave.report.notices[1].text
    assert breaks(first.wave, again.wave, "trust") == ()


def test_an_eight_that_changed_sides_is_read_by_its_label(first: Harmonised) -> None:
    now = answers(seed=2)
    now["tr"][:50], now["tr"][50:80] = 8, 998
    told = ALL_LABELS | {"tr": labels_of(AMOUNT, **{"8": "Don't know", "998": "Refused to answer"})}
    again = taken(survey(now, R5, told), last_of(first))
    check = again.wave.report.item("tr")
    assert check is not None
    assert (check.dont_know, check.refused, check.answered) == (50, 30, 320)
    assert codes(again) == ["labels.changed"]


def test_what_was_decided_about_a_code_gives_way_to_its_label(first: Harmonised) -> None:
    last = last_of(first)
    changed = replace(last.mapping.columns[0], labels=(), values=(("3", "0"),), dont_know=("2",))
    last = replace(last, mapping=last.mapping.with_column(changed))
    again = taken(survey(answers(seed=2), R5, ALL_LABELS), last)
    assert again.wave.answers["tr"].tolist() == answers(seed=2)["tr"].tolist()


def test_a_question_turned_round_without_labels_is_asked_about(bare: Harmonised) -> None:
    now = answers(seed=2)
    now["co"], now["st"] = 3 - now["co"], 3 - now["st"]
    result = taken(survey(now, R5), last_of(bare))
    assert [(p.code, p.value) for p in result.problems] == [("map.turned", "co"), ("map.turned", "st")]
    assert "r = " in result.problems[0].question
    assert not any(p.suggestion for p in result.problems)
    mapping = result.__dict__["mapping"]
    assert accept(mapping, result.problems) == mapping
    for problem in result.problems:
        mapping = decide(mapping, problem, "The numbers run the other way round here")
    again = taken(survey(now, R5), last_of(bare), mapping)
    assert not again.problems
    assert again.wave.answers["co"].tolist() == answers(seed=2)["co"].tolist()
    for problem in result.problems:
        mapping = decide(result.__dict__["mapping"], problem, "They run as in the last wave")
        left = taken(survey(now, R5), last_of(bare), mapping).problems
        assert problem.value not in {p.value for p in left}


def test_what_was_confirmed_once_is_asked_again_next_time(bare: Harmonised) -> None:
    last = last_of(bare)
    last = replace(last, mapping=last.mapping.with_column(replace(last.mapping.columns[1], confirmed=("map.turned",))))
    now = answers(seed=2)
    now["co"] = 3 - now["co"]
    assert [p.value for p in taken(survey(now, R5), last).problems] == ["co"]


def test_a_whole_block_turned_round_shows_in_a_mirror(bare: Harmonised) -> None:
    # People trust a lot here: most answers lie at one end.
    high = {key: np.clip(values + 1, 0, 3) for key, values in answers().items()}
    last = last_of(taken(survey(high, R5), last_of(bare), bare.__dict__["mapping"]))
    given = {key: 3 - np.clip(values + 1, 0, 3) for key, values in answers(seed=2).items()}
    found = [p for p in taken(survey(given, R5), last).problems if p.code == "map.turned"]
    assert {p.value for p in found} >= {"tr", "co", "go", "he"}
    assert all("mirror" in p.question for p in found)


def test_a_shift_of_opinion_is_no_turn(bare: Harmonised) -> None:
    quarter = np.arange(400) % 4 == 0
    lower = {key: np.clip(values - quarter, 0, 3) for key, values in answers(seed=2).items()}
    assert not taken(survey(lower, R5), last_of(bare)).problems


def test_labels_spare_the_question(bare: Harmonised) -> None:
    now = answers(seed=2)
    now["co"] = 3 - now["co"]
    assert not taken(survey(now, R5, ALL_LABELS), last_of(bare)).problems


def test_other_words_break_the_series_and_another_question_is_asked_about(first: Harmonised) -> None:
    headings = WORDS | {
        "tr": "How much do you trust the police these days?",
        "he": "In your opinion, which party would you vote for tomorrow?",
    }
    raw = survey(answers(seed=2), R5, ALL_LABELS, headings)
    result = taken(raw, last_of(first), last_of(first).mapping)
    assert [(p.code, p.value) for p in result.problems] == [("map.wording", "he")]
    assert {"wording.changed", "wording.since"} <= set(codes(result))
    assert breaks(first.wave, result.wave, "trust") == ("tr", "he")
    mapping = decide(result.__dict__["mapping"], result.problems[0], "Another question: not used")
    left = taken(raw, last_of(first), mapping)
    assert not left.problems
    assert "he" not in left.wave.items
    mapping = decide(result.__dict__["mapping"], result.problems[0], "The same question in other words")
    assert not taken(raw, last_of(first), mapping).problems


def test_a_mapping_that_calls_codes_otherwise_than_the_file_is_asked_about(first: Harmonised) -> None:
    now = answers(seed=2)
    turned = ALL_LABELS | {"tr": labels_of(AMOUNT[::-1])}
    raw = survey(dict(now) | {"tr": 3 - now["tr"]}, R5, turned)
    result = taken(raw, mapping=last_of(first).mapping)
    (problem,) = result.problems
    assert (problem.code, problem.column) == ("map.labels", "Q50A")
    follow = taken(raw, mapping=decide(result.__dict__["mapping"], problem, "As the file says"))
    assert not follow.problems
    assert follow.wave.answers["tr"].tolist() == now["tr"].tolist()
    stay = taken(raw, mapping=decide(result.__dict__["mapping"], problem, "As the mapping says"))
    assert stay.wave.answers["tr"].tolist() == (3 - now["tr"]).tolist()


def test_another_way_of_interviewing_marks_the_series(bare: Harmonised) -> None:
    def asked(mode: Sequence[str], seed: int, last: LastWave | None = None) -> Harmonised:
        return taken(survey(answers(seed=seed), R5, ALL_LABELS, mode=mode), last)

    phone = asked(["CATI", "Telephone", "phone", "Web"], 1)
    assert phone.wave.report.modes == (("phone", 0.75), ("web", 0.25))
    same = asked(["phone", "phone", "online", "phone", "phone"], 2, last_of(phone))
    assert codes(same) == []
    assert breaks(phone.wave, same.wave, "trust") == ()
    web = asked(["online"], 2, last_of(phone))
    (notice,) = web.wave.report.notices
    assert (notice.code, notice.level) == ("mode.changed", "warning")
    assert "100% web; then 75% phone, 25% web" in notice.text
    assert breaks(phone.wave, web.wave, "trust") == tuple(WORDS)
    assert breaks(bare.wave, web.wave, "trust") == ()  # nobody knows how the first ones were interviewed
