# ballconed, from a fresh Debian 12 with Swift 6.2 or newer. Missing Debian packages are installed without a question.
#
#   make run          build and start the daemon on 127.0.0.1:8080 (web) and 127.0.0.1:65140/udp (syslog)
#   make demo         the same with a real nginx and visitors, http://127.0.0.1:8888
#   make test         everything that must pass
#   make build        the static release, .build/release/ballconed
#   make bench        figures          make bench-peers        the same of Redis and DuckDB, in one run
#   make fuzz, make soak               longer tests, bounded by SECONDS=        make tsan    threads under the sanitizer
#   make screenshots  pictures of the pages for the README
#   make deb          a Debian package  make geoip             a country database
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.PHONY: deps deps-test assets build run demo test promtool corpora lint bench bench-peers fuzz tsan garbage soak screenshots deb geoip clean

PROGRAM := .build/release/ballconed
BUILD_PACKAGES := libc6-dev liblz4-dev libmaxminddb-dev libmicrohttpd-dev libsqlite3-dev libzstd-dev zlib1g-dev pkg-config \
  curl ca-certificates python3 tzdata
TEST_PACKAGES := strace nginx-light haproxy caddy apache2-bin rsyslog bsdutils chromium chromium-driver jq
DEMO_PACKAGES := nginx-light
GEOIP_PACKAGES := python3-venv

# A static program that keeps address space randomisation: no shared library at run time, 5 MiB less memory.
# --disable-local-rpath: with a run path a static-pie crashes before main. -s: no symbols.
STATIC := --disable-local-rpath -Xswiftc -static-executable -Xswiftc -use-ld=lld \
  -Xswiftc -Xclang-linker -Xswiftc -static-pie -Xlinker -s

# $(call install,PACKAGES): installs what is missing; services of new packages are not started.
define install
missing=(); for package in $(1); do \
  [ "$$(dpkg-query -W -f '$${db:Status-Status}' "$$package" 2>/dev/null)" = installed ] || missing+=("$$package"); \
done; \
if [ $${#missing[@]} -gt 0 ]; then \
  echo "installing $${missing[*]}"; \
  sudo=(); [ "$$(id -u)" = 0 ] || sudo=(sudo); \
  policy=/usr/sbin/policy-rc.d; \
  if [ ! -e $$policy ]; then \
    printf '#!/bin/sh\nexit 101\n' | "$${sudo[@]}" install -m 755 /dev/stdin $$policy; \
    trap '"$${sudo[@]}" rm -f /usr/sbin/policy-rc.d' EXIT; \
  fi; \
  export DEBIAN_FRONTEND=noninteractive; \
  "$${sudo[@]}" apt-get update -qq < /dev/null; \
  "$${sudo[@]}" apt-get install -yqq --no-install-recommends "$${missing[@]}" < /dev/null > /dev/null; \
fi
endef

deps:
	@$(call install,$(BUILD_PACKAGES))
deps-test: deps
	@$(call install,$(TEST_PACKAGES))

# The map of the pages and the country database are made from data that the network brings, once; without it the build goes
# on: countries stay a list, or unknown. `rm .build/no-*` tries again.
WORLD := Sources/Dashboard/Web/world.js
COUNTRIES := share/country.mmdb
assets: deps
	@mkdir -p .build
	@if [ ! -e $(WORLD) ] && [ ! -e .build/no-world ]; then \
	  python3 Sources/Dashboard/Web/make-world.py || true; \
	  if [ -e $(WORLD) ]; then touch Sources/Dashboard/CAssets/assets.c; else touch .build/no-world; fi; \
	fi
	@if [ ! -e $(COUNTRIES) ] && [ ! -e .build/no-countries ]; then $(MAKE) --no-print-directory geoip || touch .build/no-countries; fi

geoip: deps
	@$(call install,$(GEOIP_PACKAGES))
	python3 Sources/Syslog/Enrich/geoip/build.py $(COUNTRIES)

build: deps assets
	swift build -c release --product ballconed $(STATIC)

run: build
	@printf '%s\n' '' \
	  '  dashboard  http://127.0.0.1:8080/' \
	  '  a first request, from another terminal (bash):' \
	  "    echo '<190>Jan  1 00:00:00 web: {\"service\":\"example\",\"ip\":\"192.0.2.1\",\"path\":\"/\",\"status\":200,\"length\":512}' > /dev/udp/127.0.0.1/65140" \
	  '  the nginx lines to paste:  $(PROGRAM) nginx' ''
	@exec $(PROGRAM) serve

demo: build
	@$(call install,$(DEMO_PACKAGES))
	@BALLCONED=$(PROGRAM) exec demo/run

lint:
	swift format lint --strict --recursive --parallel Package.swift Sources Tests Benchmarks

# Debug first, with all its checks; then the end-to-end tests, now with a browser, on the static program that ships.
test: deps-test assets promtool corpora lint
	swift build --build-tests
	swift test --skip-build --skip EndToEnd.BrowserTests
	$(MAKE) --no-print-directory build
	BALLCONED=$(CURDIR)/$(PROGRAM) swift test --skip-build --filter EndToEnd

# Debian's prometheus without installing a service: only its promtool is wanted.
promtool: .build/tools/usr/bin/promtool
.build/tools/usr/bin/promtool:
	@mkdir -p .build/tools && cd .build/tools && rm -f prometheus_*.deb && apt-get download -qq prometheus && dpkg-deb -x prometheus_*.deb .

# Other projects' lists of agents, where the network brings them; the tests that measure against them are skipped without.
CORPORA := .build/corpora/uap_platforms.tsv
corpora: deps
	@[ -e $(CORPORA) ] || { $(call install,python3-venv); python3 Sources/Syslog/Enrich/corpora/fetch.py .build/corpora; } \
	  || echo 'skipped: the network does not bring the lists of agents'

bench: deps
	swift build -c release --product Benchmarks
	.build/release/Benchmarks

# The same questions to Redis and DuckDB in the same run, where the network brings them.
bench-peers: deps
	@$(call install,redis-server python3-venv)
	swift build -c release --product Benchmarks
	python3 Benchmarks/peers.py .build/release/Benchmarks

# Coverage-guided inputs to each parser (libFuzzer of the Swift toolchain), then seeded mutations of real datagrams against a
# running daemon; and steady load with memory and descriptors watched. `make fuzz SECONDS=600 SEED=7`: so long in all.
FUZZED := message header json combined agent address stream explain
fuzz: SECONDS ?= 120
fuzz: deps-test
	BALLCONED_FUZZ=1 swift build -c release --product Fuzz --scratch-path .build/fuzz -Xswiftc -sanitize=fuzzer -Xcc -fsanitize=fuzzer-no-link
	python3 Tests/Fuzz/seeds.py .build/fuzz/corpus
	for target in $(FUZZED); do \
	  echo "== $$target"; mkdir -p .build/fuzz/corpus/$$target; \
	  case $$target in address) longest=80;; agent) longest=300;; *) longest=8192;; esac; \
	  FUZZ_TARGET=$$target .build/fuzz/release/Fuzz .build/fuzz/corpus/$$target .build/fuzz/corpus/seeds -max_len=$$longest -timeout=5 -rss_limit_mb=2048 \
	    -max_total_time=$$(( ($(SECONDS) + 15) / 16 )) -print_final_stats=1 -verbosity=0 -artifact_prefix=.build/fuzz/$$target-; \
	done
	swift build --build-tests
	BALLCONED_FUZZ_SECONDS=$$(( ($(SECONDS) + 1) / 2 )) BALLCONED_SEED=$(SEED) swift test --skip-build --filter EndToEnd.FuzzTests
