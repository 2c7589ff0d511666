"""English words for Chinese values, and the marking of what stays Chinese."""

from typing import get_args

import pandas as pd
import pytest
from conftest import book_of, sold

from kamplay.engagement import Labelled, Settings
from kamplay.errors import KamplayError
from kamplay.settings_file import validated
from kamplay.show.labels import glossary, labels_of, marked_chinese
from kamplay.show.locale import Locale
from kamplay.show.view import view_of


def test_the_engagement_comes_before_the_glossary_and_a_name_is_no_value():
    stated = [{"华东": "Yangtze delta", "特区": "Special zones"}]
    words = labels_of(stated, "en", ["华南"])
    assert (words["华东"], words["特区"], words["华北"]) == ("Yangtze delta", "Special zones", "North China")
    assert "华南" not in words  # the name of an account
    assert labels_of(stated, "zh", []) == {}


def test_the_words_of_a_value_one_by_one():
    book = book_of(sold(a=1.0))
    settings = Settings(client="A", labels={"category": {"影像": "Imaging"}, "owner": {"张三": "Zhang San"}})
    locale = view_of(settings, "en", book).locale
    assert locale.label("张三") == "Zhang San"
    assert locale.label("影像") == "Imaging"
    assert locale.label("影像 *") == "Imaging *"
    assert locale.label("院长 苏春涛") == "Hospital president 苏春涛"
    assert locale.label("影像科") == "影像科"  # another value
    assert (
        locale.say("{what} of {names:words}", what="华东", names=["影像", "B"]) == "East China of Imaging, B"
    )
    assert Locale("zh", "CNY").say("{what}", what="华东") == "华东"


def test_english_names_of_accounts_are_shown_where_they_are_recorded():
    named = {"account_name": ["北京 医院", "上海 医院"], "account_name_en": ["Beijing One", None]}
    accounts = pd.DataFrame({"account_id": ["a", "b"], **named})
    book = book_of(sold(a=1.0, b=1.0), accounts=accounts)
    view = view_of(Settings(client="A"), "en", book)
    assert (view.name("a"), view.name("b"), view.recorded["a"]) == ("Beijing One", "上海 医院", "北京 医院")
    assert view.locale.label("上海 医院") == "上海 医院"  # a name, whatever its parts mean
    assert view_of(Settings(client="A"), "zh", book).name("a") == "北京 医院"


def test_no_value_of_the_glossary_has_two_words():
    words = [pair for column in glossary().values() for pair in column.items()]
    assert len(dict(words)) == len(set(words)) > 100
    assert set(glossary()) == set(get_args(Labelled))


@pytest.mark.parametrize(
    ("labels", "code"),
    [
        ({"region": {"华东": " "}}, "label_empty"),
        ({"region": {"其他": "Other regions"}, "industry": {"其他": "Others"}}, "label_twice"),
        ({"regions": {"华东": "East"}}, "setting_not_allowed"),
    ],
)
def test_a_wrong_label_is_told(labels, code):
    with pytest.raises(KamplayError) as caught:
        validated(Settings, {"client": "A", "labels": labels}, "engagement.yaml")
    assert [f.code for f in caught.value.faults] == [code]


def test_what_stays_chinese_is_marked_and_counted():
    html = (
        '<p title="华东">To 华东医院 (S) and 张三</p><svg><text x="1">华东医院</text></svg>'
        "<option>李四</option><script>const a = '张三';</script><span lang=\"zh-Hans\">王五</span>"
    )
    marked, count = marked_chinese(html)
    assert marked == (
        '<p title="华东">To <span lang="zh-Hans">华东医院</span> (S) and <span lang="zh-Hans">张三</span></p>'
        '<svg><text lang="zh-Hans" x="1">华东医院</text></svg>'
        "<option lang=\"zh-Hans\">李四</option><script>const a = '张三';</script>"
        '<span lang="zh-Hans">王五</span>'
    )
    assert count == 4
    assert marked_chinese(marked) == (marked, 4)
