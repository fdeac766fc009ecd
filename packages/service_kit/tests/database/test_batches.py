"""A batch that fails: the message at fault is rejected, alone, and no other message."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing

import psycopg2
import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.backends.signals import connection_created

from energy_contracts.errors import Reason
from service_kit.broker import Rejected
from service_kit.database import batches
from service_kit.database.outages import end_idle_transactions, run_until_done
from service_kit.process.signals import StopFlag
from service_kit.settings import databases, environment
from service_kit.testing.deliveries import process_bodies
from service_kit.testing.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

STATEMENT_MS, LOCK_MS = 600, 200


@pytest.fixture(autouse=True)
def short_statements(monkeypatch) -> Iterator[None]:
    """Give statements little time, and locks still less, as in an installation."""
    options = f"-c statement_timeout={STATEMENT_MS} -c lock_timeout={LOCK_MS}"
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "options", options)
    monkeypatch.setattr(batches, "TIMED_OUT_ATTEMPTS", 2)
    connection.close()
    yield
    connection.close()


class Work:
    """A transaction that fails by statements of its own for some messages, and notes the others."""

    def __init__(self, statements: dict[bytes, str]) -> None:
        self.statements = statements
        self.done: list[bytes] = []
        self.batches: list[list[bytes]] = []

    def __call__(self, bodies: list[bytes]) -> list[Rejected]:
        self.batches.append(bodies)
        with transaction.atomic(), connection.cursor() as cursor:
            for body in bodies:
                for part, statement in self.statements.items():
                    if part in body:
                        cursor.execute(statement)
        self.done += bodies
        return []


SLOW = {b"slow": "SELECT pg_sleep(30)"}
LARGE = {b"large": "SELECT 9223372036854775807 + 1"}


def numbers(count: int) -> list[bytes]:
    return [b"%d" % number for number in range(count)]


def test_a_message_whose_statement_takes_too_long_is_rejected_alone_and_recorded():
    work, recorded = Work(SLOW), list[Rejected]()
    bodies = [*numbers(10), b"slow", b"last"]

    (rejected,) = process_bodies(bodies, work, StopFlag(), record=recorded.append)

    assert (rejected.body, rejected.reason) == (b"slow", Reason.TIMED_OUT)
    assert "statement timeout" in rejected.detail
    assert recorded == [rejected]
    assert sorted(work.done) == sorted(set(bodies) - {b"slow"})
    assert work.batches.count([b"slow"]) == 1 + batches.TIMED_OUT_ATTEMPTS


def test_parts_of_a_batch_that_timed_out_have_less_time_and_later_statements_the_full_time():
    timeouts: list[tuple[str, str]] = []

    def work(bodies: list[bytes]) -> list[Rejected]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout')")
            statement = cursor.fetchone()[0]
            cursor.execute("SELECT current_setting('lock_timeout')")
            timeouts.append((statement, cursor.fetchone()[0]))
            if len(bodies) == 4:
                cursor.execute("SELECT pg_sleep(30)")
        return []

    assert process_bodies(numbers(4), work, StopFlag()) == []
    assert process_bodies(numbers(1), work, StopFlag()) == []
    full, less = ("600ms", "200ms"), ("100ms", "33ms")
    assert timeouts == [full, less, less, full]


def test_a_database_that_is_slow_for_a_while_rejects_no_message():
    attempts = 0

    def work(bodies: list[bytes]) -> list[Rejected]:
        nonlocal attempts
        attempts += 1
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(%s)", [30 if attempts <= 2 else 0])
        return []

    assert process_bodies([b"good"], work, StopFlag()) == []
    assert attempts == 3


def test_a_database_too_slow_to_record_a_rejection_has_the_message_tried_again():
    work = Work(dict(SLOW))

    def record(rejected: Rejected) -> None:
        work.statements.clear()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(30)")

    assert process_bodies([b"slow"], work, StopFlag(), record=record) == []
    assert work.done == [b"slow"]


@pytest.mark.parametrize("count", [1, 8])
def test_waiting_for_a_lock_for_longer_than_a_statement_may_take_rejects_no_message(count):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE locked ()")
    work = Work({b"": "LOCK TABLE locked"})
    try:
        with closing(psycopg2.connect(settings_url())) as other, other.cursor() as cursor:
            cursor.execute("LOCK TABLE locked")
            released = threading.Timer(4 * STATEMENT_MS / 1000, other.rollback)
            released.start()
            assert process_bodies(numbers(count), work, StopFlag()) == []
            released.join()
        assert work.done == numbers(count)
        assert {len(batch) for batch in work.batches} == {count}
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE locked")


def settings_url() -> str:
    config = settings.DATABASES["default"]
    return psycopg2.extensions.make_dsn(
        host=config["HOST"],
        port=config["PORT"],
        user=config["USER"],
        password=config["PASSWORD"],
        dbname=connection.settings_dict["NAME"],
    )


def test_waiting_for_a_lock_ends_before_a_statement_times_out():
    options = databases(environment())["default"]["OPTIONS"]["options"]
    limits = dict(word.split("=") for word in options.split() if "=" in word)

    assert 0 < int(limits["lock_timeout"]) < int(limits["statement_timeout"])
    assert int(limits["lock_timeout"]) >= batches.LESS_TIME


def test_a_number_that_the_database_cannot_hold_is_out_of_range():
    work, recorded = Work(LARGE), list[Rejected]()

    (rejected,) = process_bodies([b"a", b"large", b"c"], work, StopFlag(), record=recorded.append)

    assert (rejected.body, rejected.reason) == (b"large", Reason.OUT_OF_RANGE)
    assert "bigint out of range" in rejected.detail
    assert recorded == [rejected]
    assert work.done == [b"a", b"c"]


@pytest.mark.parametrize("statements", [SLOW, LARGE], ids=["slow", "large"])
def test_the_part_of_a_message_at_fault_is_rejected_and_its_neighbours_are_done(statements):
    work = Work(statements)
    (fault,) = statements

    def divide(body: bytes) -> list[bytes]:
        return body.split(b",")

    (rejected,) = process_bodies([b"a,b," + fault + b",d", b"e"], work, StopFlag(), divide=divide)

    assert rejected.body == fault
    assert sorted(work.done) == [b"a", b"b", b"d", b"e"]


def test_a_database_that_only_reads_is_waited_for():
    work = Work({b"": "CREATE TEMPORARY TABLE t () ON COMMIT DROP"})
    attempts = 0

    def on_read_only(bodies: list[bytes]) -> list[Rejected]:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION READ ONLY")
                cursor.execute("CREATE TABLE never ()")
        return work(bodies)

    assert process_bodies(numbers(1), on_read_only, StopFlag()) == []
    assert work.done == numbers(1)


def test_trying_a_message_again_ends_when_the_process_is_to_stop():
    stop = StopFlag()

    def work(bodies: list[bytes]) -> list[Rejected]:
        stop.set()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(30)")
        return []

    with pytest.raises(batches.Stopped):
        process_bodies([b"slow"], work, stop)


def test_a_connection_lost_without_a_code_is_waited_for_and_costs_no_message():
    attempts = []

    def work():
        attempts.append(1)
        if len(attempts) == 1:
            words = "server closed the connection unexpectedly"
            raise DatabaseError(words) from psycopg2.DatabaseError(words)
        return "stored"

    assert run_until_done(work, StopFlag(heartbeat=False)) == "stored"
    assert len(attempts) == 2


@pytest.fixture
def idle_transactions_end() -> Iterator[None]:
    """Have the server end transactions that do nothing for a second."""
    end_idle_transactions(1)
    connection.close()
    yield
    connection_created.disconnect(dispatch_uid="end_idle_transactions")
    connection.close()


def test_the_transaction_of_a_process_that_stands_still_ends_and_is_tried_again(
    idle_transactions_end,
):
    attempts: list[int] = []

    def work() -> str:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            attempts.append(cursor.fetchone()[0])
            if len(attempts) == 1:
                wait_until(lambda: not is_connected(attempts[0]))
            cursor.execute("SELECT 1")
        return "stored"

    assert run_until_done(work, StopFlag(heartbeat=False)) == "stored"
    assert len(attempts) == 2


def is_connected(backend: int) -> bool:
    """Return whether the server still has that session, as another one sees it."""
    parameters = connection.get_connection_params()
    with closing(psycopg2.connect(**parameters)) as other, other.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", (backend,))
        return bool(cursor.fetchone()[0])
