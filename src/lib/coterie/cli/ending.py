"""How the command ends: every error a user can cause is one sentence, never a traceback."""

import errno
import io
import os
import signal
import sys
from contextlib import suppress

import coterie.cli.data
import coterie.cli.runs
import coterie.cli.tests  # noqa: F401 - commands are the command's once they are imported
from coterie.cli.app import app, err
from coterie.study import DataError, SettingsError

SECONDS_TO_STOP = 2  # what then still waits is left: a kill costs nothing that was finished
STOPPED = (
    "Stopped. The last good results are untouched; the same command goes on where this one stopped."
)

SHOW = "COTERIE_DEBUG=1 shows where"
TO_DO = {
    errno.EACCES: "Give yourself the right to it.",
    errno.EPERM: "Give yourself the right to it.",
    errno.EROFS: "Mount its disk for writing.",
    errno.EISDIR: "A folder lies where a file belongs: move it away.",
    errno.ENOTDIR: "A file lies where a folder belongs: move it away.",
    errno.EEXIST: "Something else lies there: move it away.",
    errno.ELOOP: "A link lies where coterie writes: remove it.",
    errno.EMFILE: "Too many files are open: close other programs, or raise `ulimit -n`.",
}


class Stopped(BaseException):
    """Ctrl-C, or a polite kill: what is being done ends, kernels and lock included."""


def stop(*signal_and_frame: object) -> None:
    """Turn a signal into an exception, and see that the command ends soon, whatever it waits for.

    Another signal meanwhile changes nothing.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(SECONDS_TO_STOP)
    raise Stopped


def give_up(*signal_and_frame: object) -> None:
    """End at once; kernels end when they see that nobody waits for them."""
    os.write(2, f"{STOPPED}\n".encode())
    os._exit(1)


def end_now() -> None:
    """End without waiting for threads, of which one may wait for a kernel that is no more."""
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(1)


def main() -> None:
    """Run the command; every error a user can cause is one sentence, never a traceback."""
    os.umask(os.umask(0o022) | 0o022)  # nobody but the owner may write what is made
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal may not know every letter
            stream.reconfigure(errors="backslashreplace")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    try:
        app()
    except (Stopped, Exception) as error:
        signal.alarm(0)
        known = (SettingsError, DataError, Stopped, OSError)
        if os.environ.get("COTERIE_DEBUG") and not isinstance(error, known):
            raise
        err.print(in_one_sentence(error))
        if isinstance(error, Stopped):
            end_now()
        sys.exit(2 if isinstance(error, SettingsError) else 1)


def in_one_sentence(error: BaseException) -> str:
    """Say what went wrong, and what to do about it.

    >>> in_one_sentence(OSError(13, "Permission denied", "page.html"))
    'Cannot read or write page.html: Permission denied. Give yourself the right to it.'
    """
    if isinstance(error, SettingsError | DataError):
        from coterie.disclosure import hide_shapes  # noqa: PLC0415 - slow to import

        return hide_shapes(str(error))
    if isinstance(error, Stopped):
        return STOPPED
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"The disk is full ({error.filename or 'a file'} could not be written). The last good "
            "results are untouched; free some space, then the same command goes on."
        )
    if isinstance(error, OSError):
        said = f"Cannot read or write {error.filename or 'a file'}: {error.strerror or error}."
        return f"{said} {TO_DO.get(error.errno, '')}".strip()
    kind = type(error).__name__
    where = f"the traceback is in {error.log}" if hasattr(error, "log") else SHOW
    return f"Something in coterie itself went wrong ({kind}); {where}."
