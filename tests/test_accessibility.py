"""Every page as those meet it who see little, or nothing, or work without a mouse: axe-core, headings, keys, charts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsers import App, browsing, running, settled

from trustsurvey.store import Store

axe = pytest.importorskip("axe_playwright_python.base", reason="the tests need the package axe-playwright-python")
pytestmark = pytest.mark.browser

#: Pages by their addresses, with what is there once all of a page is.
PAGES = {
    "results": "What it is made of",
    "next": "Release the wave",
    "area": "Back to all areas",
    "done": "Save this list (.csv)",
    "done?promise=1": "Remove it",
    "done?promise=new": "It can be saved once",
    "themes": "The dotted line is everyone",
    "sources": "By which rules?",
    "import": "Earlier imports",
    "weights": "is released: everyone",
    "readings": "Type your name or initials first",
    "codes": "What answers hold",
    "names": "Choose an answer",
    "elsewhere": "No comments were added yet",
    "transcripts": "Somebody no longer agrees",
    "questions": "This table (.csv)",
    "words": "names taken out",
    "heard": "How many of those who took part",
    "files": "To repeat this elsewhere",
    "studies": "A new study",
    "people": "Nobody signs in at this app",
    "trail": "These lines (.csv)",
}
WIDTHS = (1440, 390)
#: What axe-core calls moderate and is ours alone to keep: one h1, no level left out, a language, landmarks.
KEPT = ("heading-order", "page-has-heading-one", "html-has-lang", "landmark-one-main", "bypass", "empty-heading")
#: What Streamlit's own widgets do and no setting of ours changes: rule, where, why. Each must still be found somewhere.
STREAMLIT = (
    (
        "list",
        "[data-testid=stSidebarNavItems]",
        "between the list of pages and its links stands a division for each heading",
    ),
    ("listitem", "[data-testid=stSidebarNavItems]", "the same, seen from the links"),
    (
        "color-contrast",
        "button[data-selected=true]",
        "the chosen one is written, on dark pages, in the colour that also lies under white words on buttons; a frame "
        "and its state tell it as well",
    ),
)
LOOK = """async ([kept, streamlit]) => {
    const found = (await axe.run(document, {resultTypes: ["violations"], elementRef: true})).violations
        .filter(one => ["serious", "critical"].includes(one.impact) || kept.includes(one.id));
    const known = new Set(), ours = [];
    for (const one of found) for (const node of one.nodes) {
        const at = streamlit.findIndex(([rule, where]) => rule === one.id && node.element?.closest(where));
        if (at >= 0) known.add(at);
        else ours.push(`${one.id}: ${node.html.slice(0, 160)} (${node.failureSummary.slice(0, 200)})`);
    }
    return [ours, [...known]];
}"""


@pytest.fixture(scope="module")
def sample_app(spoken_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """One app for all of these tests, with the sample study in it as the app comes; nothing is saved in it."""
    home = Path(shutil.copytree(spoken_folder, tmp_path_factory.mktemp("seen") / "home"))
    with running(home) as answering:
        yield answering


@pytest.fixture(scope="module")
def view() -> Iterator[Any]:
    """One page of a browser for all of these tests."""
    with browsing() as opened:
        yield opened


def opened(view: Any, app: App, name: str) -> None:
    """All of a page, as it comes to rest."""
    view.goto(f"{app.url}/{name}")
    view.locator("[data-testid=stMain]").get_by_text(PAGES[name]).first.wait_for()
    settled(view)
    view.wait_for_function("() => !document.querySelector('[data-testid=stSkeleton]')")


def looked_at(view: Any) -> tuple[list[str], list[int]]:
    """What axe-core finds on the page: what is ours, and which of Streamlit's were met."""
    if view.evaluate("typeof axe === 'undefined'"):
        view.evaluate(axe.AXE_SCRIPT)
    ours, known = view.evaluate(LOOK, [KEPT, [list(one[:2]) for one in STREAMLIT]])
    return ours, known


