package main

import (
	"context"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

// What the shop says of one shopper is that shopper's result, at the first
// answer, and stops nobody.
func TestARefusedShopperIsAResult(t *testing.T) {
	t.Parallel()
	for status, category := range map[int]string{401: "unauthorized", 403: "forbidden", 404: "not found"} {
		t.Run(category, func(t *testing.T) {
			t.Parallel()
			c := newCrowd(t)
			refusedOne, other := c.mercur(5), c.mercur(5)
			c.Inject(storeorderstest.Status(status), of(refusedOne), storeorderstest.From(2)) // in the middle of the walk
			url := embedded(t)
			c.publish(url)
			w := c.worker(url, "worker", pagesOf(2))
			finish(t, w)

			h := placeOf(t, w.engine, refusedOne)
			assert.Equal(t, refused, h.State)
			assert.Equal(t, category, h.Error.Category)
			assert.Contains(t, h.Error.Text, http.StatusText(status))
			assert.Equal(t, 2, c.pagesAsked(refusedOne, 2)[0]+c.pagesAsked(refusedOne, 2)[1])
			assert.Empty(t, deadLetters(t, w.engine))
			assert.Empty(t, objectNames(t, w.engine.parts))
			assert.Equal(t, c.wanted(other), c.got(w.engine, other))
			assert.Equal(t, outcome{Shopper: "mercur." + refusedOne.Shopper, State: refused, Error: h.Error, Worker: "worker"},
				results(t, url, "run", "")["mercur."+refusedOne.Shopper])
		})
	}
}

func TestAPoisonousShopperEndsAsADeadLetter(t *testing.T) {
	t.Parallel()
	c := newCrowd(t)
	poison, other := c.salesive(5), c.salesive(5)
	c.Inject(storeorderstest.InvalidJSON(), of(poison), storeorderstest.From(2))
	url := embedded(t)
	c.publish(url)
	w := c.worker(url, "worker", pagesOf(2))
	finish(t, w)

	letters := deadLetters(t, w.engine)
	require.Len(t, letters, 1)
	assert.WithinDuration(t, time.Now(), letters[0].At, patience)
	assert.Contains(t, letters[0].Error, "cannot read the 200 answer")
	letters[0].At, letters[0].Error = time.Time{}, ""
	assert.Equal(t, letter{Run: "run", API: salesiveAPI, Shopper: poison.Shopper, Category: "unreadable answer", Tries: 3, Worker: "worker"}, letters[0])
	assert.Equal(t, map[int]int{0: 1, 1: 3}, c.pagesAsked(poison, 2), "each try goes on at the place")
	assert.Equal(t, dead, placeOf(t, w.engine, poison).State)
	assert.Equal(t, c.wanted(other), c.got(w.engine, other))
	q, err := w.engine.queue(t.Context())
	require.NoError(t, err)
	assert.Equal(t, queue{Deliveries: 4, Redelivered: 2, Dead: 1}, q)
}

// An error on each of many pages is not a poisonous shopper.
func TestAPageResetsTheTries(t *testing.T) {
	t.Parallel()
	c := newCrowd(t)
	shopper := c.mercur(20)
	c.Inject(storeorderstest.InvalidJSON(), storeorderstest.Every(2))
	url := embedded(t)
	c.publish(url)
	w := c.worker(url, "worker", pagesOf(2))
	finish(t, w)
	c.ClearFaults()
	assert.Equal(t, c.wanted(shopper), c.got(w.engine, shopper))
	assert.Equal(t, int64(9), w.counts.failures.Load())
}

// A shopper that kills its workers never comes to an error.
func TestAShopperThatKillsWorkersIsGivenUp(t *testing.T) {
	t.Parallel()
	c := newCrowd(t)
	c.mercur(1)
	server := startNATS(t)
	c.publish(server.url, "--ack-wait", "2s")
	victims := make(chan *process, 1)
	c.Inject(storeorderstest.Before(func() { (<-victims).kill() }))
	for range 2 {
		p := c.work(server.url, "--losses", "2")
		victims <- p
		<-p.ended
	}
	last := c.work(server.url, "--losses", "2")
	assert.Equal(t, 0, last.code(t))
	letters := deadLetters(t, look(t, server.url))
	require.Len(t, letters, 1)
	assert.Equal(t, abandoned, letters[0].Category)
	assert.Len(t, c.Requests(), 2)
}

func TestAMessageThatIsNoShopperIsADeadLetter(t *testing.T) {
	t.Parallel()
	c := newCrowd(t)
	other := c.mercur(1)
	url := embedded(t)
	c.publish(url)
	w := c.worker(url, "worker", nil)
	for _, data := range []string{"SECRET", `{"run":"run","api":"ebay","shopper":"a","token_ref":"t"}`, `{"run":"run","api":"mercur","shopper":"a"}`} {
		_, err := w.engine.js.Publish(t.Context(), workSubject+mercurAPI, []byte(data))
		require.NoError(t, err)
	}
	finish(t, w)
	letters := deadLetters(t, w.engine)
	require.Len(t, letters, 3)
	for _, l := range letters {
		assert.Equal(t, badJob, l.Category)
		assert.NotContains(t, l.Error, "SECRET")
	}
	assert.Equal(t, c.wanted(other), c.got(w.engine, other))
}

// logged runs a worker until it has logged the text.
func (c crowd) runUntilLogged(w *worker, text string) {
	c.t.Helper()
	var log buffer
	w.log = slog.New(slog.NewTextHandler(&log, nil))
	ctx, stop := context.WithCancel(c.t.Context())
	ended := make(chan error)
	go func() { ended <- w.run(ctx) }()
	eventually(c.t, text, func() bool { return strings.Contains(log.String(), text) })
	stop()
	require.NoError(c.t, <-ended)
}

// A full disk would otherwise give up everybody.
func TestWhatIsNoFaultOfTheShopperIsNoTry(t *testing.T) {
	t.Parallel()
	c := newCrowd(t)
	shopper := c.mercur(3)
	url := embedded(t)
	c.publish(url, "--ack-wait", "1s")
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, writeFile(file, nil))
	c.runUntilLogged(c.worker(url, "ill", func(c *workCmd) { c.Folder, c.Tries = file, 1 }), "cannot work")
	h := placeOf(t, look(t, url), shopper)
	assert.Equal(t, walking, h.State)
	assert.Zero(t, h.Tries)
	assert.Zero(t, h.Lost)

	well := c.worker(url, "well", nil)
	finish(t, well)
	assert.Equal(t, c.wanted(shopper), c.got(well.engine, shopper))
}

