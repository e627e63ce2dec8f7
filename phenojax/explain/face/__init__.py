"""Which part of a face carries the score that a model gives it; maps of single faces, and the mean map of a gene."""
