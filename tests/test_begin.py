"""An engagement made of what a client sent: what is asked, what is written, and that nothing is left over."""

from __future__ import annotations

import io
import json
import os
import re
import select
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import yaml
from conftest import random_lines
from typer.testing import CliRunner

from kamplay.cli import app
from kamplay.commands import asking
from kamplay.commands import begin as commands
from kamplay.commands.asking import StoppedError, Wishes
from kamplay.commands.begin import begin, made_of, meant
from kamplay.commands.check import check_folder
from kamplay.commands.engagement_meant import engagement_of
from kamplay.commands.forget import client_meant
from kamplay.commands.made_before import need_any
from kamplay.commands.run import run_of
from kamplay.engagement import RECORD, SETTINGS_FILE, load
from kamplay.errors import KamplayError
from kamplay.intake import own_results
from kamplay.intake.prepare import survey
from kamplay.report.kept import MADE
from kamplay.show.faults import line
from kamplay.show.locale import Locale

COMMAND = [sys.executable, "-c", "from kamplay.cli import main; main()"]
DEFAULTS = Wishes(take_defaults=True)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the consultant's, from which the command is called."""
    folder = tmp_path / "clients"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def lines(accounts: int = 6) -> pd.DataFrame:
    return random_lines(accounts)[["date", "account_id", "amount"]]


