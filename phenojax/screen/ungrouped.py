"""What a comparison would have shown had it split groups between training and test: how much of it is the group's."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from phenojax.screen.gene import Found, ungrouped_auc
from phenojax.screen.prepare import Prepared

logger = logging.getLogger("phenojax")

# By so much more than the grouped AUC the ungrouped one is worth a warning.
MUCH = 0.05
# Where few groups are left out in turn the grouped AUC may lie below chance by itself: the difference says little then.
CHANCE = 0.5


def beside_ungrouped(prepared: Prepared, found: Sequence[Found]) -> tuple[list[Found], list[dict[str, Any]]]:
    """Add to each note the AUC without groups, and list both for run.json; one warning where they differ much.

    Individuals of one group (publication, site) may be alike beyond their label. Scores of individuals whose own group
    was in the training set recognise the group, and where a group holds one label mostly that looks like the label.
    The difference does not show this by itself: fewer individuals are left to train on, too.
    """
    noted, listed = [], []
    for one in found:
        auc = ungrouped_auc(prepared, one)
        if auc is None or one.test is None:
            noted.append(one)
            continue
        gain = auc - one.test.auc
        text = f"with groups split between training and test the AUC would be {auc:.2f}"
        much = gain >= MUCH and one.test.auc >= CHANCE
        if much:
            text += f" instead of {one.test.auc:.2f}: that may be recognition of groups, not of the label"
            logger.warning(
                "%s by %s: AUC %.2f with groups kept whole, and %.2f without, which may be recognition of groups",
                one.gene,
                one.modality.value,
                one.test.auc,
                auc,
            )
        noted.append(replace(one, note="; ".join(filter(None, (one.note, text)))))
        listed.append(
            {
                "gene": one.gene,
                "modality": one.modality.value,
                "auc": one.test.auc,
                "auc_ungrouped": auc,
                "differ_much": much,
            }
        )
    return noted, listed