#: Widgets of the page with something to press or fill in, by what can have the focus in each.
WIDGETS = """() => {
    const can = e => !e.disabled && e.tabIndex >= 0 && e.checkVisibility({visibilityProperty: true});
    const within = e => e.closest("[data-testid=stElementContainer], summary");
    return [...document.querySelectorAll("[data-testid=stMain] :is(button, a[href], input, textarea, summary)")]
        .filter(can).map(e => { const w = within(e) ?? e; w.dataset.widget ??= e.ariaLabel || w.innerText || e.type;
                                return w.dataset.widget; });
}"""
#: Notes where the focus goes: the widget, whether it is within what pages say, whether it stands before the last one;
#: null for nowhere. A page that is still growing shifts places, not their order.
FOLLOW = """() => {
    [window.focused, window.latest] = [[], null];
    if (window.followed) return;
    window.followed = true;
    document.addEventListener("focusin", ({target}) => {
        const inside = document.querySelector("[data-testid=stMain]").contains(target), from = window.latest;
        const way = inside && from?.isConnected ? from.compareDocumentPosition(target) : 0;
        if (inside) window.latest = target;
        const back = !!(way & Node.DOCUMENT_POSITION_PRECEDING);
        focused.push([(target.closest("[data-widget]") ?? target).dataset?.widget ?? "", inside, back]);
    });
    document.addEventListener("focusout", ({relatedTarget}) => relatedTarget ?? focused.push(null));
}"""
MOST_KEYS, AT_ONCE = 250, 25


def not_reached(view: Any) -> list[str]:
    """What is wrong for somebody who has the keyboard alone: a trap, another order than read, widgets left out."""
    widgets = set(view.evaluate(WIDGETS))
    view.evaluate("document.activeElement.blur()")
    view.evaluate(FOLLOW)
    met: set[str] = set()
    entered, told = False, 0
    for _ in range(0, MOST_KEYS, AT_ONCE):
        for _ in range(AT_ONCE):
            view.keyboard.press("Tab")
        focused = view.evaluate("focused")
        for at in focused[told:]:
            if at is None or (entered and not at[1]):  # past the end, or back at the top
                return [f"no key leads to: {one[:80]}" for one in sorted(widgets - met)]
            if at[2]:
                return [f"out of order: {at[0][:80]}"]
            entered |= at[1]
            met.add(at[0])
        told = len(focused)
    return ["the focus is caught"]


def fitted(view: Any, width: int) -> None:
    """Make the window as high as the page: axe-core judges no colours of what is scrolled away."""
    view.set_viewport_size({"width": width, "height": 1000})
    view.wait_for_timeout(150)
    high = view.evaluate("document.querySelector('[data-testid=stMainBlockContainer]').scrollHeight")
    view.set_viewport_size({"width": width, "height": high + 100})
    view.wait_for_timeout(200)


def pale_charts(view: Any) -> list[str]:
    """Writing in charts, on which axe-core does not decide, that stands out too little from the page."""
    found: list[str] = view.evaluate(
        """() => {
            const light = css => css.match(/[\\d.]+/g).slice(0, 3).map(v => v / 255)
                .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
                .reduce((sum, v, k) => sum + v * [.2126, .7152, .0722][k], .05);
            const page = light(getComputedStyle(document.querySelector("[data-testid=stApp]")).backgroundColor);
            const ratio = e => { const is = light(getComputedStyle(e).fill); return Math.max(is / page, page / is); };
            return [...document.querySelectorAll("[data-testid=stPlotlyChart] text")]
                .filter(e => e.textContent.trim() && ratio(e) < 4.5)
                .map(e => `${e.textContent} in a chart is pale: ${ratio(e).toFixed(1)}`);
        }"""
    )
    return found


def mute_charts(view: Any) -> list[str]:
    """Charts that lack a text with their facts, a sentence before or the numbers after them."""
    found: list[str] = view.evaluate(
        """() => [...document.querySelectorAll("[data-testid=stPlotlyChart]")].filter(e => {
            const place = e.closest("[data-testid=stElementContainer]"), told = e.ariaLabel ?? "";
            const facts = /\\d/.test(told) || /(chart beside it|table below)/.test(told);
            const before = place.previousElementSibling?.innerText.trim(), after = place.nextElementSibling;
            const numbers = after?.querySelector("[data-testid=stExpander], [data-testid=stDataFrame]");
            return !(e.role === "figure" && facts && before && numbers);
        }).map(e => `a chart without its words or numbers: ${e.ariaLabel}`)"""
    )
    return found


def test_every_page_for_those_who_see_little_or_have_no_mouse(sample_app: App, view: Any) -> None:
    """Light and wide, dark and narrow on every page; on the first one also the other way round."""
    found: list[str] = []
    met: set[int] = set()
    for name in PAGES:
        view.emulate_media(color_scheme="light")
        view.set_viewport_size({"width": WIDTHS[0], "height": 1000})
        opened(view, sample_app, name)
        found += [f"{name}: {one}" for one in (*not_reached(view), *mute_charts(view), *pale_charts(view))]
        looks = [("light", WIDTHS[0]), ("dark", WIDTHS[1])]
        looks += [("dark", WIDTHS[0]), ("light", WIDTHS[1])] if name == "results" else []
        for scheme, width in looks:
            view.emulate_media(color_scheme=scheme)
            fitted(view, width)
            ours, known = looked_at(view)
            found += [f"{name}, {scheme}, {width}: {one}" for one in ours]
            met |= set(known)
            wide = view.evaluate("(() => { const m = document.querySelector('[data-testid=stMain]');"
                                 "return m.scrollWidth - m.clientWidth; })()")  # fmt: skip
            if wide > 0:
                found.append(f"{name}, {scheme}, {width}: {wide} pixels stick out at the side")
    assert found == []
    assert met == set(range(len(STREAMLIT))), "what Streamlit mended is to leave the table"