def export(folder: Path, name: str = "Acme 2025 invoices.csv", **columns: str) -> Path:
    """A file of sales whose name says nothing of the table; ``columns``: our name → the client's header."""
    path = folder / name
    lines().rename(columns=columns).to_csv(path, index=False)
    return path


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def answer(monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
    """Answer what is asked in a terminal; after the last answer the input ends."""
    monkeypatch.setattr(sys, "stdin", Terminal("".join(f"{a}\n" for a in answers)))


def written(folder: Path) -> dict:
    return yaml.safe_load((folder / "engagement.yaml").read_text(encoding="utf-8"))


def total(folder: Path) -> float:
    return round(float(survey(load(folder)).tables["transactions"]["amount"].sum()), 2)


# --- what is made


def test_an_engagement_is_made_beside_the_file_and_named_after_its_client(place, tmp_path):
    sent = tmp_path / "mail"
    sent.mkdir()
    file = export(sent)
    before = file.read_bytes()
    made = begin(file, DEFAULTS)
    assert made == sent / "Acme"
    assert file.read_bytes() == before == (made / "data" / file.name).read_bytes()
    assert sorted(p.name for p in made.iterdir()) == ["data", "engagement.yaml", RECORD, "notes"]
    assert {p.name for p in sent.iterdir()} == {file.name, "Acme"}
    assert list(place.iterdir()) == []
    assert total(made) == round(float(lines()["amount"].sum()), 2)


def test_the_answers_stand_in_a_commented_engagement_yaml(place, monkeypatch):
    file = export(place)
    last = str(pd.to_datetime(lines()["date"]).max().date())
    answer(monkeypatch, "zh", '协和 "总" 院', "eur", "2025-06-30")
    made = begin(file, Wishes())
    text = (made / "engagement.yaml").read_text(encoding="utf-8")
    settings = load(made).settings
    assert settings.client == '协和 "总" 院'
    assert (settings.language, settings.currency, str(settings.as_of)) == ("zh", "EUR", "2025-06-30")
    assert len(re.findall(r"(?m)^#", text)) > 30
    assert "# 项目设置" in text  # the comments are in the language that was chosen
    assert last != "2025-06-30"


def test_a_reporting_date_that_nobody_chose_moves_with_the_data(place):
    made = begin(export(place), DEFAULTS)
    assert load(made).settings.as_of is None
    last = pd.to_datetime(lines()["date"]).max().date()
    assert f'# as_of: "{last}"' in (made / "engagement.yaml").read_text(encoding="utf-8")


def test_nothing_is_asked_that_the_data_or_the_command_line_say(place, monkeypatch, capsys):
    file = place / "export.csv"
    lines().assign(Currency="SEK").to_csv(file, index=False)
    answer(monkeypatch)  # whoever asked would get no answer
    given = {"client": "Acme", "language": "en", "as_of": "2025-06-30"}
    made = begin(file, Wishes(given))
    assert load(made).settings.currency == "SEK"
    assert "currency: SEK (the data say so)" in capsys.readouterr().err


def test_a_wrong_answer_is_asked_again(place, monkeypatch, capsys):
    answer(monkeypatch, "french", "en", "", "gold", "CNY", "31.31.2025", "")
    made = begin(export(place), Wishes())
    assert load(made).settings.currency == "CNY"
    said = capsys.readouterr().err
    assert said.count("Language of the report: zh, en or zh,en [") == 2
    assert "This is not a currency." in said
    assert "This is not a date." in said


def test_at_most_five_questions(place, monkeypatch):
    asked = []
    monkeypatch.setattr(asking, "read_answer", lambda prompt: asked.append(prompt) or "")
    monkeypatch.setattr(sys, "stdin", Terminal())
    begin(export(place, date="Close Date"), Wishes())
    assert len(asked) == 5


def test_a_selling_company_in_the_data_is_the_client(place):
    file = place / "销项发票 2025.csv"
    lines().set_axis(["开票日期", "购方名称", "金额"], axis=1).assign(销方名称="华东药业有限公司").to_csv(
        file, index=False
    )
    made = begin(file, DEFAULTS)
    assert (made.name, load(made).settings.language) == ("华东药业有限公司", "zh")


@pytest.mark.parametrize("seller", ["***医药有限公司", "XX医药有限公司"])
def test_a_name_that_is_masked_stands_on_no_cover(place, seller):
    file = place / "销项发票_康宁医药.csv"
    lines().set_axis(["开票日期", "购方名称", "金额"], axis=1).assign(销方名称=seller).to_csv(
        file, index=False
    )
    assert load(begin(file, DEFAULTS)).settings.client == "康宁医药"


def test_the_folder_of_a_mail_names_no_client(place, capsys):
    sent = place / "mail messy"
    sent.mkdir()
    made = begin(export(sent, "Novex invoices.csv"), DEFAULTS)
    assert made.name == "Novex"
    assert "client: Novex (a guess from the name of the file)" in capsys.readouterr().err
    assert load(made).guessed == {"client": "Novex", "currency": "USD", "language": "en"}


@pytest.mark.parametrize(
    "name",
    ["2024-2026销售明细", "销售明细", "sale_order", "invoices", "Q3FY26", "revenue by customer", "May"],
)
def test_words_for_sales_and_years_name_no_client(place, name):
    """What was sent tells two clients without a name apart; that it is a guess stands until somebody names
    them."""
    made = begin(export(place, f"{name}.csv"), DEFAULTS)
    client = load(made).settings.client
    assert client not in name and name in client
    assert load(made).guessed["client"] == client


@pytest.mark.parametrize("name", ["协和", "上海医药", "Salesforce", "Mayer", "神州数据港"])
def test_a_name_made_of_such_words_among_others_is_one(place, name):
    assert load(begin(export(place, f"{name}.csv"), DEFAULTS)).settings.client == name


def test_a_client_without_a_name_is_asked_and_enter_leaves_it_unnamed(place, monkeypatch):
    answer(monkeypatch, "", "", "", "")
    assert set(load(begin(export(place, "invoices.csv"), Wishes())).guessed) == {"client", "currency"}
    answer(monkeypatch, "", "Acme", "EUR", "")
    made = begin(export(place, "orders.csv"), Wishes())
    assert (made.name, load(made).guessed) == ("Acme", {})


def test_a_guess_stands_until_it_is_changed_or_confirmed(place):
    made = begin(export(place, "novex.csv"), DEFAULTS)
    settings = made / SETTINGS_FILE
    text = settings.read_text()
    assert set(load(made, ["currency=EUR"]).guessed) == {"client", "language"}
    assert set(load(made, ["currency=USD"]).guessed) == {"client", "language"}  # said, though the same
    settings.write_text(text.replace('client: "novex"', "client: Acme"))
    assert set(load(made).guessed) == {"currency", "language"}
    settings.write_text(text + "\nconfirmed: currency\n")
    assert set(load(made).guessed) == {"client", "language"}
    assert text.count("# confirmed: ") == 1
    settings.write_text(text.replace("# confirmed: ", "confirmed: "))
    assert load(made).guessed == {}


def test_what_was_answered_or_stands_in_the_data_is_no_guess(place, monkeypatch):
    answer(monkeypatch, "", "", "EUR", "")  # Enter agrees with the name in brackets
    made = begin(export(place, "novex.csv"), Wishes())
    assert load(made).guessed == {}
    answer(monkeypatch, "", "", "", "")  # but knows no currency that the data do not state
    assert load(begin(export(place, "pharos.csv"), Wishes())).guessed == {"currency": "USD"}
    assert "confirmed" not in (made / SETTINGS_FILE).read_text()


# --- what could not be decided


def test_a_proposed_column_is_asked_with_both_totals(place, monkeypatch, capsys):
    file = export(place, date="Close Date")
    whole = f"{lines()['amount'].sum():,.2f}"
    answer(monkeypatch, "y", "", "", "", "")
    made = begin(file, Wishes())
    assert written(made)["sources"]["transactions"]["columns"] == {"date": "Close Date"}
    said = capsys.readouterr().err
    assert f"{whole} in all" in said
    assert "cannot be read" not in said
    assert survey(load(made)).usable


def test_lines_below_a_head_are_asked_with_what_they_bring(place, monkeypatch, capsys):
    """Every second line lacks customer and day: as it stands half of the lines count. 40 × 100 and
    0 + … + 39 = 780 of them, 40 × 30 and 780 below."""
    rows = "\n".join(f"2025-0{n % 9 + 1}-01,K{n % 4},pump,{100 + n}\n,,valve,{30 + n}" for n in range(40))
    file = place / "export.csv"
    file.write_text(f"date,customer,product,amount\n{rows}\n", encoding="utf-8")
    answer(monkeypatch, "y", "", "Acme", "", "")
    made = begin(file, Wishes())
    said = capsys.readouterr().err
    assert "With this: 80 lines, 4 accounts, 6,760.00 in all" in said
    assert "Without it: 40 lines, 4 accounts, 4,780.00 in all, which cannot be used" in " ".join(said.split())
    assert "fills date, customer" in said.replace("\n", " ")
    assert total(made) == 6760.0


def test_a_proposal_that_is_refused_is_left_to_the_settings(place, monkeypatch, capsys):
    answer(monkeypatch, "n", "-", "", "Acme", "EUR")
    made = begin(export(place, date="Close Date"), Wishes())
    assert "sources" not in written(made)
    assert "kamplay check" in capsys.readouterr().err


def test_a_column_without_a_name_can_be_chosen_and_is_never_guessed(place, monkeypatch):
    file = export(place, account_id="blorp")
    with pytest.raises(KamplayError) as error:
        begin(file, DEFAULTS)
    assert [f.code for f in error.value.faults] == ["begin_columns_open"]
    assert list(place.iterdir()) == [file]
    answer(monkeypatch, "1", "y", "", "Other", "", "")
    chosen = begin(file, Wishes(), place / "other")
    assert written(chosen)["sources"]["transactions"]["columns"] == {"account_id": "blorp"}
    assert survey(load(chosen)).usable


def people(folder: Path) -> Path:
    """A file of people, not of sales, whose headers none of ours resembles by name."""
    file = folder / "team_list.csv"
    count = 20
    days = pd.date_range("1980-01-01", periods=count, freq="97D").strftime("%Y-%m-%d")
    frame = {"Name": ["Ann Lee", "Bob Ray"] * 10, "Birthday": days, "Phone": range(555_000, 555_000 + count)}
    pd.DataFrame(frame).to_csv(file, index=False)
    return file


@pytest.mark.parametrize("wishes", [DEFAULTS, Wishes()])
def test_a_guess_by_values_alone_is_not_taken_unasked(place, monkeypatch, wishes):
    file = people(place)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(KamplayError) as error:
        begin(file, wishes)
    assert [f.code for f in error.value.faults] == ["begin_guessed"]
    assert "date: Birthday" in error.value.faults[0].args["named"]
    assert list(place.iterdir()) == [file]


@pytest.mark.parametrize("amounts", [["Wert A"], ["Wert A", "Wert B"]])
def test_one_header_that_is_known_does_not_let_the_others_be_guessed(place, capsys, amounts):
    file = place / "book.csv"
    sales = lines().rename(columns={"date": "Belegdat", "account_id": "Kd-Nr.", "amount": "Wert A"})
    sales.assign(**dict.fromkeys(amounts[1:], sales["Wert A"] * 1.19)).to_csv(file, sep=";", index=False)
    with pytest.raises(KamplayError) as error:
        begin(file, DEFAULTS)
    (fault,) = error.value.faults
    assert fault.code == "begin_guessed"
    assert "date: Belegdat" in line(fault, Locale("en", "EUR"))
    assert list(place.iterdir()) == [file]


def test_a_guess_by_values_alone_needs_a_yes(place, monkeypatch, capsys):
    answer(monkeypatch, "", "-", "", "Acme", "EUR")
    made = begin(people(place), Wishes())
    assert "choose the columns anew [n]" in capsys.readouterr().err
    assert "columns" not in written(made)["sources"]["transactions"]
    answer(monkeypatch, "y", "", "Other", "EUR", "")
    assert written(begin(place / "team_list.csv", Wishes(), place / "other"))["sources"]["transactions"][
        "columns"
    ] == {"date": "Birthday", "account_id": "Name", "amount": "Phone"}


def bare(folder: Path) -> Path:
    """A file whose headers say nothing, the sums with tax as round figures beside those without."""
    file = folder / "data.csv"
    told = lines(25)
    told["gross"] = (told["amount"] * 1.13).round()
    told["state"] = "ok"
    told.columns = ["when", "who", "n1", "n2", "state"]
    told.to_csv(file, index=False)
    return file


CHOSEN = {"account_id": "who", "date": "when", "amount": "n1"}


def test_each_column_that_nothing_tells_is_asked_by_its_name(place, monkeypatch, capsys):
    # the customer by its number, the amount by its header; the one column of dates is a guess, taken by y
    answer(monkeypatch, "2", "n1", "y", "", "Acme", "EUR", "never asked")
    made = begin(bare(place), Wishes())
    assert written(made)["sources"]["transactions"]["columns"] == CHOSEN
    said = capsys.readouterr().err
    assert "is the customer" in said
    assert "is the amount" in said
    assert f"{len(lines(25)):,} lines, 25 accounts, {lines(25)['amount'].sum():,.2f} in all" in said
    assert "Reporting date" not in said  # five questions, of which the columns come first
    assert survey(load(made)).usable


def test_what_is_wrong_with_an_answer_is_said(place, monkeypatch, capsys):
    wrong = ["9", "hello", "n1", "n", "state", "n"]
    answer(monkeypatch, *wrong, "who", "who", "n1", "maybe", "1", "是", "en", "Acme", "gold", "EUR")
    made = begin(bare(place), Wishes())
    said = " ".join(capsys.readouterr().err.split())
    assert "“9” is none of these: a number from 1 to 5" in said
    assert "“hello” is none of these" in said
    assert "“n1” holds amounts" in said
    assert "“state” is the same on every line (ok)" in said
    assert "“who” is the Account ID already" in said
    assert "“maybe” is neither yes nor no" in said
    assert "“1” is neither yes nor no" in said
    assert "Currency of the amounts, three letters · “gold”: " in said
    assert written(made)["sources"]["transactions"]["columns"] == CHOSEN


def test_a_no_leads_back_to_the_columns(place, monkeypatch):
    answer(monkeypatch, "who", "n2", "n", "", "", "n1", "y", "Acme", "EUR")
    made = begin(bare(place), Wishes())
    assert written(made)["sources"]["transactions"]["columns"] == CHOSEN
    assert total(made) == round(float(lines(25)["amount"].sum()), 2)


def test_a_folder_that_could_never_be_read_is_asked_for_anew(place, monkeypatch, capsys):
    file = bare(place)
    answer(monkeypatch, "", "", "Acme", "EUR")
    made = begin(file, Wishes())
    assert not survey(load(made)).usable
    answer(monkeypatch, "who", "n1", "y", "", "Acme", "EUR")
    again = begin(file, Wishes())
    assert again == made
    assert written(made)["sources"]["transactions"]["columns"] == CHOSEN
    assert begin(file, Wishes()) == made  # nothing is asked any more
    assert "Going on with Acme" in capsys.readouterr().err


def test_a_folder_that_somebody_has_worked_in_is_never_made_anew(place, monkeypatch):
    file = bare(place)
    answer(monkeypatch, "", "", "Acme", "EUR")
    made = begin(file, Wishes())
    (made / "notes" / "report.md").write_text("mine")
    answer(monkeypatch)
    assert begin(file, Wishes()) == made
    assert (made / "notes" / "report.md").read_text() == "mine"


def test_both_languages_may_be_answered(place, monkeypatch):
    answer(monkeypatch, "zh, en", "Acme", "EUR", "")
    made = begin(export(place), Wishes())
    assert load(made).settings.languages == ["zh", "en"]
    assert "\nlanguage: zh,en " in (made / SETTINGS_FILE).read_text()


@pytest.mark.parametrize(
    ("asked", "kept"),
    [("zh,en", ["zh", "en"]), ("英文、中文", ["en", "zh"]), ("en", ["en"]), ("en,en", ["en"])],
)
def test_the_settings_keep_the_languages_that_were_asked_for(place, asked, kept):
    made = begin(export(place), Wishes({"language": asked}, take_defaults=True))
    assert load(made).settings.languages == kept
    assert load(made, [f"language={asked}"]).settings.languages == kept


@pytest.mark.parametrize(
    ("said", "language", "currency"),
    [
        (("中文", "人民币"), "zh", "CNY"),
        (("English", "rmb"), "en", "CNY"),
        (("Chinese", "美元"), "zh", "USD"),
    ],
)
def test_languages_and_currencies_by_their_usual_words(place, monkeypatch, said, language, currency):
    answer(monkeypatch, said[0], "Acme", said[1], "")
    settings = load(begin(export(place), Wishes())).settings
    assert (settings.language, settings.currency) == (language, currency)


@pytest.mark.parametrize(
    ("said", "language", "currency"),
    [
        (("中文", "人民币"), "zh", "CNY"),
        (("英文", "元"), "en", "CNY"),
        (("English", "￥"), "en", "CNY"),
        (("en", "US$"), "en", "USD"),
        (("zh", "美元"), "zh", "USD"),
        (("EN", "dollar"), "en", "USD"),
        (("zh", "€"), "zh", "EUR"),
    ],
)
def test_the_command_line_takes_the_words_that_answers_take(place, said, language, currency):
    """Of the engagement that is made, and of one that is there."""
    words = {"language": said[0], "currency": said[1]}
    made = begin(export(place), Wishes(words, take_defaults=True))
    for settings in (
        load(made).settings,
        load(made, [f"{name}={word}" for name, word in words.items()]).settings,
    ):
        assert (settings.language, settings.currency) == (language, currency)


def test_the_screen_speaks_the_computers_language_and_the_report_that_of_the_headers(place, capsys):
    file = place / "华东.csv"
    lines().set_axis(["开票日期", "购方名称", "金额"], axis=1).to_csv(file, index=False)
    made = begin(file, DEFAULTS)
    assert load(made).settings.language == "zh"
    said = capsys.readouterr().err
    assert "language: zh (the headers)" in said
    assert "Folder of this client: " in said


# --- without a terminal


def test_without_a_terminal_the_defaults_are_told_and_not_taken(place, monkeypatch, capsys):
    file = export(place)
    monkeypatch.setattr(sys, "stdin", io.StringIO("zh\n"))
    with pytest.raises(KamplayError) as error:
        begin(file, Wishes())
    assert [f.code for f in error.value.faults] == ["begin_unanswered"]
    assert error.value.faults[0].args["names"] == ["language", "client", "currency", "as_of"]
    assert "client: Acme" in capsys.readouterr().err
    assert list(place.iterdir()) == [file]


def test_without_a_terminal_all_can_be_given(place, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    given = {"client": "Acme", "language": "en", "currency": "EUR", "as_of": "2025-06-30"}
    assert load(begin(export(place), Wishes(given))).settings.client == "Acme"


# --- where it is made


def test_a_name_that_is_taken_is_numbered(place):
    (place / "Acme").mkdir()
    assert begin(export(place), DEFAULTS) == place / "Acme-2"


def test_a_folder_of_files_is_left_as_it_is(place):
    sent = place / "Acme"
    (sent / "more").mkdir(parents=True)
    export(sent, "transactions.csv")
    pd.DataFrame({"account_id": ["a1"], "account_name": ["One"]}).to_csv(
        sent / "more" / "accounts.csv", index=False
    )
    (sent / "letter.pdf").write_bytes(b"%PDF")
    made = begin(sent, DEFAULTS)
    assert made == place / "Acme-kamplay"
    assert sorted(p.relative_to(made).as_posix() for p in made.rglob("*.csv")) == [
        "data/more/accounts.csv",
        "data/transactions.csv",
    ]
    assert sorted(p.name for p in sent.iterdir()) == ["letter.pdf", "more", "transactions.csv"]


def test_in_the_folder_one_stands_in_the_clients_folder_is_made(place, monkeypatch):
    sent = place / "mail"
    sent.mkdir()
    file = export(sent)
    monkeypatch.chdir(sent)
    made = begin(Path(), DEFAULTS)
    assert made == sent / "mail"
    assert [p.name for p in place.iterdir()] == ["mail"]
    assert meant([Path()]) == [Path()]
    run = sent / "reports" / "mail" / "2025-12-31"
    (run / "work").mkdir(parents=True)
    (run / "work" / "settings.json").write_text("{}")
    lines().to_csv(run / "accounts.csv")  # nothing that a client sent
    lines(3).to_csv(file, index=False)
    assert begin(Path(), DEFAULTS) == made
    assert total(made) == round(float(lines(3)["amount"].sum()), 2)


def test_a_folder_that_holds_nothing_to_read_names_what_is_there(place, capsys):
    sent = place / "mail"
    sent.mkdir()
    for name in ("a.pdf", "b.jpg", "Thumbs.db"):
        (sent / name).write_bytes(b"x")
    with pytest.raises(KamplayError) as error:
        made_of([sent], DEFAULTS)
    assert [(f.code, f.args["files"]) for f in error.value.faults] == [
        ("folder_without_data", ["a.pdf", "b.jpg"])
    ]
    export(sent)
    made_of([sent], DEFAULTS)
    assert "Not taken: a.pdf, b.jpg." in capsys.readouterr().err


def test_a_report_is_nothing_that_a_client_sent(place):
    import xlsxwriter

    run = place / "reports" / "Acme" / "2025-12-31"
    (run / "work").mkdir(parents=True)
    (run / "work" / "settings.json").write_text("{}")
    (run / "results").mkdir()
    lines().to_csv(run / "results" / "accounts.csv", index=False)
    renamed = place / "from the consultant.xlsx"
    with xlsxwriter.Workbook(str(renamed)) as book:
        book.set_properties({"category": "kamplay results"})
        book.add_worksheet("transactions").write_row(0, 0, ["date", "account_id", "amount"])
    for path in (run, run / "results" / "accounts.csv", renamed):
        with pytest.raises(KamplayError) as error:
            begin(path, DEFAULTS)
        assert [f.code for f in error.value.faults] == ["own_results"]
    assert sorted(p.name for p in place.iterdir()) == ["from the consultant.xlsx", "reports"]
    assert sorted(p.name for p in run.iterdir()) == ["results", "work"]


def test_nothing_is_made_in_kamplays_own_folder(place, monkeypatch, tmp_path):
    own = Path(commands.__file__).parent
    monkeypatch.setattr(commands, "places_for", lambda source: [own])
    with pytest.raises(KamplayError) as error:
        begin(export(place), DEFAULTS)
    assert error.value.faults[0].code == "begin_in_own_place"


def test_where_the_files_folder_cannot_be_written_the_current_one_serves(
    place, tmp_path, monkeypatch, capsys
):
    sent = tmp_path / "mail"
    sent.mkdir()
    file = export(sent)
    writable = commands._writable
    monkeypatch.setattr(commands, "_writable", lambda folder: folder != sent and writable(folder))
    made = begin(file, DEFAULTS)
    assert made == place / "Acme"
    assert "Beside the file nothing can be written" in " ".join(capsys.readouterr().err.split())
    assert begin(file, DEFAULTS) == made  # it is found there again


# --- what is sent


def test_a_workbook_whose_sheets_say_nothing_gives_the_sheet_with_the_sales(place):
    file = place / "Acme.xlsx"
    with pd.ExcelWriter(file) as book:
        pd.DataFrame({"Note": ["made by", "the ERP"]}).to_excel(book, sheet_name="Cover", index=False)
        lines().to_excel(book, sheet_name="Sheet2", index=False)
    made = begin(file, DEFAULTS)
    assert written(made)["sources"]["transactions"]["path"] == ["data/Acme.xlsx#Sheet2"]
    assert total(made) == round(float(lines()["amount"].sum()), 2)


def test_an_archive_of_several_tables_is_unpacked(place):
    file = place / "Acme.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("erp/sales.csv", lines().to_csv(index=False))
        archive.writestr("crm/accounts.csv", "account_id,account_name\na1,One\n")
        archive.writestr("readme.txt", "sent by the client")
    made = begin(file, DEFAULTS)
    assert sorted(p.name for p in (made / "data").iterdir()) == ["accounts.csv", "sales.csv"]
    assert total(made) == round(float(lines()["amount"].sum()), 2)


@pytest.mark.parametrize("name", ["../sales.csv", "/tmp/sales.csv", "C:/sales.csv"])
def test_an_archive_that_leads_elsewhere_is_refused(place, name):
    file = place / "Acme.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, lines().to_csv(index=False))
        archive.writestr("accounts.csv", "account_id\na1\n")
    with pytest.raises(KamplayError) as error:
        begin(file, DEFAULTS)
    assert error.value.faults[0].code == "path_outside"
    assert list(place.iterdir()) == [file]


def test_an_archive_that_grows_without_measure_is_refused(place):
    file = place / "Acme.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sales.csv", b"0" * 60_000_000)
        archive.writestr("accounts.csv", "account_id\na1\n")
    with pytest.raises(KamplayError) as error:
        begin(file, DEFAULTS)
    assert error.value.faults[0].code == "file_expands"
    assert list(place.iterdir()) == [file]


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [("offer.pdf", "%PDF", "file_kind_unknown"), ("x.xlsx", "<html><body>", "file_other_kind")],
)
def test_a_file_that_cannot_be_read_leaves_nothing(place, name, text, code):
    file = place / name
    file.write_text(text)
    with pytest.raises(KamplayError) as error:
        begin(file, DEFAULTS)
    assert code in [f.code for f in error.value.faults]
    assert list(place.iterdir()) == [file]


