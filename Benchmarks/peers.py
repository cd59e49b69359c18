#!/usr/bin/env python3
"""Redis and DuckDB beside us: the same questions over the same visitors and rows, in one run on one machine.

    python3 Benchmarks/peers.py .build/release/Benchmarks [ROWS]

Redis runs on a port of its own on the loopback and is ended by its pid; its times are its own (INFO commandstats), so no
network is in them. DuckDB comes from PyPI into .build/peers and uses one thread. A peer that is not there is left out.
"""
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time


def ours(program, directory, rows):
    text = subprocess.run([program, "peers", directory, str(rows)], check=True, capture_output=True, text=True).stdout
    lines = [line.split("\t") for line in text.splitlines() if line.count("\t") == 3]
    return {name: (float(value), unit, int(check)) for name, value, unit, check in lines}


class Redis:
    """As much of the protocol as the questions need."""

    def __init__(self, directory):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", directory],
            stdout=subprocess.DEVNULL)
        for _ in range(100):
            try:
                self.socket = socket.create_connection(("127.0.0.1", port))
                break
            except OSError:
                time.sleep(0.05)
        self.reader = self.socket.makefile("rb")

    def send(self, *words):
        parts = [b"*%d\r\n" % len(words)]
        for word in words:
            word = word if isinstance(word, bytes) else str(word).encode()
            parts.append(b"$%d\r\n%s\r\n" % (len(word), word))
        self.socket.sendall(b"".join(parts))

    def answer(self):
        line = self.reader.readline().rstrip()
        if line[:1] == b"$":
            return self.reader.read(int(line[1:]) + 2)[:-2].decode()
        if line[:1] == b"-":
            raise RuntimeError(line.decode())
        return int(line[1:]) if line[:1] == b":" else line.decode()

    def ask(self, *words):
        self.send(*words)
        return self.answer()

    def microseconds(self, command):
        """Of the server itself, a call, since the last reset."""
        for line in self.ask("INFO", "commandstats").splitlines():
            if line.startswith("cmdstat_" + command + ":"):
                return float(line.split("usec_per_call=")[1].split(",")[0])
        return float("nan")

    def end(self):
        self.process.terminate()
        self.process.wait(10)


def redis(directory):
    if not shutil.which("redis-server"):
        return {}
    found, server = {}, Redis(directory)
    try:
        for count in (10, 100, 1_000, 10_000):
            for first in range(0, count, 100):
                server.ask("PFADD", "n%d" % count, *range(first, min(first + 100, count)))
            found["bytes of %d visitors" % count] = (server.ask("STRLEN", "n%d" % count), server.ask("PFCOUNT", "n%d" % count))
        server.ask("CONFIG", "RESETSTAT")
        for first in range(0, 1_000_000, 100):
            server.send("PFADD", "million", *range(first, first + 100))
            server.answer()
        found["add a visitor"] = (server.microseconds("pfadd") * 10, server.ask("PFCOUNT", "million"))
        keys = ["m%d" % minute for minute in range(43_200)]
        for minute, key in enumerate(keys):
            server.ask("PFADD", key, *range(minute * 60, minute * 60 + 100))
        for count in (1_440, 43_200):
            times, visitors = [], 0
            for _ in range(9):
                server.ask("CONFIG", "RESETSTAT")
                visitors = server.ask("PFCOUNT", *keys[:count])
                times.append(server.microseconds("pfcount"))
            found["union of %d sketches of 100" % count] = (statistics.median(times), visitors)
    finally:
        server.end()
    return found


def duckdb(directory):
    home = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), ".build", "peers")
    python = os.path.join(home, "bin", "python")
    script = """
import duckdb, statistics, sys, time
base = duckdb.connect()
base.execute("SET threads = 1")
base.execute("SET enable_progress_bar = false")
base.execute("CREATE TABLE rows AS SELECT * FROM read_csv('%s')" % sys.argv[1])
for name, query in (
    ("one filter", "SELECT count(*) FROM rows WHERE path = '/section/page-0'"),
    ("three filters, bytes and visitors", "SELECT count(*), sum(bytes), count(DISTINCT visitor) FROM rows "
     "WHERE country = 'AD' AND browser = 'Browser 0' AND status = 200"),
):
    times = []
    for _ in range(9):
        began = time.process_time()
        answer = base.execute(query).fetchone()
        times.append((time.process_time() - began) * 1e6)
    print(name, statistics.median(times), answer[0], duckdb.__version__, sep="\\t")
"""
    try:
        if not os.path.exists(python):
            subprocess.run([sys.executable, "-m", "venv", home], check=True, capture_output=True)
            subprocess.run([python, "-m", "pip", "install", "-q", "duckdb"], check=True, capture_output=True)
        text = subprocess.run(
            [python, "-c", script, os.path.join(directory, "rows.csv")], check=True, capture_output=True, text=True).stdout
    except (subprocess.CalledProcessError, OSError) as error:
        print("duckdb is left out: %s" % error, file=sys.stderr)
        return {}
    lines = [line.split("\t") for line in text.splitlines() if line.count("\t") == 3]
    return {name: (float(value), int(check)) for name, value, check, _ in lines}


def main():
    program, rows = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    with tempfile.TemporaryDirectory() as directory:
        mine, peers = ours(program, directory, rows), {"Redis": redis(directory), "DuckDB": duckdb(directory)}
    print("%-46s %12s  %s" % ("%d rows" % rows, "ballconed", "peer, and how many times as much"))
    for name, (value, unit, check) in mine.items():
        line = "%-46s %9.5g %-3s" % (name, value, unit)
        for peer, found in peers.items():
            if name in found:
                other, theirs = found[name]
                line += "  %s %.5g %s (%.1f x)" % (peer, other, unit, other / value if value else 0)
                if check != theirs:
                    line += ", counts %d and %d" % (check, theirs)
        print(line)


if __name__ == "__main__":
    main()
