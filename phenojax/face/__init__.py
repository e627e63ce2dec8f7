"""Photographs to vectors: find the face, align it, embed it. Needs the extra ``phenojax[faces]``."""
