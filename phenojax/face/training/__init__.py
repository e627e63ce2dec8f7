"""Fine-tuning an encoder on labelled faces: ArcFace or triplets, resumable, the same numbers for the same seed."""
