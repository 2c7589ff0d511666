"""The profiles of the shipped sample, and the page's language."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from conftest import Steps

from kamplay.book import Book
from kamplay.engagement import Engagement
from kamplay.method.measures.hierarchy import customers
from kamplay.method.profile.people import homes
from kamplay.method.profile.step import Profiles, profiles
from kamplay.show.view import View, using, view_of


@pytest.fixture(scope="session")
def medtech_profiles(medtech_steps: Steps, medtech_book: Book) -> Profiles:
    found = medtech_steps
    by_units = customers(medtech_book, found.tiers.accounts["group"])
    return profiles(by_units, found.tiers, found.value, found.health, found.plan, homes(medtech_book))


@pytest.fixture(scope="session")
def medtech_view(medtech: Engagement, medtech_book: Book) -> Callable[[str], AbstractContextManager[View]]:
    """Language → the view of the sample for a block."""
    settings = medtech.settings.model_copy(update={"as_of": medtech_book.as_of})
    return lambda language: using(view_of(settings, language, medtech_book))