func TestAWorkerLeavesAnotherAPIToOthers(t *testing.T) {
	t.Parallel()
	c := newCrowd(t)
	shopper := c.salesive(3)
	url := embedded(t)
	c.publish(url, "--ack-wait", "1s")
	c.runUntilLogged(c.worker(url, "mercur", func(c *workCmd) { c.SalesiveShopID = "" }), "does not speak to that API")
	assert.Zero(t, placeOf(t, look(t, url), shopper).revision)

	both := c.worker(url, "both", nil)
	finish(t, both)
	assert.Equal(t, c.wanted(shopper), c.got(both.engine, shopper))
}

// A message may come again when the shopper has long been done: published
// anew, or its ack lost.
func TestAShopperWhoIsDoneIsNotReadAgain(t *testing.T) {
	t.Parallel()
	c := newCrowd(t)
	shopper := c.mercur(3)
	c.salesive(3)
	url := embedded(t)
	c.publish(url)
	w := c.worker(url, "worker", nil)
	finish(t, w)
	before, requests := placeOf(t, w.engine, shopper).revision, len(c.Requests())

	stream, err := w.engine.js.Stream(t.Context(), workStream)
	require.NoError(t, err)
	config := stream.CachedInfo().Config
	config.Duplicates = 100 * time.Millisecond // the window is over
	_, err = w.engine.js.UpdateStream(t.Context(), config)
	require.NoError(t, err)
	eventually(t, "the messages are published again", func() bool {
		c.publishAgain(w.engine, "run")
		q, err := w.engine.queue(t.Context())
		require.NoError(t, err)
		return q.Waiting >= 2
	})
	again := c.worker(url, "again", nil)
	finish(t, again)
	assert.Zero(t, again.counts.done.Load())
	assert.Len(t, c.Requests(), requests)
	assert.Equal(t, before, placeOf(t, w.engine, shopper).revision)
	assert.Len(t, objectNames(t, w.engine.orders), 2)
}

// publishAgain publishes without setting anything up.
func (c crowd) publishAgain(e *engine, runName string) {
	c.t.Helper()
	seal, err := newSealer(testKey)
	require.NoError(c.t, err)
	p := publisher{conn: e.conn, run: runName, seal: seal}
	var list strings.Builder
	require.NoError(c.t, c.write(&list))
	require.NoError(c.t, p.publish(c.t.Context(), strings.NewReader(list.String())))
}

func TestDelaysDouble(t *testing.T) {
	t.Parallel()
	w := &worker{flags: workFlags{Delay: 5 * time.Second, MaxDelay: time.Minute}}
	var waits []time.Duration
	for tries := 1; tries <= 6; tries++ {
		waits = append(waits, w.delay(tries, context.DeadlineExceeded)/time.Second)
	}
	assert.Equal(t, []time.Duration{5, 10, 20, 40, 60, 60}, waits)
	assert.Equal(t, time.Minute, w.delay(1000, context.DeadlineExceeded))
	assert.Equal(t, 3*time.Minute, w.delay(1, &storeorders.PageError{Err: &storeorders.APIError{RetryAfter: 3 * time.Minute}}))
	assert.Equal(t, time.Hour, w.delay(1, &storeorders.APIError{RetryAfter: 1000 * time.Hour}))
}

func TestFailuresHaveACategory(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]string{
		&storeorders.APIError{StatusCode: 429}:                                   "rate limited",
		&storeorders.APIError{StatusCode: 400}:                                   "invalid request",
		&storeorders.APIError{StatusCode: 500}:                                   "server error",
		&storeorders.APIError{StatusCode: 307}:                                   "redirect",
		&storeorders.IncompleteError{}:                                           "incomplete",
		&shopperError{&storeorders.PageError{Err: storeorders.ErrNoCredentials}}: "no credentials",
		&storeorders.DecodeError{Err: context.Canceled}:                          "unreadable answer",
		errToken:                    badToken,
		context.Canceled:            other,
		jetstream.ErrObjectNotFound: other,
	} {
		got := failureOf(err)
		assert.Equal(t, want, got.Category)
		assert.Equal(t, err.Error(), got.Text)
	}
}
