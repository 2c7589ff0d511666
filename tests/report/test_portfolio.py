"""The page on all clients: what stands on disk and nothing else, in both languages, safe and offline."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from report.test_explorer import BROWSER, HOSTILE, data_of, in_browser, values_of

from kamplay.errors import Fault, KamplayError
from kamplay.json_files import write_json
from kamplay.method.portfolio import across
from kamplay.report.fleets.fleet import note_status
from kamplay.report.fleets.portfolio import PAGE, TABLE, needed, table_of, write_portfolio
from kamplay.report.run import Outcome
from kamplay.report.traces import forget, traces_of

FIGURES = {
    "value": {
        "accounts": 40,
        "revenue": 1000.0,
        "top1_share": 0.45,
        "top5_share": 0.7,
        "accounts_for_80": 9,
        "gini": 0.6,
        "hhi": 0.2,
        "nrr": 0.9,
        "grr": 0.75,
    },
    "health": {"churn_rate": 0.2, "verdict": "validated"},
}


def run_of(
    out: Path, client: str, as_of: str, currency: str = "EUR", industry: str = "devices", **value
) -> Path:
    """What a finished run leaves, as far as the page reads it."""
    run = out / client.replace(" ", "-") / as_of
    (run / "results").mkdir(parents=True)
    settings = {"client": client, "industry": industry, "currency": currency}
    about = {"client": client, "as_of": as_of, "issued": "2026-07-01", "languages": ["en"], "warnings": []}
    figures = {**FIGURES, "value": {**FIGURES["value"], **value}}
    write_json(run / "manifest.json", {**about, "settings": settings})
    write_json(run / "results" / "key_figures.json", figures)
    write_json(run / "results" / "findings.json", [{"severity": "act"}, {"severity": "watch"}])
    (run / "report.en.html").write_text("<title>report</title>")
    return run


@pytest.fixture
def out(tmp_path) -> Path:
    run_of(tmp_path, "Alpha", "2026-03-31", revenue=800.0)
    run = run_of(tmp_path, "Alpha", "2026-06-30", revenue=1000.0)
    bills = {
        "invoice_date": pd.to_datetime(["2026-01-01", "2026-01-01", "2026-06-01"]),
        "due_date": pd.to_datetime(["2026-04-01", "2026-06-10", "2026-07-01"]),
        "amount": [100.0, 300.0, 500.0],
    }
    (run / "work" / "book").mkdir(parents=True)
    pd.DataFrame(bills).to_parquet(run / "work" / "book" / "receivables.parquet")
    run_of(tmp_path, "Beta", "2026-06-30", top1_share=0.10, nrr=1.1, grr=0.95, revenue=5000.0)
    bad = Fault("unreadable_number", file="data/<b>.csv", column="Amount", value="=1+1", row=3)
    note_status(tmp_path, "x", "Gamma", KamplayError([bad, bad]))
    note_status(tmp_path, "x", "Delta", Outcome("Delta", None, 1.0, "3_health_model", error="ValueError: no"))
    return tmp_path


def test_every_client_has_a_row_with_what_its_runs_hold(out):
    table = table_of(out)
    assert table["status"].to_dict() == {
        "Alpha": "done",
        "Beta": "done",
        "Gamma": "refused",
        "Delta": "failed",
    }
    alpha = table.loc["Alpha"]
    assert (alpha["as_of"], alpha["before"], alpha["revenue"]) == ("2026-06-30", "2026-03-31", 1000.0)
    assert alpha["revenue_change"] == pytest.approx(0.25)
    assert alpha["days_overdue"] == 37.5  # 100 for 90 days, 300 for 20
    assert pd.isna(table.loc["Beta", "days_overdue"])
    assert (alpha["act"], alpha["watch"]) == (1, 1)
    assert table.loc["Gamma", "why"] == "unreadable_number"


def test_the_table_on_disk_is_the_same_again_and_knows_no_client_that_is_gone(out):
    write_portfolio(out, "en")
    names = ("index.html", "index.zh.html", "index.en.html", TABLE)
    first = {name: (out / name).read_bytes() for name in names}
    write_portfolio(out)
    assert {name: (out / name).read_bytes() for name in names} == first
    assert first["index.html"] == first["index.en.html"] != first["index.zh.html"]
    assert list(pd.read_parquet(out / TABLE).index) == ["Alpha", "Beta", "Delta", "Gamma"]
    shutil.rmtree(out / "Alpha")
    write_portfolio(out)
    assert not [name for name in names if b"Alpha" in (out / name).read_bytes()]
    for folder in ("Beta", "Gamma", "Delta"):
        shutil.rmtree(out / folder)
    write_portfolio(out)
    assert not any((out / name).exists() for name in names)


def test_a_client_that_is_forgotten_is_taken_out_of_the_page(out):
    write_portfolio(out, "en")
    for client in ("Alpha", "Gamma"):
        assert forget(traces_of(client, out), out) == []
    assert sorted(p.name for p in out.iterdir() if p.is_dir()) == ["Beta", "Delta"]
    told = b"".join(p.read_bytes() for p in out.iterdir() if p.is_file())
    assert (b"Beta" in told, b"Alpha" in told, b"Gamma" in told) == (True, False, False)


def test_findings_across_clients_by_hand(out):
    found = {one.kind: (one.count, one.known, one.clients) for one in across(table_of(out))}
    assert found == {
        "refused": (1, 4, ("Gamma",)),
        "failed": (1, 4, ("Delta",)),
        "depends_on_one": (1, 2, ("Alpha",)),
        "few_make_most": (2, 2, ("Alpha", "Beta")),
        "loses_a_fifth": (1, 2, ("Alpha",)),
        "shrinks": (1, 2, ("Alpha",)),
        "proven": (2, 2, ("Alpha", "Beta")),
    }


def test_of_seven_in_123_the_sentence_says_so(tmp_path):
    for n in range(123):
        run_of(tmp_path, f"Firm {n:03d}", "2026-06-30", top1_share=0.41 + n / 1000 if n < 7 else 0.2)
    write_portfolio(tmp_path, "en")
    html = (tmp_path / PAGE).read_text("utf-8")
    told = "7 of 123 clients depend on one customer for over 40% of revenue: Firm 006, Firm 005, Firm 004"
    assert f"{told} and 4 more." in html
    assert "123家企业中有7家的收入有40%以上来自单一客户" in (tmp_path / "index.zh.html").read_text("utf-8")
    assert data_of(html)["rows"] == 123


def test_refusals_stand_with_their_reason_and_as_text(out):
    write_portfolio(out, "en")
    html = (out / PAGE).read_text("utf-8")
    reasons = values_of(data_of(html), "told")
    (told,) = [one for one in reasons if one and "Amount" in one]
    assert told.count("data/<b>.csv") == 1
    assert "1 more" in told
    assert "<b>.csv" not in html
    assert "3_health_model: ValueError: no" in reasons


def test_amounts_of_several_currencies_are_neither_summed_nor_scaled(out):
    run_of(out, "Epsilon", "2026-06-30", currency="CNY", revenue=8e9)
    write_portfolio(out, "en")
    data = data_of((out / PAGE).read_text("utf-8"))
    (revenue,) = [c for c in data["columns"] if c["key"] == "revenue"]
    assert (revenue["kind"], data["sort"], "{sum}" in data["words"]["count"]) == ("n", "client", False)
    assert "currency" in {c["key"] for c in data["columns"]}


def test_what_an_object_store_has_to_give_for_the_page():
    assert needed("A/2026-06-30/manifest.json") and needed("A/status.json")
    assert needed("A/2026-06-30/work/book/receivables.parquet")
    assert not needed("A/2026-06-30/work/book/transactions.parquet")
    assert not needed("A/2026-06-30/report.en.html")


def test_a_damaged_run_keeps_no_other_from_the_page(out):
    (out / "Alpha" / "2026-06-30" / "results" / "key_figures.json").write_text("{")
    (out / "Beta" / "status.json").write_text("[]")
    table = table_of(out)
    assert list(table.index) == ["Alpha", "Beta", "Delta", "Gamma"]
    assert pd.isna(table.loc["Alpha", "revenue"])


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as p:
        made = p.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield made
        made.close()


@in_browser
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_sorts_filters_and_leads_to_the_reports(out, browser, language, width):
    for n, name in enumerate(HOSTILE):
        run = run_of(out, f"c{n}", "2026-06-30", revenue=100.0 + n)
        manifest = json.loads((run / "manifest.json").read_text("utf-8"))
        write_json(run / "manifest.json", manifest | {"client": name})
    odd = run_of(out, "Name #1 %41?", "2026-06-30", revenue=9000.0)
    write_portfolio(out, language)
    page = browser.new_page(viewport={"width": width, "height": 900})
    asked, broken = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: broken.append(message.text) if message.type == "error" else None)
    page.goto((out / PAGE).as_uri())
    page.wait_for_selector("#explorer tbody tr td")
    first = page.locator("#explorer tbody tr").first
    assert "Name #1" in first.inner_text()
    first.locator("a").first.click()
    assert page.title() == "report"
    assert odd.name in page.url
    page.go_back()
    page.wait_for_selector("#explorer tbody tr td")
    page.select_option("#by-status", index=2)
    assert page.locator("#explorer tbody tr").count() == 1
    page.click(".reset")
    page.fill("#explorer-search", "beta")
    assert page.locator("#explorer tbody tr").count() == 1
    assert page.evaluate("window.hit") is None
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not broken
    assert all(url.startswith(("file:", "data:")) for url in asked)
    page.close()


@in_browser
def test_without_a_script_every_client_and_its_report_is_there(out, browser):
    write_portfolio(out, "en")
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto((out / PAGE).as_uri())
    assert page.locator(".without-script tbody tr").count() == 4
    page.click(".without-script >> text=Beta")
    assert page.title() == "report"
    page.close()


def test_the_policy_allows_no_network(out):
    write_portfolio(out, "en")
    html = (out / PAGE).read_text("utf-8")
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy.startswith("default-src &#39;none&#39;")
    assert "http:" not in html and "https:" not in html
    assert os.fspath(out) not in html
