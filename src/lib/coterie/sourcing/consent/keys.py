"""Every key a no may bind by: one identifier gives several, and one in common is enough.

Here two spellings are rather taken for one person than for two: a no that binds a neighbour costs
an impression, a no that is missed costs trust. Joining accounts into people is stricter.
"""

import hashlib
import re
import unicodedata

import phonenumbers

ADDRESS = re.compile(r"[^\s<>\"'(),;:|]+@[^\s<>\"'(),;:|]+\.[^\s<>\"'(),;:|]+")
DIGEST = re.compile(r"(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})")
DIGESTS = re.compile(rf"\b{DIGEST.pattern}\b")
NOBODY = {"", "none", "null", "nan", "n/a", "na", "-", "unknown", "(not set)", "[deleted]", "0"}
ALIASES = {"googlemail.com": "gmail.com"}
SHORTEST = 7  # digits of a telephone number, without a leading zero
LOCAL = 9  # last digits that are the same with and without a country code


def refusal_keys(kind: str, text: str, *, platform: str = "", region: str = "US") -> set[str]:
    """List the keys by which an identifier may be met again; none when it is nobody's.

    `kind` is the column it stood in; an address or number in a column for accounts is one all the
    same. `region` is the country of numbers without a country code.

    >>> sorted(refusal_keys("email", " Ana.B+news@GoogleMail.com "))
    ['email:anab@gmail.com']
    >>> refusal_keys("phone", "06 12 34 56 78") & refusal_keys("phone", "+33 612345678")
    {'phone:612345678'}
    >>> sorted(refusal_keys("account", "@Ana_B", platform="x"))
    ['account:x:ana_b']
    """
    plain = unicodedata.normalize("NFKC", text).replace("\u200b", "").strip().casefold()
    bare = plain.strip("\"'<>() ")
    if bare in NOBODY:
        return set()
    if DIGEST.fullmatch(bare):
        return {f"hash:{bare}"}
    keys = {f"email:{mailbox(address)}" for address in ADDRESS.findall(plain)}
    keys |= {f"hash:{digest}" for digest in DIGESTS.findall(plain)}
    if kind == "phone":
        keys |= phone_keys(bare, region)
    elif kind in ("account", "crm_id"):
        keys |= account_keys(kind, bare, platform=platform, region=region)
    return keys


def account_keys(kind: str, bare: str, *, platform: str, region: str) -> set[str]:
    """Give the keys of a handle, a link to a profile, or a number in the company's own books."""
    handle = re.sub(r"^(?:https?://)?(?:www\.)?[\w.-]+\.[a-z]{2,}/(?:@|u/|in/|_u/)?", "", bare)
    handle = re.split(r"[?#]", handle)[0].strip("/").lstrip("@")
    number = re.sub(r"^(\d+)\.0+$", r"\1", handle)  # 101.0 is what a spreadsheet makes of 101
    keys = {f"{kind}:{platform}:{number}" if kind == "account" else f"crm_id:{number}"}
    looks_dialled = bare.startswith("+") and len(re.sub(r"\D", "", bare)) >= SHORTEST
    return keys | (phone_keys(bare, region) if looks_dialled else set())


def wide_keys(keys: set[str]) -> set[str]:
    """Give what a platform's or the company's own number is called without saying whose it is.

    >>> wide_keys({"account:x:ana_b", "email:a@b.org"})
    {'id:ana_b'}
    """
    named = (key.split(":", 2) for key in keys)
    return {
        "id:" + parts[-1]
        for parts in named
        if parts[0] == "account" or (parts[0] == "crm_id" and len(parts) == 2)
    }


def mailbox(address: str) -> str:
    """Name the mailbox behind an address: without what follows a plus, Gmail also without dots.

    >>> mailbox("ana+shop@example.org")
    'ana@example.org'
    """
    name, domain = address.removeprefix("mailto:").strip(".").rsplit("@", 1)
    domain = ALIASES.get(domain, domain)
    name = name.split("+")[0] or name
    return f"{name.replace('.', '') if domain == 'gmail.com' else name}@{domain}"


def phone_keys(text: str, region: str) -> set[str]:
    """Give the last nine digits of a number, as written and as its country writes it."""
    text = re.sub(r"^00", "+", re.sub(r"\(0\)", "", text).strip())
    digits = re.sub(r"\D", "", text).lstrip("0")
    keys = {digits[-LOCAL:]} if len(digits) >= SHORTEST and len(set(digits)) > 1 else set()
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return {f"phone:{key}" for key in keys}
    if phonenumbers.is_valid_number(number):
        keys.add(str(number.national_number)[-LOCAL:])
    return {f"phone:{key}" for key in keys}


def digests(address_or_number: str) -> set[str]:
    """Hash a text the three ways that lists of opt-outs are handed over: MD5, SHA-1, SHA-256.

    >>> sorted(len(digest) for digest in digests("ana@example.org"))
    [32, 40, 64]
    """
    data = address_or_number.encode()
    return {hashlib.new(name, data).hexdigest() for name in ("md5", "sha1", "sha256")}


def hashed_keys(kind: str, text: str, *, region: str = "US") -> set[str]:
    """List the digests by which a no may name an e-mail address or telephone number.

    >>> import hashlib
    >>> "hash:" + hashlib.md5(b"ana@example.org").hexdigest() in hashed_keys(
    ...     "email", "Ana@example.org"
    ... )
    True
    """
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    if kind == "email":
        spellings = {plain, *(address for address in ADDRESS.findall(plain))}
        spellings |= {mailbox(address) for address in ADDRESS.findall(plain)}
        spellings |= {without_dots(address) for address in ADDRESS.findall(plain)}
    else:
        digits = re.sub(r"\D", "", plain)
        spellings = {plain, digits, digits.lstrip("0"), f"+{digits}"}
        try:
            number = phonenumbers.parse(plain, region)
            e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            spellings |= {e164, e164.removeprefix("+")}
        except phonenumbers.NumberParseException:
            pass  # no number of any country: its digits stand as they are
    return {f"hash:{digest}" for spelling in spellings for digest in digests(spelling)}


def without_dots(address: str) -> str:
    """Write an address the way Google hashes it: Gmail's own domains without dots and plus."""
    name, domain = address.rsplit("@", 1)
    if domain not in ("gmail.com", "googlemail.com"):
        return address
    return f"{name.split('+')[0].replace('.', '')}@{domain}"
