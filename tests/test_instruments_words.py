"""Words of answers in seven languages: which side, how far, and why there is no answer."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from trustsurvey.instruments import default_instrument, missing_words
from trustsurvey.instruments.words import order, places, reason_word, suspected_reason, unled

#: Labels from the low end to the high, with the family they are of.
SCALES = {
    "agree": [
        ["Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree"],
        ["Disagree strongly", "Disagree somewhat", "Neutral", "Agree somewhat", "Agree strongly"],
        ["Completely disagree", "Tend to disagree", "Tend to agree", "Completely agree"],
        ["Strongly disagree", "Disagree", "Slightly disagree", "Neither", "Slightly agree", "Agree", "Strongly agree"],
        ["Muy en desacuerdo", "En desacuerdo", "Ni de acuerdo ni en desacuerdo", "De acuerdo", "Totalmente de acuerdo"],
        ["Pas du tout d'accord", "Plutôt pas d'accord", "Plutôt d\u2019accord", "Tout à fait d'accord"],
        [
            "Stimme überhaupt nicht zu",
            "Stimme eher nicht zu",
            "Teils/teils",
            "Stimme eher zu",
            "Stimme voll und ganz zu",
        ],
        ["Helemaal mee oneens", "Mee oneens", "Niet mee eens, niet mee oneens", "Mee eens", "Helemaal mee eens"],
        ["Discordo totalmente", "Discordo", "Nem concordo nem discordo", "Concordo", "Concordo totalmente"],
        ["Per niente d'accordo", "Poco d'accordo", "Abbastanza d'accordo", "Molto d'accordo"],
    ],
    "satisfied": [
        ["Very dissatisfied", "Dissatisfied", "Neither satisfied nor dissatisfied", "Satisfied", "Very satisfied"],
        ["Not at all satisfied", "Not very satisfied", "Fairly satisfied", "Very satisfied"],
        ["Muy insatisfecho/a", "Insatisfecho/a", "Satisfecho/a", "Muy satisfecho/a"],
        ["Très insatisfait(e)", "Plutôt insatisfait(e)", "Plutôt satisfait(e)", "Très satisfait(e)"],
        ["Sehr unzufrieden", "Eher unzufrieden", "Weder noch", "Eher zufrieden", "Sehr zufrieden"],
        ["Zeer ontevreden", "Ontevreden", "Neutraal", "Tevreden", "Zeer tevreden"],
        ["Muito insatisfeito", "Insatisfeito", "Satisfeito", "Muito satisfeito"],
        ["Molto insoddisfatto", "Insoddisfatto", "Soddisfatto", "Molto soddisfatto"],
    ],
    "safe": [
        ["Very unsafe", "A bit unsafe", "Fairly safe", "Very safe"],
        ["Not at all safe", "Not very safe", "Fairly safe", "Very safe"],
        ["I feel very unsafe", "I feel unsafe", "I feel safe", "I feel very safe"],
        ["Muy inseguro", "Inseguro", "Seguro", "Muy seguro"],
        ["Pas du tout en sécurité", "Plutôt pas en sécurité", "Plutôt en sécurité", "Tout à fait en sécurité"],
        ["Sehr unsicher", "Eher unsicher", "Eher sicher", "Sehr sicher"],
        ["Heel onveilig", "Onveilig", "Veilig", "Heel veilig"],
    ],
    "likely": [
        ["Very unlikely", "Fairly unlikely", "Fairly likely", "Very likely"],
        ["Not at all likely", "Not too likely", "Somewhat likely", "Extremely likely"],
        ["Muy improbable", "Improbable", "Probable", "Muy probable"],
        ["Sehr unwahrscheinlich", "Eher unwahrscheinlich", "Eher wahrscheinlich", "Sehr wahrscheinlich"],
    ],
    "good": [
        ["Poor", "Fair", "Good", "Excellent"],
        ["Very poor", "Poor", "Fair", "Good", "Very good", "Excellent"],
        ["Very badly", "Fairly badly", "Fairly well", "Very well"],
        ["Sehr schlecht", "Schlecht", "Mittelmäßig", "Gut", "Sehr gut"],
    ],
    "amount": [
        ["Not at all", "Just a little", "Somewhat", "A lot"],
        ["None", "Not very much", "Quite a lot", "A great deal"],
        ["No trust", "A little", "Some", "A great deal of trust"],
        ["Nada", "Poco", "Bastante", "Mucho"],
        ["Pas du tout", "Un peu", "Assez", "Beaucoup"],
    ],
    "often": [
        ["Never", "Rarely", "Sometimes", "Often", "Always"],
        ["Never", "Almost never", "Sometimes", "Most of the time", "Almost always"],
        ["Nunca", "Raramente", "A veces", "A menudo", "Siempre"],
        ["Jamais", "Rarement", "Parfois", "Souvent", "Toujours"],
        ["Nie", "Selten", "Manchmal", "Oft", "Immer"],
    ],
    "share": [["None of them", "Some of them", "Most of them", "All of them"]],
    "yesno": [
        ["No", "Yes"],
        ["Nein", "Ja"],
        ["Non", "Oui"],
        ["No", "Sí"],
        ["Nee", "Ja"],
        ["Não", "Sim"],
        ["Not selected", "Selected"],
    ],
}


@pytest.mark.parametrize(
    ("family", "labels"), [(family, labels) for family, sets in SCALES.items() for labels in sets], ids=str
)
def test_scales_are_put_in_order(family: str, labels: list[str]) -> None:
    for given_order in (labels, labels[::-1], sorted(labels)):
        found = order(given_order)
        assert found is not None
        assert (found.family, list(found.labels)) == (family, labels)
    assert not any(reason_word(label, codebook=True) for label in labels)


def test_every_scale_of_the_package_is_in_order() -> None:
    for scale in {item.scale.name: item.scale for item in default_instrument().rated}.values():
        found = order([label for _, label in reversed(scale.anchors)])
        assert found is not None
        assert list(found.labels) == [label for _, label in scale.anchors]


@pytest.mark.parametrize(
    "labels", [["Agree", "Safe"], ["red", "blue"], ["Agree", "agree."], ["Agree"], ["Yes", "Maybe"], []]
)
def test_what_is_no_scale_has_no_order(labels: list[str]) -> None:
    assert order(labels) is None


@pytest.mark.parametrize(
    "label",
    [
        "red",
        "Mill",
        "Male",
        "",
        "4 stars",
        "I agree that the police are rude to many people where I live now",
        "agree to pay",
    ],
)
def test_other_words_have_no_place(label: str) -> None:
    assert places(label) == {}


@given(st.text(max_size=30))
def test_any_text_has_places_or_none(label: str) -> None:
    assert all(isinstance(position, float) for position in places(label).values())
    assert reason_word(label) in ("", "dont_know", "refused", "not_applicable", "blank")


@pytest.mark.parametrize(
    ("label", "bare"),
    [
        ("4 - Agree", "agree"),
        ("4: agree", "agree"),
        ("[4] Agree", "agree"),
        ("1 (None at all)", "none at all"),
        ("4", "4"),
        ("50-59", "50-59"),
        ("Agree", "agree"),
        ("10. Completely", "completely"),
    ],
)
def test_a_code_before_a_label_is_left_aside(label: str, bare: str) -> None:
    assert unled(label) == bare


# --- no answer --------------------------------------------------------------------------------------


def test_every_listed_word_gives_its_reason() -> None:
    for reason, words in missing_words().items():
        for word in words:
            assert reason_word(word.upper()) == reason, word


@pytest.mark.parametrize(
    ("label", "reason"),
    [
        ("Don't know [do not read]", "dont_know"),
        ("DON'T KNOW/HAVEN'T HEARD ENOUGH", "dont_know"),
        ("99 - Don't know", "dont_know"),
        ("Refused to answer", "refused"),
        ("Refused (DNR)", "refused"),
        ("No sabe / no contesta", "dont_know"),
        ("Weiß nicht", "dont_know"),
        ("Ne sait pas", "dont_know"),
        ("Weet niet", "dont_know"),
        ("Não sabe", "dont_know"),
        ("Non so", "dont_know"),
        ("Keine Angabe", "refused"),
        ("Prefiero no decir", "refused"),
        ("N/A (none offered)", "not_applicable"),
        ("Unfamiliar (N/A)", "not_applicable"),
        ("Missing", "blank"),
        ("No", ""),
        ("None", ""),
        ("Refused entry", ""),
        ("No, none did", ""),
        ("I don't know any officer", ""),
        ("Yes", ""),
    ],
)
def test_words_that_are_no_answer(label: str, reason: str) -> None:
    assert reason_word(label) == reason


def test_a_codebook_may_say_more_behind_the_words() -> None:
    assert reason_word("Don't know enough about it to say") == ""
    assert reason_word("Don't know enough about it to say", codebook=True) == "dont_know"
    assert reason_word("Refused to state age", codebook=True) == "refused"


def test_numbers_are_suspected_and_no_more() -> None:
    assert [suspected_reason(value) for value in ("9", "99", "-1", "998", "R", "7", "5", "62", "")] == [
        "dont_know",
        "dont_know",
        "dont_know",
        "dont_know",
        "refused",
        "refused",
        "",
        "",
        "",
    ]
    assert not any(reason_word(value, codebook=True) for value in ("8", "9", "99", "-1", "998", "R"))
