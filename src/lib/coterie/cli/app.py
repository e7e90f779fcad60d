"""The command, its two consoles, and what a study is called on it."""

from typing import Annotated

import typer
from rich.console import Console

HELP = "Audience segmentation for social media analytics: eleven notebooks, one command."
app = typer.Typer(
    help=HELP, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)
out = Console(highlight=False, markup=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
StudyName = Annotated[
    str, typer.Argument(metavar="STUDY", help="A settings file's name in notebooks/studies.")
]
