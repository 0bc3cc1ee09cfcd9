"""What the journal says of accounts and logins."""

from app.models.event import EventGroup, EventWords

WORDS = EventWords(
    kinds={
        EventGroup.LOGINS: {
            "login": "Connexion",
            "password_changed": "Mot de passe changé",
            "password_reset_requested": "Lien «\u00a0mot de passe oublié\u00a0» demandé",
            "email_changed": "Adresse de courriel changée",
            "email_returned": "Changement d’adresse de courriel annulé depuis l’ancienne adresse",
            "two_factor_enabled": "Double authentification activée",
            "two_factor_disabled": "Double authentification désactivée",
        },
        EventGroup.ACCOUNTS: {
            "admin_created": "Compte d’administration créé à l’installation",
            "agent_created": "Compte d’agent créé",
            "agent_changed": "Compte d’agent modifié",
            "account_locked": "Compte verrouillé",
            "account_unlocked": "Compte déverrouillé",
            "one_time_given": "Nouveau mot de passe provisoire",
        },
    },
    details={
        "name": "Nom",
        "role": "Rôle",
        "structures": "Structures",
        "identifiant": "Identifiant",
    },
    never=frozenset(("password", "password_hash")),
)
