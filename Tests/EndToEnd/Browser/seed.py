#!/usr/bin/env python3
"""Fills a running daemon with made-up visits, so that the pages have something to show: seed.py URL [EVENTS [DAYS]]

The same numbers give the same visits, told back from the present minute. They go in through POST /api/v1/import.
"""
import gzip
import json
import math
import random
import sys
import time
import urllib.request

SERVICES = [("blog.example.org", 62), ("shop.example.org", 40), ("docs.example.org", 25), ("api.example.org", 8), ("old.example.org", 1)]
WAVE = [35, 25, 20, 18, 20, 30, 50, 80, 110, 135, 145, 140, 130, 135, 145, 150, 145, 135, 125, 130, 135, 120, 90, 60]


def weighted(text):
    pairs = [item.rsplit(" ", 1) for item in text.split("; ")]
    return [p[0] for p in pairs], [float(p[1]) for p in pairs]


PATHS = weighted(
    "/ 92; /blog/udp-without-loss 74; /docs/install 51; /blog/uniques-for-any-range 47; /docs/nginx 41; /blog/why-no-javascript 33; "
    "/download 28; /docs/filters 22; /blog/percentiles-that-merge 19; /feed.xml 17; /changelog 14; /about 12; /docs/api 11; "
    "/blog/snapshots-and-a-journal 9; /docs/caddy 8; /blog/seven-ways-to-count-bots 7; /docs/metrics 6; /search?q=udp 5; /tags/linux 4; "
    "/tags/nginx 4; /blog/memory-is-one-number 3; /contact 3; /fotos/stra%C3%9Fe 2; /a%20page,%20with%20a%20comma 1"
)
ASSETS = ["/assets/app.css", "/assets/app.js", "/assets/logo.svg", "/assets/hero.webp", "/favicon.ico"]
LOST = weighted("/wp-login.php 48; /.env 22; /xmlrpc.php 19; /apple-touch-icon-precomposed.png 12; /.git/config 9; /blog/udp-without-los 6; "
                "/<script>alert(1)</script> 3; /docs/instal 4; /ads.txt 4")
BOT_PATHS = weighted("/robots.txt 60; /feed.xml 44; /sitemap.xml 31; / 30; /docs/install 12; /blog/udp-without-loss 11")
REFERRERS = weighted(
    " 96; https://www.google.com/ 71; https://news.ycombinator.com/item?id=1 58; https://lobste.rs/ 26; https://duckduckgo.com/ 22; https://github.com/a/b 19; "
    "https://www.bing.com/ 12; https://www.reddit.com/r/selfhosted 10; https://mastodon.social/@a 7; https://t.co/x 5; https://kagi.com/ 5; https://chatgpt.com/ 5; "
    "https://www.linkedin.com/ 4; https://www.ecosia.org/ 3; https://example.net/links 2"
)
CAMPAIGNS = ["", "", "", "?utm_source=letter&utm_medium=email&utm_campaign=november-letter", "?utm_campaign=launch-post", "?utm_campaign=conference-talk"]
WINDOWS, MAC, LINUX = "Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64"
CHROME = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36"
AGENTS = [
    (CHROME.format(WINDOWS, 141), 60), (CHROME.format(MAC, 141), 25), (CHROME.format(LINUX, 140), 16), (CHROME.format(WINDOWS, 139), 12),
    (CHROME.format("Linux; Android 10; K", 141).replace(" Safari", " Mobile Safari"), 36), (CHROME.format(WINDOWS, 141) + " Edg/141.0.0.0", 17),
    (CHROME.format(WINDOWS, 140) + " OPR/124.0.0.0", 5), ("Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0", 41),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0", 30),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15", 24),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1", 30),
    ("Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1", 6),
    ("Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36", 7),
]
BOTS = [
    ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", 64), ("Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)", 41),
    ("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", 33), ("Mozilla/5.0 (compatible; ClaudeBot/1.0; +claudebot@anthropic.com)", 29),
    ("Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", 22), ("Feedly/1.0 (+http://www.feedly.com/fetcher.html)", 12),
    ("Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)", 11), ("UptimeRobot/2.0", 8), ("curl/8.5.0", 6), ("python-requests/2.32.3", 9), ("-", 6),
]
# First address and size of a large network of each country.
NETWORKS = weighted(
    "3.0.0.0 84; 84.128.0.0 61; 90.0.0.0 31; 86.128.0.0 29; 117.192.0.0 24; 84.80.0.0 21; 99.224.0.0 18; 126.0.0.0 15; 177.32.0.0 14; 83.0.0.0 13; 78.64.0.0 11; "
    "83.32.0.0 10; 79.0.0.0 10; 1.120.0.0 9; 85.0.0.0 8; 114.224.0.0 7; 175.192.0.0 4; 105.224.0.0 2; 181.0.0.0 2; 189.128.0.0 3; 78.160.0.0 3"
)


