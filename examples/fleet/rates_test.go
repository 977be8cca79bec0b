package main

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/seed-2861b391/storeorders/storeorderstest"
)

func TestWorkersShareTheRateOfEachAPI(t *testing.T) {
	t.Parallel()
	c := newCrowd(t)
	url := embedded(t)
	c.publish(url)
	first, second := c.worker(url, "first", nil), c.worker(url, "second", nil)
	limits := func(w *worker) [2]rate.Limit {
		require.NoError(t, w.shares.renew(t.Context()))
		return [2]rate.Limit{w.shares.limiters[mercurAPI].Limit(), w.shares.limiters[salesiveAPI].Limit()}
	}
	assert.Equal(t, [2]rate.Limit{rate.Inf, rate.Inf}, limits(first), "no limit is set")

	setTo := func(api, perSecond string) {
		var out strings.Builder
		require.Equal(t, 0, run(t.Context(), []string{"rate", api, perSecond, "--nats", url}, streams{nil, &out, &out}), out.String())
	}
	setTo(mercurAPI, "100")
	setTo(salesiveAPI, "7")
	assert.Equal(t, [2]rate.Limit{100, 7}, limits(first))
	assert.Equal(t, [2]rate.Limit{50, 3.5}, limits(second))
	assert.Equal(t, [2]rate.Limit{50, 3.5}, limits(first))

	second.shares.leave(t.Context())
	assert.Equal(t, [2]rate.Limit{100, 7}, limits(first))
	setTo(mercurAPI, "0")
	assert.Equal(t, [2]rate.Limit{rate.Inf, 7}, limits(first))
}

// A worker that is killed does not sign off.
func TestAWorkerThatIsKilledIsForgotten(t *testing.T) {
	t.Parallel()
	c := newCrowd(t)
	url := embedded(t)
	c.publish(url)
	e := look(t, url)
	p := start(t, c.environment(url), "work", "--name", "victim")
	there := func() bool {
		var keys []string
		err := persist(t.Context(), func(ctx context.Context) (err error) {
			keys, err = keysOf(ctx, e.workers)
			return err
		})
		return assert.NoError(t, err) && len(keys) == 1 && keys[0] == "victim"
	}
	eventually(t, "the worker is there", there)
	p.kill()
	eventually(t, "the worker is gone", func() bool { return !there() })
}

// Requests can be late, but not early: whatever else the machine does, 40 of
// them at 40 a second end 39/40 of a second after the beginning, less the first
// of the second worker.
func TestTheRateIsKept(t *testing.T) {
	t.Parallel()
	const requests, perSecond = 40, 40
	c := newCrowd(t)
	for range requests {
		c.mercur(1)
	}
	var mu sync.Mutex
	var times []time.Time
	c.Inject(storeorderstest.Before(func() {
		mu.Lock()
		defer mu.Unlock()
		times = append(times, time.Now())
	}))
	url := embedded(t)
	c.publish(url)
	workers := []*worker{c.worker(url, "first", nil), c.worker(url, "second", nil)}
	require.NoError(t, setRate(t.Context(), workers[0].engine.config, mercurAPI, perSecond))
	for range 2 { // both know of each other
		for _, w := range workers {
			require.NoError(t, w.shares.renew(t.Context()))
		}
	}
	began := time.Now() // the server sees the first request later than the limiter lets it go
	var group sync.WaitGroup
	for _, w := range workers {
		group.Go(func() { assert.NoError(t, w.run(t.Context())) })
	}
	group.Wait()
	require.Len(t, times, requests)
	assert.GreaterOrEqual(t, times[requests-1].Sub(began), time.Second*(requests/2-1)/(perSecond/2))
}
