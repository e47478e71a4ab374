"""What tells who somebody is by its form: telephone numbers, addresses, plates, numbers of badges and cases.

The patterns run on RE2, in time linear in the text. Of each the only group is taken out, the whole
match where it has none.
"""

from __future__ import annotations

from collections.abc import Iterator

import re2

MONTHS = "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
DATE = rf"(?:\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{2,4}}|\d{{4}}-\d{{2}}-\d{{2}}|(?:{MONTHS})\.? \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}|\d{{1,2}}(?:st|nd|rd|th)? (?:{MONTHS}),? \d{{4}})"
NUMBER = r"(?:numbers?|nos?\.?|num\.?|#|№)"
#: A code of letters and digits with a digit in it, also in parts: "13-22-045678", "AB12 CDE".
CODE = r"[A-Za-z]{0,4}[-/]?\d[\dA-Za-z]*(?:[-/]\d[\dA-Za-z]*)*"
STREET = (
    r"(?:[Ss]t(?:reet)?s?|[Aa]ve(?:nue)?s?|[Rr](?:oa)?ds?|[Bb]lvds?|[Bb]oulevards?|[Dd]r(?:ive)?s?|[Ll](?:a)?nes?|[Ll]n|[Cc](?:our)?t|[Pp]l(?:ace)?|"
    r"[Tt]er(?:race)?|[Ww]ay|[Pp](?:ar)?kwa?y|[Hh](?:igh)?wa?y|[Cc]ir(?:cle)?|[Ss]q(?:uare)?|[Cc]rescent|[Cc]lose|[Gg]ardens|"
    r"[Gg]rove|[Ll]oop|[Tt]rail|[Aa]lley|[Pp]ike|[Bb]roadway|[Mm]ews|[Rr]ow|[Ww]alk|[Cc]alle|[Aa]venida)"
)
SIDE = r"(?:(?:[NSEW]|[NS][EW]|North|South|East|West|north|south|east|west)\.? )?"
#: The name of a street in capitals: "Market", "Cecil B. Moore".
PROPER = r"(?:(?:St|Mt|Ft)\. )?\p{Lu}[\pL'-]+(?: \p{Lu}\.)?(?: \p{Lu}[\pL'-]+)?"
NAMED = rf"(?:\d{{1,3}}(?:st|nd|rd|th)|{PROPER})"
#: Age, race and sex as police write them: "21/B/F", "48 W/F", "30/F"; and without the age.
RACE = "[BWHAOLIU]"
SEX = rf"{RACE}\.? ?/ ?[MF]"
AGE = rf"\d{{1,3}} ?/ ?(?:{RACE}\.? ?/ ?)?[MF]|\d{{1,3}} ?{SEX}|\d{{2}} ?/ ?{RACE}"
#: Written small, only what can hardly be anything but a street.
SMALL = r"[a-z][a-z'\x{2019}-]{2,} (?:st|street|ave|avenue|rd|road|blvd|boulevard|lane)"

#: Behind "Highway Patrol and 22nd" it is no crossing.
BEAT = re2.compile(r" (?:[Dd]istrict|[Pp]recinct|[Ww]ard|[Dd]ivision|[Pp]atrol)")

