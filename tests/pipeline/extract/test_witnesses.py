"""What was said of an article elsewhere than on its page."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract.witnesses import FoundTexts, found_texts
from pipeline.text import tidy


def test_html_is_cut_into_the_lines_of_a_reader() -> None:
    content = """
<p>توقفت <b>المدافع</b> أمس.</p>

<p>وعاد الأهالي<br/>إلى بيوتهم &#8211; كلهم.</p><script>x()</script><p hidden>خفي</p> وانتهى"""
    assert found_texts({"by": "wordpress", "title": "هدنة &#8211; حلب", "content": content}) == FoundTexts(
        title=("هدنة – حلب",),
        content=("توقفت المدافع أمس.", "وعاد الأهالي", "إلى بيوتهم – كلهم.", "وانتهى"),
    )


def test_plain_text_is_taken_line_by_line() -> None:
    found = {"summary": " أول  السطر \n\n\u200bثانيه: 3 < 5 ", "title": "<i>هدنة</i> في حلب"}
    assert found_texts(found) == FoundTexts(title=("هدنة في حلب",), summary=("أول السطر", "ثانيه: 3 < 5"))


def test_a_capture_of_before_has_none() -> None:
    assert found_texts({}) == found_texts({"by": "sitemap", "lastmod": "2026-05-10"}) == FoundTexts()


def test_what_is_cut_off_or_too_deep_is_no_fault() -> None:
    deep = found_texts({"summary": "<p>توقفت <a href='http://", "content": "<div>" * 300 + "نص"})
    assert deep == FoundTexts(summary=("توقفت",))


MARKUP = st.lists(
    st.sampled_from(["<p>", "</p>", "<", "<br", "<!--", "<![CDATA[", "&#0;", "&#xd800;", "<pre>", "\x00"]) | st.text()
)


@given(
    st.dictionaries(
        st.sampled_from(["title", "summary", "content", "by"]), MARKUP.map("".join) | st.text(st.characters())
    )
)
def test_nothing_makes_it_fail_and_every_line_is_tidy(found: dict[str, str]) -> None:
    texts = found_texts(found)
    lines = [*texts.title, *texts.summary, *texts.content]
    assert all(line and line == tidy(line) for line in lines)
