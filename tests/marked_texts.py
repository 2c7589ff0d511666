"""The Chinese texts of an English page: those that are marked as such, and the others."""

import re
from html.parser import HTMLParser

UNCLOSED = {"meta", "link", "br", "img", "input", "hr", "wbr", "col"}


class Texts(HTMLParser):
    """The page's Chinese texts: those within ``lang="zh-Hans"``, and the others."""

    def __init__(self, page: str):
        super().__init__()
        self.inside: list[tuple[str, str | None]] = []
        self.marked: set[str] = set()
        self.unmarked: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in UNCLOSED:
            self.inside.append((tag, dict(attrs).get("lang")))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        while self.inside and self.inside.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not any(tag in ("script", "style") for tag, _ in self.inside):
            language = next((lang for _, lang in reversed(self.inside) if lang), None)
            (self.marked if language == "zh-Hans" else self.unmarked).update(re.findall(r"[一-鿿]+", data))
