"""The names of programs and systems in User-Agent headers."""

from __future__ import annotations

import pytest

from authentication.sessions.user_agents import Program, program_of
from service_kit.testing.growth import assert_grows_with_its_input

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64"
ANDROID = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15"
HEADERS = {
    f"{WINDOWS}) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36": ("Chrome", "Windows"),
    f"{WINDOWS}) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0": ("Edge", "Windows"),
    f"{WINDOWS}; rv:140.0) Gecko/20100101 Firefox/140.0": ("Firefox", "Windows"),
    f"{ANDROID} Chrome/140.0.0.0 Mobile Safari/537.36": ("Chrome", "Android"),
    f"{ANDROID} SamsungBrowser/28.0 Chrome/130.0 Safari/537.36": ("Samsung Internet", "Android"),
    "Mozilla/5.0 (X11; CrOS x86_64) Chrome/140.0.0.0 Safari/537.36": ("Chrome", "ChromeOS"),
    f"{MAC} Version/18.6 Safari/605.1.15": ("Safari", "macOS"),
    f"{IPHONE} CriOS/140.0 Mobile/15E148 Safari/604.1": ("Chrome", "iPhone"),
    "Mozilla/5.0 (iPad; CPU OS 18_6) FxiOS/140.0 Safari/604.1": ("Firefox", "iPad"),
    "curl/8.5.0": ("curl", ""),
    "python-requests/2.32.5": ("python-requests", ""),
    "Mozilla/5.0 (compatible; a-browser-of-tomorrow/1.0)": ("", ""),
    "": ("", ""),
    "<script>alert(1)</script>": ("", ""),
}


@pytest.mark.parametrize(("header", "names"), HEADERS.items(), ids=[n or "empty" for n in HEADERS])
def test_a_header_is_named_as_people_know_the_program(header, names):
    assert program_of(header) == Program(*names)


def test_a_program_is_one_text_in_the_log():
    assert [str(Program(*names)) for names in (("curl", ""), ("Edge", "Windows"), ("", ""))] == [
        *("curl", "Edge, Windows", "")
    ]


def test_a_header_is_read_in_a_time_that_its_size_explains():
    assert_grows_with_its_input(lambda n: program_of("a" * n), "letters")
    assert_grows_with_its_input(lambda n: program_of("Mozilla/" + "Chrom" * n), "beginnings")
