"""Photographs as they come from cameras, phones and slides, to pixels of one kind, or to the reason why not."""
