"""All accounts in one table: what the data hold, and what a reader can do with it in a browser, from disk."""

from __future__ import annotations

import base64
import csv
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import time
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import random_lines, write_engagement

from kamplay import api
from kamplay.report.pages import explorer as module
from kamplay.report.pages import live_table
from kamplay.report.pages.explorer import FIELDS, Explorer, explorer
from kamplay.report.pages.page import policy
from kamplay.report.results import FORMULA_STARTS, accounts_table
from kamplay.show.links import account_anchor, account_link, linked, names_linked, owner_anchor
from kamplay.show.locale import Locale
from kamplay.show.profile.account_card import months_svg
from kamplay.show.view import View, using

BROWSER = next((p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None)
if BROWSER is None and os.environ.get("KAMPLAY_NEED_BROWSER"):
    pytest.fail("a browser is asked for (KAMPLAY_NEED_BROWSER) and none is installed", pytrace=False)
in_browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium or Chrome on this machine")

HOSTILE = [
    "</script><script>window.hit=1</script>",
    '=HYPERLINK("http://evil.example","x")',
    "\u202egnp.exe \u2067right\u2069 to left",
    "\"double\" & 'single' <b>bold</b>",
    r"$\frac{1}{2}$ {{ 7*7 }} {% x %} ${window.hit=2}",
    "长" * 120,
    "<img src=x onerror=window.hit=3>",
    "@SUM(A1)",
    "-1+2",
    "<!--<script>",
]
OWNERS = ["Ann", "=cmd|' /C calc'!A0", '李"敏"</select>', "Ben"]
REGIONS = ["North", "South", "华东"]
SECRET = "SECRET-REASON-4711"


@dataclass(frozen=True)
class Client:
    """An engagement and the revenue of each of its accounts in the 12 months, largest first."""

    folder: Path
    accounts: pd.DataFrame

    def page(self, target: Path, language: str = "en", edition: str = "client") -> tuple[Path, Explorer]:
        """A page with nothing but the explorer in it."""
        made = explorer(self.folder, language, edition)
        target.write_text(page_of(made, language), encoding="utf-8")
        return target, made


def page_of(made: Explorer, language: str) -> str:
    lang = {"zh": "zh-Hans", "en": "en"}[language]
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>t</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{policy(made.script_hash)}">'
        '<meta name="viewport" content="width=device-width">'
        f"<style>{live_table.css('report.css.j2')}{made.css}</style></head>"
        f"<body><header>above</header><main><p>chapter</p>{made.html}</main><script>{made.script}</script></body></html>"
    )


@pytest.fixture(scope="module")
def client(tmp_path_factory) -> Client:
    lines = random_lines(90)
    year = lines[lines["date"] > "2024-12-31"].groupby("account_id")["amount"].sum().sort_values()[::-1]
    accounts = pd.DataFrame({"account_id": sorted(set(lines["account_id"]))})
    names = dict(zip(year.index, HOSTILE, strict=False))
    accounts["account_name"] = accounts["account_id"].map(names).fillna("Name of " + accounts["account_id"])
    accounts["owner"] = [OWNERS[n % len(OWNERS)] for n in range(len(accounts))]
    accounts["region"] = [REGIONS[n % len(REGIONS)] for n in range(len(accounts))]
    folder = write_engagement(
        tmp_path_factory.mktemp("e") / "client", lines.assign(cost=lines["amount"] * 0.6), "", accounts
    )
    overrides = pd.DataFrame({"account_id": [year.index[0]], "tier": ["S"], "reason": [SECRET], "by": ["B"]})
    overrides.to_csv(folder / "data" / "overrides.csv", index=False)
    run = api.open(folder, "en")
    table = accounts_table({s.key: api.result(run, s.result) for s in api.STEPS.values()})
    return Client(run.folder, table)


def data_of(html: str) -> dict:
    held = re.search(r'<script type="application/json"( data-gzip)?>(.*?)</script>', html, re.DOTALL)
    text = held[2] if not held[1] else gzip.decompress(base64.b64decode(held[2])).decode("utf-8")
    return json.loads(text)


def values_of(data: dict, key: str) -> list:
    column = next(c for c in data["columns"] if c["key"] == key)
    if column["kind"] != "choice":
        return column["values"]
    return [None if v < 0 else column["words"][v] for v in column["values"]]


