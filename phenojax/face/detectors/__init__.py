"""Where the faces of a picture are: two detectors behind one interface."""
