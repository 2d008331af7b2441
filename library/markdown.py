"""Members write Markdown; pages show clean HTML.

Two nets: the parser takes no HTML, and what comes out passes a short list of
tags. No images: a picture elsewhere would tell its server who is reading.
"""

from __future__ import annotations

from functools import lru_cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

TAGS = {
    "p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote",
    "pre", "code", "strong", "em", "s", "a", "table", "thead", "tbody", "tr",
    "th", "td",
}  # fmt: skip
_parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_parser.disable("image")


def render(text: str, *, below: int = 1) -> SafeString:
    """Markdown as HTML that is safe to show; headings follow the page's of `below`.

    However the writer began, the first heading stands one step below the page's own
    and none skips a step, so that a screen reader's outline has no holes.
    """
    return mark_safe(_render(text[:50_000], below))


@lru_cache(maxsize=256)
def _render(text: str, below: int) -> str:
    tokens = _parser.parse(text)
    written: list[int] = []  # the levels open at this place, as the writer counts
    level = below
    for token in tokens:
        if token.type == "heading_open":
            depth = int(token.tag[1])
            while written and written[-1] >= depth:
                written.pop()
            written.append(depth)
            level = min(6, below + len(written))
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{level}"
    html = _parser.renderer.render(tokens, _parser.options, {})
    return nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
