"""A file of embeddings gives back what was written, and belongs to its owner alone."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from face.embedding.make_embeddings import embeddings_of

from phenojax.errors import ConfigError, ResultError
from phenojax.face.embedding.result import FaceEmbeddings
from phenojax.face.embedding.storage import read_embeddings, read_key, write_embeddings
from phenojax.face.photographs.failure import SENTENCES, FailureReason

KEY = b"phenojax.face_embeddings"
FAILED = {1: FailureReason.NO_FACE, 3: FailureReason.TRUNCATED}


def assert_equal(found: FaceEmbeddings, wanted: FaceEmbeddings) -> None:
    for name in ("ids", "photos", "failures", "card", "other_cards", "settings", "versions"):
        assert getattr(found, name) == getattr(wanted, name), name
    for name in ("vectors", "quality"):
        np.testing.assert_array_equal(getattr(found, name), getattr(wanted, name))
        assert getattr(found, name).dtype == np.float32
    for name, column in found.faces._asdict().items():
        np.testing.assert_array_equal(column, getattr(wanted.faces, name), err_msg=name)


@pytest.mark.parametrize("failed", [FAILED, {}, dict.fromkeys(range(4), FailureReason.MISSING)])
def test_what_is_written_is_read_back(failed: dict[int, FailureReason], tmp_path: Path) -> None:
    wanted = embeddings_of(failed)
    wanted.write(tmp_path / "e.parquet")
    assert_equal(read_embeddings(tmp_path / "e.parquet"), wanted)


def test_no_photograph_at_all_is_a_table_without_rows(tmp_path: Path) -> None:
    wanted = embeddings_of({}, n=0)
    wanted.write(tmp_path / "e.parquet")
    found = read_embeddings(tmp_path / "e.parquet")
    assert_equal(found, wanted)
    assert found.vectors.shape == (0, 3)


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_only_the_owner_may_read_it_whatever_the_umask_says(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        embeddings_of(FAILED).write(tmp_path / "e.parquet")
    finally:
        os.umask(before)
    assert (tmp_path / "e.parquet").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["e.parquet"]


def test_the_table_has_a_row_for_each_photograph_and_says_what_became_of_it() -> None:
    embeddings = embeddings_of(FAILED)
    rows = embeddings.table.to_pylist()
    assert [row["status"] for row in rows] == ["ok", "no_face", "ok", "truncated"]
    assert rows[1]["vector"] is None
    assert rows[1]["quality"] is None
    assert rows[1]["n_faces"] is None
    assert rows[0]["vector"] == embeddings.vectors[0].tolist()
    assert embeddings.table.schema.field("vector").type == pa.list_(pa.float32(), 3)
    assert embeddings.embedded.tolist() == [True, False, True, False]
    assert embeddings.failures[0].sentence == f"{SENTENCES[FailureReason.NO_FACE]}: as a test wants"


def test_a_reader_without_phenojax_finds_the_hashes_of_the_weights_in_the_file(tmp_path: Path) -> None:
    embeddings = embeddings_of(FAILED)
    write_embeddings(embeddings, tmp_path / "e.parquet", key="abc")
    about = json.loads(pq.read_schema(tmp_path / "e.parquet").metadata[KEY])
    assert about["card"]["files"][0]["sha256"] == embeddings.card.files[0].sha256
    assert [card["name"] for card in about["other_cards"]] == ["dlib-mmod", "dlib-shape-5"]
    assert about["settings"]["faces"]["detector"] == "dlib-mmod"
    assert read_key(tmp_path / "e.parquet") == "abc"


def test_a_file_that_holds_no_embeddings_is_named_with_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "e.parquet"
    with pytest.raises(ResultError, match=r"e\.parquet: no such file"):
        read_embeddings(path)
    path.write_bytes(b"PAR1 and nothing more")
    with pytest.raises(ResultError, match="cannot be read as parquet"):
        read_embeddings(path)
    assert read_key(path) is None
    pq.write_table(pa.table({"id": ["a"]}), path)
    with pytest.raises(ResultError, match="is no file of face embeddings"):
        read_embeddings(path)
    path.unlink()  # what is none of ours is not replaced
    embeddings_of(FAILED).write(path)
    whole = pq.read_table(path)
    pq.write_table(whole.drop_columns(["quality", "box"]), path)
    with pytest.raises(ResultError, match="columns box, quality are missing"):
        read_embeddings(path)
    about = json.loads(whole.schema.metadata[KEY])
    later = {**about, "format_version": 2}
    pq.write_table(whole.replace_schema_metadata({KEY: json.dumps(later).encode()}), path)
    with pytest.raises(ResultError, match=r"format 2, this phenojax reads 1; .* wrote it \(1\.2\.3\)"):
        read_embeddings(path)
    del about["card"]["role"]
    pq.write_table(whole.replace_schema_metadata({KEY: json.dumps(about).encode()}), path)
    with pytest.raises(ResultError, match="model card is malformed"):
        read_embeddings(path)
    renamed = whole.set_column(whole.column_names.index("status"), "status", pa.array(["ok", "odd", "ok", "ok"]))
    pq.write_table(renamed, path)
    with pytest.raises(ResultError, match="odd"):
        read_embeddings(path)


def test_a_name_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"written as \.parquet"):
        embeddings_of({}).write(tmp_path / "e.csv")
    with pytest.raises(ConfigError, match="does not exist"):
        embeddings_of({}).write(tmp_path / "nowhere" / "e.parquet")


def test_a_file_of_something_else_is_not_replaced(tmp_path: Path) -> None:
    cohort = tmp_path / "cohort.parquet"
    pq.write_table(pa.table({"id": ["a"], "photo": ["a.jpg"]}), cohort)
    before = cohort.read_bytes()
    with pytest.raises(ConfigError, match="is there already"):
        embeddings_of({}, n=2).write(cohort)
    assert cohort.read_bytes() == before
