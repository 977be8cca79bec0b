package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed-2861b391/storeorders"
)

// workFlags are how a worker works.
type workFlags struct {
	Parallel int           `group:"Work:" default:"8" placeholder:"N" help:"Shoppers at a time; the default is ${default}."`
	Tries    int           `group:"Work:" default:"8" placeholder:"N" help:"Errors in a row, without a page between, after which a shopper is given up; the default is ${default}."`
	Losses   int           `group:"Work:" default:"10" placeholder:"N" help:"Workers in a row that took a shopper and were not heard of again, after which it is given up; the default is ${default}."`
	Delay    time.Duration `group:"Work:" default:"5s" help:"Wait after the first error, doubled after each; the default is ${default}."`
	MaxDelay time.Duration `group:"Work:" default:"5m" help:"The longest wait; the default is ${default}."`
	Folder   string        `group:"Work:" placeholder:"DIR" help:"Write into files instead of the JetStream object store. All workers must have the same folder."`
}

type workCmd struct {
	natsFlags
	shopFlags
	tokenFlags
	workFlags

	Name      string `group:"Work:" help:"Name of the worker; the default is made of host and process."`
	UntilDone bool   `group:"Work:" help:"End when no shopper is left: for workers that are started after fleet publish."`
}

// Validate refuses what would give up everybody, or do nothing.
func (c *workCmd) Validate() error {
	for flag, n := range map[string]int{"parallel": c.Parallel, "tries": c.Tries, "losses": c.Losses, "page": c.Page} {
		if n < 1 {
			return fmt.Errorf("--%s: is %d; it must be at least 1", flag, n)
		}
	}
	if c.MercurURL != "" && c.MercurPublishableKey == "" {
		return errors.New("--mercur-publishable-key: Mercur needs it")
	}
	return nil
}

// Run works until it is interrupted.
func (c *workCmd) Run(ctx context.Context, std streams) error {
	if c.Name == "" {
		c.Name = workerName()
	}
	log := slog.New(slog.NewTextHandler(std.err, nil)).With("worker", c.Name)
	conn, err := c.connectPatiently(ctx, c.Name, log)
	if err != nil {
		return err
	}
	defer conn.Close()
	w, err := newWorker(ctx, conn, c, log)
	if errors.Is(err, errNotSetUp) {
		log.InfoContext(ctx, "waiting for fleet publish")
	}
	for errors.Is(err, errNotSetUp) { // who starts workers first need not know
		if err := pause(ctx, beat); err != nil {
			return err
		}
		w, err = newWorker(ctx, conn, c, log)
	}
	if err != nil {
		return err
	}
	if err := w.run(ctx); err != nil {
		return err
	}
	return std.sayJSON(w.told())
}

// worker takes shoppers from the queue, several at a time.
type worker struct {
	flags     workFlags
	name      string
	untilDone bool
	engine    *engine
	shares    *shares
	shops     map[string]shop
	tokens    tokens
	output    output
	log       *slog.Logger
	ackWait   time.Duration
	counts    counts
}

// counts are what a worker has done.
type counts struct {
	done, refused, dead, failures, lost, pages, orders, bytes atomic.Int64
}

func newWorker(ctx context.Context, conn *nats.Conn, c *workCmd, log *slog.Logger) (*worker, error) {
	e, err := openEngine(ctx, conn)
	if err != nil {
		return nil, err
	}
	w := &worker{
		flags: c.workFlags, name: c.Name, untilDone: c.UntilDone, engine: e, log: log,
		shares:  newShares(e, c.Name, c.Parallel, log),
		ackWait: e.consumer.CachedInfo().Config.AckWait,
		output:  objects{e.orders},
	}
	if c.Folder != "" {
		w.output = folder{c.Folder}
	}
	limiters := make(map[string]limiter)
	for api, l := range w.shares.limiters {
		limiters[api] = l
	}
	if w.shops, err = c.shopFlags.open(limiters); err != nil {
		return nil, err
	}
	if w.tokens, err = c.tokenFlags.open(); err != nil {
		return nil, err
	}
	if err := w.checkKey(ctx); err != nil {
		return nil, err
	}
	return w, nil
}

// checkKey keeps a worker from work that could not open a token: it would give
// up everybody.
func (w *worker) checkKey(ctx context.Context) error {
	var key string
	err := persist(ctx, func(ctx context.Context) error {
		entry, err := w.engine.config.Get(ctx, keyIDKey)
		if err == nil {
			key = string(entry.Value())
		}
		return err
	})
	switch {
	case errors.Is(err, jetstream.ErrKeyNotFound):
		return nil // no tokens are encrypted
	case err != nil:
		return err
	case w.tokens.sealer == nil:
		return fmt.Errorf("%w: set FLEET_KEY to the key that the tokens were published with", errKey)
	case w.tokens.sealer.id != key:
		return fmt.Errorf("%w: FLEET_KEY is not the key that the tokens were published with", errKey)
	default:
		return nil
	}
}

