"""What the journal says of accounts given to families."""

from app.models.event import EventGroup, EventWords

WORDS = EventWords(
    kinds={
        EventGroup.ACCOUNTS: {
            "account_created": "Compte de famille créé",
            "letter_printed": "Lettre d’identifiants imprimée",
        },
    },
)