soak: SECONDS ?= 300
soak: deps-test build tsan garbage
	swift build --build-tests
	BALLCONED_SKETCH_TRIALS=400 BALLCONED_TRUTH_SEEDS=10 BALLCONED_STRESS_SECONDS=30 swift test --skip-build \
	  --filter 'HyperLogLogAccuracyTests|ReturningTests|TruthTests|StressTests'
	BALLCONED_DAMAGE=10000000 BALLCONED_FALLBACKS=2000 BALLCONED_GARBAGE=100000 BALLCONED_SEEDS=1000 BALLCONED_FAULTS=1 swift test --skip-build \
	  --filter 'DamageTests|GarbageTests|PowerCutTests|FaultTests|DeterminismTests'
	BALLCONED=$(CURDIR)/$(PROGRAM) BALLCONED_SOAK_SECONDS=$(SECONDS) swift test --skip-build --filter 'EndToEnd.(SoakTests|LossTests|KillTests)'

# A million payloads that are wrong under right checksums, optimised and under the address sanitizer.
garbage: deps
	swift build --build-tests -c release --sanitize=address -Xswiftc -enable-testing --scratch-path .build-asan
	BALLCONED_GARBAGE=1000000 swift test --skip-build -c release --sanitize=address -Xswiftc -enable-testing \
	  --scratch-path .build-asan --filter GarbageTests

# Ingest, questions, snapshots and eviction at once, under the thread sanitizer.
tsan: deps
	swift build --build-tests --sanitize=thread -Xswiftc -DTSAN --scratch-path .build-tsan
	BALLCONED_STRESS_SECONDS=20 TSAN_OPTIONS=halt_on_error=1 swift test --skip-build --sanitize=thread -Xswiftc -DTSAN \
	  --scratch-path .build-tsan --filter StressTests

# Pictures of the demo's pages, for the README.
screenshots: build
	@$(call install,$(TEST_PACKAGES) fonts-inter)
	python3 Tests/EndToEnd/Browser/screenshots.py $(PROGRAM) demo

VERSION := $(shell sed -n 's/.*text = "\(.*\)"/\1/p' Sources/ballconed/Version.swift)
deb: build
	demo/package $(PROGRAM) $(VERSION) .build

clean:
	rm -rf .build .build-tsan .build-asan
