"""Registration, and the user's own account."""

from __future__ import annotations

import unicodedata

import pytest
from django.contrib.auth.hashers import make_password

from authentication.models import Role, User

REGISTER = "/api/auth/register/"
ME = "/api/auth/me/"
CHANGE = "/api/auth/password/"
#: One password as two keyboards send it: Ä as one character, and as A with the dots.
FORMS = ("Ärger im Büro 7", unicodedata.normalize("NFD", "Ärger im Büro 7"))


def registration(**fields):
    return {"username": "carol", "password": "a long new secret", **fields}


@pytest.mark.django_db
def test_a_visitor_registers_as_a_client(nobody):
    response = nobody.post(REGISTER, registration(email="carol@example.org"), format="json")

    assert response.status_code == 201
    carol = User.objects.get(username="carol")
    assert response.json() == {
        "id": str(carol.id),
        "username": "carol",
        "email": "carol@example.org",
        "first_name": "",
        "last_name": "",
        "phone": "",
        "role": "client",
        "is_active": True,
        "language": "",
        "theme": "",
    }


@pytest.mark.django_db
def test_a_registration_that_names_a_role_makes_a_client(nobody):
    wish = registration(role="admin", is_superuser=True, is_active=False, token_version=99)

    response = nobody.post(REGISTER, wish, format="json")

    assert response.status_code == 201
    carol = User.objects.get(username="carol")
    assert (carol.role, carol.is_active, carol.token_version) == (Role.CLIENT, True, 1)


def test_a_user_name_is_taken_in_every_case_of_letters(nobody, alice):
    response = nobody.post(REGISTER, registration(username="ALICE"), format="json")

    assert response.status_code == 400
    assert response.json()["errors"] == {"username": ["This username is taken."]}
    assert response.json()["codes"] == {"username": ["unique"]}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "username",
    ["", "two words", "a/b", "x" * 151, "\ufdfa" * 100, "nul\x00"],
    ids=["empty", "space", "slash", "long", "grows when normalised", "nul"],
)
def test_a_malformed_user_name_is_rejected(nobody, username):
    response = nobody.post(REGISTER, registration(username=username), format="json")

    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["username"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "password",
    ["short", "password123", "1029384756", "carolxyz", "x" * 129, " " * 14, " \t\u2003" * 5],
    ids=["short", "common", "digits", "like the name", "endless", "blanks", "odd blanks"],
)
def test_a_weak_password_is_rejected(nobody, password):
    response = nobody.post(REGISTER, registration(password=password), format="json")

    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["password"]
    assert not User.objects.filter(username="carol").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("chosen", "typed"), [FORMS, FORMS[::-1]], ids=["composed", "decomposed"])
def test_both_forms_of_an_accented_letter_are_one_password(nobody, chosen, typed):
    nobody.post(REGISTER, registration(password=chosen), format="json")

    for password in (typed, chosen):
        credentials = {"username": "carol", "password": password}
        assert nobody.post("/api/auth/token/", credentials, format="json").status_code == 200


def test_a_password_hashed_in_the_decomposed_form_still_matches(alice, nobody):
    alice.password = make_password(FORMS[1])
    alice.save()

    credentials = {"username": "alice", "password": FORMS[1]}
    assert nobody.post("/api/auth/token/", credentials, format="json").status_code == 200


@pytest.mark.django_db
def test_passwords_are_stored_as_argon2_hashes(nobody, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]

    nobody.post(REGISTER, registration(), format="json")

    assert User.objects.get(username="carol").password.startswith("argon2$argon2id$")


def test_a_user_reads_their_own_account(acting_as, alice):
    response = acting_as(alice).get(ME)

    assert response.status_code == 200
    assert response.json()["username"] == "alice"
    assert response.json()["email"] == "alice@example.org"


