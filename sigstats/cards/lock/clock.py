"""The one place where the time is taken."""

import datetime as dt
import re

STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def now() -> str:
    """Return the time in UTC, as in ``2026-11-30T08:15:00Z``."""
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds(stamp: str) -> float:
    """Return a time in seconds since 1970."""
    return dt.datetime.fromisoformat(stamp).timestamp()


def said(stamp: str) -> str:
    """Return a time as reports write it: ``2026-11-30 08:15 UTC``."""
    return f"{stamp[:10]} {stamp[11:16]} UTC"