@pytest.mark.parametrize(
    ("name", "text"),
    [("Acme.csv", "date,account_id,amount\n"), ("notes.txt", "Call with them\nA report by Friday.\n")],
)
def test_what_holds_no_lines_leaves_nothing(place, name, text):
    file = place / name
    file.write_text(text)
    with pytest.raises(KamplayError) as error:
        begin(file, DEFAULTS)
    assert {str(f.file) for f in error.value.faults} == {name}  # as it was sent: there is no data/
    assert list(place.iterdir()) == [file]


def test_what_is_refused_in_a_folder_is_named_from_here(place):
    (place / "mail").mkdir()
    (place / "mail" / "Acme.xlsx").write_bytes(b"no workbook")
    with pytest.raises(KamplayError) as error:
        begin(place / "mail", DEFAULTS)
    assert str(Path("mail") / "Acme.xlsx") in {f.file for f in error.value.faults}


def test_what_excel_keeps_beside_an_open_workbook_is_told_as_that(place):
    (place / "~$Acme.xlsx").write_bytes(b"x")
    with pytest.raises(KamplayError) as error:
        begin(place / "~$Acme.xlsx", DEFAULTS)
    assert (error.value.faults[0].code, error.value.faults[0].args["name"]) == ("lock_file", "Acme.xlsx")


