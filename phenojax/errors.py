"""Everything phenojax raises on purpose: one family, so that a caller can catch it whole."""


class PhenojaxError(ValueError):
    """The base of every error that phenojax raises for its user's input; the command line exits with 2 on it."""


class OntologyError(PhenojaxError):
    """An ontology or annotation file is malformed, or an id is not a term of the release."""


class CohortError(PhenojaxError):
    """A cohort file is malformed; the message names the file, the row and the value."""


class ConfigError(PhenojaxError):
    """An argument is out of its range, or two arguments contradict each other."""


class ResultError(PhenojaxError):
    """A result folder is missing, incomplete, or written by an incompatible version."""


class MissingExtraError(PhenojaxError):
    """An optional part was asked for whose packages are absent; the message is the one command that installs them."""


class WeightsError(PhenojaxError):
    """A file of weights is absent, damaged, of an unknown format, or not the one that its model card describes."""


class PhotographError(PhenojaxError):
    """A photograph cannot be used; the message says why. An embedding run makes it a row, not its end."""


class TrainingError(PhenojaxError):
    """A training run diverged; the message says at which step, and which checkpoint is good."""
