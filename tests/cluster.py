"""The PostgreSQL of the tests: one private cluster for each worker of a run, made when first asked for.

The server itself is `console.bench.postgres.Cluster` (measuring needs the very same). A machine without PostgreSQL
fails these tests; they are never skipped. `cluster` is shared by a worker's tests: one that stops, kills or
suspends the server brings it back before it ends (`steady` sees to that), or makes a Cluster of its own.
"""

from collections.abc import Iterator

import pytest

from console.bench.postgres import Cluster

__all__ = ["Cluster", "cluster", "database", "steady"]


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The worker's server; fsync off. Gone at the end of the run, however it ends."""
    with Cluster() as made:
        yield made


@pytest.fixture
def steady(cluster: Cluster) -> Iterator[Cluster]:
    """The worker's server for a test that lets it fall: up again afterwards, whatever the test did to it."""
    yield cluster
    cluster.resume()
    if not cluster.ready:
        cluster.kill()
        cluster.start()


@pytest.fixture
def database(cluster: Cluster) -> Iterator[str]:
    """The URL of an empty database, dropped at the end; the server is up again by then."""
    name = cluster.new_database()
    yield cluster.url(name)
    cluster.drop_database(name)
