"""The time to check a name, a password or an address grows no faster than its size."""

from __future__ import annotations

import pytest

from authentication.accounts.serializers import RegistrationSerializer
from authentication.credentials.serializers import CredentialsSerializer
from authentication.sessions.serializers import RefreshSerializer
from service_kit.testing.growth import assert_grows_with_its_input

TEXTS = {
    "letters": lambda n: "x" * n,
    "accents in a row": lambda n: "a" + "\u0301\u0323" * n,
    "characters that become many": lambda n: "\ufdfa" * n,
    "blanks": lambda n: " " * n + "x",
    "digits": lambda n: "9" * n,
    "signs of an address": lambda n: "a@" * n,
    "dots": lambda n: "a@" + "a." * n,
    "quotes": lambda n: '"' * n + "@example.org",
    "signs of a phone number": lambda n: "+(" * n,
}
FIELDS = {
    RegistrationSerializer: (
        *("username", "password", "email", "first_name", "last_name", "phone"),
    ),
    CredentialsSerializer: ("username", "password"),
    RefreshSerializer: ("refresh",),
}


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(
    ("kind", "field"), [(kind, field) for kind, fields in FIELDS.items() for field in fields]
)
def test_a_field_is_checked_in_a_time_that_its_size_explains(kind, field, text):
    def work(size: int) -> None:
        kind(data={field: TEXTS[text](size)}).is_valid()

    assert_grows_with_its_input(work, (kind.__name__, field, text))


def test_a_long_user_name_is_rejected_by_its_length(nobody, password):
    wish = {"username": "a" + "\u0301\u0323" * 5_000, "password": password}

    answer = nobody.post("/api/auth/register/", wish, format="json")

    assert answer.status_code == 400
    assert answer.json()["errors"]["username"] == [
        "Ensure this field has no more than 150 characters."
    ]


def test_a_name_that_is_short_enough_when_composed_is_accepted(nobody, password, db):
    wish = {"username": "a\u0301" * 150, "password": password}

    assert nobody.post("/api/auth/register/", wish, format="json").json()["username"] == "á" * 150
