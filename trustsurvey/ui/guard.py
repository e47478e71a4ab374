"""The first lines of every page: is this app allowed to answer, who asks, which study."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.errors import StreamlitPageNotFoundError

from trustsurvey.language import N_, _, language, languages
from trustsurvey.rights import Action, Role, allowed, who_may
from trustsurvey.store import Store, StudyRecord, WaveRecord
from trustsurvey.ui import cache
from trustsurvey.ui.markup import plain as plain, unmarked as unmarked
from trustsurvey.ui.refused import refusals as refusals
from trustsurvey.ui.signing import person
from trustsurvey.ui.speech import LANGUAGE, listen

#: Letters of what an address asked for that are repeated.
ASKED = 60
#: What roles are called whose help is asked for.
_ROLES: dict[Role, str] = {
    "liaison": N_("a liaison officer"), "commander": N_("a commander"), "analyst": N_("an analyst"),
    "administrator": N_("an administrator"),
}  # fmt: skip


@dataclass(frozen=True)
class Remedy:
    """What helps where something is missing: the right it needs, what whoever has it does, and on which page.

    ``ask``: what everybody else does.
    """

    right: Action
    do: str
    page: str
    label: str
    ask: str


REMEDIES = {
    "study": Remedy(
        "edit study", N_("Create one on the page \u201cStudies\u201d."), "pages/study.py", N_("Create a study"),
        N_("Ask {people} to create one."),
    ),
    "wave": Remedy(
        "import", N_("Import the first survey export."), "pages/import_wave.py", N_("Import a survey"),
        N_("Ask {people}: a survey is imported, then released."),
    ),
    "names": Remedy(
        "import", N_("Import it again to read them."), "pages/import_wave.py", N_("Import a survey"),
        N_("Ask {people} whether it can be imported again."),
    ),
    "readings": Remedy(
        "code", N_("Read some on the page \u201cCoding\u201d."), "pages/coding.py", N_("Read answers"),
        N_("Ask {people} to read some."),
    ),
    "groups": Remedy(
        "import", N_("Add a transcript on the page \u201cFocus groups\u201d."), "pages/focus_groups.py",
        N_("Add a transcript"), N_("If one was held, ask {people} to add its transcript."),
    ),
}  # fmt: skip


def open_page(title: str, action: Action) -> Store:
    """The store, as whoever asks may use it, for a page that shows ``title``, marked by ``N_``.

    The page stops here if it must not go on.
    """
    listen()
    shown = _(title) if title else ""
    with refusals():
        asking = person()
        if not allowed(asking, action, "*"):
            st.title(shown)
            st.error(_("You do not have the right to see this page. The administrator of this app can give it to you."))
            st.stop()
        with st.sidebar:
            choose_language()
        st.title(shown)
        st.session_state["page"] = title  # as the audit trail tells it, in whatever language it was read
        return cache.store().acting_as(asking)
    raise AssertionError("unreachable: refusals() stops the page")


def way_to(page: str, label: str) -> None:
    """A link to another page, for those who may open it: the others do not have it among their pages."""
    with contextlib.suppress(StreamlitPageNotFoundError):
        st.page_link(page, label=label, icon=":material/arrow_forward:")


def missing(store: Store, told: str, of: str) -> None:
    """Say what is missing, and what whoever reads it can do: ``of`` names one of :data:`REMEDIES`."""
    remedy = REMEDIES[of]
    if allowed(store.person, remedy.right, "*"):
        st.info(f"{told} {_(remedy.do)}")
        way_to(remedy.page, _(remedy.label))
        return
    st.info(f"{told} {_(remedy.ask).format(people=whom(remedy.right))}")


def whom(right: Action) -> str:
    """Those whom to ask for something that needs a right: "an analyst or an administrator"."""
    *others, last = (_(_ROLES[role]) for role in who_may(right))
    return _("{people} or {last}").format(people=", ".join(others), last=last) if others else last


def choose_language() -> None:
    """The language of the pages, chosen in the sidebar; it says its name in both, to be found by either."""
    names = languages()
    if len(names) > 1:
        remembered(
            "Language \u00b7 Idioma",
            LANGUAGE,
            list(names),
            list(names.values()),
            list(names).index(language()),
        )


def choose_study(store: Store) -> StudyRecord | None:
    """The study that the pages are about, from the sidebar and the address; None when there is none."""
    with refusals():
        studies = {record.slug: record for record in store.studies()}
    if not studies:
        missing(store, _("There is no study yet."), "study")
        return None
    slugs = list(studies)
    with st.sidebar:
        chosen = remembered(_("Study"), "study", slugs, [studies[slug].name for slug in slugs])
    record = studies[slugs[chosen]]
    if record.sample:
        told = _("**Sample study.** Riverton and everyone in it are invented.")
        if allowed(store.person, "remove", record.slug):
            told += " " + _("Remove it on the page \u201cStudies\u201d when you no longer need it.")
        st.warning(told)
    saw(store, record.slug)
    return record


def choose_waves(store: Store) -> tuple[StudyRecord, list[WaveRecord]]:
    """The study that a page is about, and its waves as the person may see them; the page stops where there is none."""
    study = choose_study(store)
    if study is None:
        st.stop()
    with refusals():
        records = store.seen_waves(study.slug)
    if not records:
        missing(store, _("This study has no wave to show yet."), "wave")
        st.stop()
    return study, records


def saw(store: Store, thing: str) -> None:
    """Write down that the person who is signed in looked at something, once for each page and visit."""
    page, seen = st.session_state.get("page", ""), st.session_state.setdefault("seen", set())
    if not store.person.open_mode and (page, thing) not in seen:
        seen.add((page, thing))
        with refusals():
            store.note("see", thing, page)


def remembered(label: str, name: str, keys: Sequence[str], shown: Sequence[str], default: int = 0) -> int:
    """Position of the key chosen in a box; the choice outlasts the page, in the session and the address as ``name``.

    What the address asks for in vain is said once. The box is set before it is drawn. To Streamlit a box with
    another ``index`` is another box, and what was just chosen in the old one would be lost.
    """
    box, asked = f"{name} box", st.query_params.get(name)
    wanted = st.session_state.get(name, asked)
    st.session_state[box] = keys.index(wanted) if wanted in keys else default
    if asked is not None and asked not in keys and name not in st.session_state:
        st.info(
            _(
                "The address asks for \u201c{asked}\u201d, which is not among these. \u201c{shown}\u201d "
                "is shown instead."
            ).format(asked=plain(asked[:ASKED]), shown=plain(shown[default]))
        )

    def choose() -> None:
        st.session_state[name] = keys[st.session_state[box]]

    # Streamlit goes by what is shown, so that no two entries may look alike.
    alike = [text if shown.count(text) == 1 else f"{text} ({key})" for key, text in zip(keys, shown, strict=True)]
    chosen = st.selectbox(label, range(len(keys)), key=box, format_func=alike.__getitem__, on_change=choose)
    st.session_state[name] = st.query_params[name] = keys[chosen]
    return int(chosen)
