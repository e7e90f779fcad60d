"""HTML that neither runs nor loads anything."""

import re
from html import escape
from html.parser import HTMLParser

UNWANTED = {"script", "iframe", "object", "applet", "noscript", "template", "foreignobject", "metadata"}
SHELL = {
    "base",
    "meta",
    "link",
    "form",
    "input",
    "button",
    "select",
    "textarea",
    "embed",
    "frame",
    "frameset",
    "portal",
}
SHELL |= {"html", "head", "body", "animate", "set", "audio", "video", "source", "track"}
VOID = {"area", "br", "col", "hr", "img", "wbr", *SHELL}
LOADING = {
    "src",
    "srcset",
    "imagesrcset",
    "poster",
    "data",
    "background",
    "href",
    "xlink:href",
    "ping",
    "srcdoc",
    "manifest",
}
RUNNING = re.compile(r"on|form|action$|srcdoc$|ping$|target$|http-equiv$", re.IGNORECASE)
PLAIN_LINK = re.compile(r"\s*(?:https?:|mailto:|data:image/|#|[\w./%-]+(?:[?#]|$))", re.IGNORECASE)
WITHIN = re.compile(r"\s*(?:#|data:|about:|$)", re.IGNORECASE)
CSS_LOAD = re.compile(r"""url\(\s*["']?([^"')]*)|@import\s*["']([^"']*)""", re.IGNORECASE)
SRCSET = re.compile(r"(\S*[^\s,])(?:\s+[^,\s]+)?\s*(?:,|$)")
REFRESH = re.compile(r"\burl\s*=\s*(\S+)", re.IGNORECASE)


class Filter(HTMLParser):
    """Copies HTML into `kept` without what runs or loads, and lists in `loads` what would have loaded."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self.kept, self.loads, self.unwanted = [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        loading = {name: found for name, value in attrs if (found := loads_of(tag, name, value or ""))}
        self.loads += [address for found in loading.values() for address in found]
        if tag in UNWANTED:
            self.unwanted.append(tag)
        elif not self.unwanted and tag not in SHELL:
            kept = [
                attribute(name, value) for name, value in attrs if name not in loading and harmless(name, value or "")
            ]
            self.kept.append(f"<{tag}{''.join(kept)}>")

    def handle_endtag(self, tag: str) -> None:
        if self.unwanted and tag == self.unwanted[-1]:
            self.unwanted.pop()
        elif not self.unwanted and tag not in VOID:
            self.kept.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        loads = css_loads(data) if self.cdata_elem == "style" else []
        self.loads += loads
        if not self.unwanted and not loads:
            self.kept.append(data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")


def sanitised(html: str) -> str:
    """Copy HTML without scripts, handlers, frames, forms, comments and anything loaded from elsewhere.

    >>> sanitised('<p onclick="x()">5 &lt; 6<script>y()</script><img alt="a" src="http://example.org/b.png"></p>')
    '<p>5 &lt; 6<img alt="a"></p>'
    """
    return "".join(Filter(html).kept)


def external_loads(html: str) -> list[str]:
    """List every address a browser would load to show a page: none, when the page is whole in itself.

    A file beside the page counts too, since it is lost when the page is mailed; a link does not.

    >>> external_loads('<a href="https://b.example">b</a><img src="//b.example/i.png"><style>@import "x.css";</style>')
    ['//b.example/i.png', 'x.css']
    """
    return Filter(html).loads


def loads_of(tag: str, name: str, value: str) -> list[str]:
    """List what one attribute makes a browser load."""
    if name == "content":
        return REFRESH.findall(value) if tag == "meta" else []
    if name not in LOADING or (tag in ("a", "area") and name.endswith("href")):
        return css_loads(value)
    addresses = SRCSET.findall(value) if name.endswith("srcset") else [value]
    return [address for address in addresses if not WITHIN.match(address)]


def css_loads(css: str) -> list[str]:
    """List what style rules load, comments and escapes resolved.

    >>> css_loads("fill: url(#a); background: url('http://example.org/b.png')")
    ['http://example.org/b.png']
    """
    css = re.sub(
        r"\\([0-9a-fA-F]{1,6})\s?", lambda code: chr(int(code[1], 16) % 0x110000), re.sub(r"/\*.*?\*/", "", css)
    )
    return [address for pair in CSS_LOAD.findall(css) for address in pair if not WITHIN.match(address)]


def harmless(name: str, value: str) -> bool:
    """Tell whether an attribute neither runs code nor sends the reader somewhere odd."""
    return not RUNNING.match(name) and (not name.endswith("href") or bool(PLAIN_LINK.match(value)))


def attribute(name: str, value: str | None) -> str:
    """Write one attribute of a tag."""
    return f" {name}" if value is None else f' {name}="{escape(value)}"'
