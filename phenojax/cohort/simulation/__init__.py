"""Cohorts of people who do not exist, drawn from the ontology's own disease annotations."""

from phenojax.cohort.simulation.config import SimulationConfig
from phenojax.cohort.simulation.draw import simulate

__all__ = ["SimulationConfig", "simulate"]
