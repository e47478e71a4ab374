"""Words and themes for an analyst: in context, what sets groups apart, what comes together, what goes with trust."""

import streamlit as st

from trustsurvey.language import N_, _
from trustsurvey.present import reading
from trustsurvey.text import tone
from trustsurvey.ui import pieces, voices
from trustsurvey.ui.guard import choose_waves, open_page, plain, refusals
from trustsurvey.voices import reading as read
from trustsurvey.wording import figure

store = open_page(N_("Words and themes"), "code")
study, records = choose_waves(store)
at, book, answers = voices.choose(store, study.slug, records, *st.columns([1, 2]))
views = [
    _("A word in context"),
    _("What sets groups apart"),
    _("Pairs of words"),
    _("Themes together"),
    _("Themes and scores"),
]
if tone.available(book.language):
    views.append(_("Tone by a list of words"))
view = st.segmented_control(_("What to look at"), views, default=views[0]) or views[0]

if view == views[0]:
    word = st.text_input(_("Word, phrase or stem"), placeholder="patrol*", key="word in context").strip()
    if word:
        with refusals():
            found = read.in_context(answers, word)
        st.markdown(_("In {texts} answers.").format(texts=figure(found.texts, ",")))
        pieces.table(reading.context_table(found))
elif view == views[1]:
    by = st.selectbox(
        _("By"), [*answers.wave.areas, *answers.wave.groups], format_func=lambda name: name.replace("_", " ")
    )
    if by is None:
        st.info(_("No column of this wave says where people live or which group they belong to."))
        st.stop()
    table = reading.apart_table(read.apart(answers, by))
    st.markdown(
        _(
            "Words that those of one area or group use more or less than all others do; each person counts "
            "once, and a word has to be used by at least ten of them."
        )
    )
    if table.empty:
        st.info(_("No word sets any of them apart, as far as these answers tell."))
    else:
        pieces.table(table)
elif view == views[2]:
    st.markdown(_("Words that follow each other more often than chance lets them, used by at least ten people."))
    pieces.table(reading.pairs_table(read.pairs(answers)))
elif view == views[3]:
    table = reading.together_table(read.themes_together(answers), book)
    st.markdown(
        _("Themes in the same answers, of those that were read at random. Pairs in fewer than ten are not shown.")
    )
    if table.empty:
        st.info(_("Too few answers were read at random to say."))
    else:
        pieces.table(table)
elif view == views[4]:
    headline = answers.wave.instrument.headline
    indices = {i.key: i.title for i in answers.wave.instrument.indices if i.key in answers.measures}
    measure = st.selectbox(
        _("Score"), sorted(indices, key=lambda key: key != headline), format_func=indices.__getitem__
    )
    st.markdown(
        _(
            "The score of those who mention a theme beside that of those who answered without it. What "
            "goes together need not cause one another."
        )
    )
    with refusals():
        machine = voices.machine(store, study.slug, records[: at + 1], book)
        table = reading.linked_table(read.linked(answers, machine, measure), book)
    if table.empty:
        st.info(_("Too few answers were read at random to say: at least 30 that mention a theme are needed."))
    else:
        pieces.table(table)
else:
    st.markdown(reading.tone_words())
    pieces.table(reading.tone_table(read.toned(answers)))
st.caption(
    _("{keys} answers of {wave}, names taken out.").format(
        keys=figure(len(answers.keys), ","), wave=plain(answers.wave.name)
    )
)
