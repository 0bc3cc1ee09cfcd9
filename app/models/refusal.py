"""The one way in which the domain says no to a person."""

ALREADY_USED = "Ce formulaire a déjà servi\u00a0: rechargez la page, puis recommencez."
"""Of a form whose number is that of another family's."""
GONE = "Votre dossier vient d’être réuni à un autre\u00a0: rechargez la page, puis recommencez."
"""To a family whose file was merged into another meanwhile."""


class RefusedError(Exception):
    """What was asked cannot be, and nothing was changed. The message is a French sentence for who asked."""
