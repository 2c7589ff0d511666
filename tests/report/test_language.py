"""Each language by itself, on both samples: what is Chinese in an English document is marked or a name as it is
recorded, and a Chinese document has no English but names, units and terms.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from conftest import MEDTECH
from pptx import Presentation
from test_english_edition import Texts
from typer.testing import CliRunner

from kamplay import api
from kamplay.cli import app
from kamplay.report.production import write_workbook
from kamplay.show.labels import glossary

SAMPLES = {"medtech": MEDTECH, "online_retail": MEDTECH.with_name("online_retail")}
HAN, LATIN = re.compile(r"[\u3400-\u9fff]+"), re.compile(r"[A-Za-z]{2,}")
# what a Chinese reader meets in Latin letters: terms, indices, units, formats, names of months in an axis
TERMS = set()
