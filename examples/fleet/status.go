package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/nats-io/nats.go/jetstream"
)

// queue is what JetStream knows of the work: to ask costs the same for ten
// shoppers and for a million.
type queue struct {
	Waiting     uint64 `json:"waiting"`     // not taken yet
	InWork      int    `json:"in_work"`     // or waiting to be tried again
	Deliveries  uint64 `json:"deliveries"`  // of all messages so far
	Redelivered uint64 `json:"redelivered"` // deliveries that were not the first of their message
	Dead        uint64 `json:"dead"`        // dead letters, of all runs
}

func (e *engine) queue(ctx context.Context) (queue, error) {
	var q queue
	err := persist(ctx, func(ctx context.Context) error {
		work, err := e.consumer.Info(ctx)
		if err != nil {
			return err
		}
		dead, err := e.dead.Info(ctx)
		if err != nil {
			return err
		}
		q = queue{
			Waiting: work.NumPending, InWork: work.NumAckPending,
			Deliveries: work.Delivered.Consumer, Redelivered: work.Delivered.Consumer - work.Delivered.Stream,
			Dead: dead.State.Msgs,
		}
		return nil
	})
	return q, err
}

// tally counts the shoppers of a run by how far they are.
type tally struct {
	Walking int   `json:"walking"`
	Done    int   `json:"done"`
	Refused int   `json:"refused"`
	Dead    int   `json:"dead"`
	Orders  int   `json:"orders"`
	Bytes   int64 `json:"bytes"`
}

func (t *tally) add(p place) {
	switch p.State {
	case walking:
		t.Walking++
	case done:
		t.Done++
		t.Orders += p.Orders
		t.Bytes += int64(p.Bytes)
	case refused:
		t.Refused++
	case dead:
		t.Dead++
	}
}

// eachPlace calls f for the place of each shopper of the run.
func (e *engine) eachPlace(ctx context.Context, run string, f func(*held) error) error {
	return eachEntry(ctx, e.places, run+".>", func(entry jetstream.KeyValueEntry) error {
		h := &held{key: entry.Key(), bucket: e.places, revision: entry.Revision()}
		if err := json.Unmarshal(entry.Value(), &h.place); err != nil {
			return fmt.Errorf("place of %s: %w", entry.Key(), err)
		}
		return f(h)
	})
}

type statusCmd struct {
	natsFlags

	RunName string `name:"run" placeholder:"NAME" help:"Count the shoppers of this run, too: reads the place of each."`
}

type status struct {
	queue

	Workers []string           `json:"workers"`
	Rates   map[string]float64 `json:"rates,omitempty"`
	Run     *tally             `json:"run,omitempty"`
}

// Run writes how things stand, as JSON.
func (c *statusCmd) Run(ctx context.Context, std streams) error {
	e, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer e.conn.Close()
	s := status{Rates: make(map[string]float64)}
	if s.queue, err = e.queue(ctx); err != nil {
		return err
	}
	err = persist(ctx, func(ctx context.Context) error {
		s.Workers, err = keysOf(ctx, e.workers)
		return err
	})
	if err != nil {
		return err
	}
	for _, api := range apis() {
		limit, err := readRate(ctx, e.config, api)
		if err != nil {
			return err
		}
		if limit > 0 {
			s.Rates[api] = limit
		}
	}
	if c.RunName != "" {
		s.Run = new(tally)
		err := e.eachPlace(ctx, c.RunName, func(h *held) error {
			s.Run.add(h.place)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return std.sayJSON(s)
}

type resultsCmd struct {
	natsFlags

	RunName string `name:"run" required:"true" placeholder:"NAME" help:"The run."`
	Out     string `placeholder:"DIR" help:"Write the orders into DIR/RUN/API/SHOPPER.ndjson, from the object store."`
}

// outcome is what came of a shopper.
type outcome struct {
	Shopper string   `json:"shopper"` // its key
	State   state    `json:"state"`
	Orders  int      `json:"orders"`
	Bytes   int      `json:"bytes"`
	Digest  string   `json:"digest,omitempty"`
	Error   *failure `json:"error,omitempty"`
	Worker  string   `json:"worker"`
}

// Run writes the outcome of each shopper, a JSON object a line.
func (c *resultsCmd) Run(ctx context.Context, std streams) error {
	e, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer e.conn.Close()
	return e.eachPlace(ctx, c.RunName, func(h *held) error {
		if c.Out != "" && h.State == done {
			document, err := objects{e.orders}.read(ctx, h)
			if err != nil {
				return fmt.Errorf("orders of %s: %w", h.key, err)
			}
			name := folder{c.Out}.file(h.key)
			if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, document, 0o600)); err != nil {
				return err
			}
		}
		shopper := strings.TrimPrefix(h.key, c.RunName+".")
		return std.sayJSON(outcome{shopper, h.State, h.Orders, h.Bytes, h.Digest, h.Error, h.Worker})
	})
}
