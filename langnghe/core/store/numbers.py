"""Number books: official papers are numbered from 1 each year, with no gap and no number twice."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Session

_TAKE = sa.text(
    "INSERT INTO number_book (unit_id, book, year, last) VALUES (:unit, :book, :year, 1) "
    "ON CONFLICT (unit_id, book, year) DO UPDATE SET last = number_book.last + 1 RETURNING last"
)


def take_number(session: Session, unit_id: str, book: str, year: int) -> int:
    """Return the next number of a unit's book in a year, 1 first.

    The number belongs to the caller's transaction: two at once wait for each other, and a
    transaction that fails gives its number back, so the book has no gaps. ``year`` is the year in
    Hanoi. ``book`` is a short id such as ``"statement"``.
    """
    number: int = session.execute(_TAKE, {"unit": unit_id, "book": book, "year": year}).scalar_one()
    return number
