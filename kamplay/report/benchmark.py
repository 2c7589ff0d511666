"""The benchmark of many clients as a report reads it: a file of means, which may leave the house."""

from __future__ import annotations

import json
import shutil
import unicodedata
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from kamplay import digests
from kamplay.engagement import Engagement
from kamplay.errors import Fault, KamplayError
from kamplay.json_files import write_json
from kamplay.method.benchmark import ALL, MEASURES, Group, Place, places, size_of
from kamplay.report.client_figures import figures_of
from kamplay.run_folder import WORK

FORMAT = 1
IN_RUN = "benchmark.json"  # in WORK: what was published when the run was made


def file_of(engagement: Engagement) -> Path | None:
    """The file that the settings name, from the engagement's folder on; None where they name none."""
    asked = engagement.settings.benchmark
    return engagement.folder / asked.file if asked else None


def digest(engagement: Engagement) -> str:
    """Of what the report is set beside; "" without."""
    file = file_of(engagement)
    return digests.of_file(file) if file and file.is_file() else ""


def keep(engagement: Engagement, run: Path) -> None:
    """Put what is published into a run; where the file is not there yet, that nothing is.

    Raises
    ------
    KamplayError
        The file is no benchmark.
    """
    file = file_of(engagement)
    if file is None:
        return
    target = run / WORK / IN_RUN
    if file.exists():
        load(file)
        shutil.copyfile(file, target)
    else:
        write_json(target, {"format": FORMAT, "groups": []})


def industry_key(industry: Any) -> str:
    """An industry as written by whomever: without case, width and spaces; ALL where none is said."""
    text = unicodedata.normalize("NFKC", industry).casefold() if isinstance(industry, str) else ""
    return " ".join(text.split()) or ALL


def size_key(accounts: float | None) -> str:
    """The size by a number of accounts; ALL where it is not known."""
    return ALL if accounts is None or accounts != accounts else size_of(accounts)


def load(file: Path) -> list[Group]:
    """What a benchmark file tells.

    Raises
    ------
    KamplayError
        It is none.
    """
    return [group_of(one) for one in read(file)["groups"]]


def beside_others(run: Path, as_of: date, industry: str | None) -> list[Place] | None:
    """Where the client of a run stands; empty where nothing fits, None where no benchmark is set."""
    file = run / WORK / IN_RUN
    if not file.is_file():
        return None
    figures = figures_of(run, as_of)
    own = {name: float(value) for name in MEASURES if (value := figures[name]) is not None}
    return places(own, industry_key(industry), size_key(figures["accounts"]), load(file))


def group_of(about: Mapping[str, Any]) -> Group:
    return Group(**{name: about[name] for name in Group.__dataclass_fields__})


def read(file: Path) -> dict[str, Any]:
    try:
        about = json.loads(file.read_text(encoding="utf-8"))
        if about["format"] != FORMAT or not isinstance(about["groups"], list):
            raise ValueError(about["format"])
        for one in about["groups"]:
            group_of(one.get("group", one))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        detail = f"{type(error).__name__}: {error}"
        raise KamplayError(Fault("benchmark_unusable", file=str(file), args={"detail": detail})) from None
    return dict(about)
