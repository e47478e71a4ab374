"""SurveyMonkey: a row of questions, each over the first of its columns, and a row of choices below."""

from __future__ import annotations

from trustsurvey.readers.platforms.entry import Platform, Rows, clean, headings, named, squeezed
from trustsurvey.readers.raw import Column

#: How the id of the resident and of the collector are headed, as far as languages are known.
IDS = {
    "respondentid", "collectorid", "befragtenid", "collectoridnr", "idduparticipant", "idurepondant", "idrepondant",
    "iddelencuestado", "identificadordelencuestado", "identificadordelrecopilador", "iddoparticipante",
    "iddorespondente", "iddelrispondente", "respondentidnr",
}  # fmt: skip
OWN = {
    "startdate", "enddate", "datecreated", "datemodified", "ipaddress", "emailaddress", "firstname", "lastname",
    "customdata1", "customdata",
}  # fmt: skip
#: What stands in row 2 below a question of one answer.
ONE_ANSWER = {
    "", "response", "openendedresponse", "antwort", "antworten", "antwortmitoffenemende", "reponse",
    "reponseouverte", "respuesta", "respuestaabierta", "resposta", "respostaaberta", "risposta", "rispostaaperta",
}  # fmt: skip


def _recognise(rows: Rows) -> int:
    first = headings(rows)
    ids = [k for k, key in enumerate(first[:5]) if key in IDS]
    if not ids:
        return 0
    own = len(OWN.intersection(first))
    if len(rows) < 2:
        return 1 if own >= 2 else 0
    second = headings(rows, 1)
    if any(key in ONE_ANSWER - {""} for key in second):
        return 2
    # Without a question of one answer: nobody's id in row 2, but options below headings that go on.
    carried_on = any(not key for key in first)
    if any(not "".join(second[k : k + 1]) for k in ids) and (carried_on or own >= 2):
        return 2
    return 1 if own >= 2 else 0


def _columns(rows: Rows) -> list[Column]:
    if len(rows) < 2:
        texts = [clean(heading) for heading in rows[0]]
        return named(texts, texts)
    names, questions, options = [], [], []
    question = ""
    for position, heading in enumerate(rows[0]):
        question = clean(heading) or question
        option = clean(rows[1][position]) if position < len(rows[1]) else ""
        option = "" if squeezed(option) in ONE_ANSWER else option
        # A column before the first question is the row number of another program.
        names.append(f"{question} - {option}" if option and question else question)
        questions.append(question)
        options.append(option)
    return named(names, names, questions, options)


SURVEYMONKEY = Platform(
    "surveymonkey",
    "SurveyMonkey",
    _recognise,
    _columns,
    roles={
        "|".join(sorted(IDS - {"collectorid", "identificadordelrecopilador"})): "id",
        "startdate|datecreated|startdatum|fechadeinicio|datededebut|datadeinicio|datadiinizio": "start",
        "enddate|datemodified|enddatum|fechadefinalizacion|datedefin|datadetermino|datadifine": "end",
        "ipaddress|ipadresse|adresseip|direccionip|enderecoip|indirizzoip": "device",
        "emailaddress|firstname|lastname|customdata\\d*|emailadresse|vorname|nachname|adresseemail": "private",
        "collectorid|identificadordelrecopilador": "ignore",
    },
    day_first=False,
    joined=(",",),
)
