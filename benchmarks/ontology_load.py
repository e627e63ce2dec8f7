"""How long a release takes to load: the three files (target < 1 s) and the bundled pack (target < 0.3 s).

python benchmarks/ontology_load.py hp.obo phenotype.hpoa genes_to_phenotype.txt [--rounds 9]

The files may be gzipped; the time then includes unpacking them. Both loads must give the same ontology where the files
are of the bundled release, and a pack built from the files must give the same ontology in any case.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from phenojax.ontology import Ontology, build_pack, load_ontology


def touched(ontology: Ontology) -> Ontology:
    """Everything that is made lazily and that a screen needs."""
    _ = (ontology.term_ids, ontology.labels, ontology.graph, ontology.phenotype_mask, ontology.lookup("HP:0000118"))
    _ = (ontology.annotation_table, ontology.gene_table, ontology.diseases(), ontology.genes())
    return ontology


def median_seconds(load: Callable[[], Ontology], rounds: int) -> float:
    seconds = []
    for _ in range(rounds):
        begin = time.perf_counter()
        touched(load())
        seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ontology")
    parser.add_argument("annotations")
    parser.add_argument("genes")
    parser.add_argument("--rounds", type=int, default=9)
    given = parser.parse_args()

    def from_files() -> Ontology:
        return load_ontology(given.ontology, annotations=given.annotations, genes=given.genes)

    read = from_files()
    bundled = load_ontology()
    with tempfile.TemporaryDirectory() as folder:
        pack = Path(folder) / "release.pack"
        build_pack(pack, given.ontology, given.annotations, given.genes)
        if load_ontology(pack).pack() != read.pack():
            raise SystemExit("the pack and the files it was built from give different ontologies")
    if read.version == bundled.version and read.pack() != bundled.pack():
        raise SystemExit("the files and the bundled release give different ontologies")
    same = "the same ontology" if read.version == bundled.version else f"another release, {bundled.version}"

    print(
        f"three files   release {read.version}   median {median_seconds(from_files, given.rounds):.3f} s   target 1 s"
    )
    print(f"bundled pack  {same}   median {median_seconds(load_ontology, given.rounds):.3f} s   target 0.3 s")


if __name__ == "__main__":
    main()