def test_an_engagement_inside_a_folder_is_nothing_that_a_client_sent(place):
    sent = place / "mail"
    sent.mkdir()
    begin(export(sent), DEFAULTS)
    assert [p.name for p in commands.from_files.files_of(sent).mine] == ["Acme 2025 invoices.csv"]
    (sent / "Acme 2025 invoices.csv").unlink()
    assert not commands.from_files.holds_data(sent)


def results(folder: Path) -> Path:
    """The workbook of a report, with a sheet that could be sales."""
    folder.mkdir(parents=True, exist_ok=True)
    book = openpyxl.Workbook()
    book.properties.category = own_results.MARK
    book.active.title = "transactions"
    for row in (("date", "account_id", "amount"), ("2025-12-30", "X", 1e6)):
        book.active.append(row)
    book.save(folder / "results.xlsx")
    return folder / "results.xlsx"


def test_our_own_workbook_in_a_folder_is_left_out_and_named(place, capsys):
    sent = place / "mail"
    sent.mkdir()
    export(sent)
    results(sent / "last")
    made = begin(sent, DEFAULTS)
    assert "last/results.xlsx" in capsys.readouterr().err
    assert [p.name for p in (made / "data").iterdir()] == ["Acme 2025 invoices.csv"]


@pytest.mark.parametrize("named", [None, "data/*"])
@pytest.mark.parametrize("zipped", [False, True])
def test_our_own_workbook_among_the_data_feeds_no_table(place, named, zipped):
    made = begin(export(place), DEFAULTS)
    total = survey(load(made)).tables["transactions"]["amount"].sum()
    assert total == pytest.approx(lines()["amount"].sum())
    book = results(made / "data")
    if zipped:
        with zipfile.ZipFile(book.with_suffix(".zip"), "w") as archive:
            archive.write(book, "results.xlsx")
        book.unlink()
    if named:
        with (made / SETTINGS_FILE).open("a") as file:
            file.write(f"\nsources: {{transactions: {{path: {named}}}}}\n")
    found = survey(load(made))
    assert found.tables["transactions"]["amount"].sum() == pytest.approx(total)
    assert [f.level for f in found.faults if f.code == "file_of_ours"] == ["warning"]


