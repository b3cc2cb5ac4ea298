"""Put the house together from its settings: nothing starts unless everything it needs is sound."""

from __future__ import annotations

import json
from pathlib import Path

from alerts.channels import open_channels
from alerts.channels.email import RECEIPTS_NAME, SmtpChannel
from alerts.outbox import Channels, Receipts, release_leases, replay_receipts
from collectors.catalog import SourceConfig, load_catalog, source_entries
from collectors.fetcher import Fetcher, FetchPolicy
from collectors.stage import source_rows
from langnghe import __version__
from langnghe.core.clock import Clock, SystemClock
from langnghe.core.errors import ConfigError, InputError, ProfileError
from langnghe.core.policy.loader import Policy, load_policy
from langnghe.core.profile import load_profile
from langnghe.core.services import Services
from langnghe.core.settings import Settings, folder_error
from langnghe.core.shelf import BACK, WEIGHTS, Shelf
from langnghe.core.store.drills import refuse_drill, refuse_real
from langnghe.core.store.engine import Store
from langnghe.core.store.incidents import try_set_aside_again
from langnghe.core.store.marks import DRILL, get_mark, put_mark
from langnghe.core.store.sources import sync_sources
from langnghe.core.store.turns import all_in, sign_in
from langnghe.core.store.units import sync_units
from langnghe.core.types import Profile
from langnghe.pipeline import House
from nlp.lexicon import taxonomy
from nlp.reader import Reader
from nlp.stage import Grouper, Reads
from nlp.story_evidence import likeness
from nlp.story_lessons import Judge, shifted, told


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
            sync_units(session, profile, clock.now())
            sync_sources(session, source_rows(sources), clock.now())
            try_set_aside_again(session)
    except BaseException:
        store.close()
        raise
    return Services(
        store=store, settings=settings, clock=clock, policy=policy, profile=profile, drill=drill
    )


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
    return House(
        services=services,
        reader=reader or load_reader(settings, services.profile),
        grouper=Grouper(services.store, judge=load_judge(settings)),
        fetcher=new_fetcher(settings) if fetch else None,
        channel=channel,
    )


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
