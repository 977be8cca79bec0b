.DEFAULT_GOAL := help

FUZZTIME ?= 10s

.PHONY: help check fmt lint staticcheck test api apidiff consumer docs fuzz quickstart bench integration ci

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

check: ## what CI runs, with fewer random cases and without the integration tests
	@WALKS=1000 FUZZTIME=3s TESTFLAGS=-short BESIDE=test .ci/run check

fmt: ## format the Go code
	@git ls-files -z --cached --others --exclude-standard '*.go' | xargs -0 -r grep -LZ '^// Code generated .* DO NOT EDIT\.$$' | xargs -0 -r go tool -modfile=tools.mod gofumpt -w

lint: ## golangci-lint, on every module
	@.ci/run lint

staticcheck: ## staticcheck, on every module
	@.ci/run staticcheck

test: ## go test -race, on every module
	@.ci/run test

api: ## write the exported API into api.txt
	@api=$$(go run ./internal/apitext . ./storeorderstest) && printf '%s\n' "$$api" >api.txt && git diff --stat -- api.txt

apidiff: ## the exported API against the last release
	@.ci/run apidiff

consumer: ## a module of a user, which names the API that it was promised
	@.ci/run consumer

docs: ## spelling, and dead links between the Markdown files
	@.ci/run docs

fuzz: ## every fuzz target, for FUZZTIME=10s each
	@FUZZTIME=$(FUZZTIME) .ci/run fuzz

quickstart: ## list orders of both APIs from a fake server
	@go run ./examples/quickstart

bench: ## the SDK against other clients; flags go into BENCH, as in BENCH="-quick -js" (see benchmarks/README.md)
	@cd benchmarks && go run ./bench $(BENCH)

integration: ## the tests against a real Mercur on loopback (needs npm and PostgreSQL)
	@bash integration/run.sh

ci: ## everything that CI runs
	@.ci/run
