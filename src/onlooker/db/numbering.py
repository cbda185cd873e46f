"""What every log keeps, whatever its events tell: numbers without a gap or a repeat, for each of its owners."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Table, bindparam, delete, func, insert, select, text, update


@dataclass(frozen=True, slots=True)
class Owner:
    """An album or a camera, and where its log stands."""

    id: int
    name: str
    epoch: str
    last_seq: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Events of an owner are missing between `before` and `seq`."""

    owner: str
    owner_id: int
    before: int
    seq: int


@dataclass(frozen=True, slots=True)
class WrongEnd:
    """The owner's `last_seq` is not the number of its newest event."""

    owner: str
    owner_id: int
    last_seq: int
    newest: int


class Numbered:
    """The logs in the table `events` (`owner`, a column of it, `seq`, `at`) of the rows of `owners`."""

    def __init__(self, owners: Table, events: Table, owner: Column[int]) -> None:
        self._owners = owners
        self._events = events
        self._owner = owner
        # Every upload needs it; building it takes longer than running it.
        self._next = (
            update(owners)
            .where(owners.c.id == bindparam("of_owner"))
            .values(last_seq=owners.c.last_seq + 1)
            .returning(owners.c.last_seq)
        )
        self._gaps = text(
            f"SELECT o.name AS owner, owner_id, before, seq FROM ("
            f"SELECT {owner.name} AS owner_id, seq, lag(seq) OVER (PARTITION BY {owner.name} ORDER BY seq) AS before "
            f"FROM {events.name}) JOIN {owners.name} o ON o.id = owner_id "
            f"WHERE before IS NOT NULL AND seq != before + 1"
        )
        self._ends = text(
            f"SELECT o.name AS owner, o.id AS owner_id, last_seq, max(seq) AS newest FROM {owners.name} o "
            f"JOIN {events.name} e ON e.{owner.name} = o.id GROUP BY o.id HAVING max(seq) != last_seq"
        )

    def owner(self, connection: Connection, name: str, epoch: str) -> Owner:
        """The owner of that name, made with `epoch` when it is new."""
        find = select(self._owners).where(self._owners.c.name == name)
        found = connection.execute(find).one_or_none()
        if found is None:
            connection.execute(insert(self._owners).values(name=name, epoch=epoch, last_seq=0))
            found = connection.execute(find).one()
        return Owner(found.id, found.name, found.epoch, found.last_seq)

    def owners(self, connection: Connection) -> list[Owner]:
        """Every one there ever was."""
        every = select(self._owners).order_by(self._owners.c.name)
        return [Owner(row.id, row.name, row.epoch, row.last_seq) for row in connection.execute(every)]

    def next_seq(self, connection: Connection, owner_id: int) -> int:
        """Take the next number; the event of that number has to be recorded in the same transaction."""
        seq: int = connection.execute(self._next, {"of_owner": owner_id}).scalar_one()
        return seq

    def last_seq(self, connection: Connection, owner_id: int) -> int:
        """The number of the newest event, 0 before the first."""
        found = select(self._owners.c.last_seq).where(self._owners.c.id == owner_id)
        return int(connection.execute(found).scalar_one())

    def first_seq(self, connection: Connection, owner_id: int) -> int:
        """The number of the oldest event that is kept; one past the newest when none is."""
        oldest = connection.execute(select(func.min(self._events.c.seq)).where(self._owner == owner_id)).scalar()
        return int(oldest) if oldest is not None else self.last_seq(connection, owner_id) + 1

    def prune(self, connection: Connection, owner_id: int, before: int, limit: int) -> int:
        """Forget at most `limit` of the oldest events, up to the first that is not older than that instant; how many.

        Where the clock was set back, what it stamped meanwhile goes only with what came before it: no gap, nothing
        early.
        """
        events, mine = self._events, self._owner == owner_id
        first = select(events.c.seq).where(mine, events.c.at >= before).order_by(events.c.seq).limit(1)
        oldest = select(events.c.seq).where(mine).order_by(events.c.seq).limit(limit)
        kept = connection.execute(first).scalar()
        going = oldest if kept is None else oldest.where(events.c.seq < kept)
        last = connection.execute(select(func.max(going.subquery().c.seq))).scalar()
        return 0 if last is None else connection.execute(delete(events).where(mine, events.c.seq <= last)).rowcount

    # For `onlooker check`

    def gaps(self, connection: Connection) -> Iterator[Gap]:
        """Every hole in a log."""
        for row in connection.execute(self._gaps):
            yield Gap(row.owner, row.owner_id, row.before, row.seq)

    def wrong_ends(self, connection: Connection) -> list[WrongEnd]:
        """Where counter and log differ."""
        rows = connection.execute(self._ends).all()
        return [WrongEnd(row.owner, row.owner_id, row.last_seq, row.newest) for row in rows]

    def count_last(self, connection: Connection, owner_id: int) -> None:
        """Raise the counter to the newest event."""
        newest = select(func.max(self._events.c.seq)).where(self._owner == owner_id).scalar_subquery()
        raised = update(self._owners).where(self._owners.c.id == owner_id, self._owners.c.last_seq < newest)
        connection.execute(raised.values(last_seq=newest))

    def forget_before(self, connection: Connection, owner_id: int, seq: int) -> None:
        """Forget events before that number: who has not seen them is told to reload, instead of not being told."""
        connection.execute(delete(self._events).where(self._owner == owner_id, self._events.c.seq < seq))
