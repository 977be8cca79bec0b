package main

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// walk reads the orders of a shopper from its place on, and writes them. When
// it returns nil, the place says that the shopper is done.
//
// After every page the place is kept: a worker that takes the shopper over goes
// on there. At the end it looks whether the pages fit together, as All of the
// SDK does: as many different orders as the server counts, and a count that
// never moved. If they do not, orders came or went between two pages, or the
// server sorted orders of one instant anew, and All reads the shopper again.
func (w *worker) walk(ctx context.Context, j job, h *held) error {
	shop := w.shops[j.API]
	token, err := w.tokens.of(j)
	if err != nil {
		return &shopperError{err}
	}
	var orders []order
	if !h.Whole {
		orders, err = w.walkPages(ctx, h, shop, token)
		if err != nil {
			return err
		}
		if !fits(orders, h) {
			if err := w.startWhole(ctx, h); err != nil {
				return err
			}
		}
	}
	if h.Whole {
		if orders, err = w.walkAll(ctx, shop, token); err != nil {
			return err
		}
	}
	return w.write(ctx, h, orders)
}

// walkPages reads the pages that are left, and returns the orders of all.
func (w *worker) walkPages(ctx context.Context, h *held, shop shop, token string) ([]order, error) {
	orders, err := w.kept(ctx, h, shop)
	if errors.Is(err, jetstream.ErrObjectNotFound) {
		// Parts are not kept for ever: the shopper waited longer.
		h.restart()
		orders, err = nil, h.save(ctx)
	}
	if err != nil {
		return nil, err
	}
	first := h.Next == nil
	for page, err := range shop.pages(ctx, h.Next, token) {
		if err != nil {
			return nil, &shopperError{err}
		}
		w.counts.pages.Add(1)
		if first {
			h.Count, first = page.count, false
		}
		h.Moved = h.Moved || page.count != h.Count
		orders = append(orders, page.orders...)
		if page.next == nil {
			break // the end of the shopper follows, which says more than a place
		}
		if err := w.keep(ctx, h, page); err != nil {
			return nil, err
		}
	}
	return orders, nil
}

// keep writes down a page and the place behind it.
func (w *worker) keep(ctx context.Context, h *held, p page) error {
	if err := putObject(ctx, w.engine.parts, h.nextPart(h.key), lines(p.orders)); err != nil {
		return err
	}
	h.addPart()
	h.Next, h.Lost, h.Tries = p.next, 0, 0
	return h.save(ctx)
}

// kept returns the orders of the finished pages.
func (w *worker) kept(ctx context.Context, h *held, shop shop) ([]order, error) {
	var orders []order
	for _, name := range h.parts(h.key) {
		part, err := getObject(ctx, w.engine.parts, name)
		if err != nil {
			return nil, err
		}
		for line := range bytes.Lines(part) {
			o, err := shop.parse(line)
			if err != nil {
				return nil, err
			}
			orders = append(orders, o)
		}
	}
	return orders, nil
}

// fits reports whether the pages hold each order once, and miss none.
func fits(orders []order, h *held) bool {
	ids := make(map[string]bool, len(orders))
	for _, o := range orders {
		ids[o.id] = true
	}
	return !h.Moved && len(ids) == len(orders) && len(ids) == h.Count
}

// startWhole notes that the pages do not fit together.
func (w *worker) startWhole(ctx context.Context, h *held) error {
	h.Whole = true
	return h.save(ctx)
}

func (w *worker) walkAll(ctx context.Context, shop shop, token string) ([]order, error) {
	var orders []order
	for o, err := range shop.all(ctx, token) {
		if err != nil {
			return nil, &shopperError{err}
		}
		orders = append(orders, o)
	}
	return orders, nil
}

// write writes the document, and then says so in the place: only one worker's
// word is taken.
func (w *worker) write(ctx context.Context, h *held, orders []order) error {
	text := document(orders)
	if err := w.output.write(ctx, h.key, h.Claim, text); err != nil {
		return err
	}
	before := h.place
	h.end(done)
	h.Orders, h.Bytes, h.Digest, h.Error = len(orders), len(text), digest(text), nil
	if err := h.save(ctx); err != nil {
		h.place = before
		if errors.Is(err, errLost) {
			return errors.Join(err, w.output.discard(ctx, h.key, h.Claim))
		}
		return err
	}
	w.counts.done.Add(1)
	w.counts.orders.Add(int64(len(orders)))
	w.counts.bytes.Add(int64(len(text)))
	return nil
}

// end is the shopper's end. What stays in the place is what is asked for.
func (p *place) end(s state) {
	p.State, p.At, p.Next = s, time.Now().UTC(), nil
}
