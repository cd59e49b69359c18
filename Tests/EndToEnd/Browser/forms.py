"""The short forms of the pages, written a second time: what format.js must print for a number of the API."""
import math


def _cut(n, digits):
    value = math.trunc(n * 10**digits + 1e-9) / 10**digits
    return str(int(value)) if value == int(value) else f"{value:.{digits}f}".rstrip("0")


def count(n):
    if n is None:
        return "-"
    n = math.floor(n + 0.5)
    for size, unit in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if n >= size:
            return _cut(n / size, 0 if n >= 100 * size else 1) + unit
    return str(n)


def size(n):
    if n is None:
        return "-"
    if n < 1024:
        return f"{math.trunc(n)} B"
    for unit in ("KiB", "MiB", "GiB", "TiB", "PiB"):
        n /= 1024
        if n < 1024 or unit == "PiB":
            return f"{_cut(n, 1)} {unit}"


def percent(n):
    if n is None:
        return "-"
    if 0 < n < 1e-4:
        return "<0.01%"
    return _cut(100 * n, 2 if 0 < n < 1e-3 else 1) + "%"


def latency(s):
    if s is None:
        return "-"
    if s == 0:
        return "0"
    if s < 1e-3:
        return f"{_cut(s * 1e6, 0)} µs"
    if s < 1:
        return f"{_cut(s * 1e3, 1 if s < 0.01 else 0)} ms"
    return f"{_cut(s, 1 if s < 10 else 0)} s"


SHORT = {"visitors": count, "pageviews": count, "requests": count, "bytes": size, "error_rate": percent, "duration_p95": latency, "bot_share": percent}
