"""The ways out to people: each takes a finished message and says whether it was taken.

``open_channels`` gives those the settings describe; which message goes which way is decided
elsewhere (``alerts.outbox``).
"""

from __future__ import annotations

from collections.abc import Mapping

from alerts.channels.email import SmtpChannel
from alerts.channels.named import NamedChannel
from alerts.channels.push import PushChannel
from alerts.channels.sms import SmsChannel
from alerts.channels.telegram import TelegramChannel
from alerts.channels.web import Wire
from alerts.channels.webhook import WebhookChannel
from alerts.channels.webpush import sender_key
from alerts.channels.zalo import OaChannel, ZnsChannel
from alerts.channels.zalo_tokens import Vault, ZaloTokens
from alerts.outmail import Channel
from alerts.receipts import Receipts
from langnghe.core.settings import Settings
from langnghe.core.store.engine import Store

EMAIL, ZNS, OA, SMS = "email", "zalo_zns", "zalo_oa", "sms"
TELEGRAM, WEBHOOK, APPRISE, PUSH = "telegram", "webhook", "apprise", "push"
ALL = (EMAIL, ZNS, OA, SMS, TELEGRAM, WEBHOOK, APPRISE, PUSH)


def configured(settings: Settings) -> tuple[str, ...]:
    """Return the ids of the ways the settings describe and nobody switched off, as in ``ALL``."""
    return tuple(way for way in described(settings) if way not in settings.ways_off)


def described(settings: Settings) -> tuple[str, ...]:
    """Return the ids of the ways the settings describe, switched off or not, as in ``ALL``."""
    c = settings.channels
    there = {
        EMAIL: bool(settings.smtp_host),
        ZNS: c.zalo.ready and bool(c.zalo.template_id),
        OA: c.zalo.ready and c.zalo.oa,
        SMS: bool(c.sms.url.get_secret_value()),
        TELEGRAM: bool(c.telegram.token.get_secret_value()),
        WEBHOOK: bool(c.webhooks),
        APPRISE: bool(c.apprise),
        PUSH: c.push.enabled,
    }
    return tuple(way for way in ALL if there[way])


def open_channels(settings: Settings, store: Store, receipts: Receipts) -> Mapping[str, Channel]:
    """Return the configured ways out by id; nothing is connected before the first message.

    Raises ConfigError for a damaged key of web push or of the installation.
    """
    c = settings.channels
    private = frozenset(settings.allow_private_hosts)
    ways = configured(settings)
    channels: dict[str, Channel] = {}
    if EMAIL in ways:
        channels[EMAIL] = SmtpChannel(settings, receipts=receipts)
    if ZNS in ways or OA in ways:
        wire = Wire("Zalo", timeout_s=c.zalo.timeout_s, allow_private=private)
        tokens = ZaloTokens(c.zalo, wire, store, Vault(settings.secret_key()))
        if ZNS in ways:
            channels[ZNS] = ZnsChannel(c.zalo, wire, tokens, receipts)
        if OA in ways:
            channels[OA] = OaChannel(c.zalo, wire, tokens, receipts)
    if SMS in ways:
        wire = Wire("Nhà cung cấp SMS", timeout_s=c.sms.timeout_s, allow_private=private)
        channels[SMS] = SmsChannel(c.sms, wire, receipts)
    if TELEGRAM in ways:
        wire = Wire("Telegram", timeout_s=c.telegram.timeout_s, allow_private=private)
        channels[TELEGRAM] = TelegramChannel(c.telegram, wire, receipts)
    if WEBHOOK in ways:
        wires = {
            name: Wire(f"Móc nối «{name}»", timeout_s=hook.timeout_s, allow_private=private)
            for name, hook in c.webhooks.items()
        }
        channels[WEBHOOK] = WebhookChannel(c.webhooks, wires, store, receipts)
    if APPRISE in ways:
        channels[APPRISE] = NamedChannel(c.apprise, receipts)
    if PUSH in ways:
        wire = Wire("Dịch vụ đẩy", timeout_s=c.push.timeout_s, allow_private=private)
        key = sender_key(c.push, settings.home)
        channels[PUSH] = PushChannel(c.push, key, wire, store, receipts)
    return channels
