"""« Mes données » in French: the name of each column, and of each value that the database keeps as a code."""

import enum
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from app.clock import PARIS
from app.models.personal_data import PersonalData
from app.models.privacy.packages import FROM_THE_GROUND
from app.models.requests.reader import Whose

NUMBERS = {column: number for package in FROM_THE_GROUND for column, number in package.numbers.items()}
_CODES = {of: words for package in FROM_THE_GROUND for of, words in package.codes.items()}
Names = Mapping[str, Mapping[int, str]]
"""By column, the words for the numbers that it holds."""


def names_for(whose: Whose) -> Names:
    return {column: number.words(whose) for column, number in NUMBERS.items()}


def label_of(package: PersonalData, column: str) -> str:
    """The name of a column. Raises KeyError for one that nobody named."""
    return package.columns[column] if column in package.columns else NUMBERS[column].label


def said_of(package: PersonalData, column: str, value: Any, names: Names) -> Any:
    """What a column says: for the number of another row its words, for cents an amount in euros."""
    if column in names:
        return names[column].get(value)
    if column.endswith("_cents"):
        return value / 100
    told = said(value)
    return package.choices[column].get(told, told) if column in package.choices else told


def said(value: Any) -> Any:
    """What the file says of a value: French words, days and local instants in ISO."""
    match value:
        case datetime():
            return value.astimezone(PARIS).isoformat(timespec="seconds")
        case date() | time():
            return value.isoformat()
        case enum.Enum():
            return _CODES.get(type(value), {}).get(value, value.value)
        case _:
            return value
