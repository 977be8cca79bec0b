package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// result is how a command ended.
type result struct {
	code     int
	out, err string
}

func command(t *testing.T, in string, args ...string) result {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(t.Context(), args, streams{strings.NewReader(in), &out, &errs})
	return result{code, out.String(), errs.String()}
}

func TestWithoutACommandTheWholeFleetRuns(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	got := command(t, "", "--shoppers", "60", "--page-time", "0s", "--folder", dir)
	require.Equal(t, 0, got.code, got.err)
	assert.Contains(t, got.out, "57 shoppers done, 2 refused, 1 dead")
	assert.Contains(t, got.err, "60 of 60 done")
	assert.Len(t, documents(t, dir), 57)
	for i := range 4 {
		assert.Contains(t, got.out, fmt.Sprintf("worker-%d: ", i+1))
	}
}

// As on several machines: processes that share nothing but NATS.
func TestTheCommandsWorkTogether(t *testing.T) {
	t.Parallel()
	server, list := startNATS(t), filepath.Join(t.TempDir(), "shoppers.ndjson")
	nats := "--nats=" + server.url
	fake := start(t, nil, "fake", list, "--shoppers", "20", "--page-time", "0s", "--no-trouble")
	environment := append(strings.Fields(strings.TrimPrefix(fake.first(t), "export ")), "NATS_URL="+server.url, "FLEET_KEY="+testKey)
	assert.Contains(t, command(t, "", "status", nats).err, "fleet publish makes it")

	early := start(t, environment, "work")
	eventually(t, "a worker waits for work", func() bool { return strings.Contains(early.err.String(), "waiting for fleet publish") })
	got := command(t, "", "publish", list, "--run", "night", "--key", testKey, nats)
	assert.Equal(t, result{0, "run night: published 20 shoppers; 0 were there already\n", ""}, got)
	got = command(t, "", "publish", list, "--run", "night", "--key", testKey, nats)
	assert.Equal(t, result{0, "run night: published 0 shoppers; 20 were there already\n", ""}, got)
	e := look(t, server.url)
	eventually(t, "the work is done", func() bool {
		q, err := e.queue(t.Context())
		return assert.NoError(t, err) && q.Deliveries == 20 && q.InWork == 0
	})
	early.signal(syscall.SIGTERM)
	require.Equal(t, 0, early.code(t), early.err)
	assert.Contains(t, early.out.String(), `"done":20`)

	require.Equal(t, 0, command(t, "", "rate", "mercur", "12.5", nats).code)
	got = command(t, "", "status", "--run", "night", nats)
	var s status
	require.NoError(t, json.Unmarshal([]byte(got.out), &s), got.err)
	assert.Equal(t, queue{Deliveries: 20}, s.queue)
	assert.Empty(t, s.Workers, "it has signed off")
	assert.Equal(t, map[string]float64{"mercur": 12.5}, s.Rates)
	assert.Equal(t, 20, s.Run.Done)
	assert.Len(t, results(t, server.url, "night", ""), 20)
	assert.Empty(t, results(t, server.url, "another", ""))

	server.signal(syscall.SIGTERM)
	assert.Equal(t, 0, server.code(t))
	fake.signal(syscall.SIGTERM)
	assert.Equal(t, 0, fake.code(t))
}

func TestTheBenchmarkRuns(t *testing.T) {
	t.Parallel()
	bench := start(t, nil, "bench", "--workers", "2", "--parallel", "2", "--shoppers", "20", "--page-time", "1ms")
	require.Equal(t, 0, bench.code(t), bench.err)
	assert.Contains(t, bench.out.String(), "\n| 2 | 2 | ")
}