# --- what the data hold


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_account_is_there_with_its_figures(client, language):
    data = data_of(explorer(client.folder, language, "client").html)
    assert data["rows"] == len(client.accounts) == 90
    assert values_of(data, "account_id") == list(client.accounts.index)
    assert values_of(data, "revenue") == pytest.approx(list(client.accounts["revenue"]), abs=0.005)
    assert values_of(data, "name")[: len(HOSTILE)] == HOSTILE
    assert values_of(data, "owner") == list(client.accounts["owner"])
    bands = next(c for c in data["columns"] if c["key"] == "health_band")
    keys = [None if v < 0 else bands["dots"][v] for v in bands["values"]]
    assert keys == [None if pd.isna(v) else v for v in client.accounts["health_band"]]


def test_only_the_internal_edition_holds_what_is_internal(client):
    told, kept = (explorer(client.folder, "en", edition).html for edition in ("internal", "client"))
    assert {"margin", "override", "tier_score"} <= {c["key"] for c in data_of(told)["columns"]}
    assert SECRET in told
    assert not {"margin", "gate", "override", "coverage", "tier_score"} & {
        c["key"] for c in data_of(kept)["columns"]
    }
    assert SECRET not in kept and "Margin" not in kept
    margin = f"{client.accounts['margin'].iloc[0]:.2f}"
    assert margin in told and margin not in kept


def test_no_text_ends_an_element_or_becomes_one(client):
    html = explorer(client.folder, "en", "internal").html
    assert len(re.findall(r"<script\b", html)) == 1 and html.count("</script>") == 1
    assert "<img" not in html and "<b>bold" not in html and "<!--" not in html
    assert escape(HOSTILE[0], quote=False) in html  # the table that is there without a script


def test_long_data_are_packed_and_the_same_bytes_again(client, monkeypatch):
    plain = explorer(client.folder, "en", "client").html
    monkeypatch.setattr(live_table, "PACKED_FROM", 1000)
    packed = explorer(client.folder, "en", "client").html
    assert "data-gzip" in packed and "data-gzip" not in plain
    assert data_of(packed) == data_of(plain) and len(packed) < len(plain)
    assert packed == explorer(client.folder, "en", "client").html


def test_the_policy_names_the_script_that_is_there(client):
    made = explorer(client.folder, "en", "client")
    digest = base64.b64encode(hashlib.sha256(made.script.encode()).digest()).decode()
    assert made.script_hash == f"sha256-{digest}"
    assert "</script" not in made.script and len(made.script.splitlines()) <= 350
    assert not re.search(
        r"innerHTML|insertAdjacentHTML|document\.write|eval\(|fetch\(|XMLHttp|import\(", made.script
    )


def test_a_name_leads_only_to_a_card_that_is_there():
    html = f"<td>{account_link('C1', 'A & <b>')}</td><td>{account_link('C2', 'other')}</td>"
    assert linked(html, {"a-C1"}) == '<td><a href="#a-C1">A &amp; &lt;b&gt;</a></td><td>other</td>'


def test_a_sentence_leads_to_the_cards_of_the_names_in_it():
    anchors = {"无锡医院": "a-1", "无锡医院东区": None, "Smith & Sons": "a-2", "Smith": "a-3", "Ann": "a-4"}
    first, second = names_linked("无锡医院东区和无锡医院；Smith & Sons <b>, Smithson, Ann", anchors).split(
        "；"
    )
    assert first == '无锡医院东区和<a href="#a-1">无锡医院</a>'
    assert second == '<a href="#a-2">Smith &amp; Sons</a> &lt;b&gt;, Smithson, Ann'
    assert names_linked("<i>", {}) == "&lt;i&gt;"


@pytest.mark.parametrize("account", ['x" onclick="y', "长沙 1", "a/b", "", "x" * 50])
def test_anchors_are_plain(account):
    assert re.fullmatch(r"a-~[0-9a-f]{12}", account_anchor(account))
    assert re.fullmatch(r"owner-~[0-9a-f]{12}", owner_anchor(account))


def cards_of(html: str) -> dict[str, str]:
    found = re.findall(r'(?s)<article class="account-card alone" id="a-(.*?)".*?</article>', html)
    whole = re.findall(r'(?s)<article class="account-card.*?</article>', html)
    return dict(zip(found, whole, strict=True))