#: What can have the focus, in the order in which it is read, and which of it has.
FIELDS = "[...document.querySelectorAll('input:not([type=hidden]), button, a[href]')]"


def test_the_way_in_for_those_who_see_little_or_have_no_mouse(
    view: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first account is made, signing in is refused, both by keyboard; no page of the app is there before."""
    monkeypatch.setenv("TRUSTSURVEY_HOME", str(tmp_path))
    monkeypatch.setenv("TRUSTSURVEY_SIGN_IN", "accounts")
    found: list[str] = []
    with running(tmp_path) as answering:
        for heading in ("Set up this app", "Sign in", "refused"):
            if heading == "Sign in":
                store = Store.open()
                store.accounts.add("Administrator", ["administrator"], (), "three plain words")
                store.close()
            if heading != "refused":
                view.goto(answering.url)
                view.get_by_role("heading", name=heading).wait_for()
            else:
                view.get_by_label("Name").focus()
                for typed in ("Nobody", "not the password"):
                    view.keyboard.type(typed)
                    view.keyboard.press("Tab")
                view.keyboard.press("Enter")
                view.get_by_role("alert").wait_for()
            many = view.evaluate(f"{FIELDS}.length")
            view.evaluate(f"{FIELDS}[0].focus()")
            for place in range(1, many):
                view.keyboard.press("Tab")
                if view.evaluate(f"{FIELDS}.indexOf(document.activeElement)") != place:
                    found.append(f"{heading}: out of order at {place}")
            for scheme in ("light", "dark"):
                for width in WIDTHS:
                    view.emulate_media(color_scheme=scheme)
                    view.set_viewport_size({"width": width, "height": 1000})
                    ours, _ = looked_at(view)
                    found += [f"{heading}, {scheme}, {width}: {one}" for one in ours]
                    if view.evaluate("document.documentElement.scrollWidth > innerWidth"):
                        found.append(f"{heading}, {scheme}, {width}: something sticks out at the side")
    assert found == []


def test_defects_would_be_found(sample_app: App, view: Any) -> None:
    view.emulate_media(color_scheme="light")
    view.set_viewport_size({"width": WIDTHS[0], "height": 1000})
    opened(view, sample_app, "themes")
    assert not_reached(view) == mute_charts(view) == pale_charts(view) == []
    fitted(view, WIDTHS[0])
    defects = '<h6>Too deep</h6><img src="data:,"><p style="color:#aaa;background:#fff;font-size:14px">pale words</p>'
    view.evaluate("it => document.querySelector('[data-testid=stMain] blockquote').innerHTML = it", defects)
    ours, _ = looked_at(view)
    assert {one.split(":")[0] for one in ours} == {"image-alt", "heading-order", "color-contrast"}
    view.evaluate("document.querySelector('[data-testid=stPlotlyChart]').ariaLabel = 'A chart'")
    assert len(mute_charts(view)) == 1
    view.evaluate("document.querySelector('[data-testid=stPlotlyChart] text').style.fill = '#999'")
    assert len(pale_charts(view)) == 1
    view.evaluate(
        "() => { document.querySelector('[data-testid=stMain] input').onkeydown = press => press.preventDefault(); }"
    )
    assert not_reached(view) == ["the focus is caught"]
    view.evaluate(FOLLOW)
    view.eval_on_selector_all("[data-testid=stMain] summary", "all => { all.at(-1).focus(); all[0].focus(); }")
    assert view.evaluate("focused.filter(one => one).map(one => one[2])") == [False, True]


def test_an_area_is_opened_by_keyboard_as_the_map_opens_it(sample_app: App, view: Any) -> None:
    view.set_viewport_size({"width": WIDTHS[0], "height": 1000})
    opened(view, sample_app, "results")
    view.get_by_label("One of the districts").focus()
    view.keyboard.type("Northsi", delay=30)
    view.keyboard.press("Enter")
    view.get_by_role("heading", name="Northside").wait_for()
