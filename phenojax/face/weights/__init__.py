"""Pretrained weights: where they are, what they are, whether they are what they say, and under which licence."""
