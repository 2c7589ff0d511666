"""What of a Book is held in memory, and how."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from pandas.testing import assert_frame_equal

from kamplay.book import read_table


def test_a_table_is_read_as_pandas_reads_it_with_each_text_held_once(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "account_id": ["A-1 Klinik", "B-2", None, "A-1 Klinik", "B-2"],
            "tier": pd.Categorical(["S", "C", None, "S", "C"], ["S", "A", "B", "C"], ordered=True),
            "amount": [1.5, 2.0, None, -3.0, 0.0],
            "date": pd.to_datetime(["2025-01-31", None, "2025-02-01", "2025-02-01", "2025-03-01"]),
            "orders": pd.array([1, None, 2, 3, 4], dtype="Int64"),
        },
        index=pd.Index(["x y", "z", "x y", "z", None], name="unit", dtype="str"),
    )
    frame.to_parquet(tmp_path / "table.parquet")
    read = read_table(tmp_path / "table.parquet")
    assert_frame_equal(read, pd.read_parquet(tmp_path / "table.parquet"))
    texts = [text for text in read["account_id"] if isinstance(text, str)]
    assert len(texts) == 4 and len({id(text) for text in texts}) == 2
    assert len({id(text) for text in read.index if isinstance(text, str)}) == 2
