"""What a search for subgroups found: three tables and a description of the run, as objects and as a folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from phenojax.screen.result_folder import ResultFormat, result_written_whole

NAMES = ("individuals", "subgroups", "terms")
SUBGROUPS = ResultFormat(
    "phenojax-subgroups", 1, tuple(f"{name}.{kind}" for name in NAMES for kind in ("tsv", "parquet"))
)

INDIVIDUALS_SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("group", pa.string()),
        ("subgroup", pa.int32()),
        ("stability", pa.float64()),
        ("other_subgroup", pa.float64()),
        ("n_terms", pa.int32()),
    ]
)
SUBGROUPS_SCHEMA = pa.schema(
    [
        ("subgroup", pa.int32()),
        ("n", pa.int32()),
        ("outliers", pa.bool_()),
        ("n_groups", pa.int32()),
        ("largest_group", pa.float64()),
        ("jaccard", pa.float64()),
        ("stability", pa.float64()),
        ("median_terms", pa.float64()),
    ]
)
TERMS_SCHEMA = pa.schema(
    [
        ("subgroup", pa.int32()),
        ("term_id", pa.string()),
        ("label", pa.string()),
        ("count", pa.int32()),
        ("n", pa.int32()),
        ("other_count", pa.int32()),
        ("other_n", pa.int32()),
        ("prevalence", pa.float64()),
        ("other_prevalence", pa.float64()),
        ("odds_ratio", pa.float64()),
    ]
)


@dataclass(frozen=True)
class SubgroupResult:
    """The division of a gene's individuals, how stable it is, and how it was reached. Research use only.

    Attributes:
        table: one row for each individual, `INDIVIDUALS_SCHEMA`: ``subgroup`` 1, 2 ..., the largest first;
            ``stability``, the share of resamples in which it stays with the others of its subgroup, 0 to 1, and
            ``other_subgroup``, the largest such share with another one; null where there is one subgroup.
        subgroups: one row for each subgroup, `SUBGROUPS_SCHEMA`: ``outliers`` marks fewer than three individuals, which
            have no ``jaccard`` and no terms; ``largest_group`` is the share of its individuals from
            one group (publication), ``jaccard`` how well it comes back in resamples.
        terms: what is commoner in a subgroup than in the others, a term counting with its descendants, `TERMS_SCHEMA`.
            The subgroups were made from these terms, so that a test would be circular: there are no p-values.
        run: ``gene``, ``modality``, ``k`` (the number of subgroups), ``p_value``, ``min_p``, ``by_k``,
            ``associations``, ``notes``, versions, settings and seed; plain JSON values.
    """

    table: pa.Table
    subgroups: pa.Table
    terms: pa.Table
    run: Mapping[str, Any]

    @property
    def k(self) -> int:
        """The number of subgroups; 1 where the gene is not divided."""
        return int(self.run["k"])

    @property
    def p_value(self) -> float:
        """How often one group without subgroups looks as divided, the number of subgroups chosen anew each time."""
        return float(self.run["p_value"])

    def write(self, folder: str | os.PathLike[str]) -> Path:
        """Write individuals, subgroups and terms as .tsv and .parquet, and run.json, into `folder`, all or nothing.

        Raises:
            ResultError: `folder` is a file, or holds files but no subgroups of an earlier run.
        """
        with result_written_whole(folder, self.run, SUBGROUPS) as files:
            for name, table in zip(NAMES, (self.table, self.subgroups, self.terms), strict=True):
                files.tsv(f"{name}.tsv", table)
                files.parquet(f"{name}.parquet", table)
        return Path(folder)
