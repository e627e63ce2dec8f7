"""What a reader who writes about the result should cite: only what this run used."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from phenojax.fusion import Classifier
from phenojax.screen.results import ScreenResult


class Source(NamedTuple):
    """What it is for, and the publication."""

    purpose: str
    reference: str


PHENOSCORE = Source(
    "The idea: are a gene's carriers told from others by terms and face",
    "Dingemans AJM, Hinne M, Truijen KMG, et al. PhenoScore quantifies phenotypic variation for rare genetic diseases "
    "by combining facial analysis with other clinical features using a machine-learning framework. Nature Genetics "
    "2023;55:1598-1607. doi 10.1038/s41588-023-01469-w",
)
_KERNEL = Source(
    "Kernel of terms: common ancestors, each by what it adds to its parents",
    "This package, docs/statistics.md; after simGIC: Pesquita C, Faria D, Bastos H, Ferreira AEN, Falcão AO, Couto FM. "
    "Metrics for GO based protein semantic similarity: a systematic evaluation. BMC Bioinformatics 2008;9(Suppl 5):S4",
)
_FACE_MAPS = {
    "integrated-gradients": "Sundararajan M, Taly A, Yan Q. Axiomatic attribution for deep networks. ICML 2017",
    "occlusion": "Zeiler MD, Fergus R. Visualizing and understanding convolutional networks. ECCV 2014",
    "lime": 'Ribeiro MT, Singh S, Guestrin C. "Why should I trust you?" Explaining the predictions of any classifier. '
    "KDD 2016",
}
_EXPLANATIONS = Source(
    "p of a term: Fisher's exact test", "Fisher RA. On the interpretation of χ² from contingency tables, and the "
    "calculation of P. Journal of the Royal Statistical Society 1922;85:87-94"
)  # fmt: skip
_TESTED = (
    Source(
        "Relabelling whole groups",
        "Winkler AM, Webster MA, Vidaurre D, Nichols TE, Smith SM. Multi-level block permutation. NeuroImage "
        "2015;123:253-268",
    ),
    Source(
        "p of drawn relabellings",
        "Phipson B, Smyth GK. Permutation P-values should never be zero. Statistical Applications in Genetics and "
        "Molecular Biology 2010;9:39",
    ),
    Source(
        "Interval of the AUC, groups kept whole",
        "Obuchowski NA. Nonparametric analysis of clustered ROC curve data. Biometrics 1997;53:567-578; DeLong ER, "
        "DeLong DM, Clarke-Pearson DL. Biometrics 1988;44:837-845",
    ),
    Source(
        "q",
        "Benjamini Y, Hochberg Y. Controlling the false discovery rate. Journal of the Royal Statistical Society B "
        "1995;57:289-300; for any dependence: Benjamini Y, Yekutieli D. Annals of Statistics 2001;29:1165-1188",
    ),
    Source(
        "p of the kernel's mean discrepancy (p_mmd)",
        "Gretton A, Borgwardt KM, Rasch MJ, Schölkopf B, Smola A. A kernel two-sample test. Journal of Machine "
        "Learning Research 2012;13:723-773",
    ),
)
_SEQUENTIAL = Source(
    "Stopping early", "Besag J, Clifford P. Sequential Monte Carlo p-values. Biometrika 1991;78:301-304"
)
_PLATT = Source(
    "Probabilities from scores",
    "Platt J. In: Advances in Large Margin Classifiers 1999:61-74; Lin HT, Lin CJ, Weng RC. Machine Learning "
    "2007;68:267-276",
)


def sources(result: ScreenResult, face_methods: Collection[str] = ()) -> list[Source]:
    """List the publications behind what stands in this result, and behind maps of faces made by such methods."""
    run: Mapping[str, Any] = result.run
    listed = [PHENOSCORE]
    citation = (run.get("ontology") or {}).get("citation")
    if citation:
        listed.append(Source("Terms and annotations: Human Phenotype Ontology", str(citation)))
    tested = result.table.num_rows - result.table["auc"].null_count
    classifier = (run.get("classifier") or {}).get("name")
    if tested and classifier != Classifier.PHENOSCORE:
        listed += [_KERNEL, _PLATT]
    if tested:
        listed += _TESTED
    if (run.get("config") or {}).get("sequential"):
        listed.append(_SEQUENTIAL)
    if result.explanations.num_rows:
        listed.append(_EXPLANATIONS)
    listed += [Source("Maps of faces", _FACE_MAPS[method]) for method in sorted(face_methods)]
    return listed
