"""Country ranges out of PyPI's iptocc (nightly data of the five regional registries; MIT or Apache-2.0).

The package answers addresses, not ranges, so every /24 of IPv4 is asked, and of IPv6 every /32, with /40 and /48 inside
those whose first, middle and last address differ.
"""

import importlib.metadata
import os
import time

# The /16 blocks of IPv6 that IANA gave to the registries.
BLOCKS6 = (
    (0x2001, 0x2001), (0x2003, 0x2003), (0x2400, 0x240F), (0x2600, 0x260F), (0x2610, 0x2610), (0x2620, 0x2620),
    (0x2630, 0x263F), (0x2800, 0x280F), (0x2A00, 0x2A1F), (0x2C00, 0x2C0F),
)


def _ranges4(ask):
    found, current, start = [], None, 0
    for a in range(1, 224):
        for b in range(256):
            answers = [None] * 256 if a in (10, 127) else ask([f"{a}.{b}.{c}.0" for c in range(256)])
            for c, code in enumerate(answers):
                if code != current:
                    here = a << 24 | b << 16 | c << 8
                    if current:
                        found.append((start, here - 1, current))
                    current, start = code, here
    if current:
        found.append((start, (224 << 24) - 1, current))
    return found


def _ranges6(ask):
    changes = []  # (first /48 as a number, code), where the answer changes

    def put(at, code):
        if not changes or changes[-1][1] != code:
            changes.append((at, code))

    def uniform(prefixes, width):
        """Each prefix with its code, or with None in its place when it is not one country throughout."""
        low, mid, high = (ask([f"{p}{end}" for p in prefixes]) for end in width)
        return [(a, a == b == c) for a, b, c in zip(low, mid, high)]

    for first, last in BLOCKS6:
        for h in range(first, last + 1):
            wide = uniform([f"{h:x}:{g:x}" for g in range(65536)], ("::", ":8000::", ":ffff::"))
            for g, (code, same) in enumerate(wide):
                if same:
                    put(h << 32 | g << 16, code)
                    continue
                middle = zip(*(ask([f"{h:x}:{g:x}:{i << 8 | low:x}::" for i in range(256)]) for low in (0, 128, 255)))
                for i, (a, b, c) in enumerate(middle):
                    if a == b == c:
                        put(h << 32 | g << 16 | i << 8, a)
                        continue
                    for k, code48 in enumerate(ask([f"{h:x}:{g:x}:{i << 8 | k:x}::" for k in range(256)])):
                        put(h << 32 | g << 16 | i << 8 | k, code48)
        put((last + 1) << 32, None)
    ends = [at for at, _ in changes[1:]]
    return [(at << 80, (end << 80) - 1, code) for (at, code), end in zip(changes, ends) if code]


def load():
    """(IPv4 ranges, IPv6 ranges, description, build time)"""
    from iptocc import country_code

    version = importlib.metadata.version("iptocc")
    epoch = int(os.environ.get("SOURCE_DATE_EPOCH", time.time()))
    return (
        _ranges4(country_code), _ranges6(country_code),
        f"iptocc {version}: allocations of AFRINIC, APNIC, ARIN, LACNIC and RIPE NCC (MIT or Apache-2.0)", epoch,
    )