# --- doubts that change the total


def doubtful(folder: Path) -> tuple[Path, float, float]:
    """An export whose first 30 lines stand twice, with both totals."""
    twice = pd.concat([lines(), lines().iloc[:30]])
    path = folder / "Acme.csv"
    twice.to_csv(path, index=False)
    return path, round(float(twice["amount"].sum()), 2), round(float(lines()["amount"].sum()), 2)


@pytest.mark.parametrize(("said", "dedupe"), [("n", True), ("", False)])
def test_a_doubt_is_asked_with_both_totals(place, monkeypatch, capsys, said, dedupe):
    file, kept, without = doubtful(place)
    answer(monkeypatch, said, "en", "", "", "")
    made = begin(file, Wishes())
    assert load(made).settings.dedupe is dedupe
    assert total(made) == (without if dedupe else kept)
    shown = capsys.readouterr().err.replace("\n", " ")
    assert f"{kept:,.0f}" in shown
    assert f"{without:,.0f}" in shown


def test_of_a_doubt_the_default_is_taken_and_told_with_both_totals(place, capsys):
    file, kept, without = doubtful(place)
    made = begin(file, DEFAULTS)
    assert total(made) == kept
    shown = capsys.readouterr().err.replace("\n", " ")
    assert "Doubtful, and left as it is read:" in shown
    assert f"{kept:,.0f}" in shown.split("Doubtful")[1]
    assert f"{without:,.0f}" in shown.split("Doubtful")[1]


