"""The many spellings of one address fold to one; different articles stay apart."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from langnghe.core.urls import canonical_url, host_of

ONE = "https://baovidu.vn/truong-hoa-ban-duoc-khen-123.htm"


@pytest.mark.parametrize(
    "spelling",
    [
        ONE,
        "http://baovidu.vn/truong-hoa-ban-duoc-khen-123.htm",
        "https://www.baovidu.vn/truong-hoa-ban-duoc-khen-123.htm",
        "https://m.baovidu.vn/truong-hoa-ban-duoc-khen-123.htm",
        "https://amp.baovidu.vn/truong-hoa-ban-duoc-khen-123.htm",
        "https://www.m.baovidu.vn/truong-hoa-ban-duoc-khen-123.htm",
        "HTTPS://BaoViDu.VN./truong-hoa-ban-duoc-khen-123.htm",
        "https://baovidu.vn:443/truong-hoa-ban-duoc-khen-123.htm",
        "http://baovidu.vn:80/truong-hoa-ban-duoc-khen-123.htm",
        "//baovidu.vn/truong-hoa-ban-duoc-khen-123.htm",
        ONE + "/",
        ONE + "/amp",
        ONE + "/amp/",
        "https://baovidu.vn/amp/truong-hoa-ban-duoc-khen-123.htm",
        ONE + "#binh-luan",
        ONE + "?utm_source=zalo&utm_medium=chat&zarsrc=30",
        ONE + "?fbclid=IwAR0&gclid=1&vn_source=Home",
        ONE + "?UTM_Source=x&amp=1",
        ONE + "?utm%5Fsource=x",
        "https://user:secret@baovidu.vn/truong-hoa-ban-duoc-khen-123.htm",
        "https://baovidu.vn//truong-hoa-ban-duoc-khen%2D123.htm",
        f"  {ONE}\n",
    ],
)
def test_spellings_of_one_article_fold(spelling: str) -> None:
    assert canonical_url(spelling) == ONE


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("https://baovidu.vn/bai-1.htm", "https://baovidu.vn/bai-2.htm"),
        ("https://baovidu.vn/doc?id=1", "https://baovidu.vn/doc?id=2"),
        ("https://baovidu.vn/a", "https://khac.vn/a"),
        ("https://baovidu.vn/a", "https://baovidu.vn:8443/a"),
        ("https://giaoduc.baovidu.vn/a", "https://baovidu.vn/a"),
        ("https://baovidu.vn/A", "https://baovidu.vn/a"),
        ("https://baovidu.vn/a%2Fb", "https://baovidu.vn/a/b"),
        ("https://m.vn/a", "https://vn/a"),
        ("https://baovidu.vn/amphibia", "https://baovidu.vn/hibia"),
    ],
)
def test_different_articles_stay_apart(left: str, right: str) -> None:
    assert canonical_url(left) != canonical_url(right)


def test_order_of_parameters_and_escapes_do_not_matter() -> None:
    assert canonical_url("http://a.vn/tin?b=2&a=1") == canonical_url("https://a.vn/tin?a=1&b=2")
    assert canonical_url("https://a.vn/trường") == canonical_url("https://a.vn/tr%c6%b0%e1%bb%9dng")
    assert canonical_url("https://trường.vn/a") == canonical_url("https://xn--trng-u4a5h.vn/a") or (
        canonical_url("https://trường.vn/a").startswith("https://xn--")
    )


@pytest.mark.parametrize(
    "junk",
    [
        "",
        "   ",
        "không phải url",
        "http://",
        "http://[",
        "http://a:b:c/",
        "http://a:99999/",
        "javascript:alert(1)",
        "mailto:a@b.vn",
        "http://..",
        "http://\ud800/",
        "//",
        "%",
        "\x00",
    ],
)
def test_junk_comes_back_without_an_exception(junk: str) -> None:
    assert canonical_url(junk) == junk.strip()


_PIECES = st.text(alphabet="ahtp:/?#[]@%&=w.m24c5 \u01b0\ud800", max_size=25)


@settings(deadline=None)
@given(
    st.one_of(
        st.text(max_size=60), _PIECES.map("http://a.vn/".__add__), _PIECES.map("http://".__add__)
    )
)
def test_never_raises_and_twice_is_as_once(url: str) -> None:
    once = canonical_url(url)
    assert canonical_url(once) == once


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.baovidu.vn/a.html", "baovidu.vn"),
        ("http://m.baovidu.vn:8080/a", "baovidu.vn"),
        ("https://m.vn/a", "m.vn"),
        ("https://BAOVIDU.vn./", "baovidu.vn"),
        ("nhóm phụ huynh", ""),
        ("https://[hong", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_a_publisher_is_known_by_one_host(url: str | None, host: str) -> None:
    assert host_of(url) == host