#: Kind, and what it looks like; earlier ones go first where two would take the same words.
PATTERNS: tuple[tuple[str, str], ...] = (
    ("e-mail", r"[\pL\pN._%+-]+@[\pL\pN-]+(?:\.[\pL\pN-]+)+"),
    ("link", r"(?i)\b(?:https?://|www\.)[^\s<>\"]+"),
    ("handle", r"(?:^|[^\pL\pN@/])(@[A-Za-z_][\w.]{1,29}\w)"),
    ("date of birth", rf"(?i)\b(?:d\.?o\.?b\.?|date of birth|born(?: on)?|birth ?date|birthday)(?: is|:)?,? ({DATE})"),
    ("phone", r"(?:^|[^\pL\pN])((?:\+\d{1,3}[ .-]?)?(?:\(\d{2,5}\)[ .-]?|\d{2,5}[ .-])\d{3,4}[ .-]?\d{3,4})\b"),
    ("phone", r"(?:^|[^\pL\pN-])(\d{3}[.-]\d{4})(?:$|[^\pL\pN/-])"),
    ("phone", r"\b(\+?\d{10,12})\b"),
    ("badge", rf"(?i)\b(?:badge|shield|collar|payroll|warrant card|employee id)s?(?: {NUMBER}| {NUMBER} (?:is|was)| id)?(?: ?(?:is|was|:|#))? ?#?({CODE})\b"),
    ("badge", r"\b(?:Officers?|officers?|Ofc\.?|P/?O|Sgt\.?|Sergeants?|Det\.?|Detectives?|Lt\.?|PC|DC)(?: [\pL.'-]+){0,3},? ?\(?#(\d{2,6})\b"),
    ("badge", r"(?i)\b(?:badge|shield|collar) (#\d{2,6})\b"),
    ("plate", r"\b(?i:licen[cs]e plates?|plates?|tags?|registration|reg)(?i: (?:numbers?|nos?\.?|#))?(?i: ?(?:is|was|:|,|#|reads?|reading))? ?([A-Z]{1,3}[- ]?\d{1,4}[- ]?[A-Z]{0,3}|\d{1,4}[- ]?[A-Z]{2,3}[- ]?\d{0,4}|[a-z]{3}[- ]?\d{3,4}|\d{1,3}[a-z]{3}\d{0,3})\b"),
    ("plate", r"\b([A-Z]{2}\d{2} ?[A-Z]{3})\b"),
    ("case number", rf"(?i)\b(?:case|incident|complaint|crime|reference|ref|report|docket|citation|ticket|file|dc|cad|iad|cap|log|warrant|claim)s?(?: (?:reference|ref|report|file|control))?\.?(?: {NUMBER}| id)?(?: ?(?:is|was|:|#))? ?#?([A-Za-z]{{0,4}}[-/]?\d[\dA-Za-z]*(?:[-/][\dA-Za-z]+)+|[A-Za-z]{{0,3}}\d{{5,}}[A-Za-z]?)\b"),
    ("vehicle number", r"(?i)\b(?:vehicle|car|cruiser|unit|bus|wagon|van)(?: (?:numbers?|nos?\.?))? ?#? ?([A-Z]{0,3}-?\d{3,5})\b"),
    ("vehicle number", r"\b(?:RPC|EPW|RMP)(?: #)? ?([A-Z]{0,2}-?\d[\dA-Z]{0,4})\b"),
    ("number", r"(?i)\b(?:ssn|social security(?: number)?|passport(?: number)?|driver'?s licen[cs]e(?: number)?|nhs number)(?: ?(?:is|was|:|#))? ?([\dA-Z][\dA-Z -]{4,14}\d)\b"),
    ("number", r"\b(\d{3}-\d{2}-\d{4})\b"),
    ("address", rf"\b(\d{{1,5}}[A-Za-z]?(?:-\d{{1,5}})? {SIDE}(?:{NAMED} {STREET}|{SMALL})\b\.?(?:,? (?:[Aa]pt|[Aa]partment|[Uu]nit|[Ff]lat|[Ss]uite|#)\.? ?#?[\dA-Za-z]{{1,5}}\b)?)"),
    ("address", rf"\b(\d{{2,5}}(?:[a-z]{{2}})? (?:[Bb]lock|[Bb]lk)\.? (?:of |on )?{SIDE}(?:{NAMED}(?: {STREET}\b\.?)?|{SMALL}))"),
    ("address", rf"\b({SIDE}(?:{NAMED}|\p{{Lu}}\b[\"\x{{201d}}]?)(?: {STREET}\b\.?)? (?:and|&|@|/) (?:the )?{SIDE}{NAMED} {STREET}\b\.?)"),
    ("address", rf"\b({SIDE}{NAMED} {STREET}\b\.? (?:near|at|off|/) (?:the )?{SIDE}{NAMED} {STREET}\b\.?)"),
    ("address", rf"\b({SIDE}\d{{1,3}}(?:st|nd|rd|th) {STREET}\b\.? at {SIDE}{PROPER})"),
    ("address", rf"\b({SIDE}\d{{1,3}}(?:st|nd|rd|th) (?:and|&|@) (?:the )?{SIDE}{PROPER}(?: {STREET}\b\.?)?)"),
    ("address", rf"\b({SIDE}{PROPER}(?: {STREET}\b\.?)? (?:and|&|@) (?:the )?{SIDE}\d{{1,3}}(?:st|nd|rd|th)(?: {STREET}\b\.?)?)"),
    ("address", r"(?i)\b(?:apt|apartment|flat|unit|suite)\.? ?#?(\d{1,4}[a-z]?)\b"),
    ("postcode", r"\b([A-Z]{1,2}\d[\dA-Z]? \d[A-Z]{2})\b"),
    ("postcode", r"\b(\d{5}-\d{4})\b"),
    ("age", rf"\b({AGE})\b"),
)  # fmt: skip
_COMPILED = tuple((kind, re2.compile(pattern)) for kind, pattern in PATTERNS)


def by_form(text: str) -> Iterator[tuple[int, int, str]]:
    """Places (start, end, kind) of a text that tell who somebody is by their form; they may overlap."""
    for kind, pattern in _COMPILED:
        for match in pattern.finditer(text):
            start, end = match.span(1 if pattern.groups else 0)
            if kind != "address" or not BEAT.match(text, end):
                yield start, end, kind