// errKey ends a worker.
var errKey = errors.New("the key of the tokens")

// run works until the context ends or, if it is to, until nothing is left.
func (w *worker) run(ctx context.Context) error {
	if err := w.shares.renew(ctx); err != nil { // it begins with its share, not with no limit
		return err
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	var beats, pulls sync.WaitGroup
	beating, stop := context.WithCancel(ctx)
	defer stop()
	beats.Go(func() { w.beat(beating, end) })
	for range w.flags.Parallel {
		pulls.Go(func() { w.pull(ctx) })
	}
	pulls.Wait()
	stop()
	beats.Wait()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	w.shares.leave(last)
	err := w.engine.conn.FlushWithContext(last) // acks are not answered
	if cause := context.Cause(ctx); errors.Is(cause, errKey) {
		return cause
	}
	return err
}

// beat does what is to be done again and again, until the context ends.
func (w *worker) beat(ctx context.Context, end context.CancelCauseFunc) {
	for pause(ctx, beat) == nil {
		err := w.shares.renew(ctx)
		if err == nil {
			err = w.checkKey(ctx) // a new list may have a new key
		}
		if errors.Is(err, errKey) {
			end(err)
		} else if err != nil && ctx.Err() == nil {
			// The old share is as good as any.
			w.log.WarnContext(ctx, "cannot renew the share of the rate limits", "error", err)
		}
	}
}

// pull takes one shopper after the other. It fetches a message when it is free,
// and none ahead: those would wait here while other workers have nothing to do.
func (w *worker) pull(ctx context.Context) {
	wait := 5 * time.Second // a request that NATS has lost is not waited for any longer
	if w.untilDone {
		wait = 500 * time.Millisecond
	}
	for ctx.Err() == nil {
		fetch, cancel := context.WithTimeout(ctx, wait)
		msg, err := w.engine.consumer.Next(jetstream.FetchContext(fetch))
		cancel()
		switch {
		case err == nil:
			w.take(ctx, msg)
		case ctx.Err() != nil:
			return
		case w.untilDone && w.nothingLeft(ctx):
			return
		case errors.Is(err, nats.ErrTimeout), errors.Is(err, context.DeadlineExceeded): // nobody waits
		default: // NATS is away, which the connection tells
			w.log.DebugContext(ctx, "cannot fetch", "error", err)
			_ = pause(ctx, 200*time.Millisecond) // the loop looks at the context
		}
	}
}

// nothingLeft reports whether no shopper waits, and none is in work anywhere.
func (w *worker) nothingLeft(ctx context.Context) bool {
	q, err := w.engine.queue(ctx)
	return err == nil && q.Waiting == 0 && q.InWork == 0
}

// take does what is to be done with one message.
func (w *worker) take(ctx context.Context, msg jetstream.Msg) {
	stop := keepAlive(ctx, msg, w.ackWait/4)
	defer stop()
	log := w.log
	j, err := parseJob(msg.Data())
	if err != nil {
		err = w.buryMessage(ctx, msg, err)
	} else {
		log = log.With("shopper", j.key())
		err = w.serve(ctx, msg, j, stop, log)
	}
	switch {
	case err == nil:
	case errors.Is(err, errLost):
		// The message is the other worker's: to give it back would take it from
		// there.
		w.counts.lost.Add(1)
		log.InfoContext(ctx, "lost the shopper to another worker")
	case ctx.Err() != nil: // this worker is being stopped
		stop()
		_ = msg.Nak() // else it comes again when the ack wait is over
	default:
		// It is delivered again when the ack wait is over.
		log.ErrorContext(ctx, "cannot go on", "error", err)
	}
}

// keepAlive tells NATS that the message is in work, until stop is called: then
// it has told for the last time.
func keepAlive(ctx context.Context, msg jetstream.Msg, every time.Duration) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx)) // it lasts until the shopper is given back
	var group sync.WaitGroup
	group.Go(func() {
		for pause(ctx, every) == nil {
			_ = msg.InProgress() // if NATS is away, so is its clock
		}
	})
	return func() {
		cancel()
		group.Wait()
	}
}

// serve brings one shopper to an end, or says when it is to be tried again.
func (w *worker) serve(ctx context.Context, msg jetstream.Msg, j job, stop func(), log *slog.Logger) error {
	if _, ok := w.shops[j.API]; !ok {
		// It is another worker's.
		log.ErrorContext(ctx, "this worker does not speak to that API: see the flags of fleet work")
		stop()
		return msg.NakWithDelay(w.flags.Delay)
	}
	h, err := claim(ctx, w.engine.places, j.key(), w.name)
	if err != nil {
		return err
	}
	if !h.ended() {
		err := w.attempt(ctx, j, h)
		_, counts := errors.AsType[*shopperError](err)
		switch {
		case errors.Is(err, errLost):
			return err
		case h.ended():
		case ctx.Err() != nil:
			return w.release(ctx, msg, h, stop, 0)
		case counts:
			if err := w.failed(ctx, h, err, log); err != nil {
				return err
			}
			if !h.ended() {
				stop()
				return msg.NakWithDelay(w.delay(h.Tries, err))
			}
		case err != nil: // the disk is full, say: that is no fault of the shopper
			log.ErrorContext(ctx, "cannot work", "error", err)
			return w.release(ctx, msg, h, stop, w.flags.Delay)
		}
	}
	if err := w.finish(ctx, j, h); err != nil {
		return err
	}
	stop()
	return msg.Ack()
}