def events(count, days, now, seed=1):
    """Yields (seconds, line), in no order. A visitor looks at a few pages within a quarter of an hour."""
    luck = random.Random(seed)
    hours = [now - now % 3600 - h * 3600 for h in range(24 * days)]
    launch = now - now % 86400 - 7 * 86400 + 14 * 3600
    weights = []
    for t in hours:
        since = (t - launch) / 3600
        weekend = (t // 86400 + 3) % 7 > 4
        growth = 0.7 + 0.3 * (t - hours[-1]) / max(1, now - hours[-1])
        weights.append(growth * WAVE[t // 3600 % 24] * (0.62 if weekend else 1) * (1 + (3 * math.exp(-since / 9) if since >= 0 else 0)) * (0.8 + 0.4 * luck.random()))
    names, fame = zip(*SERVICES)
    made = 0
    while made < count:
        service, start = luck.choices(names, fame)[0], luck.choices(hours, weights)[0] + luck.random() * 3600
        if service == "old.example.org" and start > now - 5 * 3600:
            continue
        bot = luck.random() < 0.12
        base = [int(part) for part in luck.choices(*NETWORKS)[0].split(".")]
        address = f"{base[0]}.{base[1] + luck.randrange(8)}.{luck.randrange(256)}.{luck.randrange(1, 255)}"
        agent = luck.choices(*zip(*(BOTS if bot else AGENTS)))[0]
        protocol = luck.choices(["HTTP/2.0", "HTTP/1.1", "HTTP/3.0"], [70, 20, 10])[0]
        referrer, t = luck.choices(*REFERRERS)[0] if not bot else "", start
        for step in range(1 + int(luck.expovariate(1 / 4)) if not bot else 1 + luck.randrange(10)):
            static = not bot and luck.random() < 0.45
            lost = luck.random() < (0.15 if bot else 0.01)
            path = luck.choices(*(LOST if lost else BOT_PATHS if bot else PATHS))[0] if not static else luck.choice(ASSETS)
            if not static and not bot and step == 0 and "?" not in path:
                path += luck.choices(CAMPAIGNS, [20, 20, 20, 3, 2, 1])[0]
            status = 404 if lost else luck.choices([200, 304, 301, 302, 206, 499, 403, 502, 500], [812, 96, 31, 9, 8, 3, 2.4, 2.3, 2])[0]
            took = luck.lognormvariate(-5.2 if static else -3.6, 1.1) * (4 if status >= 500 else 1)
            method = luck.choices(["GET", "HEAD", "POST", "OPTIONS"], [941, 22, 31, 4])[0] if not static else "GET"
            length = 0 if status in (304, 499) else int(luck.lognormvariate(9.2, 1))
            if t <= now:
                yield t, {"v": 1, "t": f"{t:.3f}", "s": service, "a": address, "h": service, "m": method, "u": path, "c": str(status), "b": str(length),
                          "d": f"{took:.3f}", "r": referrer if step == 0 else f"https://{service}/", "ua": agent, "p": protocol}
                made += 1
            t += luck.expovariate(1 / (2 if static else 40))


def seed(url, count=60000, days=60):
    now = int(time.time())
    lines = sorted(events(count, days, now), key=lambda pair: pair[0])
    body = gzip.compress("\n".join(json.dumps(line, ensure_ascii=False) for _, line in lines).encode() + b"\n", 1)
    request = urllib.request.Request(url.rstrip("/") + "/api/v1/import", body, {"Content-Type": "application/gzip"}, method="POST")
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.load(answer)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    print(json.dumps(seed(sys.argv[1], *map(int, sys.argv[2:]))))
