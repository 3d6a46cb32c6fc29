"""The built documentation: nothing is loaded from elsewhere, and every link within it leads somewhere.

python .ci/check_site.py FOLDER
"""

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADS = {
    "link": "href",
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "object": "data",
    "use": "href",
}
NO_LOAD = {"canonical", "alternate", "prev", "next"}  # kinds of <link> that fetch nothing


class Page(HTMLParser):
    """What a page loads, where it leads, and the places in it that can be led to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.places: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of what a tag loads, where it leads, and its place."""
        found = {name: value or "" for name, value in attrs}
        self.places |= {found[name] for name in ("id", "name") if found.get(name)}
        if tag in LOADS and found.get(LOADS[tag]) and found.get("rel") not in NO_LOAD:
            self.loads.append(found[LOADS[tag]])
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])


def is_elsewhere(url: str) -> bool:
    """Whether a browser would ask another machine for it."""
    return bool(urlsplit(url).netloc)


def faults(folder: Path) -> list[str]:
    """Return a sentence for everything that is loaded from elsewhere, and for every link that leads nowhere."""
    pages = {path: Page(path.read_text("utf-8")) for path in sorted(folder.rglob("*.html"))}
    found = [] if pages else [f"{folder}: no page"]
    for path, page in pages.items():
        name = path.relative_to(folder)
        found += [f"{name}: loads {url}" for url in page.loads if is_elsewhere(url)]
        own = [url for url in (*page.links, *page.loads) if not urlsplit(url).scheme and not is_elsewhere(url)]
        for url in own if path.name != "404.html" else ():  # whose links are those of the server's root
            parts = urlsplit(url)
            there = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            there = there / "index.html" if there.is_dir() else there
            if not there.exists():
                found.append(f"{name}: {url} leads nowhere")
            elif parts.fragment and there in pages and unquote(parts.fragment) not in pages[there].places:
                found.append(f"{name}: {url} leads to no such place")
    for path in folder.rglob("*.css"):
        urls = re.findall(r"""(?:url\(|@import\s*)["']?([^"')]+)""", path.read_text("utf-8"))
        found += [f"{path.relative_to(folder)}: loads {url}" for url in urls if is_elsewhere(url)]
    return found


if __name__ == "__main__":
    told = faults(Path(sys.argv[1]).resolve())
    print("\n".join(told) or "nothing is loaded from elsewhere, and every link leads somewhere")
    sys.exit(bool(told))
