"""Reports on a dask cluster: connect to one that runs, and leave nothing on its workers."""

from __future__ import annotations

import contextlib
import logging
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from clusterlib.errors import InputError
from clusterlib.report import warm
from clusterlib.report.produce import Settings

#: Seconds in which a scheduler must answer, and in which one that has no worker must get one.
PATIENCE = 10
_FORM = "dask://HOST:PORT of a running scheduler"


@contextlib.contextmanager
def connect(address: str) -> Iterator[Executor]:
    """Connect to a dask cluster for one run.

    Its workers need this version of the library (one that has another refuses: restart the workers after an update),
    the packages that draw reports, and the notebooks, data and documents under the same paths as here, as on a shared
    file system. Each thread of a worker makes one report at a time, with a kernel beside it, which is forked from a
    process that the threads of a worker share: start them with as many threads as their machine has processors to
    spare. At the end of the run the processes that it has started on the workers are ended; if it is killed, they end
    by themselves a minute after their last report.

    A report whose worker dies is made by another worker; if that goes on, it is a failed report, not the end of the
    run.

    Parameters
    ----------
    address : str
        ``dask://HOST:PORT`` of the scheduler.

    Yields
    ------
    Executor
        What runs functions on the cluster.

    Raises
    ------
    InputError
        If the address is no such address, nobody answers there, or the package is missing.

    Examples
    --------
    >>> with connect("dask:") as executor:
    ...     pass
    Traceback (most recent call last):
        ...
    clusterlib.errors.InputError: executor: given 'dask:'; allowed: dask://HOST:PORT of a running scheduler
    """
    host, port = _place(address)
    try:
        distributed: Any = import_module("distributed")
    except ImportError:
        raise InputError("executor: given dask, but its package is missing: pip install 'clusterlib[dask]'") from None
    with _quiet():
        try:
            # Whether anybody listens is known at once, and without the client's own attempts.
            socket.create_connection((host, port), PATIENCE).close()
            name = f"[{host}]" if ":" in host else host
            client = distributed.Client(f"tcp://{name}:{port}", timeout=PATIENCE, set_as_default=False)
        except OSError as error:
            raise _refused(address, error) from None
        except Exception:  # of many kinds, by what is made of the first bytes
            raise _refused(address, "what answers there is no scheduler of this version") from None
        with contextlib.closing(client):
            try:
                client.wait_for_workers(1, timeout=PATIENCE)
            except TimeoutError:
                raise _refused(address, "it has no worker") from None
            executor = _Lent(client)
            try:
                yield executor
            finally:
                executor.shutdown(wait=False)


class _Lent(Executor):
    """The client's executor, which knows the runs that it has worked for."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._executor = client.get_executor(pure=False)  # a report that is asked for again is to be made again
        self._runs: set[str] = set()

    def submit(self, work: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        """Let a worker do something."""
        self._runs |= {each.run for each in given if isinstance(each, Settings)}
        done: Future[Any] = self._executor.submit(work, *given, **named)
        return done

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Give up what is not done, unless it is waited for, and end what the runs have started on the workers."""
        self._executor.shutdown(wait=wait and not cancel_futures)
        for run in self._runs if self._client.status == "running" else ():
            with contextlib.suppress(Exception):  # a worker that is gone has nothing to end
                self._client.run(warm.close, run, on_error="ignore")


def _place(address: str) -> tuple[str, int]:
    """Host and port of an address."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise _refused(address, error) from None
    if parts.scheme != "dask" or parts.path or parts.query or parts.fragment or "@" in parts.netloc or not host:
        raise _refused(address)
    if not port:
        raise _refused(address, "no port")
    return host, port


def _refused(address: str, reason: object = "") -> InputError:
    why = f" ({reason})" if reason else ""
    return InputError(f"executor: given {address!r}; allowed: {_FORM}{why}")


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the client from logging: what goes wrong becomes an error or a failed report."""
    loggers = [logging.getLogger(f"distributed.{name}") for name in ("client", "core", "comm", "batched")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
