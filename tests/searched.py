"""Every text of a folder's files, those inside workbooks and parquet files too, and what of a client stands
in them.
"""

from __future__ import annotations

import html
import json
import zipfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pandas as pd
import yaml

import kamplay
from kamplay.shipped import shipped

PACKAGE = Path(kamplay.__file__).parent


def text_of(file: Path) -> str:
    if file.suffix == ".parquet":
        return pd.read_parquet(file).reset_index().astype(str).to_csv()
    if file.suffix in (".xlsx", ".pptx"):
        with zipfile.ZipFile(file) as parts:
            return html.unescape(
                "\n".join(parts.read(n).decode("utf-8", "replace") for n in parts.namelist())
            )
    text = file.read_bytes().decode("utf-8", "replace")
    if file.suffix in (".ipynb", ".json"):
        text += json.dumps(json.loads(text), ensure_ascii=False).replace('\\"', '"')
    return html.unescape(text)


def found(words: Iterable[str], folder: Path) -> dict[str, str]:
    """Of the words those that stand in a file of the folder or in its name, and one file in which they do."""
    words, out = set(words), {}
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        text = text_of(file) + file.relative_to(folder).as_posix()
        threes = {text[n : n + 3] for n in range(len(text) - 2)}
        for word in words:
            if all(word[n : n + 3] in threes for n in range(len(word) - 2)) and word in text:
                out.setdefault(word, file.name)
    return out


def words_of(tables: Iterable[pd.DataFrame], folder: Path) -> set[str]:
    """What the client or the consultant wrote, of at least three characters: every text and id of the tables,
    the settings, the notes.
    """
    texts: set[str] = set()
    for frame in tables:
        for column in frame.select_dtypes(["object", "string"]):
            texts |= set(frame[column].dropna().astype(str))

    def walk(part: object) -> None:
        if isinstance(part, dict):
            for key, value in part.items():
                walk(key) if not str(key).isidentifier() else None
                walk(value)
        elif isinstance(part, list):
            for value in part:
                walk(value)
        elif isinstance(part, str):
            texts.add(part)

    walk(yaml.safe_load((folder / "engagement.yaml").read_text(encoding="utf-8")))
    for note in (folder / "notes").glob("*.md"):
        texts |= {line for line in note.read_text(encoding="utf-8").splitlines() if line.strip("#- ")}
    return {text.strip() for text in texts if len(text.strip()) >= 3}


@cache
def own_vocabulary() -> str:
    """The codebook, the presets and the codes of languages and currencies."""
    files = [PACKAGE / "codebook.yaml", *sorted((PACKAGE / "presets").rglob("*.yaml"))]
    return "\n".join(p.read_text(encoding="utf-8") for p in files) + " CNY GBP EUR"


@cache
def own_texts() -> str:
    """All that kamplay itself says, in reports and in its notebooks, whoever the client is."""
    files = [p for p in PACKAGE.rglob("*") if p.suffix in (".py", ".po", ".yaml", ".j2", ".css", ".js")]
    own = [p for p in sorted(files) if "samples" not in p.parts]
    texts = [p.read_text(encoding="utf-8") for p in own]
    texts += [p.read_text(encoding="utf-8") for p in sorted(shipped("notebooks").rglob("*.ipynb"))]
    return own_vocabulary() + "\n".join(texts)
