package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"
)

type demoCmd struct {
	fakeFlags

	Workers int    `group:"Demo:" default:"4" placeholder:"N" help:"Workers; the default is ${default}."`
	Folder  string `group:"Demo:" placeholder:"DIR" help:"Write the orders into files, and keep them; the default is the object store, which is removed at the end."`
	Verbose bool   `group:"Demo:" short:"v" help:"Show what the workers log."`
}

// Run is the whole fleet in one process: NATS with a file store in a temporary
// folder, the fake shop, and workers that share nothing but NATS.
func (c *demoCmd) Run(ctx context.Context, std streams) (err error) {
	dir, err := os.MkdirTemp("", "fleet-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	nats, err := (&serverCmd{Dir: filepath.Join(dir, "nats"), Host: "127.0.0.1", Port: -1}).start()
	if err != nil {
		return err
	}
	defer nats.WaitForShutdown()
	defer nats.Shutdown()
	std.tell("NATS %s\n", nats.ClientURL())
	shop := c.start()
	defer shop.Close()
	std.tell("shop %s with %d shoppers, %v a page\n", shop.URL, len(shop.list), c.Took)

	at := natsFlags{NATS: nats.ClientURL()}
	conn, err := at.connect("demo")
	if err != nil {
		return err
	}
	defer conn.Close()
	setup := setupFlags{Replicas: 1, AckWait: 30 * time.Second, MaxInWork: 1000}
	if err := setup.setUp(ctx, conn); err != nil {
		return err
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	const runName = "demo"
	text := base64.StdEncoding.EncodeToString(key)
	seal, err := newSealer(text)
	if err != nil {
		return err
	}
	var list bytes.Buffer
	if err := shop.write(&list); err != nil {
		return err
	}
	p := publisher{conn: conn, run: runName, seal: seal}
	if err := p.publish(ctx, &list); err != nil {
		return err
	}
	std.tell("published %d messages\n", p.published)

	start := time.Now()
	log := slog.New(slog.DiscardHandler)
	if c.Verbose {
		log = slog.New(slog.NewTextHandler(std.err, nil))
	}
	var workers []*worker
	defer func() {
		for _, w := range workers {
			w.engine.conn.Close()
		}
	}()
	for i := range c.Workers {
		id := fmt.Sprintf("worker-%d", i+1)
		own, err := at.connect(id)
		if err != nil {
			return err
		}
		command := workCmd{
			shopFlags: shop.flags(), tokenFlags: tokenFlags{Key: text}, Name: id, UntilDone: true,
			workFlags: workFlags{Parallel: 8, Tries: 3, Losses: 10, Delay: 500 * time.Millisecond, MaxDelay: 5 * time.Second, Folder: c.Folder},
		}
		w, err := newWorker(ctx, own, &command, log.With("worker", id))
		if err != nil {
			own.Close()
			return err
		}
		workers = append(workers, w)
	}
	e, err := openEngine(ctx, conn)
	if err != nil {
		return err
	}
	if err := c.work(ctx, std, e, workers, p.published); err != nil {
		return err
	}
	return c.summary(ctx, std, e, workers, shop, runName, time.Since(start))
}

// work runs the workers, and shows how far they are.
func (c *demoCmd) work(ctx context.Context, std streams, e *engine, workers []*worker, total int) error {
	var group sync.WaitGroup
	errs := make([]error, len(workers))
	for i, w := range workers {
		group.Go(func() { errs[i] = w.run(ctx) })
	}
	ended := make(chan struct{})
	go func() {
		group.Wait()
		close(ended)
	}()
	start := time.Now()
	ticker := time.NewTicker(500 * time.Millisecond)
	defer ticker.Stop()
	for working := true; working; {
		select {
		case <-ended:
			working = false
		case <-ticker.C:
		}
		q, err := e.queue(ctx)
		if err != nil {
			continue // the workers say what is wrong
		}
		finished := total - int(q.Waiting) - q.InWork //nolint:gosec // no more than were published
		std.tell("%6d of %d done, %d in work, %d redelivered, %d dead, %.0f shoppers/s\n",
			finished, total, q.InWork, q.Redelivered, q.Dead, float64(finished)/time.Since(start).Seconds())
	}
	return errors.Join(errors.Join(errs...), ctx.Err())
}

func (c *demoCmd) summary(ctx context.Context, std streams, e *engine, workers []*worker, shop *fakeShop, runName string, took time.Duration) error {
	var t tally
	err := e.eachPlace(ctx, runName, func(h *held) error {
		t.add(h.place)
		return nil
	})
	if err != nil {
		return err
	}
	q, err := e.queue(ctx)
	if err != nil {
		return err
	}
	std.say("%d shoppers done, %d refused, %d dead, in %.1f s: %.0f shoppers/s\n",
		t.Done, t.Refused, t.Dead, took.Seconds(), float64(t.Done+t.Refused+t.Dead)/took.Seconds())
	std.say("%d orders, %d bytes; %d requests to the shop; %d deliveries, %d of them again\n",
		t.Orders, t.Bytes, len(shop.Requests()), q.Deliveries, q.Redelivered)
	for _, w := range workers {
		std.say("  %s: %d shoppers, %d orders\n", w.name, w.counts.done.Load(), w.counts.orders.Load())
	}
	if c.Folder != "" {
		std.say("the orders are in %s\n", c.Folder)
	}
	return nil
}
