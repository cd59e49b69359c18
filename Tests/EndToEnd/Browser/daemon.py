"""A daemon to look at: one that runs already (its URL), or a program started here on free ports that keeps nothing."""
import contextlib
import re
import subprocess


@contextlib.contextmanager
def daemon(where):
    if where.startswith(("http://", "https://")):
        yield where.rstrip("/")
        return
    process = subprocess.Popen([where, "serve", "-sp", "0", "-wp", "0", "-d", ":memory:"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        ready = re.search(r"^ready .*web=(\S+)", process.stdout.readline())
        if not ready:
            raise SystemExit(f"cannot start {where}: it did not say that it is ready")
        yield ready[1]
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
