"""Taking a program apart: which of its statements are run for the sake of some of its functions."""
