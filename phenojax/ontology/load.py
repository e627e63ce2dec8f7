"""Reading a release from files, from a pack, or from inside the package."""

from __future__ import annotations

import gzip
import logging
import os
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from phenojax import _core
from phenojax._files import written_whole
from phenojax.errors import OntologyError
from phenojax.ontology.ontology import Ontology

logger = logging.getLogger("phenojax")

BUNDLED = "bundled"
_PACK_MAGIC = b"PHENOJAX"
_GZIP_MAGIC = b"\x1f\x8b"


def load_ontology(
    source: str | os.PathLike[str] | None = None,
    *,
    annotations: str | os.PathLike[str] | None = None,
    genes: str | os.PathLike[str] | None = None,
    without_references: Sequence[str] = (),
) -> Ontology:
    """Read a release of the Human Phenotype Ontology. Nothing is cached: each call reads anew.

    Args:
        source: ``hp.obo``, ``hp.json`` (obographs) or a pack of `build_pack`, each also gzipped; None for the release
            inside the package.
        annotations: ``phenotype.hpoa`` (or gzipped).
        genes: ``genes_to_phenotype.txt`` (or gzipped). Where one of `annotations` and `genes` is given, the two
            replace whatever the pack or the package holds, and the one not given is empty.
        without_references: publications whose knowledge to leave out, as in ``["PMID:31675180"]`` (a bare number is a
            PMID; those that no annotation cites are named in a warning). An annotation row is dropped when it cites at
            least one reference and all of those it cites are given; a row that also cites another stays and loses only
            the mention. A gene's row is dropped when its disease had the term (not negated) before and has it no
            longer. Diseases and genes keep their indices, even when no row is left of them.

    Raises:
        OntologyError: a file is missing, truncated or malformed; the message names the file and the line.

    Example:
        >>> import phenojax as pj
        >>> pj.load_ontology().label("HP:0001250")
        'Seizure'
    """
    with _format_errors():
        release = _read(source, annotations, genes)
    ontology = Ontology(release, BUNDLED if source is None else os.fspath(source))
    if ontology.annotation_version not in ("", ontology.version):
        logger.warning(
            "the ontology is release %s, its annotations are of %s; terms of one may be unknown to the other",
            ontology.version, ontology.annotation_version,
        )  # fmt: skip
    return ontology.without_references(without_references) if without_references else ontology


def build_pack(
    out: str | os.PathLike[str],
    source: str | os.PathLike[str] | None = None,
    annotations: str | os.PathLike[str] | None = None,
    genes: str | os.PathLike[str] | None = None,
) -> Ontology:
    """Write a release as one pack, which loads many times faster than the files; returns what was written.

    `out` appears whole or not at all. The other arguments are those of `load_ontology`.

    Raises:
        OntologyError: a file is missing, truncated or malformed, or `out` cannot be written.
    """
    ontology = load_ontology(source, annotations=annotations, genes=genes)
    try:
        with written_whole(out) as temporary:
            temporary.write_bytes(ontology.pack())
    except OSError as error:
        raise OntologyError(f"{os.fspath(out)}: cannot be written: {error.strerror or error}") from None
    return ontology


def bundled_path() -> Path:
    """Locate the release inside the package: beside the compiled core, also in an editable install."""
    return Path(_core.__file__).parent / "ontology" / "data" / "hpo.pack"


def _read(
    source: str | os.PathLike[str] | None,
    annotations: str | os.PathLike[str] | None,
    genes: str | os.PathLike[str] | None,
) -> _core.Release:
    name, content = (BUNDLED, _bundled()) if source is None else (os.fspath(source), _read_bytes(source))
    annotation_file = None if annotations is None else (os.fspath(annotations), _read_bytes(annotations))
    gene_file = None if genes is None else (os.fspath(genes), _read_bytes(genes))
    if content.startswith(_PACK_MAGIC) or name.endswith(".pack"):
        release = _core.unpack_release(name, content)
        if annotation_file is None and gene_file is None:
            return release
        return release.with_annotations(annotation_file, gene_file)
    is_json = content[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    return _core.read_release((name, content), is_json, annotation_file, gene_file)


def _bundled() -> bytes:
    path = bundled_path()
    try:
        return path.read_bytes()
    except OSError as error:
        raise OntologyError(
            f"{path}: the bundled ontology release cannot be read ({error.strerror}); install phenojax again, or give "
            "the path of an hp.obo"
        ) from None


def _read_bytes(path: str | os.PathLike[str]) -> bytes:
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise OntologyError(f"{os.fspath(path)}: cannot be read: {error.strerror or error}") from None
    if not content.startswith(_GZIP_MAGIC):
        return content
    try:
        return gzip.decompress(content)
    except (EOFError, OSError, zlib.error) as error:
        raise OntologyError(
            f"{os.fspath(path)}: the gzip file is damaged or truncated ({error}); fetch it again"
        ) from None


@contextmanager
def _format_errors() -> Iterator[None]:
    try:
        yield
    except _core.FormatError as error:
        raise OntologyError(str(error)) from None