def test_a_request_without_a_token_is_rejected(nobody):
    response = nobody.get(ME)

    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_a_user_changes_their_own_names_email_and_phone(acting_as, alice):
    changes = {
        "first_name": "Alice",
        "last_name": "Liddell",
        "email": "al@example.org",
        "phone": "+44 20 7946 0958",
    }

    response = acting_as(alice).patch(ME, changes, format="json")

    assert response.status_code == 200
    assert changes.items() <= response.json().items()
    assert User.objects.filter(id=alice.id, **changes).exists()


def test_a_user_keeps_their_language_and_colours_with_the_account(acting_as, alice):
    changes = {"language": "ro", "theme": "dark"}

    response = acting_as(alice).patch(ME, changes, format="json")

    assert changes.items() <= response.json().items()
    assert acting_as(alice).get(ME).json()["theme"] == "dark"
    assert acting_as(alice).patch(ME, {"language": ""}, format="json").json()["language"] == ""


@pytest.mark.parametrize(("field", "value"), [("language", "xx"), ("theme", "pink")])
def test_a_language_or_theme_that_the_dashboard_lacks_is_rejected(acting_as, alice, field, value):
    response = acting_as(alice).patch(ME, {field: value}, format="json")

    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]


def test_a_user_cannot_change_their_own_role(acting_as, alice, bob):
    wish = {"role": "admin", "id": str(bob.id), "username": "root", "is_active": False}
    wish |= {"is_staff": True, "token_version": 0, "version": 0, "deleted": True}

    response = acting_as(alice).patch(ME, wish, format="json")

    assert response.status_code == 200
    unchanged = User.objects.get(id=alice.id)
    assert (unchanged.role, unchanged.username, unchanged.is_active) == ("client", "alice", True)
    assert (unchanged.token_version, unchanged.version, unchanged.deleted) == (1, 1, False)


def test_a_phone_number_with_letters_is_rejected(acting_as, alice):
    response = acting_as(alice).patch(ME, {"phone": "<script>"}, format="json")

    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["phone"]


def test_a_password_change_needs_the_current_one(acting_as, alice, password):
    wish = {"current_password": "not this", "new_password": "another long secret"}

    response = acting_as(alice).post(CHANGE, wish, format="json")

    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["current_password"]
    assert User.objects.get(id=alice.id).check_password(password)


def test_a_weak_new_password_is_an_error_of_the_sent_field(acting_as, alice, password):
    wish = {"current_password": password, "new_password": "12345678"}

    response = acting_as(alice).post(CHANGE, wish, format="json")

    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["new_password"]
    codes = ["password_too_common", "password_entirely_numeric"]
    assert response.json()["codes"] == {"new_password": codes}


def test_a_password_change_ends_every_session(acting_as, alice, password, log_in, nobody):
    here, elsewhere = acting_as(alice), log_in(alice)
    wish = {"current_password": password, "new_password": "another long secret"}

    response = here.post(CHANGE, wish, format="json")

    assert response.status_code == 204
    assert here.get(ME).status_code == 401
    refresh = {"refresh": elsewhere["refresh"]}
    assert nobody.post("/api/auth/token/refresh/", refresh, format="json").status_code == 401
    credentials = {"username": "alice", "password": "another long secret"}
    assert nobody.post("/api/auth/token/", credentials, format="json").status_code == 200


@pytest.mark.parametrize("is_open", [True, False])
def test_anybody_can_read_whether_registration_is_open(nobody, db, settings, is_open):
    settings.REGISTRATION_OPEN = is_open

    response = nobody.get(REGISTER)

    assert (response.status_code, response.json()) == (200, {"open": is_open})


def test_registration_can_be_switched_off(nobody, db, settings):
    settings.REGISTRATION_OPEN = False
    body = {"username": "carol", "password": "correct horse battery"}

    response = nobody.post("/api/auth/register/", body, format="json")

    assert (response.status_code, response.json()["code"]) == (403, "registration_closed")
    assert not User.objects.exists()
