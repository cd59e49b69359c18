#!/usr/bin/env python3
"""Seeds for Fuzz, one file each, out of the captured messages of Tests/SyslogTests/Fixtures:  seeds.py DIRECTORY"""

import pathlib
import struct
import sys

fixtures = pathlib.Path(__file__).parent.parent / "SyslogTests" / "Fixtures"
target = pathlib.Path(sys.argv[1]) / "seeds"
target.mkdir(parents=True, exist_ok=True)


def datagrams(data):
    at = 0
    while at + 4 <= len(data):
        (count,) = struct.unpack_from("<I", data, at)
        yield data[at + 4:at + 4 + count]
        at += 4 + count


for file in sorted(fixtures.iterdir()):
    data = file.read_bytes() if file.suffix in (".u32", ".log", ".jsonl", ".txt", ".stream") else b""
    parts = datagrams(data) if file.suffix == ".u32" else [data[:8000]] if file.suffix == ".stream" else data.splitlines()
    for number, part in enumerate(parts):
        if 0 < len(part) <= 8192:
            (target / f"{file.stem}-{number}").write_bytes(part)
            if b": " in part[:60]:  # what stands behind a header, too
                (target / f"{file.stem}-{number}-bare").write_bytes(part.split(b": ", 1)[1])
for number, text in enumerate(("192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1", "fe80::1%eth0", "[::1]:443", "unix:", "1.2.3.4:5")):
    (target / f"address-{number}").write_text(text)
