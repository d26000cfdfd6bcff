"""Check the built documentation: links, images, headings, names, contrast, search; and that nothing comes from outside.

``python docs/check_html.py docs/_build/html`` prints what is wrong, one line each, and fails if there is anything. Only
links within the documentation are followed.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LEAST_CONTRAST = (
    4.5  # WCAG 2.2, level AA, for letters of usual size: https://www.w3.org/TR/WCAG22/#contrast-minimum
)
LETTERS = ("foreground-primary", "foreground-secondary", "foreground-muted", "brand-content", "brand-primary")
GROUNDS = ("background-primary", "background-secondary")
UNNAMED = frozenset({"hidden", "submit", "button", "checkbox"})
GENERATED = ("genindex.html", "search.html", "_modules/")  # headings and links of these are Sphinx's own


@dataclass
class Page(HTMLParser):
    """What a page holds, as far as it is checked."""

    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    labelled: set[str] = field(default_factory=set)
    language: str = ""
    open_: list[list[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make the parser."""
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take down one element."""
        has = {name: value or "" for name, value in attrs}
        self.ids.update(value for name, value in has.items() if name in {"id", "name"} and value)
        if tag == "html":
            self.language = has.get("lang", "")
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        self._note_what_is_loaded(tag, has)
        self._ask_for_names(tag, has)
        if tag in {"a", "button"}:
            if has.get("href"):
                self.links.append(has["href"])
            self.open_.append([tag, has.get("aria-label", "") or has.get("title", ""), has.get("href", "")])
        elif self.open_ and has.get("alt"):
            self.open_[-1][1] += has["alt"]

    def _note_what_is_loaded(self, tag: str, has: dict[str, str]) -> None:
        if tag in {"script", "img", "iframe", "source"} and has.get("src"):
            self.loaded.append(has["src"])
        if tag == "link" and has.get("rel") in {"stylesheet", "preload", "icon", "shortcut icon"}:
            self.loaded.append(has.get("href", ""))

    def _ask_for_names(self, tag: str, has: dict[str, str]) -> None:
        if tag == "img" and not has.get("alt", "").strip():
            self.wrong.append(f"an image has no alternative text: {has.get('src')}")
        if tag == "label" and "for" in has:
            self.labelled.add(has["for"])
        if tag in {"input", "select", "textarea"} and has.get("type") not in UNNAMED:
            names = (has.get("aria-label"), has.get("title"), has.get("placeholder"))
            if not any(names) and has.get("id") not in self.labelled:
                self.wrong.append(f"a field has no label: {has}")

    def handle_data(self, data: str) -> None:
        """Take down the name of a link or button."""
        if self.open_:
            self.open_[-1][1] += data

    def handle_endtag(self, tag: str) -> None:
        """Look whether a link or button had a name."""
        if self.open_ and tag == self.open_[-1][0]:
            _, name, target = self.open_.pop()
            if not name.strip():
                self.wrong.append(f"a {'link' if tag == 'a' else 'button'} has no name: {target}")


def read(path: Path) -> Page:
    """Return what a page holds."""
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def of_page(name: str, page: Page) -> Iterator[str]:
    """Yield what is wrong with a page by itself."""
    yield from page.wrong
    if not page.language:
        yield "the page does not say its language"
    yield from (f"loaded from elsewhere: {each}" for each in page.loaded if urlsplit(each).netloc)
    if name.startswith(GENERATED):
        return
    if page.headings.count(1) != 1 or page.headings[0] != 1:
        yield f"not one heading of the first level, at the top: {page.headings[:5]}"
    for above, below in zip(page.headings, page.headings[1:], strict=False):
        if below > above + 1:
            yield f"a heading of level {below} follows one of level {above}"


def broken(root: Path, pages: dict[str, Page]) -> Iterator[str]:
    """Yield links within the documentation that lead nowhere."""
    for name, page in pages.items():
        if name.startswith(GENERATED):
            continue
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (root / name).parent / unquote(parts.path) if parts.path else root / name
            inside = target.resolve().relative_to(root.resolve()).as_posix() if target.exists() else None
            if inside is None:
                yield f"{name}: a link leads nowhere: {link}"
            elif parts.fragment and inside in pages and unquote(parts.fragment) not in pages[inside].ids:
                yield f"{name}: a link leads to no place on its page: {link}"


def luminance(colour: str) -> float:
    """Return the relative luminance of #rgb or #rrggbb (WCAG 2.2)."""
    digits = colour.lstrip("#")
    digits = "".join(each * 2 for each in digits) if len(digits) == 3 else digits[:6]
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21 (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def variables(css: Iterable[str]) -> dict[str, str]:
    """Return the colours of a theme by their names; later ones win."""
    return {
        name: value
        for text in css
        for name, value in re.findall(r"--color-([\w-]+):\s*(#[0-9a-fA-F]{3,8})\b", text)
    }


def faint(root: Path) -> Iterator[str]:
    """Yield colours of letters with too little contrast, in the light and in the dark theme and in code."""
    theme = (root / "_static" / "styles" / "furo.css").read_text(encoding="utf-8")
    own = re.search(r"<style>(.*?)</style>", (root / "index.html").read_text(encoding="utf-8"), re.DOTALL)
    own_text = own[1] if own else ""
    halves = {
        "light": [theme.split("body[data-theme=dark]")[0], own_text.split("@media")[0]],
        "dark": [theme, own_text],
    }
    for mode, css in halves.items():
        colours = variables(css)
        for letters in LETTERS:
            for ground in GROUNDS:
                found = contrast(colours[letters], colours[ground])
                if found < LEAST_CONTRAST:
                    yield f"{mode}: {letters} on {ground} has a contrast of {found:.1f}, not {LEAST_CONTRAST}"


def faint_code(root: Path) -> Iterator[str]:
    """Yield colours of code with too little contrast."""
    css = (root / "_static" / "pygments.css").read_text(encoding="utf-8")
    start = css.find("body[data-theme=")
    for mode, text in (("light", css[:start]), ("dark", css[start:])):
        ground = re.search(r"\.highlight\s*{[^}]*background:\s*(#[0-9a-fA-F]{3,6})", text)
        if ground is None:
            yield f"{mode}: code has no background"
            continue
        for kind, colour in re.findall(
            r"\.highlight (\.\w+)\s*{[^}]*?(?<!-)color:\s*(#[0-9a-fA-F]{3,6})", text
        ):
            found = contrast(colour, ground[1])
            if found < LEAST_CONTRAST and kind != ".w":  # spaces have no letters
                yield f"{mode}: code of the kind {kind} has a contrast of {found:.1f}, not {LEAST_CONTRAST}"


def of_search(root: Path) -> Iterator[str]:
    """Yield what the search cannot find."""
    index = root / "searchindex.js"
    text = index.read_text(encoding="utf-8") if index.exists() else ""
    yield from (
        f"the search does not know {word!r}"
        for word in ("margin", "onset", "baselin")
        if f'"{word}"' not in text
    )


def found(root: Path) -> list[str]:
    """Return what is wrong with built documentation."""
    pages = {path.relative_to(root).as_posix(): read(path) for path in sorted(root.rglob("*.html"))}
    single = [f"{name}: {wrong}" for name, page in pages.items() for wrong in of_page(name, page)]
    return [*single, *broken(root, pages), *faint(root), *faint_code(root), *of_search(root)]


if __name__ == "__main__":
    problems = found(Path(sys.argv[1]))
    print(*(problems or ["links, images, headings, names, contrast and search: nothing found"]), sep="\n")
    sys.exit(bool(problems))
