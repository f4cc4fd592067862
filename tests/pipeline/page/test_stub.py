"""Pages that are nothing but the way to another one."""

from __future__ import annotations

import pytest

from pipeline.page import leads_to

URL = "http://sadanews.example/news/1"
TARGET = "http://sadanews.example/story/1"

STUBS = [
    "<meta http-equiv=refresh content='0;url=/story/1'>",
    "<html><head><META HTTP-EQUIV='Refresh' CONTENT='5; URL=http://sadanews.example/story/1'></head><body></body></html>",
    "<html><head><title>تحويل</title><meta http-equiv=refresh content='0;url=/story/1'></head><body>جاري تحويلك، "
    "<a href='/story/1'>اضغط هنا</a></body></html>",
    "<script>location.href='/story/1'</script>",
    '<html><body><script>window.location = "http://sadanews.example/story/1";</script></body></html>',
    "<script>setTimeout(function(){ document.location.replace('/story/1') }, 100)</script>",
    "<script>top.location.assign('/story/1');</script><noscript>يتطلب هذا الموقع جافا سكريبت</noscript>",
    "<!-- made by a program --><html><script>location.href='/story/1'</script></html><!-- in 0.1 s -->",
    "<frameset><frame src='/story/1'></frameset>",
    "<html><frameset rows='0,*'><frame src='/menu'><frame src='/story/1'></frameset><noframes>لا إطارات</noframes></html>",
]


@pytest.mark.parametrize("stub", STUBS)
def test_the_way_is_read_off_a_stub(stub: str) -> None:
    assert leads_to(stub.encode(), "text/html", URL) == TARGET


@pytest.mark.parametrize(
    "page",
    [
        "",
        "<p>خبر</p>",
        "<meta http-equiv=refresh content='300'>",
        "<meta http-equiv=refresh content='300;url=/story/1'>",
        "<meta http-equiv=refresh content='0;url=/news/1'>",
        "<meta http-equiv=refresh content='0;url=javascript:x'>",
        "<meta http-equiv=refresh content='0;url=http://['>",
        "<noscript><meta http-equiv=refresh content='0;url=/nojs'></noscript>",
        "<script>document.cookie='a=1';location.href='http://sadanews.example/news/1'</script>",
        "<script>location.reload()</script>",
        "<script>if (a) location.href='/story/1'; else location.href='/story/2'</script>",
        "<script>if (top != self) top.location = self.location</script>",
        f"<p>خبر عاجل</p><script>{'var counter = 1;' * 30} function find() {{ location.href = '/search' }}</script>",
        "<frameset cols='50%,50%'><frame src='/story/1'><frame src='/story/2'></frameset>",
        f"<meta http-equiv=refresh content='5;url=/story/1'><p>{'كلمة ' * 60}</p>",
        f"<script>location.href='/story/1'</script>{' ' * 2**16}",
    ],
)
def test_any_other_page_leads_nowhere(page: str) -> None:
    assert leads_to(page.encode(), "text/html", URL) is None
