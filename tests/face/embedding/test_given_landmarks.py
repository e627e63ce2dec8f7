"""Landmarks from a table or a mapping mean what is written, or an error names the row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from phenojax.errors import ConfigError
from phenojax.face.embedding.given_landmarks import COLUMNS, Landmarks, as_landmarks
from phenojax.face.landmarks import LandmarkScheme

POINTS = np.arange(10, dtype=np.float32).reshape(5, 2)
HEADER = ["id", *COLUMNS]


def table(path: Path, rows: list[list[object]], header: list[str], delimiter: str) -> Path:
    path.write_text("\n".join(delimiter.join(map(str, row)) for row in [header, *rows]) + "\n")
    return path


def test_tables_of_three_formats_and_a_mapping_say_the_same(tmp_path: Path) -> None:
    row = ["a", *range(10)]
    pq.write_table(pa.table({name: [value] for name, value in zip(HEADER, row, strict=True)}), tmp_path / "l.parquet")
    for given in (
        table(tmp_path / "l.tsv", [row], HEADER, "\t"),
        str(table(tmp_path / "l.csv", [row], HEADER, ",")),
        tmp_path / "l.parquet",
        {"a": POINTS.tolist()},
        Landmarks({"a": POINTS}),
    ):
        found = as_landmarks(given)
        assert found.scheme is LandmarkScheme.FIVE_POINT
        assert list(found.points) == ["a"]
        np.testing.assert_array_equal(found.points["a"], POINTS)


def test_the_columns_are_x_before_y_point_by_point() -> None:
    assert COLUMNS == ("x1", "y1", "x2", "y2", "x3", "y3", "x4", "y4", "x5", "y5")


def test_a_table_may_name_its_scheme_but_only_one(tmp_path: Path) -> None:
    header, rows = [*HEADER, "scheme"], [["a", *range(10), "dlib5"], ["b", *range(10), "dlib5"]]
    assert as_landmarks(table(tmp_path / "l.csv", rows, header, ",")).scheme is LandmarkScheme.DLIB5
    rows[1][-1] = "five_point"
    with pytest.raises(ConfigError, match="'dlib5' in row 1 and 'five_point' in row 2"):
        as_landmarks(table(tmp_path / "l.csv", rows, header, ","))
    with pytest.raises(ConfigError, match="scheme 'six' is not known; there is five_point, dlib5"):
        as_landmarks(table(tmp_path / "l.csv", [["a", *range(10), "six"]], header, ","))


def test_what_is_wrong_with_a_table_is_named_by_row_and_column(tmp_path: Path) -> None:
    path = tmp_path / "l.tsv"
    with pytest.raises(ConfigError, match="No such file"):
        as_landmarks(path)
    with pytest.raises(ConfigError, match="no column y5"):
        as_landmarks(table(path, [], HEADER[:-1], "\t"))
    with pytest.raises(ConfigError, match="row 2 is a second one for 'a'"):
        as_landmarks(table(path, [["a", *range(10)], ["a", *range(10)]], HEADER, "\t"))
    for value in ("", "left", "nan"):
        with pytest.raises(ConfigError, match=f"row 1, x1 is '{value}'"):
            as_landmarks(table(path, [["a", value, *range(9)]], HEADER, "\t"))
    with pytest.raises(ConfigError, match=r"row 1, y5 is None"):
        as_landmarks(table(path, [["a", *range(9)]], HEADER, "\t"))
    with pytest.raises(ConfigError, match=r"expected a table \.tsv, \.csv or \.parquet"):
        as_landmarks(tmp_path / "l.xlsx")
    with pytest.raises(ConfigError, match=r"landmarks of 'a' must have shape \(5, 2\), not \(2, 5\)"):
        as_landmarks({"a": POINTS.T})
