#!/usr/bin/env python3
"""What the pages promise, asked of a real Chromium against a running daemon.

    check.py PROGRAM            all of it, with daemons started here on free ports
    check.py URL [SERVICE]      a running daemon; the service needs some weeks of visits (seed.py makes them).
                                With --send it may be sent some more, to see the live view move
    check.py URL --first-run    a daemon that knows nothing yet: set-up card, then one event, then the overview

Prints one line a failure and a count; exit status 0 when all held, else 1. Needs chromium, chromium-driver and nothing else.
"""
import datetime
import json
import pathlib
import re
import sys
import time
import traceback
import urllib.parse
import urllib.request

from daemon import daemon
from forms import SHORT, count as short_count
from seed import seed
from webdriver import Browser, Driver

HERE = pathlib.Path(__file__).parent
JUDGE = (HERE / "judge.js").read_text().split("\n", 1)[1]
STATIC = re.compile(r"\.(css|js|mjs|map|png|jpg|jpeg|gif|webp|avif|svg|ico|bmp|woff|woff2|ttf|otf|eot|mp3|ogg|wav|m4a|mp4|webm|mov|wasm)$|^/robots\.txt$", re.I)
LISTEN = """window.heard = { shift: 0, csp: [] };
new PerformanceObserver(l => { for (const e of l.getEntries()) if (!e.hadRecentInput) heard.shift += e.value }).observe({ type: 'layout-shift', buffered: true });
addEventListener('securitypolicyviolation', e => heard.csp.push(`${e.violatedDirective} ${e.blockedURI}`));"""
PAGE_READY = "document.querySelectorAll('.pages tbody tr, .pages .message').length > 0 && document.querySelector('.tile .value')?.textContent && !document.querySelector('.stale')"
RULES = (HERE / "rules.js").read_text()


class Checks:
    def __init__(self, base, service):
        self.base, self.service, self.passed, self.failed = base.rstrip("/"), service, 0, 0
        self.page = f"{self.base}/services/{urllib.parse.quote(service or '')}"

    def that(self, name, good, got=""):
        self.passed, self.failed = self.passed + bool(good), self.failed + (not good)
        if not good:
            print(f"FAILED {name}: {got!r}"[:700], flush=True)

    def api(self, path, *parameters, **more):
        query = urllib.parse.urlencode([*parameters, *more.items()])
        with urllib.request.urlopen(f"{self.base}/api/v1/{path}?{query}", timeout=30) as answer:
            return json.load(answer)

    def quiet(self, browser, name, allow=()):
        """Nothing in the console, nothing against the policy, nothing asked of another host."""
        said = [line for line in browser.said() if not any(word in line for word in allow)]
        self.that(f"{name}: console is silent", not said, said)
        self.that(f"{name}: policy is kept", browser.run("window.heard?.csp ?? []") == [], browser.run("window.heard?.csp"))
        others = [url for url in browser.requests() if not url.startswith((self.base + "/", "data:", f"blob:{self.base}", "chrome", "about:"))]
        self.that(f"{name}: no other host", not others, others)


def open_page(checks, browser, query="", ready=PAGE_READY):
    browser.go(checks.page + query)
    if not browser.until(ready):
        checks.that(f"the page {query} fills", False, browser.text("body"))


def tiles_of(browser):
    return browser.run("Object.fromEntries([...document.querySelectorAll('.tile')].map(t => [t.dataset.key, [t.querySelector('.value').textContent, t.title]]))")


