#!/usr/bin/env python3
"""Makes a country database for ballconed:  build.py [--source auto|iptocc|libloc] [--work DIR] OUTPUT.mmdb

auto: PyPI's iptocc in a virtual environment of its own under --work; when PyPI cannot be reached, Debian's
libloc-database and python3-location. Beside OUTPUT stands OUTPUT's name + ".txt": where the data comes from.
"""

import argparse
import datetime
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def write(module, output):
    """In the interpreter that has the source's package: read it, write the file whole, rename it into place."""
    import mmdb_writer

    ranges4, ranges6, description, epoch = __import__(module).load()
    content = mmdb_writer.encode(ranges4, ranges6, description, epoch)
    day = datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc).date()
    os.makedirs(os.path.dirname(os.path.abspath(output)), exist_ok=True)
    for name, data in ((output, content), (output + ".txt", f"{description}\nbuilt {day}\n".encode())):
        with open(name + ".new", "wb") as file:
            file.write(data)
        os.replace(name + ".new", name)
    print(f"{output}: {len(content):,} bytes, {len(ranges4):,} IPv4 and {len(ranges6):,} IPv6 ranges; {description}")


def run(*command):
    print("+", *command, flush=True)
    return subprocess.run(command).returncode == 0


def stage(python, module, output):
    return run(python, os.path.join(HERE, "build.py"), "--stage", module, output)


def from_iptocc(work, output):
    home = os.path.join(work, "venv")
    python = os.path.join(home, "bin", "python")
    return (
        (os.path.exists(python) or run(sys.executable, "-m", "venv", home))
        and run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade", "iptocc")
        and stage(python, "iptocc_ranges", output)
    )


def from_libloc(output):
    packages = ("libloc-database", "python3-location")
    have = subprocess.run(("dpkg", "-s") + packages, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0
    root = () if os.geteuid() == 0 else ("sudo", "-n")
    return (
        (have or run(*root, "apt-get", "-o", "DPkg::Lock::Timeout=120", "install", "--yes", "--no-install-recommends", *packages))
        and stage("/usr/bin/python3", "libloc_ranges", output)
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", choices=("auto", "iptocc", "libloc"), default="auto")
    parser.add_argument("--work", default=".build/geoip", help="for the virtual environment (default .build/geoip)")
    parser.add_argument("--stage", help=argparse.SUPPRESS)
    parser.add_argument("output")
    options = parser.parse_args()
    if options.stage:
        return write(options.stage, options.output)
    if options.source != "libloc" and from_iptocc(options.work, options.output):
        return None
    if options.source != "iptocc" and from_libloc(options.output):
        return None
    sys.exit(f"cannot make {options.output}: neither PyPI's iptocc nor Debian's libloc-database could be had")


if __name__ == "__main__":
    main()
