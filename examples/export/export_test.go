package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders/storeorderstest"
)

// runOnTerminal runs with a standard error, and maybe a standard output, that are terminals.
func runOnTerminal(t *testing.T, outToo bool, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), args, streams{strings.NewReader(""), &stdout, &stderr, func(stream any) bool {
		return stream == &stderr || outToo
	}})
	return result{code, stdout.String(), stderr.String()}
}

func TestProgressShowsOnATerminal(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	shop.AddOrderGroups(shop.alice, 7, 1)
	shop.AddOrders(shop.ada, 7, 1)
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"mercur":   {shop.mercur("--limit", "3"), "7/7, "},
		"offset":   {shop.mercur("--limit", "3", "--offset", "2"), "5/5, "},
		"ids":      {shop.mercur("--id", shop.aliceIDs(t)), "7/7, "},
		"salesive": {shop.salesive("--limit", "3"), "7/7, "},
		"page":     {shop.salesive("--limit", "3", "--page", "2"), "4/4, "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := runOnTerminal(t, false, tt.args...)
			assert.Equal(t, 0, got.code, got.err)
			assert.Contains(t, got.err, "100%")
			assert.Contains(t, got.err, tt.want)
			assert.Contains(t, got.err, "orders/")
			assert.True(t, strings.HasSuffix(got.err, "\n"), "what follows has a line of its own")
		})
	}
}

func (s shop) aliceIDs(t *testing.T) string {
	t.Helper()
	var ids []string
	for line := range strings.Lines(runArgs(t, s.mercur("--format", "csv")...).out) {
		if id, _, _ := strings.Cut(line, ","); strings.HasPrefix(id, "og_") {
			ids = append(ids, id)
		}
	}
	return strings.Join(slices.Compact(ids), ",")
}

func TestProgressCountsWhatTheFileHas(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	shop.AddOrders(shop.ada, 6, 1)
	file := tempFile(t)
	require.Equal(t, 0, runArgs(t, shop.salesive("-o", file)...).code)
	got := runOnTerminal(t, false, shop.salesive("-o", file, "--resume")...)
	assert.Contains(t, got.err, "6/6, ")
}

func TestNoProgressAmongTheOrders(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	shop.AddOrders(shop.ada, 7, 1)
	assert.Empty(t, runOnTerminal(t, true, shop.salesive()...).err)
	assert.NotEmpty(t, runOnTerminal(t, true, shop.salesive("-o", tempFile(t))...).err)
}

func TestNothingToExportHasNoProgress(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	assert.Equal(t, result{}, runOnTerminal(t, false, shop.salesive()...))
}

// A pipe's reader gets orders, and costs the server no request for a bar.
func TestAPipeGetsOrdersAndNothingElse(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	shop.AddOrderGroups(shop.alice, 7, 1)
	cmd := program(t, []string{"MERCUR_URL=" + shop.URL, "MERCUR_PUBLISHABLE_KEY=" + shop.PublishableKey, "MERCUR_TOKEN=" + shop.alice.Token},
		"mercur", "--limit", "4", "--fields", "id")
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(t, cmd.Run())
	assert.Empty(t, stderr.String())
	assert.Equal(t, 7, strings.Count(stdout.String(), "\n"))
	shop.AssertRequests(t,
		storeorderstest.GET("/store/order-groups", "order=-created_at&fields=id&limit=4"),
		storeorderstest.GET("/store/order-groups", "order=-created_at&fields=id&limit=4&offset=4"))
}

func TestPrefetchChangesNothing(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	shop.AddOrderGroups(shop.alice, 20, 1)
	assert.Equal(t, runArgs(t, shop.mercur()...), runArgs(t, shop.mercur("--limit", "2", "--prefetch", "3")...))
}

func TestAnIncompleteExportIsKeptAndToldOf(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	shop.AddOrders(shop.ada, 4, 1)
	shop.Inject(storeorderstest.LieAboutCount(1))
	file := tempFile(t)
	got := runArgs(t, shop.salesive("-o", file, "--summary")...)
	assert.Equal(t, exitIncomplete, got.code)
	assert.Equal(t, 4, strings.Count(contents(t, file), "\n"))
	assert.Contains(t, got.err, "4 orders, from ", "the summary")
	assert.Contains(t, got.err, "incomplete")
	assert.Contains(t, got.err, "--resume")
}