def test_doubts_keep_to_five_questions(place, monkeypatch):
    file, *_ = doubtful(place)
    frame = pd.read_csv(file).rename(columns={"date": "Close Date"})
    frame.assign(Status=["Draft" if n < 20 else "Posted" for n in range(len(frame))]).to_csv(
        file, index=False
    )
    asked = []
    monkeypatch.setattr(asking, "read_answer", lambda prompt: asked.append(prompt) or "")
    monkeypatch.setattr(sys, "stdin", Terminal())
    begin(file, Wishes())
    assert len(asked) == 5


# --- once more


def test_the_engagement_that_was_made_is_gone_on_with(place, capsys):
    file = export(place)
    made = begin(file, DEFAULTS)
    settings = made / "engagement.yaml"
    settings.write_text(settings.read_text().replace("# target: 13500000 ", "target: 99 "))
    capsys.readouterr()
    assert begin(file, Wishes()) == made  # nothing is asked, though there is no terminal
    assert "Going on with Acme" in capsys.readouterr().err
    assert load(made).settings.target == 99


def test_a_new_export_of_the_same_name_takes_the_place_of_the_old(place):
    file = export(place)
    made = begin(file, DEFAULTS)
    more = pd.concat([lines(), lines(3)])
    more.to_csv(file, index=False)
    assert begin(file, DEFAULTS) == made
    assert total(made) == round(float(more["amount"].sum()), 2)
    record = json.loads((made / RECORD).read_text())
    assert record["source"] == f"../{file.name}"
    assert begin(file, DEFAULTS) == made


