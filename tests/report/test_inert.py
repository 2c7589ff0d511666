"""What a consultant edits into a notebook cannot act in the report."""

from __future__ import annotations

import pytest

from kamplay.report.pages.inert import inert

OWN = (
    '<figure class="chart"><svg viewBox="0 0 1 1"><text x="1" aria-label="A &lt;img onerror=alert(1)&gt;">'
    "a &lt;script&gt; b</text></svg></figure>"
)


def test_what_does_not_act_is_the_same_to_the_byte():
    assert inert(OWN) == OWN
    assert inert('<td title="on sale = yes">on = 1</td>') == '<td title="on sale = yes">on = 1</td>'


@pytest.mark.parametrize(
    "html",
    [
        "<b>x</b><script>alert(1)</script>",
        "<b>x</b><SCRIPT src='//e.example/x.js'></SCRIPT >",
        "<b>x</b><script>never closed",
        "<b>x</b><scr<script>ipt>alert(1)</scr</script>ipt>",
        '<b>x</b><img src=x onerror="alert(1)">',
        "<b>x</b><svg/onload=alert(1)>",
        '<b>x</b><a href="java\tscript:alert(1)">y</a>',
        '<b>x</b><a href="&#106;avascript:alert(1)">y</a>',
        '<b>x</b><iframe srcdoc="&lt;script&gt;1&lt;/script&gt;"></iframe>',
        '<b>x</b><meta http-equiv="refresh" content="0;url=//e.example">',
        "<b>x</b><base href='//e.example'><link rel=stylesheet href=//e.example/x.css>",
        "<b>x</b><!-- swallows the rest",
        "<b>x</b><plaintext>",
        '<b>x</b><form action="//e.example"><button formaction="javascript:1">z</button></form>',
    ],
)
def test_what_acts_is_gone(html, tmp_path):
    cleaned = inert(html)
    assert "x" in cleaned
    assert acted(cleaned) == []


def acted(html: str) -> list[str]:
    """What in HTML would act, as a parser sees it: elements, handlers, links to scripts."""
    from html.parser import HTMLParser

    seen: list[str] = []
    banned = {"script", "iframe", "meta", "base", "link", "form", "plaintext", "object"}

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            seen.extend([tag] if tag in banned else [])
            for name, value in attrs:
                plain = "".join((value or "").split()).lower()
                if name.startswith("on") or plain.startswith("javascript:"):
                    seen.append(name)

        def handle_comment(self, data):
            seen.append("comment")

    reader = Reader()
    reader.feed(html)
    reader.close()
    return seen
