"""Rhythm names that the ECG data sets share, and how they merge into classes."""

from __future__ import annotations

from collections.abc import Collection

from pydantic import Field, field_validator

from edgekit.data.base import DatasetOptions
from edgekit.errors import did_you_mean

PRECEDENCE = ("AFIB", "AFL", "SVT", "STACH", "SBRAD", "SR")
"""Rhythms, strongest first: of several statements on one record the first one here decides. A
sinus tachycardia or bradycardia says more than a sinus rhythm beside it; fibrillation or flutter
rules out what was said of the sinus node."""


class RhythmOptions(DatasetOptions):
    """Options that every ECG data set with rhythm labels has."""

    lead: str = Field(
        "", max_length=16, description="name of the lead; default II or MLII, else I, else the first"
    )
    merge: dict[str, list[str]] = Field(
        {"SR": ["SR"], "SBRAD": ["SBRAD"], "AFIB": ["AFIB", "AFL"], "GSVT": ["STACH", "SVT"]},
        description=f"class -> the rhythms in it, of {', '.join(PRECEDENCE)}",
    )

    @field_validator("merge")
    @classmethod
    def _known_and_once(cls, value: dict[str, list[str]]) -> dict[str, list[str]]:
        given = [rhythm for rhythms in value.values() for rhythm in rhythms]
        for rhythm in given:
            if rhythm not in PRECEDENCE:
                raise ValueError(f"unknown rhythm '{rhythm}': {did_you_mean(rhythm, PRECEDENCE)}")
            if given.count(rhythm) > 1:
                raise ValueError(f"rhythm '{rhythm}' is in more than one class")
        return value

    def class_of(self, rhythm: str) -> str:
        """Returns the class that a rhythm belongs to, or ""."""
        return next((name for name, rhythms in self.merge.items() if rhythm in rhythms), "")


def strongest(found: Collection[str]) -> str:
    """Returns the rhythm of `found` that comes first in PRECEDENCE, or "" where there is none."""
    return next((rhythm for rhythm in PRECEDENCE if rhythm in found), "")