// shopperError is an error that counts as a try: it came of this shopper, or of
// its shop.
type shopperError struct{ error }

func (e *shopperError) Unwrap() error { return e.error }

// attempt tries to bring the shopper to its end.
func (w *worker) attempt(ctx context.Context, j job, h *held) error {
	if h.previous != "" {
		// What that worker wrote last does not count any more.
		if err := w.output.discard(ctx, h.key, h.previous); err != nil {
			return err
		}
	}
	if h.Lost > w.flags.Losses {
		return &shopperError{errAbandoned}
	}
	return w.walk(ctx, j, h)
}

// finish does what follows from the end of a shopper, which its place tells.
// Whatever of it a lost worker did not come to, the next one does: until the
// ack, the message comes again.
func (w *worker) finish(ctx context.Context, j job, h *held) error {
	switch h.State {
	case done:
		if err := w.output.settle(ctx, h); err != nil {
			return err
		}
	case dead:
		l := letter{j.Run, j.API, j.Shopper, h.Error.Category, h.Error.Text, h.Tries, h.Worker, h.At}
		if err := w.engine.bury(ctx, h.key, l); err != nil {
			return err
		}
	default:
	}
	for _, part := range h.parts(h.key) {
		if err := deleteObject(ctx, w.engine.parts, part); err != nil {
			return err
		}
	}
	return nil
}

// failed writes the error down, and decides whether it is the shopper's end.
func (w *worker) failed(ctx context.Context, h *held, err error, log *slog.Logger) error {
	h.Error, h.Lost = failureOf(err), 0
	h.Tries++
	switch {
	case isRefusal(err):
		h.end(refused)
	case h.Tries >= w.flags.Tries, errors.Is(err, errAbandoned):
		h.end(dead)
	}
	if err := h.save(ctx); err != nil {
		return err
	}
	w.counts.failures.Add(1)
	switch h.State {
	case refused:
		w.counts.refused.Add(1)
	case dead:
		w.counts.dead.Add(1)
	default:
	}
	log.WarnContext(ctx, "failed", "state", string(h.State), "tries", h.Tries, "category", h.Error.Category, "error", h.Error.Text)
	return nil
}

// delay doubles with each try. A shop that says how long to wait is obeyed.
func (w *worker) delay(tries int, err error) time.Duration {
	const doublings = 16 // more would be beyond any MaxDelay, and overflow
	wait := min(w.flags.Delay<<min(tries-1, doublings), w.flags.MaxDelay)
	if answer, ok := errors.AsType[*storeorders.APIError](err); ok {
		wait = max(wait, min(answer.RetryAfter, time.Hour))
	}
	return wait
}

// release gives the shopper back, to be gone on with after the wait. What this
// worker has done so far is in the place.
func (w *worker) release(ctx context.Context, msg jetstream.Msg, h *held, stop func(), wait time.Duration) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	h.Lost = max(0, h.Lost-1)
	if err := h.save(ctx); err != nil {
		return err
	}
	stop()
	return msg.NakWithDelay(wait)
}

// buryMessage puts away a message that is none of a shopper.
func (w *worker) buryMessage(ctx context.Context, msg jetstream.Msg, reason error) error {
	meta, err := msg.Metadata()
	if err != nil {
		return err
	}
	l := letter{API: "unknown", Category: badJob, Error: reason.Error(), Tries: 1, Worker: w.name, At: time.Now().UTC()}
	if err := w.engine.bury(ctx, fmt.Sprintf("message %d", meta.Sequence.Stream), l); err != nil {
		return err
	}
	w.counts.dead.Add(1)
	return msg.Ack()
}

// told is what a worker says at its end.
func (w *worker) told() map[string]any {
	c, traffic := &w.counts, w.engine.conn.Stats()
	return map[string]any{
		"worker": w.name,
		"done":   c.done.Load(), "refused": c.refused.Load(), "dead": c.dead.Load(),
		"failures": c.failures.Load(), "lost": c.lost.Load(),
		"pages": c.pages.Load(), "orders": c.orders.Load(), "bytes": c.bytes.Load(),
		"nats_messages": traffic.InMsgs + traffic.OutMsgs, "nats_bytes": traffic.InBytes + traffic.OutBytes,
	}
}
