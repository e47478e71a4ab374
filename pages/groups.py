"""What focus groups say: themes by group and person, quotes, who spoke, when themes came up, files."""

import streamlit as st

from trustsurvey.focus_groups.saturation import accumulation, emergence, saturation, unseen
from trustsurvey.language import N_, _
from trustsurvey.present import groups as present, trends
from trustsurvey.present.transcripts import read_words
from trustsurvey.ui import cache, focus_groups, group_files, pieces
from trustsurvey.ui.guard import choose_study, missing, open_page, plain, refusals, way_to

store = open_page(N_("What groups say"), "code")
study = choose_study(store)
if study is None:
    st.stop()
with refusals():
    circle = focus_groups.circle(store, study.slug)
if circle is None:
    missing(store, _("No focus group was added yet."), "groups")
    st.stop()
heard, book = circle.heard, circle.book
came = int((heard.people["role"] == "participant").sum())
st.markdown(f"{present.basis_words(len(circle.groups), came)} {read_words(*circle.read)} {_(present.NO_SAMPLE)}")
views = [N_("Themes"), N_("One theme"), N_("Who spoke"), N_("When themes came up"), N_("Files")]
view = st.segmented_control(_("What to look at"), views, default=views[0], format_func=_) or views[0]

if view == views[0]:
    table = present.theme_table(heard, book)
    if table.empty:
        st.info(_("Nobody has read a theme in these groups yet."))
        way_to("pages/coding.py", _("Read them on the page Coding"))
        st.stop()
    st.markdown(
        _(
            "How many of those who took part raised each theme. Somebody who comes back to it ten times counts once; "
            "what moderators and officers say does not count."
        )
    )
    pieces.table(table, height=38 * min(len(table) + 1, 24))
elif view == views[1]:
    titles = present.titles(book)
    raised = [code for code, times in zip(heard.codes, heard.raised.sum(axis=0).tolist(), strict=True) if times]
    code = st.selectbox(_("Theme"), raised, format_func=titles.__getitem__)
    if code is None:
        st.info(_("Nobody has read a theme in these groups yet."))
        st.stop()
    if book.code(code).definition:
        st.caption(plain(_(book.code(code).definition)))
    with refusals():
        quoted = circle.passages.quotes(code)
    st.markdown(_("Chosen by rule, a person once, in turn from every group. Read around a quote before you use it."))
    for quote in quoted.quotes:
        group = next(one for one in circle.groups if one.name == quote.group)
        row = int((group.turns["key"] == quote.key).to_numpy().argmax())
        who = f"{quote.speaker or _('Not named')}, {quote.group}, {group.place(row)}"
        st.markdown(f"> {plain(quote.text)}\n>\n> {plain(who)}")
    if not quoted.quotes:
        st.info(_("Nothing that was said of it may be quoted by the rules: too short, too long, or telling who spoke."))
    elif quoted.unquoted:
        st.caption(plain(present.unquoted_words(quoted.unquoted)))
elif view == views[2]:
    name = str(st.selectbox(_("Group"), list(heard.groups)))
    st.markdown("\n".join(f"- {plain(line)}" for line in present.talk_words(heard, circle.talk, name)))
    block = pieces.blocks()
    with block():
        st.markdown("## " + _("Who spoke how much"))
        pieces.table(present.talk_table(circle.talk, name))
    with block():
        st.markdown("## " + _("Who raised what") + "\n" + _("Turns of each participant that mention a theme."))
        pieces.table(present.person_table(heard, book, name))
    st.markdown(
        "## " + _("Who follows whom") + "\n" + _("How often the one above spoke straight after the one on the left.")
    )
    pieces.table(present.answer_table(heard, name))
    agreed = present.agreement_table(circle.answered, book)
    if len(agreed):
        st.markdown(f"## {_('How turns begin, in all groups')}\n{plain(_(circle.answered.note))}")
        pieces.table(agreed)
elif view == views[3]:
    once = circle.once
    rows = accumulation(once)
    st.markdown(f"{plain(saturation(once).words)} {plain(unseen(once.raised).words)}")
    pieces.chart(
        cache.once(trends.accumulation, rows),
        "## "
        + _("Themes after each group")
        + "\n"
        + _(
            "The line is in the order in which the groups were held, the dotted one what any order would give, with "
            "its range. Each main theme of the codebook counts once."
        ),
        present.accumulation_table(rows),
        "accumulation",
    )
    st.markdown("## " + _("Where each theme came up first"))
    pieces.table(present.emergence_table(emergence(once), book))
else:
    group_files.draw(store, study, circle)
