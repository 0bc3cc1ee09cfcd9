"""What the journal says of households that change, and of accounts that end."""

from app.models.event import EventGroup, EventWords

WORDS = EventWords(
    kinds={
        EventGroup.FAMILIES: {
            "family_split": "Dossier séparé en deux",
            "family_merged": "Dossiers réunis",
            "custody_removed": "Enfant retiré du foyer",
            "authority_given": "Autorité parentale notée",
            "authority_removed": "Autorité parentale retirée",
            "account_removed": "Compte supprimé, resté sans connexion",
        },
    },
    details={
        "new_number": "Nouveau numéro",
        "staying": "Reste",
        "leaving": "Part",
        "homes": "Foyers",
        "joined_children": "Fiches d’enfant réunies",
        "same_adults": "Adultes réunis",
        "newcomers": "Nouveaux adultes",
        "closed_logins": "Comptes fermés",
        "restricted": "Autorisations ramenées à non",
        "enrolments": "Inscriptions",
        "invoices": "Factures",
        "threads": "Messages",
    },
)
