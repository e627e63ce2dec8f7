"""What a run was: written beside its embeddings."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from phenojax.face.embedding.result import FaceEmbeddings
from phenojax.face.embedding.storage import private_file
from phenojax.face.photographs.failure import SENTENCES, FailureReason


def record_path(out: Path) -> Path:
    """``E.run.json`` for ``E.parquet``."""
    return out.with_suffix(".run.json")


def failure_counts(embeddings: FaceEmbeddings) -> dict[FailureReason, int]:
    """How many failed for which reason, the most frequent first."""
    return dict(Counter(failure.reason for failure in embeddings.failures).most_common())


def run_record(
    embeddings: FaceEmbeddings, key: str, device: str, n_resumed: int, seconds: dict[str, float]
) -> dict[str, Any]:
    """Versions, weights with their SHA-256 and licences, settings, counts and timings.

    Args:
        embeddings: of the run.
        key: the run's.
        device: that it ran on.
        n_resumed: photographs that an earlier, unfinished run had done.
        seconds: what the time went to.
    """
    n_new = len(embeddings) - n_resumed
    return {
        "key": key,
        "versions": embeddings.versions,
        "device": device,
        "settings": embeddings.settings.to_dict(),
        "models": [card.to_dict() for card in embeddings.cards],
        "n_photographs": len(embeddings),
        "n_embedded": int(embeddings.embedded.sum()),
        "n_failed": {reason.value: count for reason, count in failure_counts(embeddings).items()},
        "failures": [
            {"id": failure.id, "reason": failure.reason.value, "sentence": SENTENCES[failure.reason]}
            for failure in embeddings.failures
        ],
        "n_resumed": n_resumed,
        "seconds": seconds,
        "photographs_per_second": round(n_new / seconds["all"], 3) if n_new and seconds["all"] else None,
        "notice": "Research use only; does not diagnose. Embeddings are personal data.",
    }


def write_record(record: dict[str, Any], out: Path) -> None:
    """Write it beside `out`; mode 0600, since it names those who failed."""
    with private_file(record_path(out)) as temporary:
        temporary.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
