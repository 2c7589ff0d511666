"""The English page of a client whose data are Chinese: nothing Chinese in it that is not marked as such."""

import re
from pathlib import Path

from marked_texts import Texts

from kamplay.show.labels import glossary


def test_no_chinese_is_left_unmarked_and_common_values_have_their_words(sample_runs: dict[str, Path]) -> None:
    page = (sample_runs["medtech"] / "report.en.html").read_text(encoding="utf-8")
    texts = Texts(page)
    assert texts.unmarked == set()
    assert "宁波昶庭骨科医院" in texts.marked  # an account's name
    assert texts.marked & {value for column in glossary().values() for value in column} == set()
    assert "Wound care" in page and "Negotiation" in page and "Hospital president" in page
    assert re.search(r"<p>[\d,]+ names of accounts, people and companies", page)
