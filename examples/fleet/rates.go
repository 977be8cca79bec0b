package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/time/rate"
)

// limiter is what the SDK asks before each attempt.
type limiter interface {
	Wait(ctx context.Context) error
}

// beat is how often a worker says that it is there, and looks who else is.
const beat = 2 * time.Second

// presence is what a worker says of itself.
type presence struct {
	Parallel int       `json:"parallel"`
	Since    time.Time `json:"since"`
}

// shares give this worker its share of each API's rate: what the bucket of the
// configuration allows, by the number of workers that are there. A worker that
// comes is counted by the others within a beat, one that is killed until its
// entry expires, which is three beats.
type shares struct {
	engine   *engine
	name     string
	parallel int
	log      *slog.Logger
	since    time.Time
	limiters map[string]*rate.Limiter
}

func newShares(e *engine, name string, parallel int, log *slog.Logger) *shares {
	s := &shares{engine: e, name: name, parallel: parallel, log: log, since: time.Now().UTC(), limiters: make(map[string]*rate.Limiter)}
	for _, api := range apis() {
		s.limiters[api] = rate.NewLimiter(rate.Inf, 1)
	}
	return s
}

// renew says that this worker is there, and sets the limiters.
func (s *shares) renew(ctx context.Context) error {
	value, err := json.Marshal(presence{s.parallel, s.since})
	if err != nil {
		return err
	}
	return persist(ctx, func(ctx context.Context) error {
		if _, err := s.engine.workers.Put(ctx, s.name, value); err != nil {
			return err
		}
		workers, err := keysOf(ctx, s.engine.workers)
		if err != nil {
			return err
		}
		for api, limit := range s.limiters {
			total, err := readRate(ctx, s.engine.config, api)
			if err != nil {
				return err
			}
			share := rate.Inf
			if total > 0 {
				share = rate.Limit(total / float64(max(1, len(workers))))
			}
			if limit.Limit() != share {
				limit.SetLimit(share)
			}
		}
		return nil
	})
}

// leave says that this worker is there no more.
func (s *shares) leave(ctx context.Context) {
	if err := s.engine.workers.Delete(ctx, s.name); err != nil {
		s.log.WarnContext(ctx, "cannot sign off", "error", err) // its entry expires
	}
}

// keysOf lists the keys of a bucket. Unlike the bucket's own Keys it does not
// take a list that was cut off for the whole one.
func keysOf(ctx context.Context, bucket jetstream.KeyValue) ([]string, error) {
	var keys []string
	err := eachEntry(ctx, bucket, jetstream.AllKeys, func(entry jetstream.KeyValueEntry) error {
		keys = append(keys, entry.Key())
		return nil
	})
	slices.Sort(keys)
	return slices.Compact(keys), err
}

// eachEntry calls f for each entry that is there. Where entries expire
// meanwhile it may wait for one that does not come any more, until the context
// ends: ask again.
func eachEntry(ctx context.Context, bucket jetstream.KeyValue, keys string, f func(jetstream.KeyValueEntry) error) error {
	watch, err := bucket.Watch(ctx, keys, jetstream.IgnoreDeletes())
	if err != nil {
		return err
	}
	defer func() { _ = watch.Stop() }()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case entry, open := <-watch.Updates():
			if !open {
				return cmp.Or(ctx.Err(), errors.New("NATS has cut the list off"))
			}
			if entry == nil { // that was the last one
				return nil
			}
			if err := f(entry); err != nil {
				return err
			}
		}
	}
}

// readRate returns how many requests a second all workers together may send
// to the API; 0 is no limit.
func readRate(ctx context.Context, config jetstream.KeyValue, api string) (float64, error) {
	entry, err := config.Get(ctx, rateKey+api)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return strconv.ParseFloat(string(entry.Value()), 64)
}

type rateCmd struct {
	natsFlags

	API       string  `arg:"" enum:"mercur,salesive" help:"mercur or salesive."`
	PerSecond float64 `arg:"" help:"Requests a second of all workers together; 0 is no limit."`
}

// Run sets a rate; workers take it up within a beat.
func (c *rateCmd) Run(ctx context.Context, std streams) error {
	if !(c.PerSecond >= 0) || math.IsInf(c.PerSecond, 0) {
		return errors.New("a rate is a number of requests a second; 0 is no limit")
	}
	e, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer e.conn.Close()
	if err := setRate(ctx, e.config, c.API, c.PerSecond); err != nil {
		return err
	}
	std.say("%s: %g requests a second, of all workers together\n", c.API, c.PerSecond)
	return nil
}

func setRate(ctx context.Context, config jetstream.KeyValue, api string, perSecond float64) error {
	return persist(ctx, func(ctx context.Context) error {
		_, err := config.PutString(ctx, rateKey+api, strconv.FormatFloat(perSecond, 'g', -1, 64))
		return err
	})
}
