package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

// objectNames lists the objects that are there.
func objectNames(t *testing.T, store jetstream.ObjectStore) []string {
	t.Helper()
	list, err := store.List(t.Context())
	if errors.Is(err, jetstream.ErrNoObjectsFound) {
		return nil
	}
	require.NoError(t, err)
	var names []string
	for _, info := range list {
		names = append(names, info.Name)
	}
	return names
}

// A worker is paused with an old answer in its hands, longer than the ack wait.
// Another one reads the new state of the order, and writes it. When the first
// goes on, it must not write the old one over it, and leave nothing behind.
func TestAWorkerThatWasPausedDoesNotOverwriteAnother(t *testing.T) {
	t.Parallel()
	for name, into := range map[string]func(dir string) []string{
		"object store": func(string) []string { return nil },
		"folder":       func(dir string) []string { return []string{"--folder", dir} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, dir := newCrowd(t), t.TempDir()
			shopper := c.mercur(0)
			customer := &storeorderstest.Customer{ID: shopper.Shopper}
			group := c.AddOrderGroup(customer, storeorders.OrderGroup{Total: "1"})
			server := startNATS(t)
			c.publish(server.url, "--ack-wait", "2s")

			victims, paused := make(chan *process, 1), make(chan struct{})
			c.at(1, func() { // the answer that follows has the old total
				(<-victims).signal(syscall.SIGSTOP)
				close(paused)
			})
			c.at(2, func() {
				group.Total = "2"
				c.AddOrderGroup(customer, group)
			})
			first := c.work(server.url, into(dir)...)
			victims <- first
			<-paused
			second := c.work(server.url, into(dir)...)
			assert.Equal(t, 0, second.code(t))
			first.signal(syscall.SIGCONT)
			assert.Equal(t, 0, first.code(t))

			assert.Contains(t, first.out.String(), `"lost":1`)
			assert.Contains(t, first.out.String(), `"done":0`)
			assert.Contains(t, second.out.String(), `"done":1`)
			e := look(t, server.url)
			h := placeOf(t, e, shopper)
			want := c.wanted(shopper)
			assert.Contains(t, want, `"total":2`)
			if name == "folder" {
				file, err := filepath.Rel(dir, folder{dir}.file(h.key))
				require.NoError(t, err)
				assert.Equal(t, map[string]string{file: want}, documents(t, dir))
			} else {
				assert.Equal(t, want, c.got(e, shopper))
				assert.Equal(t, []string{objectName(h.key, h.Claim)}, objectNames(t, e.orders))
			}
		})
	}
}

// The message is the other worker's: to ack it would lose the shopper if that
// dies, and to give it back would take it from there.
func TestAWorkerThatLostLeavesTheMessageAlone(t *testing.T) {
	t.Parallel()
	c := newCrowd(t)
	shopper := c.mercur(1)
	url := embedded(t)
	c.publish(url, "--ack-wait", "1h")
	w := c.worker(url, "first", nil)
	c.at(1, func() {
		_, err := claim(context.WithoutCancel(t.Context()), w.engine.places, placeOf(t, w.engine, shopper).key, "second")
		assert.NoError(t, err)
	})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- w.run(ctx) }()
	eventually(t, "the worker has lost", func() bool { return w.counts.lost.Load() > 0 })
	stop()
	require.NoError(t, <-ended)
	q, err := w.engine.queue(t.Context())
	require.NoError(t, err)
	assert.Equal(t, queue{InWork: 1, Deliveries: 1}, q)
	h := placeOf(t, w.engine, shopper)
	assert.Equal(t, walking, h.State)
	assert.Equal(t, "second", h.Worker)
	assert.Empty(t, objectNames(t, w.engine.orders))
}

// bucket is that of the places, on a server in the test.
func bucket(t *testing.T) jetstream.KeyValue {
	t.Helper()
	url := embedded(t)
	newCrowd(t).publish(url)
	return look(t, url).places
}

func TestOnlyTheLastClaimCanWrite(t *testing.T) {
	t.Parallel()
	places := bucket(t)
	first, err := claim(t.Context(), places, "run.mercur.a", "first")
	require.NoError(t, err)
	second, err := claim(t.Context(), places, "run.mercur.a", "second")
	require.NoError(t, err)
	assert.Equal(t, first.Claim, second.previous)
	assert.Equal(t, 2, second.Lost)

	first.Tries = 7
	require.ErrorIs(t, first.save(t.Context()), errLost)
	require.ErrorIs(t, first.save(t.Context()), errLost, "again")
	second.end(done)
	require.NoError(t, second.save(t.Context()))
	require.ErrorIs(t, first.save(t.Context()), errLost)

	third, err := claim(t.Context(), places, "run.mercur.a", "third")
	require.NoError(t, err)
	assert.True(t, third.ended())
	assert.Equal(t, second.Claim, third.Claim, "what has ended is not claimed")
}