def test_who_matters_is_in_danger_or_large_has_a_card_and_names_lead_to_it(client):
    run = api.open(client.folder, "en")
    tiers, value = api.result(run, module.Tiers), api.result(run, module.Value)
    health, plan = api.result(run, module.Health), api.result(run, module.Plan)
    key = tiers.units["level"].isin(["S", "A"])
    warned = set(health.early_warning.warnings["account_id"])
    made = explorer(client.folder, "en", "client")
    cards = cards_of(made.html)
    large = set(value.accounts["revenue"].reindex(key.index).nlargest(module.LARGEST).index)
    listed = list(health.priority_list.accounts.index)
    assert tiers.tiered and warned and listed and large - warned
    assert set(cards) >= set(key.index[key]) | warned | set(listed) | large
    lost = set(plan.units.loc[plan.units["win_back"].astype(bool), "account_id"])
    found = [finding for step in (tiers, value, health, plan) for finding in step.findings]
    named = {finding.accounts[0] for finding in found if finding.accounts} & set(key.index)
    assert lost | named <= set(cards)
    assert set(list(cards)[: len(listed)]) == set(listed)
    names = dict(
        zip(values_of(data_of(made.html), "account_id"), values_of(data_of(made.html), "name"), strict=True)
    )
    revenue = client.accounts["revenue"]
    for unit, html in cards.items():
        assert escape(names[unit], quote=False) in html.replace("&#34;", '"').replace("&#39;", "'")
        shown = revenue[unit] / 1000 if revenue[unit] >= 1000 else revenue[unit]
        assert f"€{shown:.3g}"[:5].rstrip(".") in html
        due = plan.actions[plan.actions["account_id"] == unit]
        told = re.search(r'(?s)<section class="actions">.*?</section>', html)
        assert (told[0].count("<tr>") - 1 if told else 0) == len(due)
        assert len(re.search(r"(?s)<svg.*?</svg>", html)[0]) <= 3000
    assert f"{len(cards)} of {len(names)} accounts have a card" in made.html
    accounts = next(c for c in data_of(made.html)["columns"] if c["key"] == "name")["anchors"]
    ids = values_of(data_of(made.html), "account_id")
    assert set(accounts.values()) == {f"a-{unit}" for unit in cards}
    assert all(accounts[str(ids.index(unit))] == f"a-{unit}" for unit in cards)


def test_bars_show_each_month_to_scale():
    months = pd.Series(
        [100.0, -50.0] + [0.0] * 22 + [50.0] * 12,
        [f"{d:%Y-%m-%d}" for d in pd.date_range("2023-01-31", periods=36, freq="ME")],
    )
    with using(View(Locale("en", "EUR"))):
        drawing = months_svg(months, 'told "so" <b>')
    then, now = re.findall(r' d="(M\d+ .*?)"', drawing)[:2]
    unit = 110 / 150  # of the tallest and the lowest
    heights = [int(v) for v in re.findall(r"v(-?\d+)h14", then)]
    assert heights == [-round(100 * unit), round(50 * unit)]  # a month without a sale has no bar
    assert re.findall(r"M(\d+) (\d+)v(-?\d+)h14", now) == [
        (str(20 * n), str(26 + round(100 * unit)), str(-round(50 * unit))) for n in range(24, 36)
    ]
    assert ">€100<" in drawing and re.findall(r">(20\d\d)<", drawing) == ["2023", "2024", "2025"]
    assert 'aria-label="told &quot;so&quot; &lt;b&gt;"' in drawing
    assert months_svg(months * 0, "") == ""


def test_what_an_account_earns_is_in_no_card_of_the_clients_edition(client, monkeypatch):
    run = api.open(client.folder, "en")
    plan = api.result(run, module.Plan)
    unit = next(iter(cards_of(explorer(client.folder, "en", "client").html)))
    facts = json.dumps({"share": 0.04711, "revenue": 1000.0})
    row = plan.actions[plan.actions["account_id"] == unit].iloc[[0]].assign(kind="reprice", facts=facts)
    planted = replace(plan, actions=pd.concat([row, plan.actions]))
    real = api.result
    known = api.profiles(run)
    thin = pd.DataFrame({"unit_id": [unit], "code": ["margin"], "points": [9]})
    poor = replace(known, drivers=pd.concat([thin, known.drivers], ignore_index=True))
    monkeypatch.setattr(api, "profiles", lambda run, wanted: poor)
    monkeypatch.setattr(api, "result", lambda run, kind: planted if kind is module.Plan else real(run, kind))
    told, kept = (explorer(client.folder, "en", edition).html for edition in ("internal", "client"))
    assert "price and terms" in told and "price and terms" not in kept
    assert "4.7%" not in kept and "Renegotiate price or service" in kept


