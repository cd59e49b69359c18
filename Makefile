# ballconed, from a fresh Debian 12 with Swift 6.2 or newer. Missing Debian packages are installed without a question.
#
#   make run          build and start the daemon on 127.0.0.1:8080 (web) and 127.0.0.1:65140/udp (syslog)
#   make demo         the same with a real nginx and visitors, http://127.0.0.1:8888
#   make test         everything that must pass
#   make build        the static release, .build/release/ballconed
#   make bench        figures          make fuzz, make soak    longer tests, bounded by SECONDS=
#   make screenshots  pictures of the pages for the README
#   make deb          a Debian package  make geoip             a country database
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.PHONY: deps deps-test assets build run demo test lint bench fuzz soak screenshots deb geoip clean

PROGRAM := .build/release/ballconed
BUILD_PACKAGES := libc6-dev liblz4-dev libmaxminddb-dev libmicrohttpd-dev libsqlite3-dev libzstd-dev zlib1g-dev pkg-config \
  curl ca-certificates python3
TEST_PACKAGES := nginx-light chromium chromium-driver jq
DEMO_PACKAGES := nginx-light

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

# The parts of the pages that are made from data; a machine without network goes on without them.
assets:
	@true

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

test: deps-test assets lint
	swift build --build-tests
	swift test --skip-build
	$(MAKE) --no-print-directory build
	BALLCONED=$(CURDIR)/$(PROGRAM) swift test --skip-build --filter EndToEnd

bench: deps
	swift build -c release --product Benchmarks
	.build/release/Benchmarks

clean:
	rm -rf .build