// faulty is a bucket whose answers are lost, or come from a replica that is
// behind.
type faulty struct {
	jetstream.KeyValue

	lostAnswers, oldReads int
	old                   jetstream.KeyValueEntry
}

func (f *faulty) Update(ctx context.Context, key string, value []byte, revision uint64) (uint64, error) {
	written, err := f.KeyValue.Update(ctx, key, value, revision)
	if err == nil && f.lostAnswers > 0 {
		f.lostAnswers--
		return 0, jetstream.ErrNoStreamResponse
	}
	return written, err
}

func (f *faulty) Get(ctx context.Context, key string) (jetstream.KeyValueEntry, error) {
	if f.oldReads > 0 {
		f.oldReads--
		return f.old, nil
	}
	return f.KeyValue.Get(ctx, key)
}

// Else a worker would take its own word for another's, and remove what it has
// written.
func TestAWriteWhoseAnswerIsLostIsKnownAgain(t *testing.T) {
	t.Parallel()
	places := bucket(t)
	h, err := claim(t.Context(), places, "run.mercur.a", "worker")
	require.NoError(t, err)
	old, err := places.Get(t.Context(), h.key)
	require.NoError(t, err)
	flaky := &faulty{KeyValue: places, lostAnswers: 1, oldReads: 2, old: old}
	h.bucket = flaky
	h.end(done)
	require.NoError(t, h.save(t.Context()))
	assert.Zero(t, flaky.lostAnswers)
	assert.Zero(t, flaky.oldReads)

	entry, err := places.Get(t.Context(), h.key)
	require.NoError(t, err)
	assert.Equal(t, entry.Revision(), h.revision)
}

// A worker dies between its word that the shopper is done and the new name of
// the file: who gets the message next puts it right, without a request.
func TestAFileThatIsNotSettledIsSettledByTheNextWorker(t *testing.T) {
	t.Parallel()
	c, dir := newCrowd(t), t.TempDir()
	shopper := c.mercur(3)
	url := embedded(t)
	c.publish(url)
	w := c.worker(url, "worker", func(c *workCmd) { c.Folder = dir })

	j := job{Run: "run", API: shopper.API, Shopper: shopper.Shopper}
	h, err := claim(t.Context(), w.engine.places, j.key(), "dead")
	require.NoError(t, err)
	require.NoError(t, w.output.write(t.Context(), h.key, h.Claim, []byte("orders\n")))
	h.end(done)
	h.Digest = digest([]byte("orders\n"))
	require.NoError(t, h.save(t.Context()))

	finish(t, w)
	assert.Empty(t, c.Requests())
	file := folder{dir}.file(h.key)
	assert.FileExists(t, file)
	require.NoError(t, w.output.settle(t.Context(), h), "again")
	require.NoError(t, os.WriteFile(file, []byte("others\n"), 0o600))
	require.ErrorContains(t, w.output.settle(t.Context(), h), "all workers must have the same one")
}

func TestWhatALostWorkerWroteIsDiscarded(t *testing.T) {
	t.Parallel()
	for name, dir := range map[string]string{"object store": "", "folder": t.TempDir()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCrowd(t)
			shopper := c.mercur(3)
			url := embedded(t)
			c.publish(url)
			w := c.worker(url, "worker", func(c *workCmd) { c.Folder = dir })
			j := job{Run: "run", API: shopper.API, Shopper: shopper.Shopper}
			dead, err := claim(t.Context(), w.engine.places, j.key(), "dead")
			require.NoError(t, err)
			require.NoError(t, w.output.write(t.Context(), dead.key, dead.Claim, []byte("half\n")))

			finish(t, w)
			h := placeOf(t, w.engine, shopper)
			assert.NotEqual(t, dead.Claim, h.Claim)
			if dir == "" {
				assert.Equal(t, []string{objectName(h.key, h.Claim)}, objectNames(t, w.engine.orders))
			} else {
				files := documents(t, dir)
				assert.Len(t, files, 1)
				for name, text := range files {
					assert.Equal(t, c.wanted(shopper), text)
					assert.False(t, strings.HasPrefix(filepath.Base(name), "."))
				}
			}
		})
	}
}
