"""Why a target cannot be checked."""


class TargetError(Exception):
    """There is nothing that can be checked; the text says why in one line."""


class NothingFoundError(TargetError):
    """The target could be loaded, but has none of the functions."""


class ProjectError(ValueError):
    """The project's configuration or its record cannot be used; the text names the file, the key and what is wrong."""
