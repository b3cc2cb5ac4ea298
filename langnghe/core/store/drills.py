"""Keep drills and real work apart: a database is of one kind for life, and says which."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.errors import StoreError
from langnghe.core.store.engine import Store
from langnghe.core.store.marks import DRILL, get_mark
from langnghe.core.store.tables import MarkRow


def refuse_drill(store: Store) -> None:
    """Raise ``StoreError`` when the database belongs to a drill; reads only, needs no migration."""
    if _made(store) and is_drill(store):
        raise StoreError(
            "Cơ sở dữ liệu này thuộc một buổi diễn tập, không dùng cho việc thật.",
            mend="Chọn thư mục dữ liệu thật bằng --home; xem lại buổi diễn tập bằng "
            "«langnghe drill report».",
        )


def refuse_real(store: Store) -> None:
    """Raise ``StoreError`` when the database holds anything and is not a drill's."""
    if _made(store) and not is_drill(store):
        raise StoreError(
            "Cơ sở dữ liệu này không phải của một buổi diễn tập, không diễn tập trên đó.",
            mend="Bỏ thư mục đã chỉ; «langnghe drill run» tự lập thư mục riêng cho mỗi buổi.",
        )


def is_drill(store: Store) -> bool:
    """Tell whether the (migrated) database belongs to a drill."""
    with store.read() as session:
        return drill_note(session) is not None


def drill_note(session: Session) -> str | None:
    """Return what the banner of a drill's messages adds; ``None`` in a real database."""
    mark = get_mark(session, DRILL)
    return None if mark is None else str(mark.data.get("note", ""))


def _made(store: Store) -> bool:
    with store.read() as session:
        return sa.inspect(session.connection()).has_table(str(MarkRow.__tablename__))
