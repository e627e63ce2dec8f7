"""From photographs to embeddings: one row for each, with its vector or with what failed and why."""
