"""Who logs in, and how: accounts, agents, roles, sessions, passwords."""

from app.models.accounts.account import Account, AccountState
from app.models.accounts.agent import Agent
from app.models.accounts.password_reset import PasswordReset
from app.models.accounts.permission import Permission, Role
from app.models.accounts.recovery_code import RecoveryCode
from app.models.accounts.session import UserSession
from app.models.accounts.throttle import Throttle, ThrottleKind

__all__ = [
    "Account",
    "AccountState",
    "Agent",
    "PasswordReset",
    "Permission",
    "RecoveryCode",
    "Role",
    "Throttle",
    "ThrottleKind",
    "UserSession",
]
