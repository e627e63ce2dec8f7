"""For every gene of a cohort: cases, matched controls, the test, and its result."""

from phenojax.screen.config import Modality, ScreenConfig
from phenojax.screen.results import ScreenResult, Status
from phenojax.screen.run import compare, screen

__all__ = ["Modality", "ScreenConfig", "ScreenResult", "Status", "compare", "screen"]
