"""Table rows. ``table=True`` does not validate, so rows are built only from validated objects.

State lives here and only here: the engine may be killed at any moment, and a sweep over the
``stage``, ``*_due`` and ``state`` columns derives what is left to do. No table holds a profile of a
person: authors are keyed hashes, contacts and users are people in office.
"""

from langnghe.core.store.tables.board import BoardCountRow, BoardDayRow
from langnghe.core.store.tables.catalogue import SourceDayRow
from langnghe.core.store.tables.channels import ChannelTokenRow, PushSubscriptionRow
from langnghe.core.store.tables.columns import UTCDateTime, blob, listing, moment
from langnghe.core.store.tables.delivery import ChannelHealthRow, DeliveryRow
from langnghe.core.store.tables.edits import EditRow
from langnghe.core.store.tables.evidence import (
    EvidenceGapRow,
    EvidenceHeadRow,
    EvidenceMentionRow,
    EvidenceRow,
    PageVersionRow,
    RecheckRow,
)
from langnghe.core.store.tables.hand import StoryDecisionRow
from langnghe.core.store.tables.house import AuditRow, MarkRow, SessionRow, UserRow
from langnghe.core.store.tables.incident_life import (
    AttachmentRow,
    MergerRow,
    ReviewRow,
    TimelinePassRow,
)
from langnghe.core.store.tables.incidents import (
    DeadlineRow,
    IncidentEventRow,
    IncidentRow,
    OutboxRow,
    StepRow,
)
from langnghe.core.store.tables.intake import (
    IntakeContactRow,
    IntakeDoorRow,
    IntakeFileRow,
    IntakeHitRow,
    IntakeRow,
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
from langnghe.core.store.tables.papers import PaperRow
from langnghe.core.store.tables.people import DutyRow, LineRow
from langnghe.core.store.tables.plan import ArticleRow, FeedbackRow, WriterRow
from langnghe.core.store.tables.records import LegalHoldRow, SubjectRequestRow
from langnghe.core.store.tables.statements import (
    DelegationPaperRow,
    DelegationRow,
    NumberBookRow,
    StatementActRow,
    StatementPlaceRow,
    StatementRow,
    StatementVersionRow,
)
from langnghe.core.store.tables.stories import MaskDueRow, StoryChildRow, StoryMentionRow, StoryRow
from langnghe.core.store.tables.triage import SavedFilterRow, TriageBatchRow, TriageMarkRow
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
    "ArticleRow",
    "AttachmentRow",
    "AuditRow",
    "BoardCountRow",
    "BoardDayRow",
    "ChannelHealthRow",
    "ChannelTokenRow",
    "ContactRow",
    "CorrectionRow",
    "DeadlineRow",
    "DelegationPaperRow",
    "DelegationRow",
    "DeliveryRow",
    "DutyRow",
    "EditRow",
    "EvidenceGapRow",
    "EvidenceHeadRow",
    "EvidenceMentionRow",
    "EvidenceRow",
    "FeedbackRow",
    "IncidentEventRow",
    "IncidentRow",
    "IntakeContactRow",
    "IntakeDoorRow",
    "IntakeFileRow",
    "IntakeHitRow",
    "IntakeRow",
    "LegalHoldRow",
    "LineRow",
    "MarkRow",
    "MaskDueRow",
    "MentionRevisionRow",
    "MentionRow",
    "MentionUnitRow",
    "MergerRow",
    "NumberBookRow",
    "OutboxRow",
    "PageVersionRow",
    "PaperRow",
    "PushSubscriptionRow",
    "ReadingRow",
    "RecheckRow",
    "ReviewRow",
    "SavedFilterRow",
    "SessionRow",
    "SourceDayRow",
    "SourceRow",
    "StatementActRow",
    "StatementPlaceRow",
    "StatementRow",
    "StatementVersionRow",
    "StepRow",
    "StoryChildRow",
    "StoryDecisionRow",
    "StoryMentionRow",
    "StoryRow",
    "SubjectRequestRow",
    "TimelinePassRow",
    "TriageBatchRow",
    "TriageMarkRow",
    "UTCDateTime",
    "UnitRow",
    "UnusualRow",
    "UserRow",
    "WatchCountRow",
    "WatchDayRow",
    "WatchStateRow",
    "WriterRow",
    "blob",
    "listing",
    "moment",
]
