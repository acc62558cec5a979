"""A page as the tests read it: what is open, what is linked, in which language each text stands."""

import re
from html.parser import HTMLParser
from itertools import pairwise

VOID = ("meta", "img", "br", "link", "hr", "input")


class Markup(HTMLParser):
    """Reads a page, and fails where a tag is left open or closed twice."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.headings, self.links, self.ids, self.texts, self.loaded = [], [], [], [], [], []
        self._open, self._langs = [], []
        self.feed(text)
        self.close()
        assert self._open == [], f"tags left open: {self._open}"
        assert len(self.ids) == len(set(self.ids)), "an id stands twice"

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append((tag, attrs))
        lang = attrs.get("lang", self._langs[-1] if self._langs else "")
        if tag not in VOID:
            self._open.append(tag)
            self._langs.append(lang)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append((lang, int(tag[1])))
        if tag == "a":
            self.links.append(attrs.get("href", ""))
        self.ids += [attrs["id"]] if "id" in attrs else []
        self.loaded += [attrs[key] for key in ("src", "srcset", "data", "action") if key in attrs]
        self.loaded += [attrs["href"]] if tag == "link" else []

    def handle_endtag(self, tag):
        assert self._open and self._open[-1] == tag, f"{tag} closes {self._open[-1:]}"
        self._open.pop()
        self._langs.pop()

    def handle_data(self, data):
        if data.strip() and not {"script", "style"} & {*self._open}:
            self.texts.append((self._langs[-1], tuple(self._open), data.strip()))

    def said(self, lang, tag=""):
        """All text in a language, of one kind of tag if one is named."""
        return " ".join(text for of, tags, text in self.texts if of == lang and (not tag or tag in tags))

    def check(self):
        """What every page in both languages keeps to."""
        for lang in ("en", "zh-Hans"):
            levels = [level for of, level in self.headings if of == lang]
            assert levels[0] == 1 and levels.count(1) == 1
            assert all(after <= before + 1 for before, after in pairwise(levels))
        assert self.loaded == [], "nothing is fetched"
        assert {link.removeprefix("#") for link in self.links if link.startswith("#")} <= set(self.ids)
        assert not any(re.match(r"[a-z]+:|//", link) for link in self.links), "links stay in the folder"
