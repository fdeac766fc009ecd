"""Retries for outages of the database."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from django.db import DatabaseError, Error, InterfaceError, OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from service_kit.process.backoff import backoff_seconds
from service_kit.process.signals import StopFlag, Stopped

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

#: Errors of Django for a lost connection, a shutdown, a lock timeout or a deadlock: the work is
#: sound and must be tried again.
DATABASE_UNAVAILABLE = (OperationalError, InterfaceError)

#: The code of a statement that took longer than `statement_timeout`. A wait for a lock ends before
#: that, by `lock_timeout`, with another code.
QUERY_CANCELED = "57014"

#: The code of a database that only reads at the moment. Django has no error of its own for it.
_READ_ONLY = "25006"


def sqlstate(error: BaseException) -> str | None:
    """Return PostgreSQL's code of an error that Django raised, None if the error has no code."""
    return getattr(error.__cause__, "pgcode", None)


def _is_transient(error: Error) -> bool:
    """Return whether the same work may succeed later.

    psycopg2 reports some connections that the server closed as a plain DatabaseError without a
    code; taken for a fault of the message, it would send a good one to the dead letters.
    """
    if isinstance(error, DATABASE_UNAVAILABLE) or sqlstate(error) == _READ_ONLY:
        return True
    lost = type(error) is DatabaseError and error.__cause__ is not None
    return lost and sqlstate(error) is None


def end_idle_transactions(seconds: int) -> None:
    """Have the server end a transaction of this process that runs no statement for that long.

    The locks of a process that stands still would hold up all others that store the same devices.
    Applies to connections opened after the call, for the life of the process.
    """

    def limit(connection: BaseDatabaseWrapper, **_: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET idle_in_transaction_session_timeout = %s", [seconds * 1000])

    connection_created.connect(limit, weak=False, dispatch_uid="end_idle_transactions")


def wait_for_database(stop: StopFlag) -> None:
    """Return when the database answers or the process is to stop; log an outage once."""
    for attempt, seconds in enumerate(backoff_seconds()):
        connection.close()
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except Error as error:
            if attempt == 0:
                logger.warning("database is unavailable, waiting: %s", str(error).strip())
        else:
            if attempt:
                logger.info("database is back")
            return
        if stop.wait(seconds):
            return


def run_until_done(work: Callable[[], Result], stop: StopFlag) -> Result:
    """Return the result of `work`, repeated while the database is unavailable. Raises Stopped.

    `work` must be one transaction: it may run again after a commit whose answer was lost.
    """
    for seconds in backoff_seconds():
        try:
            return work()
        except Error as error:
            if not _is_transient(error):
                raise
            logger.warning("transaction failed, trying again: %s", str(error).strip())
            if stop.wait(seconds):
                break
            wait_for_database(stop)
        if stop.is_set():
            break
    raise Stopped
