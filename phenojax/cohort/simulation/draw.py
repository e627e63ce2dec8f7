"""Drawing a cohort: genes, their papers, each paper's panel, and what each individual has of it."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax.cohort.model import Cohort, Individual, Sex
from phenojax.cohort.simulation import constants as known
from phenojax.cohort.simulation.config import SimulationConfig
from phenojax.cohort.simulation.panel import DiseaseProfile, Panel
from phenojax.cohort.simulation.sizes import gene_sizes
from phenojax.cohort.simulation.vocabulary import Vocabulary
from phenojax.errors import ConfigError
from phenojax.ontology import Ontology

_MAX_PANEL = 180
_SEXES = (Sex.FEMALE, Sex.MALE, Sex.UNKNOWN)


def simulate(ontology: Ontology, config: SimulationConfig | None = None, seed: int = 0) -> Cohort:
    """Draw a cohort of people who do not exist from the ontology's own disease annotations.

    Genes have heavy-tailed numbers of individuals and mostly one paper. Each paper has a panel of terms drawn by their
    frequency in one disease of the gene, partly imprecise; each individual has some of the panel, and the rest is
    excluded. So the papers on one gene can be told apart, as they can be in print.

    Args:
        ontology: with annotations and genes.
        config: sizes and realism; all defaults when None.
        seed: the same ontology, config and seed give the same cohort.

    Returns:
        Individuals ``SIM000001`` ... in groups ``SIM:0001`` ... (papers); genes are real symbols, or ``NULL1`` ... ;
        the column ``simulated`` says ``true`` for everybody.

    Raises:
        ConfigError: the ontology has fewer such genes than asked for, or no annotations.

    Example:
        >>> from phenojax.ontology import load_ontology
        >>> cohort = simulate(load_ontology(), SimulationConfig(n_genes=5, min_size=10), seed=1)
        >>> len(set(cohort.values("gene")))
        5
    """
    config = config or SimulationConfig()
    rng = np.random.default_rng(seed)
    vocabulary = Vocabulary(ontology, config.min_annotations)
    eligible = list(vocabulary.genes)
    if not vocabulary.diseases:
        raise ConfigError(f"{ontology.source} has no disease with {config.min_annotations} annotations to draw from")
    papers = gene_sizes(rng, config, len(eligible))
    n_genes = len(papers) - config.n_null_genes
    chosen = rng.permutation(len(eligible))[:n_genes]
    drawer = _Drawer(rng, vocabulary, config)
    for position, sizes in zip(chosen.tolist(), papers, strict=False):
        drawer.gene(eligible[position], sizes)
    for number, sizes in enumerate(papers[n_genes:], 1):
        drawer.null_gene(f"NULL{number}", sizes)
    individuals = tuple(drawer.individuals)
    return Cohort(individuals, f"simulated (seed {seed})", {"simulated": ("true",) * len(individuals)})


class _Paper(NamedTuple):
    """What the individuals of one paper have in common.

    Attributes:
        profile: their disease.
        panel: the terms that were looked for.
        reported: which terms of the panel are excluded in those who lack them.
        mean: of the number of terms beyond the first.
        coherence: how well they follow the disease's frequencies.
    """

    profile: DiseaseProfile
    panel: Panel
    reported: NDArray[np.bool_]
    mean: float
    coherence: float


class _Drawer:
    """The random state of one simulation, and the individuals so far."""

    def __init__(self, rng: np.random.Generator, vocabulary: Vocabulary, config: SimulationConfig) -> None:
        self._rng = rng
        self._vocabulary = vocabulary
        self._config = config
        self._n_papers = 0
        self._paper_of_carrier: list[_Paper] = []
        self.individuals: list[Individual] = []
        # The number of terms is 1 + Poisson(mean x paper's factor x individual's factor), both gamma with mean 1.
        self._mean = config.mean_terms - 1
        cv2 = max(0.0, (config.var_terms - self._mean) / self._mean**2)
        self._paper_cv2 = min(known.PAPER_TERMS_CV2, cv2)
        self._individual_cv2 = (1 + cv2) / (1 + self._paper_cv2) - 1

    def gene(self, symbol: str, sizes: list[int]) -> None:
        """Add all papers on a gene: mostly on one of its diseases."""
        options = self._vocabulary.genes[symbol]
        first = int(self._rng.random() * len(options))
        profiles: dict[int, DiseaseProfile] = {}
        for size in sizes:
            other = self._rng.random() < known.OTHER_DISEASE
            disease = options[int(self._rng.random() * len(options))] if other else options[first]
            profile = profiles.get(disease) or profiles.setdefault(disease, self._profile(disease))
            paper = self._paper(profile, size)
            self._add(symbol, [paper] * size)
            self._paper_of_carrier += [paper] * size

    def null_gene(self, symbol: str, sizes: list[int]) -> None:
        """Add papers whose individuals have nothing in common (or, on request, nothing but the paper).

        Each is drawn as one more individual of a random carrier's paper, so that nothing at all tells a null gene's
        carriers from everybody else; random diseases of their own would, since other carriers resemble each other.
        """
        for size in sizes:
            if self._config.null_panels:
                self._add(symbol, [self._paper(self._any_profile(), size)] * size)
            elif self._paper_of_carrier:
                n = len(self._paper_of_carrier)
                self._add(symbol, [self._paper_of_carrier[i] for i in self._rng.integers(n, size=size).tolist()])
            else:
                self._add(symbol, [self._paper(self._any_profile(), 1) for _ in range(size)])

    def _any_profile(self) -> DiseaseProfile:
        return self._profile(int(self._rng.random() * len(self._vocabulary.diseases)))

    def _profile(self, disease: int) -> DiseaseProfile:
        return DiseaseProfile(self._rng, self._vocabulary, self._config, self._vocabulary.diseases[disease])

    def _paper(self, profile: DiseaseProfile, size: int) -> _Paper:
        """Draw a paper on `size` individuals with one disease."""
        rng = self._rng
        mean = self._mean * float(_gamma(rng, self._paper_cv2, 1)[0])
        n_excluded = self._mean_excluded(size)
        spread = math.sqrt(mean + self._individual_cv2 * mean**2)
        slack = max(n_excluded, 0.5 * (mean + 1), 2.5 * spread)  # so that who has many terms finds them in the panel
        panel = profile.panel(min(round(mean + 1 + slack), _MAX_PANEL))
        reported = rng.random(len(panel.terms)) < n_excluded / slack
        return _Paper(profile, panel, reported, mean, float(_gamma(rng, known.COHERENCE_CV2, 1)[0]))

    def _add(self, gene: str, papers: list[_Paper]) -> None:
        """Add one individual of each of the papers, all in one group."""
        rng, size = self._rng, len(papers)
        self._n_papers += 1
        means = np.array([paper.mean for paper in papers])
        n_terms = 1 + rng.poisson(means * _gamma(rng, self._individual_cv2, size))
        noise = rng.binomial(n_terms, _beta(rng, self._config.noise, known.NOISE_CONCENTRATION, size))
        sexes = np.searchsorted(np.cumsum(known.SEX_SHARES), rng.random(size))
        ages = np.round(np.interp(rng.random(size), known.LEVELS, known.AGE_YEARS), 2)
        age_known = rng.random(size) < known.AGE_KNOWN
        for i, paper in enumerate(papers):
            observed, excluded = self._terms(paper, int(n_terms[i]), int(noise[i]))
            self.individuals.append(
                Individual(
                    id=f"SIM{len(self.individuals) + 1:06d}",
                    gene=gene,
                    observed=observed,
                    excluded=excluded,
                    sex=_SEXES[min(int(sexes[i]), 2)],
                    age=float(ages[i]) if age_known[i] else None,
                    group=f"SIM:{self._n_papers:04d}",
                    disease=(paper.profile.disease.disease_id,),
                )
            )

    def _mean_excluded(self, size: int) -> float:
        """How many absent features the individuals of one paper of this size have reported, on average."""
        rng = self._rng
        none = known.NO_EXCLUDED_SINGLE if size == 1 else known.NO_EXCLUDED_SERIES
        sd = known.EXCLUDED_LOG_SD
        drawn = math.exp(sd * rng.standard_normal() - sd**2 / 2)
        if rng.random() < none or not self._config.excluded:
            return 0.0
        mean = known.EXCLUDED_MEAN_ONE * min(size, known.EXCLUDED_SIZE_LIMIT) ** known.EXCLUDED_SIZE_POWER
        return drawn * float(mean) / (1 - none)

    def _terms(self, paper: _Paper, n_terms: int, n_noise: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Observed and excluded ids of one individual; `n_noise` observed terms give way to unrelated ones."""
        vocabulary = self._vocabulary
        has = _observed(self._rng, paper, n_terms)
        observed = [paper.panel.terms[t] for t in np.flatnonzero(has)]
        absent = [paper.panel.terms[t] for t in np.flatnonzero(paper.reported & ~has)]
        for term in paper.profile.noise(n_noise):
            others = observed[:-1]
            above = vocabulary.ancestors(term)
            if term in others or not above.isdisjoint(others) or any(term in vocabulary.ancestors(o) for o in others):
                continue
            observed = [term, *others]
            absent = [a for a in absent if a != term and a not in above and term not in vocabulary.ancestors(a)]
        ids = vocabulary.ontology.term_ids
        return tuple(ids[t] for t in observed), tuple(ids[t] for t in absent)


def _gamma(rng: np.random.Generator, cv2: float, size: int) -> NDArray[np.float64]:
    """Gamma numbers with mean 1 and this squared coefficient of variation."""
    return rng.gamma(1 / cv2, cv2, size) if cv2 > 1e-9 else np.ones(size)


def _beta(rng: np.random.Generator, mean: float, concentration: float, size: int) -> NDArray[np.float64]:
    """Beta numbers with this mean."""
    if not 0 < mean < 1:
        return np.full(size, mean)
    return rng.beta(mean * concentration, (1 - mean) * concentration, size)


def _observed(rng: np.random.Generator, paper: _Paper, n_terms: int) -> NDArray[np.bool_]:
    """Which terms of the panel an individual has: as many as told, likelier the more frequent they are (Gumbel top-k).

    The paper's coherence scales the log odds: at 0 all terms of the panel are alike.
    """
    frequencies = paper.panel.frequencies
    keys = paper.coherence * (np.log(frequencies) - np.log1p(-frequencies)) + rng.gumbel(size=len(frequencies))
    has = np.zeros(len(keys), dtype=np.bool_)
    has[np.argsort(-keys)[:n_terms]] = True
    return has
