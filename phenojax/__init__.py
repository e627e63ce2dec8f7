"""For every gene of a cohort: do its carriers share a recognisable phenotype? Research use only; does not diagnose."""
