"""Put the house together from its settings: nothing starts unless everything it needs is sound."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from sqlmodel import Session

from alerts.channels import open_channels
from alerts.channels.email import RECEIPTS_NAME, SmtpChannel
from alerts.outbox import Channels, Receipts, release_leases, replay_receipts
from collectors.catalog import SourceConfig, load_catalog, source_entries
from collectors.fetcher import Fetcher, FetchPolicy
from collectors.overlay import lay_sources
from collectors.stage import source_rows
from langnghe import __version__
from langnghe.core.clock import Clock, SystemClock
from langnghe.core.errors import ConfigError, InputError, ProfileError
from langnghe.core.overlay_profile import MARK as EDITS_MARK
from langnghe.core.overlay_profile import PassedOver, lay_units
from langnghe.core.overlay_settings import settings_in_force
from langnghe.core.policy.loader import Policy, load_policy
from langnghe.core.profile import load_profile
from langnghe.core.services import Services
from langnghe.core.settings import Settings, folder_error
from langnghe.core.shelf import BACK, WEIGHTS, Shelf
from langnghe.core.store.drills import refuse_drill, refuse_real
from langnghe.core.store.edits import Edited, edits_of, newest_edit
from langnghe.core.store.engine import Store
from langnghe.core.store.incidents import try_set_aside_again
from langnghe.core.store.marks import DRILL, get_mark, put_mark
from langnghe.core.store.sources import sync_sources
from langnghe.core.store.turns import all_in, sign_in
from langnghe.core.store.units import sync_units
from langnghe.core.types import Profile
from langnghe.pipeline import House
from nlp.house_words import HouseReader, HouseWords, words_of
from nlp.lexicon import taxonomy
from nlp.reader import Reader
from nlp.stage import Grouper, Reads
from nlp.story_evidence import likeness
from nlp.story_lessons import Judge, shifted, told

log = structlog.get_logger(__name__)


def open_services(
    settings: Settings,
    *,
    clock: Clock | None = None,
    profile: Profile | None = None,
    drill: str = "",
) -> Services:
    """Check profile, playbook and catalogue, migrate the database, copy the profile into it.

    ``drill`` is the title of a drill: its database and a real one refuse each other. Raises
    ConfigError or StoreError before anything is written when something is wrong.
    """
    profile = profile or read_profile(settings)
    policy, sources = read_rules(settings, profile)
    clock = clock or SystemClock()
    if not settings.is_postgres:
        try:
            settings.home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise folder_error(settings.home, error) from error
    settings.secret_key()  # one that is missing is made, one that is damaged stops the start
    store = Store(settings.database)
    try:
        (refuse_real if drill else refuse_drill)(store)
        store.migrate()
        with store.write() as session:
            if drill and get_mark(session, DRILL) is None:
                put_mark(session, DRILL, clock.now(), {"title": drill})
            laid = lay_edits(session, settings, policy, profile, sources)
            write_laid(session, laid, clock.now())
            try_set_aside_again(session)
    except BaseException:
        store.close()
        raise
    return Services(
        store=store, settings=laid.settings, clock=clock, policy=policy, profile=laid.profile,
        drill=drill, base=settings,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class LaidHouse:
    """What the files say with what people changed laid over it, as of edit number ``newest``."""

    newest: int
    settings: Settings
    profile: Profile
    sources: tuple[SourceConfig, ...]
    words: HouseWords
    passed: tuple[PassedOver, ...] = ()


def lay_edits(
    session: Session,
    settings: Settings,
    policy: Policy,
    profile: Profile,
    sources: Sequence[SourceConfig],
) -> LaidHouse:
    """Return the files' settings, profile and sources under the edits; writes nothing.

    An edit that no longer fits is passed over: it is named in ``passed`` and stops nothing.
    """
    newest = newest_edit(session)
    ours = settings_in_force(session, settings)
    why = "Giá trị này không còn hợp lệ."
    lost = tuple(PassedOver("setting", path, why) for path in ours.passed_over)
    laid, lost_units = lay_units(profile, edits_of(session, Edited.UNIT))
    listed = lay_sources(sources, edits_of(session, Edited.SOURCE))
    said = edits_of(session, Edited.WORDS)
    words, lost_words = words_of(said, policy.topics, laid)
    return LaidHouse(
        newest, ours.settings, laid, listed.sources, words,
        (*lost, *lost_units, *listed.passed, *lost_words),
    )  # fmt: skip


def write_laid(session: Session, laid: LaidHouse, now: datetime) -> None:
    """Copy what is in force into the tables, and note which edits were passed over."""
    sync_units(session, laid.profile, now)
    sync_sources(session, source_rows(laid.sources), now)
    passed = [{"kind": p.kind, "key": p.key, "why": p.why} for p in laid.passed]
    put_mark(session, EDITS_MARK, now, {"newest": laid.newest, "passed": passed})
    for lost in laid.passed:
        log.warning("edit_passed_over", kind=lost.kind, key=lost.key, why=lost.why)


def open_house(
    services: Services,
    *,
    fetch: bool = True,
    channel: Channels | None = None,
    reader: Reads | None = None,
) -> House:
    """Add the parts that read, reach out and remember.

    ``channel`` replaces the configured ways out, ``reader`` the trained one. Raises ConfigError for
    a promoted model that cannot be trusted.
    """
    settings = services.settings
    receipts = channel.receipts if isinstance(channel, SmtpChannel) else None
    if channel is None:
        receipts = Receipts(settings.home / RECEIPTS_NAME)
        channel = open_channels(settings, services.store, receipts) or None
    if receipts is not None:
        replay_receipts(services.store, receipts)
        if sign_in(services.store):  # the only process: whoever held a lease is no more
            release_leases(services.store)
            all_in(services.store)
    if reader is None:
        reader = with_words(load_reader(settings, services.profile), services)
    return House(
        services=services,
        reader=reader,
        grouper=Grouper(services.store, judge=load_judge(settings)),
        fetcher=new_fetcher(settings) if fetch else None,
        channel=channel,
    )


def with_words(reader: Reads, services: Services) -> Reads:
    """Return the reader with the house's own words laid over what it says."""
    with services.store.read() as session:
        said = edits_of(session, Edited.WORDS)
    words, _ = words_of(said, services.policy.topics, services.profile)
    return HouseReader(reader, words) if words.phrases else reader


