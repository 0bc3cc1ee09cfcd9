"""The one way in which the domain says no to a person."""

ALREADY_USED = "Ce formulaire a déjà servi\u00a0: rechargez la page, puis recommencez."
"""Of a form whose number is that of another family's."""


class RefusedError(Exception):
    """What was asked cannot be, and nothing was changed. The message is a French sentence for who asked."""
