#!/usr/bin/env python3
"""Brings lists of User-Agents that UserAgentCorporaTests measures against:  fetch.py [DIRECTORY, default .build/corpora]

They are other projects' (PyPI: fake-useragent Apache-2.0, crawler-user-agents MIT, ai-crawler-index CC0, device_detector,
a port of Matomo's), so they are fetched for measuring and neither kept in this repository nor shipped. One agent a line:

real.txt      browsers as a crowd of people sent them          crawlers.txt, bots.txt   robots, two collections
browsers.txt  browsers, one for each model of a device         ai.txt                   class|robot of artificial intelligence
uap_browsers.tsv, uap_platforms.tsv   what uap-core (Debian, Apache-2.0) expects: family, major, minor, agent
"""

import glob
import json
import os
import subprocess
import sys
import tarfile

PACKAGES = ("fake-useragent==2.2.0", "crawler-user-agents==1.67.0", "ai-crawler-index==1.3.0", "pyyaml")
SOURCES = "device_detector==6.5.1"  # its fixtures are in the source archive alone
DEBIAN = "uap-core"


def pip(python, *arguments):
    subprocess.run([python, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments], check=True)


def write(directory, name, agents):
    lines = dict.fromkeys(" ".join(agent.split("\n")).strip("\r") for agent in agents)
    with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in lines if line)
    print(name, len(lines))


def extract(directory):
    """Runs in the virtual environment, which has the packages."""
    import ai_crawler_index
    import crawleruseragents
    import fake_useragent
    import yaml

    def beside(module, *path):
        return os.path.join(os.path.dirname(module.__file__), *path)

    with open(beside(fake_useragent, "data", "browsers.jsonl"), encoding="utf-8") as file:
        write(directory, "real.txt", (json.loads(line)["useragent"] for line in file))
    with open(beside(crawleruseragents, "crawler-user-agents.json"), encoding="utf-8") as file:
        write(directory, "crawlers.txt", (agent for entry in json.load(file) for agent in entry["instances"]))
    with open(beside(ai_crawler_index, "data.json"), encoding="utf-8") as file:
        index = json.load(file)
    write(directory, "ai.txt", (
        f"{robot['category']}|{robot['ua']}" for robot in index["crawlers"]
        if robot["category"] in index["ai_categories"] and not robot["ua"].startswith("(")
    ))
    fixtures = glob.glob(os.path.join(directory, "device_detector-*", "device_detector", "tests", "fixtures", "upstream", "*.yml"))
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    robots, browsers = [], []
    for name in sorted(fixtures):
        with open(name, encoding="utf-8") as file:
            for entry in yaml.load(file, loader):
                if os.path.basename(name) == "bots.yml":
                    robots.append(entry["user_agent"])
                elif (entry.get("client") or {}).get("type") == "browser":
                    browsers.append(entry["user_agent"])
    write(directory, "bots.txt", robots)
    write(directory, "browsers.txt", browsers)


    for name, what in (("test_ua", "uap_browsers.tsv"), ("test_os", "uap_platforms.tsv")):
        with open(os.path.join(directory, "usr", "share", "uap-core", "tests", name + ".yaml"), encoding="utf-8") as file:
            cases = yaml.load(file, loader)["test_cases"]
        write(directory, what, (
            "\t".join((case["family"], case["major"] or "", case["minor"] or "", " ".join(case["user_agent_string"].split())))
            for case in cases
        ))


def main(directory):
    os.makedirs(directory, exist_ok=True)
    home = os.path.join(directory, "venv")
    python = os.path.join(home, "bin", "python")
    if not os.path.exists(python):
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
    pip(python, "install", *PACKAGES)
    pip(python, "download", "--no-deps", "--no-binary", ":all:", "--dest", directory, SOURCES)
    for archive in glob.glob(os.path.join(directory, "device_detector-*.tar.gz")):
        with tarfile.open(archive) as tar:
            tar.extractall(directory, [m for m in tar.getmembers() if "/fixtures/" in m.name and ".." not in m.name])
    subprocess.run(["apt-get", "download", "-qq", DEBIAN], cwd=directory, check=True)
    for package in glob.glob(os.path.join(directory, DEBIAN + "_*.deb")):
        subprocess.run(["dpkg-deb", "-x", package, directory], check=True)
    subprocess.run([python, os.path.abspath(__file__), "--extract", directory], check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--extract"]:
        extract(sys.argv[2])
    else:
        main(sys.argv[1] if len(sys.argv) > 1 else ".build/corpora")
