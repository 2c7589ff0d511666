"""How much memory DuckDB may take, and what is said where neither that nor the disk suffices.

What it holds beyond its share it puts on the disk; the rest of the process comes on top.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from kamplay.errors import Fault, KamplayError

# environment: the most that DuckDB may hold in memory, for example 2GB; beyond it, it spills to disk
MEMORY = "KAMPLAY_MEMORY"
MOST, SHARE = 1200, "60%"  # MB that it may take unless said, and of what the machine has; the less of both
A_THREAD = 150  # MB that each thread is to have: with less they stand in each other's way
_MIB = {"bytes": 2**-20, "KiB": 2**-10, "MiB": 1.0, "GiB": 2.0**10, "TiB": 2.0**20}
_NO_ROOM = re.compile(r"max_temp_directory_size|No space left on device|not enough space on the disk", re.I)
_NO_MEMORY = re.compile(r"Out of Memory Error")


def settings() -> dict[str, Any]:
    """DuckDB's share of memory, KAMPLAY_MEMORY (512MB, 2GB, 40%), else MOST or SHARE, and its threads.

    Raises
    ------
    KamplayError
        KAMPLAY_MEMORY is no amount of memory.
    """
    stated, most, threads = _share()
    return {"memory_limit": stated or f"{most:.0f}MB", "threads": max(1, min(threads, int(most // A_THREAD)))}


def megabytes() -> float:
    """DuckDB's share of memory as a figure."""
    return _share()[1]


def _share() -> tuple[str, float, int]:
    """The share as KAMPLAY_MEMORY states it, in MB, and the threads of the machine."""
    stated = os.environ.get(MEMORY, "").strip()
    if stated and not re.fullmatch(r"\d+(\.\d+)?\s*([KMGT]i?B|%)", stated, re.IGNORECASE):
        raise KamplayError(Fault("memory_unreadable", column=MEMORY, value=stated))
    found, threads = _of_machine(stated or SHARE)
    return stated, found if stated else min(found, MOST), threads


@lru_cache(maxsize=8)
def _of_machine(share: str) -> tuple[float, int]:
    """A share in MB, and the threads, as DuckDB counts them: it knows a container's memory."""
    import duckdb

    with duckdb.connect(config={"memory_limit": share}) as asked:
        query = "select current_setting('memory_limit'), current_setting('threads')"
        told, threads = asked.execute(query).fetchall()[0]
    number, unit = str(told).split()
    return float(number) * _MIB[unit] * 2**20 / 1e6, int(threads)


def shortage(error: BaseException, place: dict[str, Any]) -> Fault | None:
    """What an error says that memory, or the disk with what it does not hold, did not suffice; None for
    another kind of error. ``place``: the table and file that were read.
    """
    import duckdb
    import pyarrow as pa

    if not isinstance(error, duckdb.Error | pa.ArrowException | OSError | MemoryError):
        return None  # of a server, whose memory and disk are its own
    text = str(error)
    if _NO_ROOM.search(text):
        return Fault("scratch_full", args={"folder": tempfile.gettempdir()}, **place)
    if isinstance(error, MemoryError) or _NO_MEMORY.search(text):
        most = str(settings()["memory_limit"])
        number, unit = re.findall(r"([\d.]+)\s*(.+)", most)[0]
        more = f"{min(2 * float(number), 90):g}%" if unit == "%" else f"{2 * float(number):g}{unit}"
        return Fault("memory_short", args={"most": most, "more": more}, **place)
    return None


@contextmanager
def within_memory(place: dict[str, Any]) -> Iterator[None]:
    """Raises KamplayError for a ``shortage``, and any other error as it is."""
    try:
        yield
    except Exception as error:
        if short := shortage(error, place):
            raise KamplayError(short) from None
        raise
