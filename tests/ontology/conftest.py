"""Small releases, and the real one where the test data is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from phenojax.ontology import Ontology, load_ontology

OBO = """format-version: 1.2
data-version: hp/releases/2024-03-06

[Term]
id: HP:0000001
name: All

[Term]
id: HP:0000118
name: Phenotypic abnormality
is_a: HP:0000001 ! All

[Term]
id: HP:0000002
name: Tall stature
alt_id: HP:0000020
synonym: "High stature" EXACT layperson []
synonym: "Big" RELATED []
is_a: HP:0000118 ! Phenotypic abnormality

[Term]
id: HP:0000003
name: Very tall stature
synonym: "Big" BROAD []
is_a: HP:0000002 ! Tall stature

[Term]
id: HP:0000031
name: obsolete Huge
is_obsolete: true
replaced_by: HP:0000032

[Term]
id: HP:0000032
name: obsolete Giant
is_obsolete: true
replaced_by: HP:0000020

[Term]
id: HP:0000033
name: obsolete Odd
is_obsolete: true
consider: HP:0000003

[Term]
id: HP:0003577
name: Congenital onset
is_a: HP:0000001 ! All

"""

HPOA_COLUMNS = (
    "database_id disease_name qualifier hpo_id reference evidence onset frequency sex modifier aspect biocuration"
)
HPOA_ROWS = [
    "OMIM:2|Two||HP:0000002|PMID:1;PMID:2|PCS|HP:0003577|3/7|MALE||P|x",
    "OMIM:2|Two|NOT|HP:0000003|PMID:1|PCS|||||P|x",
    "OMIM:1|One||HP:0000020|PMID:2|TAS||HP:0040281|FEMALE||P|x",
    "OMIM:1|One||HP:0000031||IEA||12.5%|||P|x",
    "OMIM:1|One||HP:0000033|PMID:3|IEA|||||P|x",
    "OMIM:1|One||HP:0000999|PMID:3|IEA|||||P|x",
    "OMIM:1|One||HP:0000003|PMID:3|IEA||0/0|||C|x",
]
GENE_COLUMNS = "ncbi_gene_id gene_symbol hpo_id hpo_name frequency disease_id"
GENE_ROWS = [
    "10|NAT2|HP:0000002|Tall|-|OMIM:2",
    "9|BBB|HP:0000003|Very tall|-|OMIM:1",
    "9|BBB|HP:0000002|Tall|-|OMIM:3",
]


def table(columns: str, rows: list[str], comment: str = "") -> str:
    return comment + "\n".join(["\t".join(columns.split()), *(row.replace("|", "\t") for row in rows)]) + "\n"


HPOA = table(HPOA_COLUMNS, HPOA_ROWS, "#description: small\n#version: 2024-03-07\n")
GENES = table(GENE_COLUMNS, GENE_ROWS)


@pytest.fixture
def small_files(tmp_path: Path) -> dict[str, Path]:
    """Paths of a small release, as keyword arguments of `load_ontology`."""
    paths = {
        "source": tmp_path / "hp.obo",
        "annotations": tmp_path / "phenotype.hpoa",
        "genes": tmp_path / "genes_to_phenotype.txt",
    }
    for path, text in zip(paths.values(), (OBO, HPOA, GENES), strict=True):
        path.write_text(text)
    return paths


@pytest.fixture
def small(small_files: dict[str, Path]) -> Ontology:
    return load_ontology(**small_files)


@pytest.fixture(scope="session")
def bundled() -> Ontology:
    return load_ontology()


@pytest.fixture(scope="session")
def real_files(shared_data: Callable[[str], Path]) -> dict[str, Path]:
    return {
        "source": shared_data("hpo/hp.2025-01-16.obo.gz"),
        "annotations": shared_data("hpo/phenotype.2025-01-16.hpoa.gz"),
        "genes": shared_data("hpo/genes_to_phenotype.2025-01-16.txt.gz"),
    }
