"""Why something is refused: a sentence of the list, words of one's own, or both. The family reads them."""

from wtforms import StringField, TextAreaField
from wtforms.validators import Length

from app.csrf import Form


class RefusalForm(Form):
    standard = StringField("Motif", [Length(max=300)])
    motif = TextAreaField("Ou un autre motif", [Length(max=500, message="500 caractères au plus.")])

    @property
    def reason(self) -> str:
        return " ".join(part for part in (self.standard.data, (self.motif.data or "").strip()) if part)
