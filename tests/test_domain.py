"""The registrable domain: one key for every split, fold and report."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.domain import domain


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.example.org/a?b=c", "example.org"),
        ("https://example.org", "example.org"),
        ("http://News.Example.CO.UK:8080/a", "example.co.uk"),
        ("https://user:secret@blog.example.de/", "example.de"),
        ("https://example.org./a", "example.org"),
        ("//cdn.example.com/x", "example.com"),
        ("https://me.github.io/page", "me.github.io"),
        ("https://www.münchen.de/", "münchen.de"),
    ],
)
def test_pages_of_one_site_share_its_registrable_domain(url: str, expected: str) -> None:
    """Subdomains, ports, user info and case do not matter; sites below a shared suffix are apart."""
    assert domain(url) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost:8000/", "localhost"),
        ("http://127.0.0.1:80/a", "127.0.0.1"),
        ("http://[2001:DB8::1]:80/a", "2001:db8::1"),
        ("https://co.uk/", "co.uk"),
        ("https://a..example.com/", "a..example.com"),
    ],
)
def test_a_host_without_registrable_domain_is_returned_as_it_is(url: str, expected: str) -> None:
    """IP addresses, single labels, public suffixes and empty labels have no registrable domain."""
    assert domain(url) == expected


@pytest.mark.parametrize("url", ["", "about:blank", "page.html", "/a/b", "http://", "http://[broken", "http://a]b/"])
def test_an_address_without_host_or_malformed_has_no_domain(url: str) -> None:
    """A malformed address is no error."""
    assert domain(url) == ""


@given(st.text() | st.text().map("http://{}/".format))
def test_no_address_raises(url: str) -> None:
    """Rows hold addresses of any kind."""
    assert isinstance(domain(url), str)


def test_the_list_is_opened_when_it_is_needed() -> None:
    """Importing the module does not import publicsuffixlist."""
    code = "import sys, eval.domain; assert 'publicsuffixlist' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
