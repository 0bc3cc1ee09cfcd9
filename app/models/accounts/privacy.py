"""Accounts, their sessions, and the agents: what is told of them, and what goes by itself."""

from app.models.accounts import Account, UserSession
from app.models.personal_data import Chapter, Part, PersonalData

_KEYS = "secret de connexion\u00a0: le connaître suffit à entrer"
_AGENTS = "données des agents"
_SECRETS = ("password_hash", "totp_secret", "totp_last_step")

DATA = PersonalData(
    parts=(
        Part(
            Chapter.LOGIN,
            "Votre compte",
            Account,
            lambda whose: Account.id == whose.adult.account_id,
            frozenset(("id", "identifiant_key", *_SECRETS)),
        ),
        Part(
            Chapter.LOGIN,
            "Vos connexions ouvertes",
            UserSession,
            lambda whose: UserSession.account_id == whose.adult.account_id,
            frozenset(("id", "account_id", "token_digest")),
        ),
    ),
    not_told={
        "agent": _AGENTS,
        "agent_structure": _AGENTS,
        "password_reset": _KEYS,
        "recovery_code": _KEYS,
        "throttle": "essais de connexion, sous une empreinte qui ne nomme personne, oubliés en un jour",
    },
    columns={
        "created_at": "Créé le",
        "expires_at": "Prend fin le",
        "identifiant": "Identifiant",
        "idle_warned_at": "Prévenu de son absence le",
        "last_login_at": "Dernière connexion",
        "locked_at": "Verrouillé depuis le",
        "must_change_password": "Mot de passe à changer",
        "one_time_until": "Mot de passe provisoire valable jusqu’au",
    },
    not_purged={
        "account": "an agent's stays; a family's goes by the rules of app.models.households.idle_account",
        "agent": "as long as the town hall has the agent's name under what was decided",
        "agent_structure": "with the agent",
        "password_reset": "by the worker each hour, and with its account",
        "recovery_code": "with its account",
        "throttle": "by the worker each hour",
        "user_session": "by the worker each hour, and with its account",
    },
)
