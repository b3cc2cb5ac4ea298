"""Table rows. ``table=True`` does not validate, so rows are built only from validated objects.

State lives here and only here: the engine may be killed at any moment, and a sweep over the
``stage``, ``*_due`` and ``state`` columns derives what is left to do. No table holds a profile of a
person: authors are keyed hashes, contacts and users are people in office.
"""

from langnghe.core.store.tables.columns import UTCDateTime, blob, listing, moment
from langnghe.core.store.tables.hand import StoryDecisionRow
from langnghe.core.store.tables.house import AuditRow, MarkRow, SessionRow, UserRow
from langnghe.core.store.tables.incidents import (
    DeadlineRow,
    IncidentEventRow,
    IncidentRow,
    OutboxRow,
    StepRow,
)
from langnghe.core.store.tables.mentions import (
    DONE,
    NEW,
    READ,
    ContactRow,
    CorrectionRow,
    MentionRevisionRow,
    MentionRow,
    MentionUnitRow,
    ReadingRow,
    SourceRow,
    UnitRow,
)
from langnghe.core.store.tables.stories import MaskDueRow, StoryChildRow, StoryMentionRow, StoryRow
from langnghe.core.store.tables.watch import (
    UnusualRow,
    WatchCountRow,
    WatchDayRow,
    WatchStateRow,
)

__all__ = [
    "DONE",
    "NEW",
    "READ",
    "AuditRow",
    "ContactRow",
    "CorrectionRow",
    "DeadlineRow",
    "IncidentEventRow",
    "IncidentRow",
    "MarkRow",
    "MaskDueRow",
    "MentionRevisionRow",
    "MentionRow",
    "MentionUnitRow",
    "OutboxRow",
    "ReadingRow",
    "SessionRow",
    "SourceRow",
    "StepRow",
    "StoryChildRow",
    "StoryDecisionRow",
    "StoryMentionRow",
    "StoryRow",
    "UTCDateTime",
    "UnitRow",
    "UnusualRow",
    "UserRow",
    "WatchCountRow",
    "WatchDayRow",
    "WatchStateRow",
    "blob",
    "listing",
    "moment",
]
