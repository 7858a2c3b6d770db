"""Moments as text, and back (XEP-0082, XEP-0091)."""

from datetime import UTC, datetime


def timestamp(seconds: float) -> str:
    """POSIX seconds as XEP-0082 writes a moment in UTC."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def legacy_timestamp(seconds: float) -> str:
    """POSIX seconds as CCYYMMDDThh:mm:ss in UTC (XEP-0091)."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%dT%H:%M:%S")


def seconds_of(text: str) -> float | None:
    """Read an XEP-0082 moment; None when it is none."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return moment.timestamp() if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
