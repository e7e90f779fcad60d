"""Which letters a file's bytes are, found out from all of them; and letters garbled before."""

import codecs
import io
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO, NamedTuple

from coterie.lake.reading.containers import open_binary
from coterie.study import SettingsError

CHUNK = 1 << 22
LONGEST = 1 << 28  # bytes of one line
MARKS = (  # what some programs put first; the longer ones before those they begin with
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
UNDEFINED = bytes([0x81, 0x8D, 0x8F, 0x90, 0x9D])  # in cp1252
CP1252 = {bytes([b]).decode("cp1252"): b for b in range(128, 256) if b not in UNDEFINED}
AS_BYTE = {chr(b): b for b in range(128, 256)} | CP1252
RUN = re.compile(f"[{re.escape(''.join(AS_BYTE))}]{{2,}}")
GARBLED = re.compile(rb"\xc3[\x80-\xbf][\xc2\xc5\xc6\xcb\xe2]")  # where `repair` may find something
PUNCTUATION = "…–—‘’“”•"  # after a capital umlaut these are text, not the rest of another letter
CONTROLS = re.compile("[\x80-\x9f]")


class Scan(NamedTuple):
    """What all bytes of a file say about how to read it."""

    encoding: str
    is_plain: bool  # UTF-8 of one kind of line end, nothing in it that wants a closer look
    is_mixed: bool = False  # mostly UTF-8, but not everywhere


def scan_bytes(path: Path) -> Scan:
    """Look at every byte of a file once.

    What is valid UTF-8 throughout is UTF-8, bytes with zeros between them are UTF-16, and the rest
    is the Windows code page of Western Europe, or Latin-1 where that leaves a byte undefined. A
    file that is UTF-8 but for few places stays UTF-8, and the lines of those places are set aside.
    """
    with open_binary(path) as file:
        head = file.read(4096)
    if marked := next((name for mark, name in MARKS if head.startswith(mark)), ""):
        return Scan(marked, is_plain=marked == "utf-8-sig" and is_simple(path))
    if wide := wide_encoding(head):
        return Scan(wide, is_plain=False)
    faults, letters, undefined = count_faults(path)
    if not faults:
        return Scan("utf-8", is_plain=is_simple(path))
    if faults * 10 < letters:
        return Scan("utf-8", is_plain=False, is_mixed=True)
    return Scan("latin-1" if undefined else "cp1252", is_plain=False)


def wide_encoding(head: bytes) -> str:
    """Recognise UTF-16 without a mark: every other byte of Latin text is zero.

    >>> wide_encoding("user".encode("utf-16-le")), wide_encoding(b"user")
    ('utf-16-le', '')
    """
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) * 5 < len(head):
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def count_faults(path: Path) -> tuple[int, int, bool]:
    """Count places that are no UTF-8 and bytes that are no ASCII, and say if cp1252 lacks one."""
    faults, letters, undefined = 0, 0, False
    for chunk in chunks(path):
        if chunk.isascii():
            continue
        letters += len(chunk) - len(chunk.decode("ascii", "ignore"))
        try:
            chunk.decode()
        except UnicodeDecodeError:
            lost = chunk.decode("utf-8", "replace").count("\ufffd")
            faults += lost - chunk.count("\ufffd".encode())
            undefined |= any(byte in chunk for byte in UNDEFINED)
    return faults, letters, undefined


def chunks(path: Path) -> Iterator[bytes]:
    """Give a file's bytes in pieces that end where a line ends, so that no letter is cut."""
    rest = b""
    with open_binary(path) as file:
        while piece := file.read(CHUNK):
            whole, line_end, rest_of_piece = (rest + piece).rpartition(b"\n")
            yield whole + line_end
            rest = rest_of_piece
            if len(rest) > LONGEST:
                raise SettingsError(
                    f"{path}: a line of it is longer than {LONGEST >> 20} MiB, so its line ends "
                    "were lost, or it is no table. Nothing of it was read; export it again."
                )
    yield rest


def is_simple(path: Path) -> bool:
    """Say whether a UTF-8 file has one kind of line end, no zero byte, and no garbled letters."""
    returns, pairs, ends = 0, 0, 0
    for chunk in chunks(path):
        if b"\0" in chunk or (not chunk.isascii() and GARBLED.search(chunk)):
            return False
        if b"\r" not in chunk and not returns:  # one end of another kind tells as much as many
            ends += b"\n" in chunk
            continue
        returns, ends = returns + chunk.count(b"\r"), ends + chunk.count(b"\n")
        pairs += chunk.count(b"\r\n")
    return returns == pairs and pairs in (0, ends)


def text_lines(file: BinaryIO, encoding: str, *, strict: bool = True) -> Iterator[str]:
    """Decode a file line by line, the ends kept.

    Unless `strict`, bytes that are no letters stay as lone surrogates, which no text holds.
    """
    errors = "strict" if strict else "surrogateescape"
    lines = io.TextIOWrapper(file, encoding, errors=errors, newline="")
    first = lines.readline(LONGEST).removeprefix("\ufeff")
    return chain([first] if first else [], bounded(lines))


def bounded(lines: io.TextIOWrapper) -> Iterator[str]:
    """Give line after line, and stop at one that does not end."""
    while line := lines.readline(LONGEST):
        if len(line) == LONGEST:
            raise ValueError("a line does not end")
        yield line


def repair(text: str) -> str:
    """Put letters right that were UTF-8 read as Windows or Latin letters; others stay.

    >>> repair("cafÃ© â€“ BjÃ¶rk"), repair("Ärger É"), repair("Ã‰cole 😀")
    ('café – Björk', 'Ärger É', 'École 😀')
    """
    return text if text.isascii() else RUN.sub(repaired_run, text)


def repaired_run(run: re.Match) -> str:
    """Read a run of letters as the bytes they once were, if those are UTF-8."""
    letters = run[0]
    if len(letters) == 2 and letters[0] not in "ÂÃ" and letters[1] in PUNCTUATION:
        return letters
    try:
        found = bytes(AS_BYTE[letter] for letter in letters).decode()
    except UnicodeDecodeError:
        return letters
    return letters if CONTROLS.search(found) else found  # nobody wrote a control character
