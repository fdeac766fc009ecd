"""Names that look like another user's are rejected; names in any single script are accepted."""

from __future__ import annotations

import importlib
from threading import Thread

import pytest
from django.apps import apps
from django.db import connection
from rest_framework.exceptions import ValidationError
from rest_framework.test import APIClient

from authentication.accounts.services import user_create, user_delete, user_update
from authentication.models import User
from authentication.usernames import username_skeleton

REGISTER, USERS, TOKEN = "/api/auth/register/", "/api/users/", "/api/auth/token/"
PASSWORD = "correct horse battery"


def register(username: str):
    body = {"username": username, "password": PASSWORD}
    return APIClient().post(REGISTER, body, format="json")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "username",
    [
        *(
            "maria.popescu",
            "ștefan",
            "Jürgen.Müller",
            "Øystein",
            "γιώργος",
            "Иван.2",
            "Ђорђе",
            "李雷",
        ),
        *(
            "たなか太郎",
            "김철수",
            "עברית",
            "علي",
            "მარია",
            "Արամ",
            "a@example.org",
            "flat-12",
            "12",
            "x",
        ),
    ],
)
def test_a_name_of_one_script_is_accepted(username):
    assert register(username).status_code == 201
    assert register(username).json()["errors"] == {"username": ["This username is taken."]}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "username", [".", "..", "...", "root@", "@root", "-x", "x-", "_x", "x_", ".x", "x.", "+", "x+"]
)
def test_a_name_that_begins_or_ends_with_a_sign_is_rejected_with_the_remedy(username):
    expected = f'"{username}" must begin and end with a letter or a digit.'

    assert register(username).json()["errors"] == {"username": [expected]}
    assert not User.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("username", "scripts"),
    [
        ("аdmin", "Cyrillic and Latin"),
        ("pαul", "Greek and Latin"),
        ("Ивaн", "Cyrillic and Latin"),
        ("ορо", "Cyrillic and Greek"),
        ("李ван", "Cyrillic and Han"),
        ("aπд", "Cyrillic and Greek and Latin"),
    ],
)
def test_a_name_of_mixed_scripts_is_rejected_with_the_remedy(username, scripts):
    expected = f'"{username}" mixes letters of {scripts}. Use those of one script.'

    assert register(username).json()["errors"] == {"username": [expected]}


@pytest.mark.parametrize(
    ("existing", "alike"),
    [
        ("paypa", "раура"),
        ("bob", "ВОВ"),
        ("mom", "МОМ"),
        ("ooo", "ооо"),
        ("alice", "a1ice"),
        ("alice", "aIice"),
        ("admin", "ADMlN"),
        ("ADMIN", "adrnin"),
        ("user1", "userl"),
        ("flat-10", "flat-1O"),
        ("ștefan", "şTEFAN"),
        ("ουσ", "oυo"),
    ],
)
def test_a_name_that_looks_like_an_existing_one_is_rejected_with_the_remedy(db, existing, alike):
    user_create(username=existing, password=PASSWORD)

    (message,) = register(alike).json()["errors"]["username"]

    assert message.startswith(
        (f'"{alike}" looks like the name of another account. Choose', f'"{alike}" mixes')
    )
    assert User.objects.count() == 1


def test_an_account_cannot_get_a_look_alike_or_malformed_name(acting_as, admin, alice, bob):
    for name in ("a1ice", "аdmin", "bob."):
        answer = acting_as(admin).patch(f"{USERS}{bob.id}/", {"username": name}, format="json")
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["username"])

    renamed = acting_as(admin).patch(f"{USERS}{bob.id}/", {"username": "robert"}, format="json")
    assert renamed.status_code == 200
    assert register("b0b").status_code == 201


def test_an_account_can_be_renamed_to_another_spelling_of_its_own_name(alice):
    for name in ("a1ice", "ALICE", "alice"):
        assert user_update(user_id=alice.id, changes={"username": name}).username == name


def test_the_look_alikes_of_a_deleted_account_are_free(alice):
    user_delete(user_id=alice.id)

    assert register("a1ice").status_code == 201


def test_an_administrator_gets_the_same_errors_for_names(acting_as, admin):
    for name in ("adrnin", "аdmin", "root@"):
        body = {"username": name, "password": PASSWORD, "role": "client"}
        answer = acting_as(admin).post(USERS, body, format="json")
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["username"])


def test_an_account_with_an_older_malformed_name_still_works(acting_as, admin, alice):
    User.objects.filter(id=alice.id).update(username="root@", username_skeleton=None)
    # The dashboard's form sends the name along, changed or not.
    body = {"username": "root@", "phone": "12345"}

    assert acting_as(admin).patch(f"{USERS}{alice.id}/", body, format="json").status_code == 200
    login = {"username": "root@", "password": PASSWORD}
    assert APIClient().post(TOKEN, login, format="json").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_one_of_several_look_alikes_registered_at_once_is_accepted():
    statuses = []

    def send(name: str) -> None:
        try:
            statuses.append(register(name).status_code)
        finally:
            connection.close()

    threads = [Thread(target=send, args=[name]) for name in ("alice", "a1ice", "aIice", "al1ce")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [201, 400, 400, 400]


def test_the_longest_name_with_the_longest_prototypes_is_accepted(db):
    name = "".join(chr(0xC300 + 30 * number) for number in range(150))

    assert user_create(username=name, password=PASSWORD).username == name


@pytest.mark.parametrize("name", ["admin", "Maria.Popescu", "straße", "ștefan", "flat-12", "Olli"])
def test_both_cases_of_a_latin_name_look_like_the_same_names(name):
    assert username_skeleton(name) == username_skeleton(name.upper())


def test_names_that_look_different_have_different_skeletons():
    names = [
        "anna",
        "hanna",
        "müller",
        "muller",
        "ivan",
        "иван",
        "maria",
        "marie",
        "mary",
        "x1",
        "x2",
    ]

    assert len({username_skeleton(name) for name in names}) == len(names)


def test_the_migration_keeps_existing_look_alikes(db, alice, bob):
    """The oldest keeps the look; the others stay, and nobody new may look like either."""
    User.objects.filter(id=bob.id).update(username="a1ice")
    User.objects.update(username_skeleton=None)
    fill = importlib.import_module("authentication.migrations.0005_user_skeleton").fill

    fill(apps, None)

    alice.refresh_from_db(), bob.refresh_from_db()
    assert alice.username_skeleton == username_skeleton("alice")
    assert bob.username_skeleton is None
    for name in ("alice", "a1ice"):
        login = {"username": name, "password": PASSWORD}
        assert APIClient().post(TOKEN, login, format="json").status_code == 200
    with pytest.raises(ValidationError, match="looks like"):
        user_create(username="aIice", password=PASSWORD)
