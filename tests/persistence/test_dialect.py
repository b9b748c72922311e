"""Both databases give the same answers: addresses, order, what a text may hold, what a search finds."""

from console.persistence import dialect


def test_that_an_address_is_shown_without_its_password_and_known_however_it_is_written() -> None:
    one = "postgresql+psycopg://desk:secret@db1:5433,db2:5432/room?target_session_attrs=read-write"
    assert dialect.describe(one) == "db1:5433,db2:5432/room"
    other = "postgresql://chief@/room?host=db2,db1&port=5432,5433"
    assert dialect.identity(one) == dialect.identity(other)
    assert "secret" not in dialect.identity(one)
    assert dialect.named(one, "console110/03").endswith("read-write&application_name=console110/03")
