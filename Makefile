.DEFAULT_GOAL := help

FUZZTIME ?= 10s

.PHONY: help check fmt lint test fuzz quickstart bench integration ci

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

check: ## what CI runs, without the integration tests
	@.ci/run check

fmt: ## format the Go code
	@git ls-files -z --cached --others --exclude-standard '*.go' | xargs -0 -r grep -LZ '^// Code generated .* DO NOT EDIT\.$$' | xargs -0 -r go tool -modfile=tools.mod gofumpt -w

lint: ## golangci-lint, on every module
	@.ci/run lint

test: ## go test -race, on every module
	@.ci/run test

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
