"""Reading cohorts: the path's extension picks the reader."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from phenojax.cohort.model import Cohort
from phenojax.cohort.readers.archive import read_folder, read_json, read_tar, read_zip
from phenojax.cohort.readers.jsonl import read_jsonl
from phenojax.cohort.readers.sheet import read_delimited, read_parquet, read_xlsx
from phenojax.errors import CohortError

READERS: Mapping[str, Callable[[Path], Cohort]] = {
    ".jsonl": read_jsonl,
    ".jsonl.gz": read_jsonl,
    ".tsv": read_delimited,
    ".tsv.gz": read_delimited,
    ".csv": read_delimited,
    ".csv.gz": read_delimited,
    ".parquet": read_parquet,
    ".xlsx": read_xlsx,
    ".json": read_json,
    ".json.gz": read_json,
    ".zip": read_zip,
    ".tar": read_tar,
    ".tar.gz": read_tar,
    ".tgz": read_tar,
    ".tar.xz": read_tar,
    ".txz": read_tar,
}


def read_cohort(path: str | os.PathLike[str]) -> Cohort:
    """Read a cohort: a folder or archive of GA4GH Phenopackets v2, a .jsonl file, or a table.

    Args:
        path: a folder, .zip, .tar, .tar.gz, .tgz, .tar.xz or single .json of Phenopacket v2 JSON (Phenopacket, Family
            or Cohort); .jsonl(.gz); .tsv(.gz), .csv(.gz), .parquet or .xlsx. Tables need a column ``hpo`` (ids
            separated by ``;`` ``,`` ``|`` or space, or a list) or, where faces alone are looked at, ``photo``; and may
            have ``id gene hpo_excluded sex age photo group disease label``; ``pmid`` is the group where there is no
            ``group``; ``path_to_file``, ``hpo_all`` and ``y_label`` are read as ``photo``, ``hpo`` and ``label``. Case
            and spaces of the names do not count. Any other column is kept as text.

    Returns:
        The individuals in file order (folders and archives: by name). Term ids are checked for their form only;
        `encode` resolves them against an ontology.

    Raises:
        CohortError: the file cannot be read; names the file, the line, row or member, and the value.
    """
    place = Path(path)
    if place.is_dir():
        return read_folder(place)
    if not place.exists():
        raise CohortError(f"{place}: no such file or folder")
    name = place.name.lower()
    extension = max((known for known in READERS if name.endswith(known)), key=len, default=None)
    if extension is None:
        raise CohortError(f"{place}: cannot tell the format from the name; expected a folder or {', '.join(READERS)}")
    if place.stat().st_size == 0:
        raise CohortError(f"{place} is empty (0 bytes)")
    try:
        return READERS[extension](place)
    except OSError as error:
        raise CohortError(f"{place}: cannot be read: {error.strerror or error}") from error
