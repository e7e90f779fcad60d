"""What a page may not hold: anything that runs, and anything fetched from elsewhere."""

import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import yaml

RULES = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
RUNNING = {f"<{tag}>" for tag in RULES["running"]}


class Inspector(HTMLParser):
    """Reads HTML as a browser would; lists what `runs` or sends readers away, and what it `loads`.

    >>> sorted(
    ...     Inspector(
    ...         '<p onclick="x()">5 &lt; 6<script>y()</script><a href="java&#x09;script:z()">z</a>'
    ...     ).runs
    ... )
    ['<script>', 'a link that runs', 'an event handler']
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.runs, self.loads = set(), []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.runs |= {f"<{tag}>"} & RUNNING
        for name, value in attrs:
            address = (
                re.sub(r"[\x00-\x20]", "", value or "")
                if name.endswith("href") and tag == "a"
                else ""
            )
            placed = name == "style" and re.search(RULES["placed"], css_plain(value or ""))
            self.runs |= {"an element placed over others"} if placed else set()
            self.runs |= {"an event handler"} if name.startswith("on") else set()
            self.runs |= {"a link that runs"} if re.match(RULES["code"], address) else set()
            self.loads += loads_of(tag, name, value or "")

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "style":
            self.loads += css_loads(unescape(data))
            placed = re.search(RULES["placed"], css_plain(unescape(data)))
            self.runs |= {"an element placed over others"} if placed else set()


def external_loads(html: str) -> list[str]:
    """List every address a browser would fetch to show a page, files beside it too; links are none.

    >>> external_loads(
    ...     '<a href="https://b.example">b</a><img src="//b.example/i.png">'
    ...     '<style>@import "x.css";</style>'
    ... )
    ['//b.example/i.png', 'x.css']
    """
    return Inspector(html).loads


def loads_of(tag: str, name: str, value: str) -> list[str]:
    """List what one attribute makes a browser load."""
    if name == "content":
        return re.findall(RULES["refresh"], value) if tag == "meta" else []
    if name not in RULES["loading"] or (tag in ("a", "area") and name.endswith("href")):
        return css_loads(value)
    addresses = re.findall(RULES["srcset"], value) if name.endswith("srcset") else [value]
    return [address for address in addresses if not re.match(RULES["within"], address)]


def css_loads(css: str) -> list[str]:
    r"""List what style rules load, comments and escapes resolved.

    >>> css_loads(r"fill: url(#a); background: u\72l('http://example.org/b.png')")
    ['http://example.org/b.png']
    """
    return [
        url
        for pair in re.findall(RULES["css"], css_plain(css))
        for url in pair
        if not re.match(RULES["within"], url)
    ]


def css_plain(css: str) -> str:
    r"""Resolve comments and escapes of style rules.

    >>> css_plain(r"p\6fsition/* */:fixed")
    'position:fixed'
    """
    plain = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return re.sub(r"\\([0-9a-fA-F]{1,6})\s?", lambda code: chr(int(code[1], 16) % 0x110000), plain)
