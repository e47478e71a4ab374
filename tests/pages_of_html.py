"""A page of HTML taken apart, for tests of what is written: tables, text, and whatever could do something."""

from __future__ import annotations

from html.parser import HTMLParser

#: What a report is made of: nothing of it runs, loads or leads anywhere.
ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "header", "main", "section",
    "h1", "h2", "h3", "p", "small", "strong", "ul", "li", "blockquote", "div", "figure",
    "table", "caption", "thead", "tbody", "tr", "th", "td",
    "svg", "defs", "pattern", "rect", "path", "text", "line", "circle", "polygon", "polyline",
}  # fmt: skip


class Parsed(HTMLParser):
    """Tags, attributes, the text of elements and the cells of tables, by caption."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.tables: list[tuple[str, list[list[str]]]] = []
        self.words: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in ("meta", "circle", "line", "rect", "polygon", "polyline"):
            self.open.append(tag)
        if tag == "table":
            self.tables.append(("", []))
        elif tag == "tr":
            self.tables[-1][1].append([])
        elif tag in ("th", "td"):
            self.tables[-1][1][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        data = data.replace("\u00a0", " ")
        within = self.open[-1] if self.open else ""
        if data.strip():
            self.words.append((within, data.strip()))
        if within == "caption":
            self.tables[-1] = (self.tables[-1][0] + data, self.tables[-1][1])
        elif within in ("th", "td"):
            self.tables[-1][1][-1][-1] += data

    @property
    def text(self) -> str:
        """All that is written on the page, but for its styles."""
        return " ".join(words for within, words in self.words if within != "style")

    def spoken(self) -> list[str]:
        """What a screen reader says of each drawing."""
        return [
            value.replace("\u00a0", " ") for tag, name, value in self.attributes if (tag, name) == ("svg", "aria-label")
        ]

    def inert(self) -> None:
        """Nothing on the page runs, loads, links or leaves it."""
        assert set(self.tags) <= ALLOWED, set(self.tags) - ALLOWED
        for tag, name, value in self.attributes:
            assert not name.startswith("on"), (tag, name)
            assert name not in ("href", "src", "xlink:href", "action", "formaction", "srcdoc", "style"), (tag, name)
            assert "url(" not in value or value == "url(#hidden)", value
