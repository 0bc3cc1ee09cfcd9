"""The one way in which the domain says no to a person."""


class RefusedError(Exception):
    """What was asked cannot be, and nothing was changed. The message is a French sentence for who asked."""