# --- in a browser


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.fixture
def opened(client, browser, tmp_path):
    """Opens the page; afterwards nothing was asked of a network and nothing went wrong."""
    pages = []

    def open_page(language="en", edition="client", fragment="", width=1280, **context):
        path, _ = client.page(tmp_path / f"{language}-{edition}.html", language, edition)
        page = browser.new_context(viewport={"width": width, "height": 900}, **context).new_page()
        said: list[str] = []
        page.on(
            "request",
            lambda r: said.append(r.url) if not r.url.startswith(("file:", "data:", "blob:")) else None,
        )
        page.on("console", lambda m: said.append(m.text))
        page.on("pageerror", lambda e: said.append(str(e)))
        page.goto(path.as_uri() + fragment)
        pages.append((page, said))
        return page

    yield open_page
    for page, said in pages:
        assert said == [] and page.evaluate("window.hit") is None
        page.context.close()


def until(page, holds: str) -> None:
    """Waits for it; playwright's own way needs what the page's policy forbids."""
    for _ in range(200):
        if page.evaluate(holds):
            return
        page.wait_for_timeout(50)
    raise AssertionError(holds)


def cells(page, key_label: str) -> list[str]:
    return page.eval_on_selector_all(
        f'.live td[data-label="{key_label}"]', "all => all.map(e => e.innerText)"
    )


@in_browser
def test_search_filter_and_sort(client, opened):
    page, frame = opened(), client.accounts
    assert page.inner_text(".count").startswith("90 of 90 accounts, revenue")
    assert len(page.query_selector_all(".live tbody tr")) == 50 and page.inner_text(".where") == "1–50 of 90"
    one = frame.index[20]
    page.fill("#explorer-search", f"  {one.lower()} NAME ")
    assert cells(page, "Account") == [f"Name of {one}"]
    page.fill("#explorer-search", "no such")
    assert page.inner_text(".count") == "No account fits; choose fewer conditions."
    page.click(".reset")
    page.select_option("#by-region", label="East China")
    page.select_option("#by-owner", label="Ann")
    own = frame[(frame["region"] == "华东") & (frame["owner"] == "Ann")]
    assert page.inner_text(".count").startswith(f"{len(own)} of 90 accounts")
    assert set(cells(page, "Owner")) == {"Ann"} and len(cells(page, "Owner")) == len(own)
    sums = re.search(r"revenue ([\d,]+(?:\.\d+)?) \((.*)\)", page.inner_text(".count"))
    scale = {"€ thousand": 1e3, "€": 1.0, "€ million": 1e6}[sums[2]]
    assert float(sums[1].replace(",", "")) == pytest.approx(own["revenue"].sum() / scale, abs=0.51)
    page.click(".reset")
    page.select_option("#by-health_band", label="red")
    assert page.inner_text(".count").startswith(f"{(frame['health_band'] == 'red').sum()} of 90")
    page.select_option("#by-health_band", label="(none)")
    assert page.inner_text(".count").startswith(f"{frame['health_band'].isna().sum()} of 90")


@in_browser
def test_sorting_puts_what_is_missing_last_and_says_how_it_sorts(client, opened):
    page, frame = opened(), client.accounts
    state = "e => [...e.querySelectorAll('th')].map(h => h.getAttribute('aria-sort')).filter(Boolean)"
    assert page.eval_on_selector(".live thead", state) == ["descending"]
    page.click('.live th[data-key="revenue"] button')
    assert page.eval_on_selector(".live thead", state) == ["ascending"]
    least = frame.sort_values(["revenue"], kind="stable").index[0]
    page.click(".columns summary")
    page.check("text=Account ID")
    assert cells(page, "Account ID")[0] == least
    page.click('.live th[data-key="account_id"] button')
    assert cells(page, "Account ID") == sorted(frame.index)[:50]
    page.click('.live th[data-key="change"] button')
    page.click(".pager button:last-child")
    known = [text for text in cells(page, "Change") if text != "–"]
    assert cells(page, "Change")[: len(known)] == known  # the dashes stand behind
    page.click('.live th[data-key="change"] button')
    assert cells(page, "Change")[0] != "–"