def numbers(checks, browser):
    """Closed days, so that nothing moves while we look: what the page prints is what the API says."""
    end = datetime.datetime.now(datetime.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
    start = end - datetime.timedelta(days=14)
    span = {"service": checks.service, "from": int(start.timestamp()), "to": int(end.timestamp()), "audience": "people"}
    where = f"?from={start:%Y-%m-%d}&to={end:%Y-%m-%d}"
    totals = checks.api("query", **span, metrics=",".join(SHORT))["totals"]
    checks.that("the service has visits to look at", totals["requests"] > 100, totals)
    open_page(checks, browser, where)
    for metric, (value, title) in tiles_of(browser).items():
        checks.that(f"tile {metric}", value == SHORT[metric](totals[metric]), (value, totals[metric]))
        if metric in ("visitors", "pageviews", "requests", "bytes"):
            checks.that(f"tile {metric} in full", title.startswith(f"{totals[metric]:,.0f} "), (title, totals[metric]))
    browser.click("[data-key=table]")
    browser.until("document.querySelector('#numbers table')")
    rows = browser.run("[...document.querySelectorAll('#numbers tbody tr')].map(tr => tr.querySelector('td').textContent)")
    days = checks.api("query", **span, metrics="visitors", step="day")["rows"]
    checks.that("chart's table", rows == [f"{r['visitors']:,.0f} visitor{'' if r['visitors'] == 1 else 's'}" for r in days], (rows, days))
    checks.that("focus is kept", browser.run("document.activeElement.dataset.key") == "table")
    browser.click("[data-key=table]")

    lists = [("pages", "path", "path", "visitors", {}), ("pages", "entry", "entry", "visitors", {}), ("pages", "lost", "path", "requests", {"f": "is,status,404", "audience": "all"}),
             ("sources", "referrer", "referrer", "visitors", {}), ("sources", "source", "source", "visitors", {}), ("sources", "channel", "channel", "visitors", {}),
             ("sources", "campaign", "campaign", "visitors", {}), ("places", "country", "country", "visitors", {}), ("clients", "browser", "browser", "visitors", {}),
             ("clients", "platform", "platform", "visitors", {}), ("clients", "device", "device", "visitors", {}), ("clients", "bot", "bot", "requests", {"audience": "bots"}),
             ("http", "status", "status", "requests", {}), ("http", "method", "method", "requests", {}), ("http", "protocol", "protocol", "requests", {}),
             ("http", "host", "host", "requests", {}), ("speed", "slow", "path", "duration_p95", {})]
    for panel, tab, by, metric, more in lists:
        browser.run("document.querySelector(arguments[0]).scrollIntoView({ block: 'center' })", f".{panel}")
        if tab != browser.run("document.querySelector(arguments[0])?.dataset.key", f".{panel} [role=tab][aria-selected=true]"):
            browser.until("document.querySelector(arguments[0])", f".{panel} :is(tbody tr, .message, .map)")
            browser.run("document.querySelector(arguments[0]).click()", f".{panel} [data-key={tab}][role=tab]")
        answer = checks.api("query", **{**span, **more}, by=by, metrics=metric, order=f"-{metric}", limit=100)
        parts = tab in ("path", "entry") and metric == "visitors"
        skipped = {"referrer": (checks.service,), "source": ("",), "channel": ("Internal",), "campaign": ("",)}.get(tab, ())
        named = [r for r in answer["rows"] if r[by] != "~other" and r[by] not in skipped and not (parts and STATIC.search(r[by]))]
        other = [r for r in answer["rows"] if r[by] == "~other"]
        want = [[str(r[by]), SHORT[metric](r[metric])] for r in (named[:8] + other if other else named[:9])]
        got = lambda: browser.run("[...document.querySelectorAll(arguments[0])].map(tr => [tr.dataset.row, tr.querySelector('.n').textContent])", f".{panel} tbody tr")
        unknown = by == "country" and all(r[by] in ("ZZ", "XL") for r in named)
        end_by = time.monotonic() + 8
        while (seen := got()) != (want if not unknown else []) and time.monotonic() < end_by:
            time.sleep(0.1)
        checks.that(f"list {panel} {tab}", seen == (want if not unknown else []), (seen, want))
    answer = checks.api("latency", **span)
    browser.run("document.querySelector('.speed [data-key=latency]').click()")
    if answer["p95"] is not None:
        browser.until("document.querySelector('.latency .mark')")
        marks = browser.run("[...document.querySelectorAll('.latency .mark')].map(m => m.textContent)")
        checks.that("latency marks", marks == [f"{p} {SHORT['duration_p95'](answer[p])}" for p in ("p50", "p95", "p99") if answer[p] is not None], (marks, answer))
        label = browser.run("document.querySelector('.latency').getAttribute('aria-label')")
        checks.that("latency counts every request", label.startswith(f"{sum(answer['requests']):,} requests"), label)
    open_page(checks, browser, where + "&details=path", "document.querySelector('dialog[open] tbody tr')")
    rows = checks.api("query", **span, by="path", metrics="visitors,requests,bytes,duration_p95,errors", order="-visitors", limit=10000)["rows"]
    shown = browser.run("[...document.querySelectorAll('dialog tbody tr')].map(tr => ['visitors', 'requests', 'bytes', 'duration_p95'].map(c => tr.querySelector(`.${c}`).textContent))")
    tables = {r["path"]: r for r in checks.api("query", **span, by="path", metrics="visitors,requests,bytes,errors", limit=10000)["rows"]}
    times = {r["path"]: r["duration_p95"] for r in checks.api("query", **span, by="path", metrics="duration_p95", limit=10000)["rows"]}
    names = browser.run("[...document.querySelectorAll('dialog tbody th a')].map(a => a.textContent)")
    want = [[SHORT[c](tables[n][c]) for c in ("visitors", "requests", "bytes")] + [SHORT["duration_p95"](times.get(n))] for n in names if n in tables]
    checks.that("details: every figure", len(want) >= len(names) - 1 and [s for s, n in zip(shown, names) if n in tables] == want, (shown[:3], want[:3]))
    checks.that("details: all rows", f"{len(rows):,} rows" in (browser.text("dialog footer") or ""), browser.text("dialog footer"))
    browser.click("dialog th.requests button")
    got = browser.run("[...document.querySelectorAll('dialog tbody tr')].map(tr => tr.querySelector('.requests').textContent)")
    want = [short_count(n) for n in sorted((r["requests"] for r in rows), reverse=True)][:100]
    checks.that("details: sorted by requests", got == want, (got[:5], want[:5]))
    browser.click("dialog th.path button")
    got = browser.run("[...document.querySelectorAll('dialog tbody th')].map(th => th.textContent)")
    want = sorted((r["path"] for r in rows), key=lambda path: path.encode("utf-16-be"))[:100]
    checks.that("details: sorted by name", [w for w in got if w != "everything else"] == [w for w in want if w != "~other"], (got[:5], want[:5]))
    file = browser.run("(a => [a.download, a.protocol])(document.querySelector('dialog footer a[download]'))")
    checks.that("details: CSV", file == [f"{checks.service}-path.csv", "blob:"], file)
    link = urllib.parse.urlparse(browser.run("document.querySelector('dialog footer a[target]').href"))
    again = checks.api(link.path.split("/api/v1/")[1], *urllib.parse.parse_qsl(link.query))
    checks.that("details: JSON link answers the same rows", len(again["rows"]) == len(rows), link)


def overview(checks, browser):
    browser.go(checks.base + "/")
    checks.that("overview fills", browser.until("document.querySelectorAll('.card .value').length > 0"), browser.text("body"))
    asked = [url for url in browser.requests() if "/api/v1/services" in url]
    checks.that("overview is one request", len(asked) == 1 and "days=30" in asked[0], asked)
    known = checks.api("services", days=30)
    cards = browser.run("[...document.querySelectorAll('.card')].map(c => ({ name: c.querySelector('h2').textContent, link: c.querySelector('a').pathname, visitors: c.querySelector('.value').textContent,"
                        " bars: c.querySelectorAll('.spark rect').length, figures: [...c.querySelectorAll('dd')].map(d => d.textContent) }))")
    checks.that("a card for every service", sorted(c["name"] for c in cards) == sorted(s["service"] for s in known), cards)
    by_name = {s["service"]: s for s in known}
    for card in cards:
        s = by_name[card["name"]]
        want = [SHORT["requests"](s["requests_today"]), SHORT["error_rate"](s["error_rate_today"]), SHORT["duration_p95"](s["duration_p95_today"])]
        checks.that(f"card {card['name']}", card["visitors"] == short_count(s["visitors_today"]) and card["figures"] == want and card["bars"] == len(s["visitors_by_day"]), (card, s))
        checks.that(f"card {card['name']} leads to its page", card["link"] == urllib.parse.urlparse(f"{checks.base}/services/{urllib.parse.quote(card['name'])}").path, card["link"])
    browser.until("document.querySelector('#glance dd')?.textContent")
    facts, glance = checks.api("status"), browser.run("Object.fromEntries([...document.querySelectorAll('#glance > div')].map(d => [d.querySelector('dt').textContent, d.querySelector('dd').textContent]))")
    checks.that("received is counted + rejected + excluded", facts["received"] == facts["counted"] + sum(facts["rejected"].values()) + facts["excluded"], facts)
    checks.that("glance", glance["Dropped by the kernel"] == short_count(facts["dropped"]) and glance["Excluded"] == short_count(facts["excluded"]), (glance, facts))
    browser.press("/")
    checks.that("/ finds", browser.run("document.activeElement.id") == "search")
    browser.fill("#search", checks.service)
    checks.that("find a service", checks.service in browser.run("[...document.querySelectorAll('.card h2')].map(h => h.textContent)") and browser.count(".card") <= len(known))
    browser.fill("#search", "no such service here")
    checks.that("find nothing, and say so", browser.count(".card") == 0 and "No service" in browser.text("#none"))


def behaviour(checks, browser):
    settle = lambda: browser.until(PAGE_READY)
    press = lambda key: (browser.press(key), time.sleep(0.05), settle())
    click = lambda selector: (browser.until("document.querySelector(arguments[0])", selector), browser.click(selector), time.sleep(0.05), settle())
    has = lambda part: browser.until("location.href.includes(arguments[0])", part, seconds=3)
    open_page(checks, browser)
    checks.that("no jump while loading", browser.run("heard.shift") < 0.03, browser.run("heard.shift"))
    checks.that("opens with 28 days of people", "Last 28 days" in browser.text("[data-key=dates]") and browser.run("document.body.dataset.audience") == "people")
    checks.that("visitors now", browser.until("/\\d+ visitors? now/.test(document.querySelector('.now').textContent)"), browser.text(".now"))
    plot = browser.box("#chart")
    at = lambda part: (plot["x"] + plot["width"] * part, plot["y"] + 120)
    browser.mouse(at(0.4), at(0.5))
    checks.that("tooltip", "visitor" in browser.text(".tip"), browser.text(".tip"))
    browser.mouse(at(0.5), "down", at(0.6), at(0.75), "up")
    zoomed = re.search(r"from=(\d{4}-\d\d-\d\d)&to=(\d{4}-\d\d-\d\d)", browser.url) if has("from=") else None
    days = (datetime.date.fromisoformat(zoomed[2]) - datetime.date.fromisoformat(zoomed[1])).days if zoomed else 0
    checks.that("drag zooms, readable", 6 <= days <= 9, browser.url)  # a quarter of 28 days
    browser.back(), settle()
    checks.that("back undoes", "from=" not in browser.url)
    browser.mouse(at(0.6), "down", "up")
    checks.that("click opens a day", has("from=") and re.search(r"from=\S+-(\d\d)&to=\S+-(\d\d)", browser.url), browser.url)
    settle(), browser.back(), settle()

    path = browser.run("document.querySelector('.pages tbody tr:not(.other) a').dataset.key")
    click(".pages tbody tr:not(.other) a")
    checks.that("row filters", has("f=is,path,") and browser.until("document.querySelectorAll('.pill').length === 1") and path in browser.text(".pill"), browser.url)
    click(".pill button")
    checks.that("pill edits", browser.run("document.querySelector('#filter input').value") == path.replace("\\", "\\\\").replace(",", "\\,"))
    browser.fill("#filter input", "/, /about")
    press("Enter")
    checks.that("or", has("f=is,path,/,/about"), browser.url)
    press("Escape")
    checks.that("Esc clears", browser.count(".pill") == 0 and "f=" not in browser.url)
    for letter, period in zip("dweyarhmpt", "day 7d yesterday year all live 24h month lastmonth 30d".split()):
        press(letter)
        checks.that(f"key {letter}", has(f"period={period}") and browser.run("document.querySelector('.tile .value').textContent") != "", browser.url)
    press("f"), press("x")
    checks.that("x hides the comparison", has("cmp=none") and browser.count(".legend .before") == 0, browser.url)
    press("x"), press("i")
    checks.that("i changes the step", has("step=week"), browser.url)
    press("f"), press("ArrowLeft")
    checks.that("earlier", has("from="), browser.url)
    press("ArrowRight"), press("f"), press("?")
    checks.that("help", browser.count("dialog.help") == 1)
    press("Escape")
    checks.that("help closes", browser.count("dialog.help") == 0)
    press("/")
    checks.that("/ filters", browser.run("document.activeElement.name") == "values")
    press("Escape")
    sites = browser.run("[...document.querySelectorAll('#sites [data-key]')].map(a => a.dataset.key)")
    checks.that("the menu has every service", sorted(sites) == sorted(s["service"] for s in checks.api("services", days=1)), sites)
    other = next((i for i, name in enumerate(sites) if name != checks.service and i < 9), None)
    if other is not None:
        browser.press(str(other + 1))
        checks.that("a digit goes to a service", has(f"/services/{urllib.parse.quote(sites[other])}"), browser.url)

    open_page(checks, browser)
    browser.run("document.querySelector('.tile').focus()")
    press("ArrowRight"), press("ArrowRight"), press(" ")
    checks.that("tiles by keyboard, focus kept", has("metric=requests") and browser.run("document.activeElement.dataset.key") == "requests", browser.url)
    checks.that("the tile leads chart and lists", browser.text("#board h2") == "Requests" and browser.until("document.querySelector('.pages thead').textContent.includes('Requests')"))
    browser.run("document.querySelector('#chart').focus()")
    browser.press("ArrowLeft"), browser.press("ArrowLeft")
    checks.that("chart by keyboard", re.search(r"\d+ request", browser.text(".tip") or ""), browser.text(".tip"))
    for audience in ("bots", "all"):
        click(f"[data-key={audience.capitalize()}]")
        checks.that(f"{audience} colour the page", has(f"audience={audience}") and browser.run("document.body.dataset.audience") == audience)
    click("[data-key=People]")
    click(".pages footer a")
    browser.until("document.querySelector('dialog[open] tbody tr')")
    rows, needle = browser.count("dialog tbody tr"), browser.run("document.querySelector('dialog tbody tr:last-child a').textContent")
    browser.fill("dialog input", needle)
    checks.that("search", 0 < browser.count("dialog tbody tr") <= rows and needle in browser.text("dialog tbody"))
    browser.fill("dialog input", "no such row is here")
    checks.that("search for nothing", "Nothing matches" in browser.text("dialog .scroll"))
    browser.fill("dialog input", "/")
    browser.click("dialog th.duration_p95 button")
    checks.that("sort", browser.run("document.querySelector('dialog th.duration_p95').getAttribute('aria-sort')") == "descending")
    browser.run("document.querySelector('dialog [aria-label=Close]').click()")
    checks.that("details close", browser.until("!location.href.includes('details') && !document.querySelector('dialog.details').open"), browser.url)

    click("[data-key=dates]")
    checks.that("dates open below the bar", browser.until("document.querySelector('#dates:popover-open')"))
    browser.run("(() => { const [from, to] = document.querySelectorAll('#dates input'); const day = t => new Date(t).toISOString().slice(0, 10); from.value = day(Date.now() - 9 * 864e5); to.value = day(Date.now() - 3 * 864e5); })()")
    browser.click("#dates .primary")
    checks.that("custom dates", has("from=") and has("&to="), browser.url)
    click("[data-key=options]")
    browser.run("[...document.querySelectorAll('#options button')].find(b => b.textContent === 'Dark theme').click()")
    open_page(checks, browser)
    checks.that("theme is kept", browser.run("document.documentElement.dataset.theme") == "dark")
    browser.run("localStorage.clear()")
    open_page(checks, browser, "?f=is,path,<img src=x onerror=alert(1)>&period=no&metric=no&step=no&from=x&to=1&audience=cats&f=is&f=is,nodim,1&cmp=,&details=nope")
    checks.that("hostile address", browser.count(".tile") == 7 and browser.count("img") == 0 and browser.count(".pill") == 1, browser.text("#pills"))
    checks.that("hostile address is answered in words", "no period" in browser.text(".notice"), browser.text("#pills"))
    checks.that("nothing matches", browser.until("document.querySelector('.pages .message')?.textContent.includes('Nothing matches')"), browser.text(".pages"))
    checks.that("no number is broken", not re.search(r"NaN|undefined|null|Infinity|\[object", browser.text("body")), browser.text("body"))
    open_page(checks, browser, "?from=1990-01-01&to=1990-02-01")
    checks.that("an empty time says so", browser.until("document.querySelector('.pages .message')?.textContent.includes('Nothing in this period')"), browser.text(".pages"))
    checks.that("an empty time has no broken number", not re.search(r"NaN|undefined|null|Infinity", browser.text("body")), browser.text("body"))


def failures(checks, browser):
    """A panel fails alone, says why, and comes back."""
    browser.cdp("Network.enable")
    browser.cdp("Network.setBlockedURLs", urls=["*by=referrer*"])
    open_page(checks, browser)
    checks.that("a panel fails alone", browser.until("document.querySelector('.sources [role=alert]')") and browser.count(".pages tbody tr") > 0, browser.text(".sources"))
    browser.cdp("Network.setBlockedURLs", urls=[])
    browser.run("document.querySelector('.sources [role=alert] button').click()")
    checks.that("retry", browser.until("document.querySelectorAll('.sources tbody tr').length > 0"), browser.text(".sources"))
    browser.cdp("Network.setBlockedURLs", urls=["*/api/v1/query*"])
    browser.go(checks.page + "?period=7d")
    checks.that("the chart fails in words", browser.until("document.querySelector('#numbers [role=alert]')"), browser.text("#board"))
    browser.cdp("Network.setBlockedURLs", urls=["*/api/v1/live*"])
    open_page(checks, browser)
    checks.that("visitors now without a stream", browser.until("/\\d+ visitors? now/.test(document.querySelector('.now').textContent)", seconds=20), browser.text(".now"))
    browser.cdp("Network.setBlockedURLs", urls=[])
    browser.cdp("Network.emulateNetworkConditions", offline=False, latency=1500, downloadThroughput=-1, uploadThroughput=-1)
    browser.go(checks.page)
    checks.that("dots while waiting", browser.until("document.querySelector('.wait')", seconds=15) and browser.run("document.querySelector('.tile .value').textContent") == "")
    browser.cdp("Network.emulateNetworkConditions", offline=False, latency=0, downloadThroughput=-1, uploadThroughput=-1)
    browser.go(f"{checks.base}/services/no-such-service-here")
    checks.that("unknown service has a page of its own", browser.run("getComputedStyle(document.body).fontFamily.includes('system-ui')") and browser.count("a") > 0, browser.text("body"))
    browser.said(), browser.requests()


def moves(checks, browser):
    """New requests show by themselves. Sends some."""
    open_page(checks, browser, "?period=live&metric=requests&audience=all")
    browser.run("window.stayed = true")
    count = lambda: sum(r["requests"] for r in checks.api("query", service=checks.service, metrics="requests", step="minute", **{"from": int(time.time()) // 60 * 60 - 1740})["rows"])
    for round in range(3):
        lines = [{"v": 1, "t": f"{time.time():.3f}", "s": checks.service, "a": f"192.0.2.{i}", "m": "GET", "u": f"/moves/{round}/{i}", "c": "200", "b": "9", "d": "0.001",
                  "ua": "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"} for i in range(5)]
        body = "\n".join(map(json.dumps, lines)).encode() + b"\n"
        urllib.request.urlopen(urllib.request.Request(f"{checks.base}/api/v1/import", body, method="POST"), timeout=30).read()
        shown = "document.querySelector('.tile[data-key=requests]').title.startsWith(arguments[0])"
        checks.that(f"live numbers move, round {round}", browser.until(shown, f"{count():,} request", seconds=6), (tiles_of(browser)["requests"], count()))
    checks.that("without loading the page again", browser.run("window.stayed === true"))
    checks.that("and say who is here", browser.until("Number(document.querySelector('#now').textContent) >= 1"), browser.text(".now"))


def looks(checks, driver):
    """Every page and state, both themes, desk and phone: names, contrast, no sideways scrolling, nothing said in the console."""
    views = [("overview", "/", "document.querySelector('.card .value') && document.querySelector('#glance dd')?.textContent"), ("nginx", "/nginx", "document.querySelector('.copy')"), ("sql", "/sql", "true"),
             ("missing", "/services/no-such-service-here", "true"), ("service", "", PAGE_READY), ("bots", "?audience=bots&metric=requests", PAGE_READY),
             ("all, filtered", "?audience=all&f=is,method,GET&f=is_not,path,/about", PAGE_READY), ("live", "?period=live", PAGE_READY),
             ("details", "?details=path", "document.querySelector('dialog[open] tbody tr')"), ("404", "?details=lost", "document.querySelector('dialog[open] :is(tbody tr, .message)')"),
             ("nothing", "?f=is,path,/no/such/path", PAGE_READY), ("wrong address", "?period=no", PAGE_READY)]
    acts = {"dates": "document.querySelector('#dates').showPopover()", "filter": "document.querySelector('#filter').showPopover()", "sites": "document.querySelector('#sites').showPopover()",
            "options": "document.querySelector('#options').showPopover()", "help": "document.querySelector('#options').showPopover() ?? document.querySelectorAll('#options button')[4].click()",
            "table": "document.querySelector('[data-key=table]').click()", "countries": "document.querySelector('.places [data-key=country]').click()"}
    for scheme in ("light", "dark"):
        for wide, high in ((1280, 2500), (390, 4400)):
            browser = Browser(driver, wide, high, scheme, touch=wide < 500, reduced=True)
            browser.before_load(LISTEN)
            for name, path, ready in views + [(name, "", PAGE_READY) for name in acts]:
                label = f"{name}, {scheme}, {wide}"
                browser.go((checks.base if path.startswith("/") else checks.page) + path)
                checks.that(f"{label}: fills", browser.until(ready), browser.text("body"))
                if name in acts:
                    browser.run(acts[name])
                browser.until("document.querySelectorAll('.wait').length === 0", seconds=5)
                time.sleep(0.15)
                wrong = browser.run(JUDGE)
                checks.that(f"{label}: is for everybody", not wrong, wrong)
                over = browser.run("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                checks.that(f"{label}: no sideways scrolling", over <= 0, over)
                checks.quiet(browser, label, allow=("404 (Not Found)",) if name == "missing" else ())
            browser.close()


def rules(checks, browser):
    """The pure functions of the modules, run where they will run."""
    open_page(checks, browser)
    answer = browser.run_async("const done = arguments[arguments.length - 1], home = new URL('.', document.querySelector('link[rel=stylesheet]').href).href;"
                               f"({RULES})(home).then(done, error => done([String(error)]))")
    for name in answer:
        checks.that(f"rule {name}", False)
    checks.that("rules hold", answer == [], answer)


def first_run(checks, driver):
    browser = Browser(driver, 1000, 900)
    browser.before_load(LISTEN)
    browser.go(checks.base + "/")
    checks.that("set-up card", browser.until("document.querySelector('.first #lines')?.textContent.includes('log_format')"), browser.text("body"))
    checks.that("what it listens to", re.search(r"Listening on \S+:\d+/udp since \d\d:\d\d", browser.text(".listening") or ""), browser.text(".listening"))
    checks.that("datagrams are counted", re.search(r"datagrams\s*\d", browser.text(".listening") or ""), browser.text(".listening"))
    browser.fill("#service", "shop")
    checks.that("lines follow the name", browser.until("document.querySelector('#lines').textContent.includes('\"s\":\"shop\"')"), browser.text("#lines"))
    browser.fill("#address", "192.0.2.7:5514")
    checks.that("lines follow the address", browser.until("document.querySelector('#lines').textContent.includes('server=192.0.2.7:5514')"), browser.text("#lines"))
    for tab in ("HAProxy", "Caddy", "Apache", "A log file"):
        browser.run("document.querySelector(arguments[0]).click()", f'[data-key="{tab}"]')
        checks.that(f"lines for {tab}", browser.until("document.querySelector(arguments[0]).getAttribute('aria-selected') === 'true'", f'[data-key="{tab}"]') and "192.0.2.7" in browser.text("#lines") or tab == "A log file")
    browser.click(".copy")
    checks.that("copy", browser.until("/Copied|Selected/.test(document.querySelector('.copy').textContent)"), browser.text(".copy"))
    wrong = browser.run(JUDGE)
    checks.that("set-up card is for everybody", not wrong, wrong)
    checks.that("an empty API is an empty list", checks.api("services", days=30) == [])
    checks.quiet(browser, "set-up card", allow=("400 (Bad Request)",))  # half an address, should one be asked about
    line = json.dumps({"v": 1, "t": f"{time.time():.3f}", "s": "shop", "a": "192.0.2.1", "m": "GET", "u": "/", "c": "200", "b": "512", "d": "0.004", "ua": "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"})
    urllib.request.urlopen(urllib.request.Request(f"{checks.base}/api/v1/import", line.encode() + b"\n", method="POST"), timeout=30).read()
    checks.that("the first event turns it into the overview", browser.until("document.querySelector('.card h2 a')?.textContent === 'shop'", seconds=15), browser.text("body"))
    checks.that("its figures", browser.text(".card .value") == "1", browser.text(".card"))
    checks.quiet(browser, "overview after the first event")
    browser.close()


def all_pages(driver, base, service, may_send):
    checks = Checks(base, service)
    checks = Checks(base, service or max(checks.api("services", days=30), key=lambda s: s["requests"])["service"])
    browser = Browser(driver, 1280, 900)
    browser.before_load(LISTEN)
    for part in (rules, numbers, overview, behaviour, *[moves] * may_send):
        try:
            part(checks, browser)
        except (RuntimeError, OSError, TypeError, KeyError):
            traceback.print_exc()
            checks.that(f"{part.__name__} runs to its end", False)
        checks.quiet(browser, part.__name__)
    failures(checks, browser)
    browser.close()
    looks(checks, driver)
    return checks


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    where, more, begun, done = sys.argv[1], sys.argv[2:], time.monotonic(), []
    named = next((one for one in more if not one.startswith("-")), None)
    is_url = where.startswith(("http://", "https://"))
    driver = Driver()
    try:
        if not is_url or "--first-run" in more:
            with daemon(where) as base:
                checks = Checks(base, None)
                first_run(checks, driver)
                done.append(checks)
        if "--first-run" not in more:
            with daemon(where) as base:
                if not is_url:
                    print(seed(base))
                done.append(all_pages(driver, base, named, not is_url or "--send" in more))
    finally:
        driver.close()
    passed, failed = sum(c.passed for c in done), sum(c.failed for c in done)
    print(f"{passed} passed, {failed} failed in {time.monotonic() - begun:.0f} s")
    sys.exit(failed > 0)


main()
