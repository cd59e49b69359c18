"""Country ranges out of Debian's libloc-database (IPFire Location, CC BY-SA 4.0), read through python3-location.

Its networks nest, the inner one being right: they are flattened into disjoint ranges.
"""

import socket

DATABASE = "/usr/share/libloc-location/location.db"


def _flatten(networks):
    """Nested (first, last, code or None), sorted by first and widest first → disjoint (first, last, code)."""
    ranges, open_, position = [], [], 0

    def emit(first, last, code):
        if first > last or not code:
            return
        if ranges and ranges[-1][2] == code and ranges[-1][1] + 1 == first:
            ranges[-1] = (ranges[-1][0], last, code)
        else:
            ranges.append((first, last, code))

    def close(until):
        nonlocal position
        while open_ and (until is None or open_[-1][1] < until):
            first, last, code = open_.pop()
            emit(max(position, first), last, code)
            position = max(position, last + 1)

    for first, last, code in networks:
        close(first)
        if open_:
            emit(max(position, open_[-1][0]), first - 1, open_[-1][2])
        position = max(position, first)
        open_.append((first, last, code or (open_[-1][2] if open_ else None)))
    close(None)
    return ranges


def load():
    """(IPv4 ranges, IPv6 ranges, description, build time)"""
    import location  # python3-location

    database = location.Database(DATABASE)
    networks = {socket.AF_INET: [], socket.AF_INET6: []}
    for network in database.networks:
        first, last = (
            int.from_bytes(socket.inet_pton(network.family, address), "big")
            for address in (network.first_address, network.last_address)
        )
        code = network.country_code
        usable = code and len(code) == 2 and code.isalpha()
        networks[network.family].append((first, last, code if usable else None))
    for found in networks.values():
        found.sort(key=lambda n: (n[0], -n[1]))
    return (
        _flatten(networks[socket.AF_INET]), _flatten(networks[socket.AF_INET6]),
        "IPFire Location, libloc-database of Debian (CC BY-SA 4.0)", int(database.created_at),
    )
