"""Entries of a study file, read into what they should be, or refused in one sentence."""

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from coterie.study import SettingsError

Kind = TypeVar("Kind", bound=BaseModel)


def read_entry(kind: type[Kind], entry: object, *, where: str, form: str, what: str = "it") -> Kind:
    """Read one entry of a study file.

    Parameters
    ----------
    where
        The setting, as the message names it.
    form
        How an entry is written, to be copied.
    what
        What is written so, in the message.

    Raises
    ------
    SettingsError
        Naming the setting, its form, and the keys that are wrong.

    >>> class Pet(BaseModel):
    ...     name: str
    >>> read_entry(Pet, {"name": "Rex"}, where="pets", form="{name: Rex}").name
    'Rex'
    >>> read_entry(Pet, {}, where="pets", form="{name: Rex}")
    Traceback (most recent call last):
    coterie.study.SettingsError: pets: write it like {name: Rex}; look at name.
    """
    try:
        return kind.model_validate(entry)
    except ValidationError as error:
        wrong = ", ".join(str(part) for e in error.errors() for part in e["loc"]) or "no mapping"
        raise SettingsError(f"{where}: write {what} like {form}; look at {wrong}.") from None