func TestAListIsCheckedBeforeItIsPublished(t *testing.T) {
	t.Parallel()
	url := embedded(t)
	for line, want := range map[string]string{
		`SECRET`:    "line 2: no JSON object with strings",
		`{"api":1}`: "line 2: no JSON object with strings",
		`{"api":"ebay","shopper":"a","token":"SECRET"}`:                                           `line 2: api "ebay"`,
		`{"api":"mercur","shopper":"","token":"SECRET"}`:                                          `line 2: shopper ""`,
		`{"api":"mercur","shopper":"` + strings.Repeat("a", maxShopper+1) + `","token":"SECRET"}`: "1 to 150 bytes",
		`{"api":"mercur","shopper":"a"}`:                                                          "line 2: one of token and token_ref",
		`{"api":"mercur","shopper":"a","token":"SECRET","token_ref":"b"}`:                         "line 2: one of token and token_ref",
	} {
		list := `{"api":"mercur","shopper":"first","token":"SECRET"}` + "\n" + line + "\n"
		got := command(t, list, "publish", "-", "--nats", url, "--run", "run", "--key", testKey)
		assert.Equal(t, exitError, got.code)
		assert.Contains(t, got.err, want)
		assert.NotContains(t, got.err, "SECRET")
	}
	got := command(t, `{"api":"mercur","shopper":"a","token":"SECRET"}`, "publish", "-", "--nats", url)
	assert.Contains(t, got.err, "set FLEET_KEY")
	got = command(t, `{"api":"mercur","shopper":"a","token_ref":"b"}`, "publish", "-", "--nats", url)
	assert.Equal(t, 0, got.code, got.err)
	got = command(t, `{"api":"mercur","shopper":"a","token_ref":"b"}`, "publish", "-", "--nats", url, "--run", "a b")
	assert.Contains(t, got.err, `run "a b"`)
}

func TestACommandLineThatCannotWorkIsRefused(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"unexpected argument fly": {"fly"},
		"expected":                {"publish"},
		"must be one of":          {"rate", "ebay", "1"},
		"missing flags: --run":    {"results"},
		"missing flags: --dir":    {"server"},
		"--parallel: is 0":        {"work", "--parallel=0"},
		"--page: is -1":           {"work", "--page=-1"},
		"Mercur needs it":         {"work", "--mercur-url=http://127.0.0.1:1"},
	} {
		got := command(t, "", args...)
		assert.Equal(t, exitUsage, got.code, want)
		assert.Contains(t, got.err, want)
	}
	for want, args := range map[string][]string{
		"no servers available": {"status", "--nats", "nats://127.0.0.1:1"},
		"NATS_URL is no URL":   {"status", "--nats", "nats://user:SECRET@[::1"},
		"is no URL":            {"server", "--dir", t.TempDir(), "--port=-1", "--cluster-port=1", "--routes", "nats://[::1"},
	} {
		got := command(t, "", args...)
		assert.Equal(t, exitError, got.code)
		assert.Contains(t, got.err, want)
		assert.NotContains(t, got.err, "SECRET")
	}
	url := embedded(t)
	require.Equal(t, 0, command(t, "", "publish", "-", "--nats", url).code)
	assert.Contains(t, command(t, "", "rate", "mercur", "NaN", "--nats", url).err, "a rate is a number")
	assert.Contains(t, command(t, "", "work", "--nats", url).err, "no shop to read from")
}

func TestNoTwoShoppersHaveTheSameKey(t *testing.T) {
	t.Parallel()
	keys := make(map[string]job)
	for _, runName := range []string{"run", "run2"} {
		for _, api := range apis() {
			for _, shopper := range []string{"a", "a.b", "a b", "=", "=YS5i", "YS5i", "*", ">", "é", "../x", strings.Repeat("x", 150), "ada@example.com"} {
				j := job{Run: runName, API: api, Shopper: shopper}
				key := j.key()
				assert.NotContains(t, keys, key)
				keys[key] = j
				assert.Regexp(t, `^[A-Za-z0-9_=-]+\.[a-z]+\.[A-Za-z0-9_=-]+$`, key)
				assert.Equal(t, filepath.Join("dir", runName, api), filepath.Dir(folder{"dir"}.file(key)))
			}
		}
	}
}
