#!/usr/bin/env python3
"""Writes the small databases that the tests read:  test_databases.py Tests/SyslogTests/Fixtures

country24, country28, country32: the same ranges in records of 24, 28 and 32 bits; country4: IPv4 alone; city: records
as city files have them, one without a country but with a country of registration, one with neither, one flat.
"""

import ipaddress
import os
import sys

from mmdb_writer import encode, encode_map, encode_text

NETWORKS = (
    ("1.0.0.0/24", "AU"), ("1.0.1.0/24", "CN"), ("1.0.2.0/23", "CN"), ("5.0.0.0/8", "DE"), ("8.8.8.0/24", "US"),
    ("81.2.69.142/31", "GB"), ("100.64.0.0/10", "US"), ("223.255.255.0/24", "JP"),
    ("2001:200::/32", "JP"), ("2a00:1450:4000::/37", "IE"), ("2a01:4f8:0:1::/64", "DE"), ("2a02:6b8::/32", "RU"),
    ("2a02:6b9::/80", "FR"),
)
EPOCH = 1_793_145_600  # 2026-10-28


def ranges(version):
    networks = (ipaddress.ip_network(network) for network, _ in NETWORKS)
    both = zip(networks, (code for _, code in NETWORKS))
    return [(int(n.network_address), int(n.broadcast_address), code) for n, code in both if n.version == version]


def city_record(code):
    country = encode_map([("geoname_id", encode_text("2921044")), ("iso_code", encode_text(code))])
    names = encode_map([("city", encode_map([("names", encode_map([("en", encode_text("Somewhere"))]))]))])
    return {
        "AU": encode_map([("registered_country", country)]),
        "CN": names,
        "US": encode_map([("country_code", encode_text(code))]),
        "JP": encode_map([("country", encode_text(code))]),
    }.get(code) or encode_map([
        ("city", encode_map([("names", encode_map([("en", encode_text("Elsewhere"))]))])),
        ("registered_country", encode_map([("iso_code", encode_text("AQ"))])),
        ("country", country),
    ])


def main(directory):
    v4, v6 = ranges(4), ranges(6)
    aliases = ((0x2002 << 112, 16), (0x2001_0000 << 96, 32))  # 6to4, Teredo
    files = {
        f"country{bits}": encode(v4, v6, "test ranges", EPOCH, record_size=bits, aliases=aliases) for bits in (24, 28, 32)
    }
    files["country4"] = encode(v4, [], "test ranges", EPOCH, ip_version=4)
    files["city"] = encode(v4, v6, "test ranges", EPOCH, database_type="City", record_of=city_record)
    for name, content in files.items():
        with open(os.path.join(directory, name + ".mmdb"), "wb") as file:
            file.write(content)
        print(name, len(content))


if __name__ == "__main__":
    main(sys.argv[1])
