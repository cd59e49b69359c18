#!/usr/bin/env python3
"""Pictures of the pages: screenshots.py PROGRAM|URL FOLDER [--all]

A program is started on free ports, filled with made-up visits (seed.py) and ended again; a URL is taken as it is.
Writes screenshot-light.png and screenshot-dark.png, which the README shows; with --all a picture of every page and state, to be looked at.
"""
import pathlib
import sys
import tempfile
import os
import time

from daemon import daemon
from seed import seed
from webdriver import Browser, Driver

SERVICE = "blog.example.org"
READY = ("document.querySelectorAll('.card .value, .pages :is(tbody tr, .message), .tool .card').length > 0 && "
         "![...document.querySelectorAll('.wait, .stale')].some(e => e.getBoundingClientRect().top < innerHeight + 150)")
# Readers see their own system's font; pictures take Inter where it is installed (Debian: fonts-inter).
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include>%s</fontconfig>""" % "".join(
    f'<match target="pattern"><test name="family" compare="eq"><string>{name}</string></test>'
    '<edit name="family" mode="prepend" binding="strong"><string>Inter</string></edit></match>' for name in ("system-ui", "sans", "sans-serif"))

PAGE = f"/services/{SERVICE}"
DESK, PHONE = (1280, 900), (390, 844)
# name, address, window, theme, what to do first
README = [("screenshot-light", PAGE, (1280, 1060), "light", ""), ("screenshot-dark", PAGE, (1280, 1060), "dark", "")]
OPEN = "document.querySelector('#{}').showPopover()"
ALL = [
    ("overview", "/", DESK, "light", ""), ("overview-dark", "/", DESK, "dark", ""), ("service-light", PAGE, (1280, 2400), "light", ""),
    ("service-dark", PAGE, (1280, 2400), "dark", ""), ("bots-dark", PAGE + "?audience=bots&metric=requests&period=7d", DESK, "dark", ""),
    ("live", PAGE + "?audience=all&period=live", DESK, "light", ""), ("day", PAGE + "?period=24h", DESK, "light", ""),
    ("latency", PAGE + "?metric=duration_p95", (1280, 2400), "light", ""), ("filtered", PAGE + "?f=is,browser,Chrome&f=is_not,path,/feed.xml", (1280, 2400), "light", ""),
    ("details", PAGE + "?details=path", DESK, "light", ""), ("dates", PAGE, DESK, "light", OPEN.format("dates")), ("filter", PAGE, DESK, "light", OPEN.format("filter")),
    ("sites", PAGE, DESK, "light", OPEN.format("sites")), ("table", PAGE, DESK, "light", "document.querySelector('[data-key=table]').click()"),
    ("nothing", PAGE + "?f=is,path,/no/such/path", DESK, "light", ""), ("nginx", "/nginx", DESK, "light", ""), ("sql", "/sql", DESK, "light", "document.querySelector('form .primary').click()"),
    ("missing", "/services/nobody", DESK, "light", ""), ("phone", PAGE, (390, 4400), "light", ""), ("phone-dark", PAGE, PHONE, "dark", ""),
    ("phone-overview", "/", PHONE, "light", ""), ("phone-details", PAGE + "?details=path", PHONE, "dark", ""),
]


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    where, folder, wanted = sys.argv[1], pathlib.Path(sys.argv[2]), ALL if "--all" in sys.argv else README
    folder.mkdir(parents=True, exist_ok=True)
    fonts = tempfile.NamedTemporaryFile("w", suffix=".conf")
    fonts.write(FONTS)
    fonts.flush()
    os.environ["FONTCONFIG_FILE"] = fonts.name
    driver = None
    with daemon(where) as base:
        if base != where.rstrip("/"):
            print(seed(base, 400_000))
        driver = Driver()
        try:
            for name, path, (wide, high), scheme, act in wanted:
                browser = Browser(driver, wide, high, scheme, scale=2 if wide < 500 and high < 1000 else 1, touch=wide < 500, reduced=True)
                browser.go(base + path)
                if not browser.until(READY if "details" not in path else "document.querySelector('dialog tbody tr')"):
                    print(f"{name}: not everything came: {browser.run('document.body.innerText')[:200]!r}")
                if act:
                    browser.run(f"(() => {{ {act} }})()")
                time.sleep(0.6)
                browser.picture(folder / f"{name}.png")
                browser.close()
        finally:
            driver.close()


main()
