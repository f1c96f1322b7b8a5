# The two commands of the README are `make run` and `make test`; the rest is for working on Lumiere.

SWIFT_FLAGS := --explicit-target-dependency-import-check error
DATA        ?= var
PORT        ?= 8080
HOST        ?= 127.0.0.1

# The tests that wait for servers and deadlines most of the time run beside the others.
TAKING  := ^(Delivery|Ingest|Sessions|WatchParty|WebServer)Tests
WAITING := ^(Broker|Conformance|Database|ObjectStore|Tether|Webhooks)Tests
MODULES := --skip '^EndToEndTests|$(TAKING)|$(WAITING)' -- --filter '$(TAKING)' -- --filter '$(WAITING)'
# The same of the whole: those that kill, cut and wait, those of pages, and the rest.
CUTTING := ^EndToEndTests.*/(Fleet[A-Za-z]*|Admission|Attack|Cut|Download|Drain|Hostile|Job|Kill|Limits|Revocation|Tether)Tests/
PAGES   := ^EndToEndTests.*/([A-Za-z]*Page[A-Za-z]*|[A-Za-z]*Browser[A-Za-z]*)Tests/
WHOLE   := --filter '^EndToEndTests' --skip '$(CUTTING)|$(PAGES)' -- --filter '$(CUTTING)' -- --filter '$(PAGES)'

.PHONY: run test soak bench bench-fleet bench-ingest bench-delivery bench-realtime bench-sessions bench-web stack clean

run: ## Set up, build a release and serve the demo on port 8080
	scripts/setup.sh run
	fixtures/make.sh run
	swift build -c release --product lumiere $(SWIFT_FLAGS)
	swift build -c release --product lumiere-decode $(SWIFT_FLAGS)
	exec .build/release/lumiere serve --host $(HOST) --port $(PORT) --data $(DATA) --web-root web --demo

test: ## Set up, make the fixtures, build once in debug and run every test
	scripts/setup.sh test
	fixtures/make.sh
	swift build --build-tests $(SWIFT_FLAGS)
	scripts/test.sh $(MODULES)
	scripts/test.sh $(WHOLE)

soak: ## The long forms of the same tests, against the release binary
	scripts/setup.sh test
	fixtures/make.sh
	swift build -c release --product lumiere $(SWIFT_FLAGS)
	swift build -c release --product lumiere-decode $(SWIFT_FLAGS)
	swift build --build-tests $(SWIFT_FLAGS)
	LUMIERE_SOAK=1 scripts/test.sh $(MODULES)
	# One after the other: some measure how soon a server answers that is under attack.
	LUMIERE_SOAK=1 LUMIERE_BINARY=$(CURDIR)/.build/release/lumiere scripts/test.sh --filter '^EndToEndTests'

bench: ## Measure against the named peers
	scripts/setup.sh test
	fixtures/make.sh
	swift build -c release --product lumiere $(SWIFT_FLAGS)
	swift build -c release --product lumiere-decode $(SWIFT_FLAGS)
	Benchmarks/run.sh

bench-fleet: ## The same for what a fleet stands on
	scripts/setup.sh test
	Benchmarks/fleet.sh

bench-ingest: ## The same for how files are taken in
	scripts/setup.sh test
	swift build -c release --product lumiere $(SWIFT_FLAGS)
	swift build -c release --product lumiere-decode $(SWIFT_FLAGS)
	Benchmarks/ingest.sh

bench-delivery: ## The same for how files are sent
	scripts/setup.sh test
	fixtures/make.sh run
	swift build -c release --product lumiere $(SWIFT_FLAGS)
	swift build -c release --product lumiere-decode $(SWIFT_FLAGS)
	Benchmarks/delivery.sh

bench-sessions: ## How long lists and batches of a large session take
	scripts/setup.sh test
	scripts/setup.sh stack
	fixtures/make.sh run
	swift build -c release --product lumiere $(SWIFT_FLAGS)
	swift build -c release --product lumiere-decode $(SWIFT_FLAGS)
	Benchmarks/sessions.sh

bench-web: ## What a browser says of the gallery
	scripts/setup.sh test
	fixtures/make.sh run
	swift build -c release --product lumiere $(SWIFT_FLAGS)
	swift build -c release --product lumiere-decode $(SWIFT_FLAGS)
	Benchmarks/web.sh

bench-realtime: ## The same for how events reach many
	scripts/setup.sh bench
	swift build -c release --product RealtimeBenchmark $(SWIFT_FLAGS)
	Benchmarks/realtime.sh

stack: ## Start a fleet on loopback: two servers, two workers, PostgreSQL, Redis, S3 and nginx; end it by scripts/stack.sh down
	scripts/setup.sh stack
	swift build -c release --product lumiere $(SWIFT_FLAGS)
	swift build -c release --product lumiere-decode $(SWIFT_FLAGS)
	scripts/stack.sh up

clean: ## Remove what was built; never data
	rm -rf .build
