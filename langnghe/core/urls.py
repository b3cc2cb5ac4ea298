"""One address for one article, whichever of its many spellings somebody linked to.

A mention is identified by its canonical URL. Newspapers serve the same article over http and https,
with and without ``www``, on a mobile and an AMP host, and everybody who shares it adds tracking
parameters; all of these must fold together, and nothing else may.
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

_TRACKING = frozenset(
    {
        "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid",
        "ttclid", "li_fat_id", "igshid", "igsh", "mc_cid", "mc_eid", "_ga", "_gl", "_hsenc",
        "_hsmi", "zarsrc", "gidzl", "spm", "cmpid", "cmp", "ocid", "ncid", "s_kwcid", "ref_src",
        "ref_url", "mibextid", "vn_source", "vn_campaign", "vn_medium", "vn_term", "vn_thumb",
        "vn_aid", "amp_js_v", "amp_gsa", "usqp", "__twitter_impression", "rtoken",
        "share_source",
    }
)  # fmt: skip
_TRACKING_PREFIXES = ("utm_", "itm_", "pk_", "mtm_", "fb_action", "hsa_")
_AMP_SWITCHES = frozenset({"amp", "amp=1", "amp=true", "outputtype=amp", "mobile=1"})
_HOST_PREFIXES = ("www.", "m.", "amp.", "mobile.")
# Hosts that are a second front door to the same article numbers.
_SAME_HOSTS = {"lifestyle.znews.vn": "znews.vn"}
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_SLASHES = re.compile(r"/{2,}")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9_])?|\[[0-9a-f:.]+\]")
_SCHEME = re.compile(r"(?:https?:)?//", re.IGNORECASE)
_SAFE = "%/:@!$&'()*+,;=~-._?"


def canonical_url(url: str) -> str:
    """Return the one spelling of a web address under which its article is known.

    Scheme becomes https; ``www.``, ``m.``, ``amp.`` hosts, default ports, user names, fragments,
    tracking parameters, ``/amp`` and trailing slashes go; the remaining parameters are sorted.
    Idempotent. What is no http(s) address comes back stripped of blanks, never as an exception.
    """
    text = url.strip()
    if not _SCHEME.match(text):
        return text
    try:
        parts = urlsplit(text if text[0] != "/" else f"https:{text}")
        host = _host(parts.hostname or "")
        port = parts.port
    except ValueError:
        return text
    if host is None:
        return text
    if port is not None and port not in (80, 443):
        host = f"{host}:{port}"
    query = _query(parts.query)
    return f"https://{host}{_path(parts.path)}" + (f"?{query}" if query else "")


def host_of(url: str | None) -> str:
    """Return the host a publisher is known by, without ``www.`` and the like; "" for none."""
    try:
        return _host(urlsplit(url.strip()).hostname or "") or "" if url else ""
    except ValueError:
        return ""


def _host(raw: str) -> str | None:
    host = raw.rstrip(".").lower()
    if ":" in host:
        host = f"[{host}]"
    elif not host.isascii():
        try:
            host = host.encode("idna").decode("ascii").rstrip(".").lower()
        except UnicodeError:
            return None
    if not _HOST.fullmatch(host):
        return None
    shorter = True
    while shorter:
        shorter = False
        for prefix in _HOST_PREFIXES:
            rest = host.removeprefix(prefix)
            # "m.vn" is a site of its own, not the mobile face of a top-level domain.
            if rest != host and "." in rest and _HOST.fullmatch(rest):
                host, shorter = rest, True
    return _SAME_HOSTS.get(host, host)


def _path(raw: str) -> str:
    path = _SLASHES.sub("/", _spell(raw))
    while True:
        shorter = path.rstrip("/")
        if shorter.lower().endswith("/amp"):
            shorter = shorter[:-4]
        if shorter.lower().startswith("/amp/"):
            shorter = shorter[4:]
        if shorter == path:
            return path
        path = shorter


def _query(raw: str) -> str:
    return "&".join(sorted(p for p in _spell(raw).split("&") if p and not _is_tracking(p.lower())))


def _is_tracking(pair: str) -> bool:
    key = pair.partition("=")[0]
    return key in _TRACKING or key.startswith(_TRACKING_PREFIXES) or pair in _AMP_SWITCHES


def _spell(text: str) -> str:
    """Return ``text`` with one spelling of percent escapes: upper case, none where not needed."""
    text = quote(text.encode("utf-8", "surrogatepass"), safe=_SAFE)
    while True:
        plain = _ESCAPE.sub(_unescape, text)
        # Undoing one escape can complete another ("%%34%31"); each round is shorter, so it ends.
        if len(plain) == len(text):
            return plain
        text = plain


def _unescape(match: re.Match[str]) -> str:
    char = chr(int(match[1], 16))
    return char if char in _UNRESERVED else match[0].upper()
