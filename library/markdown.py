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
    "p", "br", "hr", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre",
    "code", "strong", "em", "s", "a", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_parser.disable("image")


def render(text: str) -> SafeString:
    """Markdown as HTML that is safe to show; headings begin below the page's own."""
    return mark_safe(_render(text[:50_000]))


@lru_cache(maxsize=256)
def _render(text: str) -> str:
    tokens = _parser.parse(text)
    for token in tokens:
        if token.tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            # h1 and h2 belong to the page.
            token.tag = f"h{min(6, int(token.tag[1]) + 2)}"
    html = _parser.renderer.render(tokens, _parser.options, {})
    return nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