@in_browser
@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_shown_can_be_downloaded_and_no_cell_is_a_formula(client, opened, language, tmp_path):
    page = opened(language, accept_downloads=True)
    with page.expect_download() as started:
        page.click(".download")
    target = tmp_path / "got.csv"
    started.value.save_as(target)
    raw = target.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf") and started.value.suggested_filename == "accounts.csv"
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert len(rows) == 90
    name, owner = next(iter(rows[0])), {"zh": "负责人", "en": "Owner"}[language]
    told = [row[name] for row in rows]
    assert [one.removeprefix("'") for one in told[: len(HOSTILE)]] == HOSTILE
    figure = re.compile(r"-?\d+(\.\d+)?(e-?\d+)?$")
    for row in rows:
        for cell in row.values():
            assert figure.fullmatch(cell) or not cell.startswith(FORMULA_STARTS)
    assert {row[owner] for row in rows} == {"Ann", "'=cmd|' /C calc'!A0", '李"敏"</select>', "Ben"}
    currency = {"zh": "(欧元)", "en": "(EUR)"}[language]
    money = next(key for key in rows[0] if key.endswith(currency))
    assert [float(row[money]) for row in rows] == pytest.approx(list(client.accounts["revenue"]), abs=0.005)


@in_browser
def test_all_of_it_by_keyboard(opened):
    page = opened()
    page.focus("#explorer-search")
    page.keyboard.type("Name")
    seen = []
    at = "document.activeElement"
    for _ in range(200):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(f"[{at}.innerText, {at}.getClientRects().length]"))
        if seen[-1][0] == "Next page":
            break
    assert all(boxes for _, boxes in seen)  # every stop is to be seen
    stops = [text.split("\u00a0")[0].strip() for text, _ in seen]
    for wanted in ("Columns", "Show all", "Download as CSV", "Account", "Revenue", "Next page"):
        assert wanted in stops
    page.keyboard.press("Enter")
    assert page.inner_text(".where").startswith("51–")
    assert page.evaluate("document.activeElement.innerText") == "Previous page"  # the other one has an end


@in_browser
def test_without_a_script_the_largest_are_there_and_nothing_dead(client, browser, tmp_path):
    path, _ = client.page(tmp_path / "page.html")
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(path.as_uri())
    assert page.locator(".without-script tbody tr").count() == 30
    assert "The 30 largest of 90 accounts by revenue; the workbook lists all." in page.inner_text("#explorer")
    assert (
        page.locator("#explorer button:visible, #explorer input:visible, #explorer select:visible").count()
        == 0
    )
    page.context.close()


@in_browser
@pytest.mark.parametrize("scripts", [True, False])
def test_a_card_opens_by_its_address_and_leads_back(client, browser, tmp_path, scripts):
    path, made = client.page(tmp_path / "page.html")
    table = made.html.partition("<article")[0]
    unit = next(one for one in cards_of(made.html) if f'href="#a-{one}"' in table)
    page = browser.new_context(java_script_enabled=scripts).new_page()
    page.goto(path.as_uri())
    assert page.locator(".alone:visible").count() == 0
    page.locator(f'#explorer a[href="#a-{unit}"]:visible').first.click()
    assert page.locator(".alone:visible").count() == 1 and page.locator(f"#a-{unit}").is_visible()
    if scripts:
        until(page, "document.activeElement.matches('.account-card')")
        page.keyboard.press("Escape")
        until(page, "!document.querySelector('.alone:target')")
        until(page, f"document.activeElement.hash === '#a-{unit}'")  # where the reader was
    else:
        page.locator(f"#a-{unit} .back").click()
    assert page.locator(".alone:visible").count() == 0
    page.goto("about:blank")
    page.goto(f"{path.as_uri()}#a-{unit}")  # from a letter
    if scripts:
        page.wait_for_selector(".live tbody tr", state="attached")
    # at the top of the window, and nothing of the chapters or of the table's rows above it
    assert page.evaluate("document.querySelector('.alone:target').getBoundingClientRect().y") < 100
    assert page.locator(".chapter:visible, #explorer:visible, .cover:visible").count() == 0
    page.locator(f"#a-{unit} .back").click()
    assert page.url.endswith("#explorer")
    owner = page.locator("#explorer a[href^='#owner-']:visible").first
    owner.click()
    assert page.locator(".owner-page:visible").count() == 1
    page.context.close()