def test_a_copy_that_was_edited_is_never_written_over(place):
    file = export(place)
    made = begin(file, DEFAULTS)
    copy = made / "data" / file.name
    copy.write_text("date,account_id,amount\n2025-01-01,a1,5\n")
    lines(3).to_csv(file, index=False)
    with pytest.raises(KamplayError) as error:
        begin(file, DEFAULTS)
    assert error.value.faults[0].code == "begin_copy_changed"
    assert total(made) == 5


def test_a_record_that_names_files_elsewhere_touches_none(place):
    file = export(place)
    made = begin(file, DEFAULTS)
    other = place / "other.csv"
    other.write_text("mine")
    record = json.loads((made / RECORD).read_text())
    record["copied"]["../other.csv"] = commands.from_files.digest(other)
    (made / RECORD).write_text(json.dumps(record))
    lines(3).to_csv(file, index=False)
    begin(file, DEFAULTS)
    assert other.read_text() == "mine"


def test_an_engagement_is_itself(place):
    made = begin(export(place), DEFAULTS)
    assert made_of([made, made / "engagement.yaml"], DEFAULTS) == [made, made]


# --- other commands, by the name of the file


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_a_folder_is_needed_for_takes_the_file_it_was_made_of(place, capsys, language):
    file = export(place)
    made = begin(file, DEFAULTS)
    assert engagement_of(file, language) == made
    assert engagement_of(made / "engagement.yaml", language) == made
    assert check_folder(file, True, place / "reports")
    assert json.loads(capsys.readouterr().out)["tables"]["transactions"]["rows"] == len(lines())


def test_what_was_mended_in_the_file_is_what_is_checked(place):
    file = export(place)
    made = begin(file, DEFAULTS)
    lines(3).to_csv(file, index=False)
    assert engagement_of(file, "en") == made
    assert total(made) == round(float(lines(3)["amount"].sum()), 2)


@pytest.mark.parametrize("command", ["check", "lab", "render", "plans --quiet", "anonymise", "forget"])
def test_of_a_file_without_a_report_one_line_says_how_to_begin(place, command):
    file = export(place)
    more = ["copy"] if command == "anonymise" else []
    done = CliRunner().invoke(app, [*command.split(), file.name, *more], env={"LC_ALL": "en_US.UTF-8"})
    assert done.exit_code == 2
    assert done.output.strip().count("\n") == 0
    assert f'kamplay run "{file.name}"' in done.output
    assert list(place.iterdir()) == [file]


def test_a_report_is_rendered_by_the_name_of_its_file(place):
    file = export(place)
    made = begin(file, DEFAULTS)
    with pytest.raises(KamplayError) as error:
        run_of(file, place / "reports")
    assert [f.code for f in error.value.faults] == ["report_not_made"]
    run = place / "reports" / "Acme" / "2025-12-31"
    (run / "work").mkdir(parents=True)
    (run / "manifest.json").write_text("{}")
    (run / "work" / MADE).write_text('{"parts": {}, "from": ""}')
    assert run_of(file, place / "reports") == run_of(made, place / "reports") == run_of(run, place) == run
    assert (
        client_meant(file.name, "en") == client_meant("Acme", "en") == ("Acme", load(Path("Acme")).identity)
    )


# --- who stops


def test_who_stops_leaves_nothing(place, monkeypatch):
    file = export(place)
    answer(monkeypatch, "en", "Acme")
    with pytest.raises(StoppedError):
        begin(file, Wishes())
    assert list(place.iterdir()) == [file]


@pytest.mark.skipif(os.name == "nt", reason="this system has no pseudo-terminal")
@pytest.mark.parametrize(("end", "language"), [(b"\x03", "en_US.UTF-8"), (b"\x04", "zh_CN.UTF-8")])
def test_a_terminal_is_asked_and_can_be_left(place, end, language):
    file = export(place)
    code, said = in_terminal(["run", file.name], [b"en\n", end], place, language)
    assert code == 130
    assert ("Stopped; nothing was made." if language[:2] == "en" else "已中止") in said
    assert "Traceback" not in said
    assert list(place.iterdir()) == [file]


def in_terminal(arguments: list[str], answers: list[bytes], folder: Path, language: str) -> tuple[int, str]:
    """Call the command in a terminal of its own, and answer each prompt in turn."""
    import pty

    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.environ |= {"LC_ALL": language, "LANG": language}
        os.execv(COMMAND[0], [*COMMAND, *arguments])
    said, answered = b"", 0
    while True:
        ready, _, _ = select.select([terminal], [], [], 120)
        if not ready:  # it waits for an answer that nobody gives
            os.kill(child, signal.SIGKILL)
        try:
            piece = os.read(terminal, 65536) if ready else b""
        except OSError:  # the child has ended
            piece = b""
        if not piece:
            break
        said += piece
        new = said[answered:].decode("utf-8", "replace").rstrip(" ")
        if answers and new.endswith((":", "：")) and "[" in new.rpartition("\n")[2]:
            answered = len(said)
            os.write(terminal, answers.pop(0))
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.close(terminal)
    return code, said.decode("utf-8", "replace")


