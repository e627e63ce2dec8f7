"""Subgroups inside a gene that nobody labelled: clusters, their stability, and a p that knows they were chosen."""

from phenojax.subgroups.config import DiscoverConfig, Linkage
from phenojax.subgroups.results import SubgroupResult
from phenojax.subgroups.search import discover

__all__ = ["DiscoverConfig", "Linkage", "SubgroupResult", "discover"]