def learnt_file(settings: Settings) -> Path:
    """Return where the weights of grouping stand that were learnt from people's decisions."""
    return settings.home / "grouping.json"


def load_judge(settings: Settings) -> Judge:
    """Return the weights of grouping in use: learnt ones if there are any, else the shipped ones.

    Raises ConfigError for learnt ones that cannot be read.
    """
    path = learnt_file(settings)
    try:
        return shifted(told(json.loads(path.read_text(encoding="utf-8"))))
    except FileNotFoundError:
        return likeness
    except (ValueError, InputError) as error:
        raise ConfigError(
            f"Tệp trọng số gom cụm {path} bị hỏng.",
            mend="Chạy «langnghe pairs back» để dùng lại trọng số kèm theo sản phẩm.",
        ) from error


def load_reader(settings: Settings, profile: Profile | None = None) -> Reader:
    """Return the reader in use: with the promoted weights if there are any, else the shipped ones.

    Raises ConfigError for promoted weights that are torn, changed or made for another program.
    """
    shelved = Shelf(settings.home).active()
    if shelved is None:
        return Reader.load(profile)
    if shelved.facts.get("lexicon") != taxonomy().version:
        raise ConfigError(
            f"Mô hình đã đưa vào dùng «{shelved.name}» được dạy với bộ từ khác của chương trình.",
            mend=f"{BACK} Sau đó có thể dạy lại bằng «langnghe train --corrections».",
        )
    try:
        return Reader.load(profile, weights=shelved.folder / WEIGHTS)
    except ConfigError as error:
        raise ConfigError(error.message, mend=BACK) from error


def new_fetcher(settings: Settings) -> Fetcher:
    """Return the one way out, introducing itself with the installation's contact."""
    contact = settings.contact or settings.public_url
    policy = FetchPolicy(
        user_agent=f"LangNghe/{__version__} (+{contact})",
        contact=contact,
        allow_private=frozenset(settings.allow_private_hosts),
    )
    return Fetcher(policy)


def read_rules(settings: Settings, profile: Profile) -> tuple[Policy, tuple[SourceConfig, ...]]:
    """Return playbook and sources for a profile; raises ConfigError and writes nothing."""
    return load_policy(settings.playbook), read_sources(settings, profile)


def read_sources(settings: Settings, profile: Profile) -> tuple[SourceConfig, ...]:
    """Return the sources of the catalogue and the profile's own; raises ConfigError."""
    catalog = load_catalog(settings.catalog)
    own = source_entries(profile.sources, str(settings.profile_path))
    taken = {source.id for source in catalog} & {source.id for source in own}
    if taken:
        raise ProfileError(
            f"{settings.profile_path}, mục sources: mã «{min(taken)}» đã có trong danh mục nguồn.",
            mend="Đổi mã (id) của nguồn này trong hồ sơ.",
        )
    return catalog + own


def read_profile(settings: Settings) -> Profile:
    """Load the profile of watched units; a missing one is an error that says how to begin."""
    path = settings.profile_path
    if not path.is_file():
        raise ProfileError(
            f"Chưa có hồ sơ đơn vị cần theo dõi ({path}).",
            mend="Chạy «langnghe init» để tạo, hoặc chỉ tệp có sẵn bằng --profile.",
        )
    return load_profile(path)
