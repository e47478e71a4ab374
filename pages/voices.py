"""What residents say in their own words: themes with ranges, what changed, where and for whom."""

import streamlit as st

from trustsurvey.language import N_, _
from trustsurvey.present import charts, themes, trends
from trustsurvey.ui import cache, pieces, said, voices
from trustsurvey.ui.guard import choose_waves, missing, open_page, plain, refusals
from trustsurvey.ui.paint import show_first
from trustsurvey.wording import figure

store = open_page(N_("What residents say"), "see")
study, records = choose_waves(store)
at, book, answers = voices.choose(store, study.slug, records, *st.columns([1, 2]))
with refusals():
    found = voices.themes(store, study.slug, records, at, book, answers.item)
if found is None:
    read = len(answers.readings.counts())
    few = _(
        "{keys} residents answered; {read} of the answers were read. Nothing can be said of all of them before at "
        "least 30 were drawn at random and read by a person."
    )
    missing(store, few.format(keys=figure(len(answers.keys)), read=figure(read)), "readings")
    st.stop()

st.markdown(f"## {plain(found.question)}\n{plain(themes.basis_words(found))}")
show_first()
everyone = themes.in_percent(found.rows())
block = pieces.blocks()
with block():
    said.mentioned(found, _("What is mentioned"), "themes")
    if needed := themes.needed_words(found.rows(), 5):
        st.caption(plain(needed))
with block():
    said.changed(found)
    if found.tone is not None:
        st.markdown(
            "### "
            + _("Praise, complaint or suggestion")
            + "\n"
            + _("Of a hundred who answered, as people read those drawn at random.")
        )
        pieces.numbers(themes.tone_table(found), _("By theme"))

st.header(_("One theme"))
code = st.selectbox(_("Theme"), list(everyone["measure"]), format_func=found.title)
if book.code(code).definition:
    st.caption(plain(_(book.code(code).definition)))
if code in found.doubtful:
    st.warning(
        _(
            "People who read the same answers did not agree on which mention this theme. Take its numbers "
            "as a hint at most, and say in the codebook more clearly what counts."
        )
    )
with refusals():
    quotes = voices.quotes(store, study.slug, records[: at + 1], book, found.item, [code])[code]
for title, texts in ((_("Typical"), quotes.typical), (_("Others say"), quotes.otherwise)):
    if texts:
        st.markdown(f"**{title}**\n\n" + "\n\n".join(f"> \u201c{plain(text)}\u201d" for text in texts))
if quotes.typical:
    st.caption(
        _(
            "Chosen by rule: nearest to what all say who mention it, without names, and from areas in "
            "which at least ten people do."
        )
    )
waves = [record.name for record in records[: at + 1] if record.name in set(found.trend["wave"])]
block = pieces.blocks()
if len(waves) > 1:
    rows = themes.in_percent(found.trend[found.trend["measure"] == code])
    low, high = trends.trend_range(rows)
    with block():
        pieces.chart(
            cache.once(trends.trend, rows, waves),
            "### "
            + _("Over time")
            + "\n"
            + _("Waves of which enough was read. The chart shows {low} to {high} of 100.").format(
                low=figure(low, ".0f"), high=figure(high, ".0f")
            ),
            cache.once(
                themes.share_table, found.trend[found.trend["measure"] == code].assign(audited=float("nan")), "wave"
            ),
            "theme trend",
        )
whole = everyone.set_index("measure")["est"][code]
for by in (*answers.wave.areas[:1], *answers.wave.groups):
    rows = found.rows(by, code)
    if rows.empty:
        continue
    drawn = themes.in_percent(rows).loc[rows.index]
    end = themes.chart_end(drawn)
    with block():
        pieces.chart(
            cache.once(charts.dots, drawn, reference=whole, top=end),
            pieces.by(by, 3, rows["level"] if by in answers.wave.groups else ())
            + _("The dotted line is everyone. The chart ends at {end}.").format(end=figure(end, ".0f")),
            cache.once(themes.share_table, rows, "level"),
            f"theme {by}",
        )