# --- what cannot go on


SLOW = """
import sys
from typer.testing import CliRunner
from kamplay.cli import app

done = CliRunner().invoke(app, sys.argv[1:])
print(done.exit_code, *sorted({"pandas", "scipy", "papermill", "matplotlib"} & set(sys.modules)))
"""


@pytest.mark.parametrize(
    "command", ["check nowhere", "check bad", "check new.csv", "run nowhere.csv", "run nowhere"]
)
def test_what_cannot_go_on_is_refused_before_anything_slow_is_imported(place, command):
    (place / "bad").mkdir()
    (place / "bad" / SETTINGS_FILE).write_text("client: A\ncurency: EUR\n")
    export(place, "new.csv")
    done = subprocess.run(
        [sys.executable, "-c", SLOW, *command.split()], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["2"]


@pytest.mark.parametrize(
    ("named", "meant_"), [("Acme 2025 invoice.csv", "Acme 2025 invoices.csv"), ("other.csv", None)]
)
def test_a_name_that_is_nearly_one_that_is_there(place, named, meant_):
    export(place)
    with pytest.raises(KamplayError) as error:
        need_any([Path(named)])
    assert error.value.faults[0].args.get("near") == meant_


def test_the_first_table_waits_for_nothing_that_only_a_run_needs():
    """What draws, models and runs notebooks takes longer to import than to read what was sent."""
    code = (
        "import sys, kamplay.commands.begin, kamplay.show.check.column_words as _;"
        "print(*{'scipy', 'matplotlib', 'statsmodels', 'nbclient', 'seaborn'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_a_large_file_is_named_before_it_is_read(place, capsys, monkeypatch):
    export(place)
    monkeypatch.setattr(commands, "LARGE", 100)
    begin(place / "Acme 2025 invoices.csv", DEFAULTS)
    assert capsys.readouterr().err.startswith("Reading Acme 2025 invoices.csv …")


def test_the_same_answer_given_again_changes_no_setting(place):
    """Else what is made next (`kamplay plans`) would make the report once more."""
    made = begin(export(place), Wishes({"client": "Acme", "currency": "EUR"}, take_defaults=True))
    assert load(made, ["client=Acme", "currency=EUR"]).settings == load(made).settings
    guessed = begin(export(place, "other 2025.csv"), DEFAULTS)
    assert load(guessed, ["currency=EUR"]).settings.confirmed == ["currency"]


# --- accounts that are written alike


def twins(folder: Path, odd: str = "协和 医院", first: str = "协和医院") -> Path:
    """Sales of 300 and of 30 under two ways of writing, and of 50 to another account."""
    rows = [("2025-01-01", first, 100.0), ("2025-02-01", odd, 30.0), ("2025-03-01", first, 200.0)]
    frame = pd.DataFrame([*rows, ("2025-04-01", "第二医院", 50.0)], columns=["日期", "客户", "金额"])
    frame.to_csv(folder / "sales.csv", index=False)
    return folder / "sales.csv"


def bought(made: Path) -> dict[str, float]:
    lines_ = survey(load(made)).tables["transactions"]
    return lines_.groupby("account_id")["amount"].sum().to_dict()


def test_accounts_written_alike_are_one_by_default_and_said_to_be(place, capsys):
    made = begin(twins(place), DEFAULTS)
    assert 'same_account: [["协和医院", "协和 医院"]] (they differ in spaces' in capsys.readouterr().err
    assert written(made)["same_account"] == [["协和医院", "协和 医院"]]
    assert bought(made) == {"协和医院": 330.0, "第二医院": 50.0}
    (told,) = [f for f in survey(load(made)).faults if f.code == "accounts_as_one"]
    assert (told.level, told.args) == ("warning", {"lines": 1, "amount": 30.0})


def test_codes_that_differ_in_a_space_stay_apart_by_default(place, capsys):
    made = begin(twins(place, "A 1", "A1"), DEFAULTS)
    assert "same_account: [] (left apart" in capsys.readouterr().err
    assert "same_account" not in written(made)
    assert bought(made) == {"A1": 300.0, "A 1": 30.0, "第二医院": 50.0}


def test_what_the_list_of_accounts_holds_twice_stays_two(place):
    sent = place / "sent"
    sent.mkdir()
    twins(sent).rename(sent / "交易.csv")
    pd.DataFrame({"客户编号": ["协和医院", "协和 医院", "第二医院"]}).to_csv(sent / "客户.csv", index=False)
    assert len(bought(begin(sent, DEFAULTS))) == 3


@pytest.mark.parametrize(("said", "accounts"), [("", 2), ("n", 3)])
def test_accounts_written_alike_are_asked_for_with_both_totals(place, monkeypatch, capsys, said, accounts):
    answer(monkeypatch, said, "zh", "甲", "CNY", "")
    made = begin(twins(place), Wishes())
    asked = capsys.readouterr().err
    assert "“协和 医院” (30.00) and “协和医院” (300.00): together 330.00." in asked
    assert len(bought(made)) == accounts
    assert ("same_account" in written(made)) == (accounts == 2)


def test_no_room_is_no_question(place, monkeypatch):
    monkeypatch.setattr(commands, "MOST_QUESTIONS", 3)
    answer(monkeypatch, "zh", "甲", "CNY", "")
    assert len(bought(begin(twins(place), Wishes()))) == 2
