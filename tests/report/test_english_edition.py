"""The English page of a client whose data are Chinese: nothing Chinese in it that is not marked as such."""

import re
from html.parser import HTMLParser
from pathlib import Path

from conftest import MEDTECH
from typer.testing import CliRunner

from kamplay.cli import app
from kamplay.show.labels import glossary

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


def test_no_chinese_is_left_unmarked_and_common_values_have_their_words(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["run", str(MEDTECH), "--out", str(tmp_path), "--language", "en"])
    assert done.exit_code == 0, done.output
    page = next(tmp_path.rglob("report.en.html")).read_text(encoding="utf-8")
    texts = Texts(page)
    assert texts.unmarked == set()
    assert "宁波昶庭骨科医院" in texts.marked  # an account's name
    assert texts.marked & {value for column in glossary().values() for value in column} == set()
    assert "Wound care" in page and "Negotiation" in page and "Hospital president" in page
    assert re.search(r"<p>[\d,]+ names of accounts, people and companies", page)
