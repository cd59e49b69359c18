"""A real Chromium over plain HTTP WebDriver, by the standard library alone: Debian's chromium and chromium-driver are enough."""
import base64
import json
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
KEYS = {"Enter": "\ue007", "Escape": "\ue00c", "Tab": "\ue004", "ArrowLeft": "\ue012", "ArrowUp": "\ue013", "ArrowRight": "\ue014",
        "ArrowDown": "\ue015", "Home": "\ue011", "End": "\ue010", " ": " "}


class Driver:
    """One chromedriver process; `Browser` is a window of it."""

    def __init__(self):
        program = shutil.which("chromedriver")
        if not program:
            raise SystemExit("cannot drive a browser: chromedriver is missing (Debian: chromium-driver)")
        self.process = subprocess.Popen([program, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in self.process.stdout:
            if found := re.search(r"successfully on port (\d+)", line):
                self.url = f"http://127.0.0.1:{found[1]}"
                return
        raise SystemExit("cannot drive a browser: chromedriver did not start")

    def close(self):
        """A test runner may have left SIGTERM blocked or ignored for its children, so it is asked first and killed last."""
        try:
            urllib.request.urlopen(self.url + "/shutdown", timeout=5).read()
            self.process.wait(5)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()

    def ask(self, method, path, body=None):
        data = None if method == "GET" else json.dumps(body or {}).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            wrong = json.load(error)["value"]
            raise RuntimeError(f"{path.split('/')[-1]}: {wrong['error']}: {wrong['message'].splitlines()[0]}") from None


class Browser:
    """A fresh profile in a window of exactly `wide` × `high` CSS pixels."""

    def __init__(self, driver, wide=1280, high=900, scheme="light", scale=1, touch=False, reduced=False):
        self.driver, self.profile = driver, tempfile.mkdtemp(prefix="ballconed-browser-")
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--lang=en-GB",
                     "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
                     f"--user-data-dir={self.profile}", f"--window-size={max(wide, 500)},{high}"]
        options = {"args": arguments, "binary": shutil.which("chromium")}
        wanted = {"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
        answer = driver.ask("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self.path = f"/session/{answer['sessionId']}"
        self.cdp("Emulation.setDeviceMetricsOverride", width=wide, height=high, deviceScaleFactor=scale, mobile=touch)
        if touch:
            self.cdp("Emulation.setTouchEmulationEnabled", enabled=True)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        if reduced:
            features.append({"name": "prefers-reduced-motion", "value": "reduce"})
        self.cdp("Emulation.setEmulatedMedia", features=features)

    def close(self):
        self.driver.ask("DELETE", self.path)
        shutil.rmtree(self.profile, ignore_errors=True)

    def ask(self, method, path, body=None):
        return self.driver.ask(method, self.path + path, body)

    def cdp(self, command, **parameters):
        return self.ask("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def before_load(self, script):
        self.cdp("Page.addScriptToEvaluateOnNewDocument", source=script)

    def go(self, url):
        self.ask("POST", "/url", {"url": url})

    def run(self, script, *arguments):
        return self.ask("POST", "/execute/sync", {"script": f"return ({script})", "args": list(arguments)})

    def run_async(self, script, *arguments):
        return self.ask("POST", "/execute/async", {"script": script, "args": list(arguments)})

    @property
    def url(self):
        return self.ask("GET", "/url")

    def back(self):
        self.ask("POST", "/back")

    def find(self, selector):
        return self.ask("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def click(self, selector):
        self.ask("POST", f"/element/{self.find(selector)}/click")

    def count(self, selector):
        return self.run("document.querySelectorAll(arguments[0]).length", selector)

    def text(self, selector):
        return self.run("document.querySelector(arguments[0])?.innerText ?? null", selector)

    def fill(self, selector, text):
        element = self.find(selector)
        self.ask("POST", f"/element/{element}/clear")
        self.ask("POST", f"/element/{element}/value", {"text": text})

    def press(self, key):
        value = KEYS.get(key, key)
        self.act({"type": "key", "id": "keys", "actions": [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}]})

    def act(self, *sources):
        self.ask("POST", "/actions", {"actions": list(sources)})

    def mouse(self, *steps):
        """Steps: (x, y) moves, "down", "up"."""
        actions = []
        for step in steps:
            if step == "down" or step == "up":
                actions.append({"type": "pointerDown" if step == "down" else "pointerUp", "button": 0})
            else:
                actions.append({"type": "pointerMove", "duration": 60, "x": round(step[0]), "y": round(step[1]), "origin": "viewport"})
        self.act({"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": actions})

    def until(self, script, *arguments, seconds=8):
        """Waits for a condition, and says whether it came."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if value := self.run(script, *arguments):
                    return value
            except RuntimeError:
                pass  # the page is on its way to another
            time.sleep(0.05)
        return False

    def box(self, selector):
        return self.run("(({x, y, width, height}) => ({x, y, width, height}))(document.querySelector(arguments[0]).getBoundingClientRect())", selector)

    def said(self):
        """Errors and warnings of the console since the last call."""
        return [entry["message"] for entry in self.ask("POST", "/se/log", {"type": "browser"}) if entry["level"] in ("SEVERE", "WARNING")]

    def requests(self):
        """Addresses asked for since the last call."""
        urls = []
        for entry in self.ask("POST", "/se/log", {"type": "performance"}):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                urls.append(message["params"]["request"]["url"])
        return urls

    def picture(self, file, whole=False):
        if whole:
            data = self.cdp("Page.captureScreenshot", format="png", captureBeyondViewport=True)["data"]
        else:
            data = self.ask("GET", "/screenshot")
        with open(file, "wb") as out:
            out.write(base64.b64decode(data))
