"""The redline on the page: heard as well as seen, in any direction."""

import re
from html import unescape

from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from charters.templatetags.redlines import lines, redline

TEXT = st.text(alphabet=st.sampled_from("ab c<&>\"'\n،ماءहिन्दी字符éñ."), max_size=60)
HUSH = re.compile(r'<span class="hush"[^>]*>[^<]*</span>')


def read(html, *, without):
    """The page's words, as somebody reads them who skips `without`."""
    html = re.sub(rf"<{without}>.*?</{without}>", "", HUSH.sub("", html), flags=re.S)
    html = re.sub(r"</?(ins|del)>", "", html)
    return unescape(html.replace("<br>", "\n"))


@given(TEXT, TEXT)
def test_both_texts_can_be_read_from_it(before, after):
    html = str(redline(before, after))

    assert read(html, without="ins") == before
    assert read(html, without="del") == after


def test_every_change_is_announced():
    with translation.override("en"):
        html = str(redline("Deleted after 90 days.", "Deleted after 30 days."))

    hush = '<span class="hush" lang="en" dir="ltr"> {} </span>'
    gone, new, gone_ends, new_ends = map(
        hush.format,
        ("removed:", "added:", "end of removal", "end of addition"),
    )
    was, is_now = f"<del>{gone}90{gone_ends}</del>", f"<ins>{new}30{new_ends}</ins>"
    assert html == f"Deleted after {was}{is_now} days."


def test_the_announcement_keeps_its_own_direction_inside_an_arabic_text():
    with translation.override("en"):
        html = str(redline("نصّ قديم", "نصّ جديد"))

    assert 'lang="en" dir="ltr"' in html


def test_line_ends_of_all_systems_are_kept():
    assert str(lines("a\r\nb\rc\nd")) == "a<br>b<br>c<br>d"
