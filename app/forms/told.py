"""What is told once before a form is kept, and blocks nothing: sent again as it is, it passes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from wtforms import HiddenField


class Told:
    """A form that may tell. Its template shows `told`."""

    told = HiddenField()
    """What was read already, and is gone on in spite of."""
    if TYPE_CHECKING:

        def refuse(self, sentence: str) -> None: ...

    def has_told(self, sentences: Sequence[str]) -> bool:
        """Whether these were read already; else they are said."""
        said = "\n".join(sentences)
        if not sentences or self.told.data == said:
            return True
        self.told.data = said
        for sentence in sentences:
            self.refuse(f"{sentence}. Vérifiez, puis validez de nouveau si c’est bien ce que vous voulez.")
        return False