@in_browser
def test_an_owners_page_prints_alone_and_the_rest_prints_without_any(client, browser, tmp_path):
    path, _ = client.page(tmp_path / "page.html")
    page = browser.new_page()
    page.goto(path.as_uri())
    page.wait_for_selector(".live tbody tr")
    page.emulate_media(media="print")
    whole = page.inner_text("body")
    assert "chapter" in whole and "Every account stands in the workbook" in whole
    assert "Ann" not in whole and "Name of" not in whole and "Search" not in whole
    page.goto(f"{path.as_uri()}#{owner_anchor('Ann')}")
    alone = page.inner_text("body")
    assert "Ann" in alone and "Name of" in alone and "All accounts" in alone
    assert "chapter" not in alone and "above" not in alone and "Every account stands" not in alone
    assert "Ben" not in alone and "Print this page" not in alone and "Back" not in alone
    page.close()


@in_browser
def test_no_other_script_runs(client, browser, tmp_path):
    path, _ = client.page(tmp_path / "page.html")
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("</body>", "<script>window.hit = 9</script><img src='x' onerror='window.hit=8'></body>"),
        encoding="utf-8",
    )
    page = browser.new_page()
    page.goto(path.as_uri())
    page.wait_for_selector(".live tbody tr")
    assert page.evaluate("window.hit") is None
    page.close()


@in_browser
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_wider_than_the_page(opened, language, width):
    page = opened(language, width=width)
    page.wait_for_selector(".live tbody tr")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@in_browser
def test_five_thousand_accounts(client, browser, tmp_path, capsys):
    """The size of the table, and how long its script takes: printed, as that depends on the machine."""
    rows, rng = 5000, np.random.default_rng(7)
    run = api.open(client.folder, "en")
    results = {s.key: api.result(run, s.result) for s in api.STEPS.values()}
    with using(View(api.current().locale)) as view:
        found = module._Found(run.book, *results.values())
        small = module._accounts(found, view)
        frame = small.iloc[rng.integers(0, len(small), rows)].reset_index(drop=True)
        frame["account_id"] = [f"K{n:05d}" for n in range(rows)]
        frame["name"] = [f"客户{n}有限公司 {rng.integers(1e9)}" for n in range(rows)]
        frame["revenue"] = rng.lognormal(10, 2, rows).round(2)
        frame = frame.sort_values("revenue", ascending=False, ignore_index=True)
        fields = [f for f in FIELDS if f.key in frame]
        html = module._table(frame, fields, list(found.tiers.summary["tier"]), frozenset(), "", view)
    assert "data-gzip" in html and len(html.encode()) < 1_000_000
    made = explorer(client.folder, "en", "client")
    path = tmp_path / "large.html"
    path.write_text(page_of(Explorer(html, made.script, made.script_hash, made.css), "en"), encoding="utf-8")
    page = browser.new_page()
    begun = time.perf_counter()
    page.goto(path.as_uri())
    page.wait_for_selector(".live tbody tr")
    opened_after = time.perf_counter() - begun
    assert page.inner_text(".count").startswith("5,000 of 5,000")
    act = """([target, value, event]) => {
        const element = document.querySelector(target);
        element.value = value;
        const begun = performance.now();
        element.dispatchEvent(new Event(event));
        return performance.now() - begun;
    }"""
    searching = page.evaluate(act, ["#explorer-search", "客户49", "input"])
    assert page.inner_text(".count").startswith("111 of 5,000")  # 49, 490 to 499, 4900 to 4999
    choosing = page.evaluate(act, ["#by-region", "0", "change"])
    sorting = page.evaluate(act, ['.live th[data-key="name"] button', "", "click"])
    with capsys.disabled():
        took = f"search {searching:.1f} ms, filter {choosing:.1f} ms, sort by name {sorting:.1f} ms"
        print(f"\n5,000 accounts: {len(html.encode()) / 1e3:.0f} kB, open {opened_after:.2f} s, {took}")
    page.close()
