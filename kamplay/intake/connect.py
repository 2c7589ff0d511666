"""Connections to a client's database, with what the environment fills in kept out of every message."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

from kamplay.errors import Fault, KamplayError
from kamplay.intake.rollup import settings

FILE_KINDS = {"duckdb", "sqlite"}
NAME = re.compile(r"\$\{(\w+)\}")
WAIT = 10  # seconds to wait for a server to answer


def connect(folder: Path, url: str, place: dict[str, Any], secrets: dict[str, str]) -> Any:
    """A connection of ibis. ``secrets`` takes up what was filled in, by name."""
    import ibis

    missing = [n for n in NAME.findall(url) if not os.environ.get(n)]
    if missing:
        raise KamplayError([Fault("env_missing", value=n, **place) for n in dict.fromkeys(missing)])

    def fill(text: str) -> str:
        def value(found: re.Match[str]) -> str:
            secrets[found[1]] = os.environ[found[1]]
            return secrets[found[1]]

        return NAME.sub(value, text)

    if "://" not in url:  # the whole url is in the environment
        url = secrets["URL"] = fill(url)
        fill = str  # type: ignore[assignment]
    scheme, mark, rest = url.partition("://")
    if not mark:
        raise KamplayError(Fault("url_unreadable", **place))
    if scheme in FILE_KINDS:
        path = _inside(folder, fill(file_of(url)), place)
        if scheme == "sqlite":
            return ibis.sqlite.connect(path)
        return ibis.duckdb.connect(path, read_only=True, **settings())
    if scheme in ("postgres", "postgresql"):
        return ibis.postgres.connect(**{"connect_timeout": WAIT, **_server(rest, fill, secrets)})
    if scheme == "pyspark":
        from pyspark.sql import SparkSession  # type: ignore[import-not-found,unused-ignore]

        builder = SparkSession.builder
        return ibis.pyspark.connect((builder.remote(f"sc://{fill(rest)}") if rest else builder).getOrCreate())
    raise KamplayError(Fault("database_kind_unknown", value=scheme if re.fullmatch(r"[\w+]{1,20}", scheme) else None, **place))


def _server(rest: str, fill: Any, secrets: dict[str, str]) -> dict[str, Any]:
    """USER:PASSWORD@HOST:PORT/DATABASE?OPTIONS taken apart first and filled in then: a password may hold any character."""
    before, _, after = rest.rpartition("@")
    user, _, password = before.partition(":")
    address, _, path = after.partition("/")
    database, _, options = path.partition("?")
    host, _, port = address.partition(":")
    filled: dict[str, Any] = {"user": user, "password": password, "host": host, "port": port, "database": database}
    filled = {k: unquote(v) if fill is str or not NAME.search(v) else fill(v) for k, v in filled.items() if v}
    secrets["PASSWORD"] = filled.get("password", "")
    return {**filled, **{k: fill(v) for k, v in parse_qsl(options)}}


def file_of(url: str) -> str:
    """duckdb:///data/erp.duckdb and duckdb://data/erp.duckdb both name data/erp.duckdb; a fourth stroke makes it absolute."""
    rest = url.split("://", 1)[-1]
    return rest[1:] if rest.startswith("/") else rest


def _inside(folder: Path, file: str, place: dict[str, Any]) -> Path:
    path = (folder / file).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise KamplayError(Fault("path_outside", **place))
    if not path.is_file():
        raise KamplayError(Fault("file_missing", **place))
    return path


def scrubbed(error: BaseException, secrets: dict[str, str]) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    for name, value in sorted(secrets.items(), key=lambda item: -len(item[1])):
        if value:
            text = text.replace(value, "${" + name + "}")
    return text[:200]
