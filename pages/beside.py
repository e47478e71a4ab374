"""One theme in survey, focus groups and comments, side by side, by stated rules."""

import streamlit as st

from trustsurvey.focus_groups.triangulate import triangulate
from trustsurvey.language import N_, _
from trustsurvey.present import beside, themes, trends
from trustsurvey.present.groups import NO_SAMPLE, alone
from trustsurvey.ui import cache, focus_groups, pieces, voices
from trustsurvey.ui.guard import choose_waves, missing, open_page, plain, refusals
from trustsurvey.wording import figure

store = open_page(N_("Side by side"), "see")
study, records = choose_waves(store)
at, book, answers = voices.choose(store, study.slug, records, *st.columns([1, 2]))
with refusals():
    found = voices.themes(store, study.slug, records, at, book, answers.item)
    circle = focus_groups.circle(store, study.slug)
    sources = focus_groups.sources(store, study.slug, found, circle, book)
together = {code: triangulate(*of) for code, of in sources.items()}
st.markdown(
    _(
        "What residents write in the survey, beside what people said in focus groups and in comments. Sources that "
        "agree make a finding firmer; where they differ there is something to find out."
    )
    + f" {_(NO_SAMPLE)}"
)
if found is None:
    few = _("Too few answers of this wave were read at random: the survey's side stays empty.")
    missing(store, few, "readings")
if circle is None:
    missing(store, _("No focus group was added yet."), "groups")
st.markdown(f"**{plain(beside.summary_words(sources, together, book))}**")
pieces.table(beside.side_table(sources, together, book))

st.header(_("One theme"))
code = str(st.selectbox(_("Theme"), alone(book), format_func=lambda key: _(book.code(key).title)))
if book.code(code).definition:
    st.caption(plain(_(book.code(code).definition)))
st.markdown(plain(together[code].words))
block = pieces.blocks()
with block():
    st.markdown("### " + _("In the survey"))
    waves = [r.name for r in records[: at + 1] if found is not None and r.name in set(found.trend["wave"])]
    if found is None or not waves:
        st.markdown(_("Nothing can be said yet."))
    else:
        rows = found.trend[found.trend["measure"] == code]
        drawn = themes.in_percent(rows)
        low, high = trends.trend_range(drawn)
        pieces.chart(
            cache.once(trends.trend, drawn, waves),
            _("Of a hundred who answered, so many mention it. The chart shows {low} to {high} of 100.").format(
                low=figure(low, ".0f"), high=figure(high, ".0f")
            ),
            cache.once(themes.share_table, rows.assign(audited=float("nan")), "wave"),
            "beside trend",
        )
with block():
    st.markdown("### " + _("In the groups"))
    quoted = focus_groups.quoted(circle, code)
    for quote in quoted:
        st.markdown(f"> {plain(quote.text)}\n>\n> {plain(quote.group)}")
    if not quoted:
        st.markdown(_("Nothing to quote.") if circle is not None else _("No group was held."))
received = sources[code][2]
if received is not None:
    with block():
        st.markdown("### " + _("In comments from elsewhere"))
        told = (
            _("{n} comments mention it. Those who wrote were not drawn from the residents either.")
            if received.number
            else _("Fewer than ten comments mention it. Those who wrote were not drawn from the residents either.")
        )
        st.markdown(told.format(n=figure(received.number)))
with st.expander(_("By which rules?")):
    st.markdown(
        _(
            "The survey's share is called **few** where all of its range is at most 10 of 100, **many** where all of "
            "it is at least that. A theme is **widely** raised where at least half of three or more groups and three "
            "people raised it, **hardly** where at most a quarter of the groups did. Many and widely, or few and "
            "hardly, agree; many and hardly, or few and widely, differ; anything else is too little to say. The lines "
            "are conventions: they make a first look the same every time and do not replace reading what people said."
        )
    )
