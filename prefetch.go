package storeorders

import "context"

// WithPrefetch has up to n page requests of Pages and All under way ahead of
// the page that is being read, over at most n+1 connections. Orders and errors
// come in the same order as without. Where the server's time dominates, P pages
// take its time for one page 1 + (P-1)/n times, rounded up: the first page
// comes alone, because only it tells how many there are. The memory is that of
// n more pages. Default: 0, a page is requested when it is needed. It is refused
// on other methods than Pages and All, and if it is negative.
func WithPrefetch(pages int) RequestOption {
	return func(o *requestOptions) {
		if pages < 0 {
			o.refuse("WithPrefetch", "is negative; use 0 for none")
		}
		o.prefetch = pages
	}
}

// prefetcher has page requests under way for one walk.
type prefetcher[O walkOptions[O], P walkPage[O, T], T any] struct {
	ctx   context.Context //nolint:containedctx // it lives as long as one range
	list  func(ctx context.Context, options O, turn func() error) (P, error)
	most  int
	queue []*pageRequest[P]
}

// pageRequest is a request for a page, under way.
type pageRequest[P any] struct {
	offset, number int
	cancel         context.CancelFunc
	done           chan struct{}
	page           P
	err            error
}

// page returns the page with these options: one that was requested ahead, or a
// new one.
func (f *prefetcher[O, P, T]) page(options O) (P, error) {
	if len(f.queue) == 0 || f.ctx.Err() != nil { // a canceled walk ends, whatever is there already
		return f.list(f.ctx, options, nil)
	}
	head := f.queue[0]
	f.queue = f.queue[1:]
	<-head.done
	head.cancel()
	return head.page, head.err
}

// prepare requests the pages after this one. What was requested for other
// places, because pages were thought to be longer, is given up.
func (f *prefetcher[O, P, T]) prepare(page P, next O, more bool) {
	if len(f.queue) > 0 {
		offset, number := next.place()
		if !more || f.queue[0].offset != offset || f.queue[0].number != number {
			f.discard()
		}
	}
	for more && len(f.queue) < f.most {
		options, exists := page.after(len(f.queue) + 1)
		if !exists {
			return
		}
		f.send(options)
	}
}

func (f *prefetcher[O, P, T]) send(options O) {
	ctx, cancel := context.WithCancel(f.ctx) //nolint:gosec // page or discard calls it
	request := &pageRequest[P]{cancel: cancel, done: make(chan struct{})}
	request.offset, request.number = options.place()
	// Pages are decoded one after the other, in their order: where many answers
	// come at once, the one that the walk waits for would share the processors
	// with all others, and the request that may follow it would be sent late.
	// What the walk has given up is not decoded any more.
	var turn func() error
	if n := len(f.queue); n > 0 {
		before := f.queue[n-1].done
		turn = func() error {
			select {
			case <-before:
			case <-ctx.Done():
			}
			return ctx.Err()
		}
	}
	f.queue = append(f.queue, request)
	go func() {
		defer close(request.done)
		request.page, request.err = f.list(ctx, options, turn)
	}()
}

// discard ends the requests under way, and waits for that.
func (f *prefetcher[O, P, T]) discard() {
	for _, request := range f.queue {
		request.cancel()
	}
	for _, request := range f.queue {
		<-request.done
	}
	f.queue = nil
}
