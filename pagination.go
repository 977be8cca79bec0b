package storeorders

import (
	"context"
	"errors"
	"iter"
	"math"
)

// maxStalePages is how many pages in a row may bring nothing new before All
// stops asking. Ties at a limit of 1 make a few such pages; a server that
// repeats a page or ignores the offset makes nothing else.
const maxStalePages = 100

// walkOptions are the options of one page.
type walkOptions[O any] interface {
	clone() O
	place() (offset, page int) // for PageError
	fromStart() bool
	// search are the options of a walk that is to learn which orders there
	// are, count of them by the server's word.
	search(count int) O
}

// walkPage is one page of a list.
type walkPage[O, T any] interface {
	Next() (O, bool)
	// after are the options of the n-th page from here, if those between are
	// as long as this one. after(1) is Next.
	after(n int) (O, bool)
	items() []*T // of a page of All
	count() int  // of all that match, by the server's word
	before() int // how many of these lie before the page
}

// walker is what Pages and All of both services are made of. A walk's position
// lives in the range over it, so that two ranges do not disturb each other.
//
// All has three steps. It walks the pages, and yields each order that it has
// not yielded before. It then compares: if it saw as many orders as the server
// counts, and the count never moved, it is done, at no request more than the
// pages. Otherwise it searches for what it missed, see search. What that does
// not settle it says, with an IncompleteError.
//
// To know an order again takes 8 bytes of its id's hash, 24 bytes of memory at
// most; a search takes as much again, and the ids of what was missed.
type walker[O walkOptions[O], P walkPage[O, T], T any, R resource[T]] struct {
	list     func(ctx context.Context, options O, turn func() error) (P, error)
	prefetch int
	// byIDs gives the options to list these orders, nil where the API cannot.
	byIDs func(start O, ids []string) O
}

// pages yields page after page, from the one that start asks for on.
func (w *walker[O, P, T, R]) pages(ctx context.Context, start O) iter.Seq2[P, error] {
	start = start.clone()
	return func(yield func(P, error) bool) {
		ahead := &prefetcher[O, P, T]{ctx: ctx, list: w.list, most: w.prefetch}
		defer ahead.discard()
		options, more := start.clone(), true
		for more {
			page, err := ahead.page(options)
			if err != nil {
				offset, number := options.place()
				yield(*new(P), &PageError{offset, number, err})
				return
			}
			options, more = page.Next()
			ahead.prepare(page, options, more)
			if !yield(page, nil) {
				return
			}
		}
	}
}

// all yields each order of the walks that begin at starts once.
func (w *walker[O, P, T, R]) all(ctx context.Context, starts ...O) iter.Seq2[*T, error] {
	for i, start := range starts {
		starts[i] = start.clone()
	}
	return func(yield func(*T, error) bool) {
		seen := newIDSet()
		var sum tally
		for _, start := range starts {
			walk, err := w.once(ctx, start, seen, yield, len(starts) > 1)
			if errors.Is(err, errStopped) {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
			sum.seen += walk.seen
			if sum.count += walk.count; sum.count < 0 { // they are only the server's word
				sum.count = math.MaxInt
			}
			sum.incomplete = sum.incomplete || walk.incomplete
		}
		if sum.incomplete {
			yield(nil, &IncompleteError{Seen: sum.seen, Count: sum.count})
		}
	}
}

// tally compares what a walk saw with what the server counts of it.
type tally struct {
	seen, count int
	incomplete  bool
}

// once yields each order of one walk that is not among the seen.
func (w *walker[O, P, T, R]) once(ctx context.Context, start O, seen *idSet, yield func(*T, error) bool, inBatch bool) (tally, error) {
	known := seen.len()
	count, before, moved := -1, 0, false
	err := w.each(ctx, start,
		func(page P) {
			if count < 0 {
				before = page.before()
			}
			expected := max(0, page.count()-before)
			moved = moved || count >= 0 && count != expected
			count = expected
		},
		func(order R) (isNew, goOn bool) { return yieldNew(order, seen, yield) })
	if err != nil {
		if inBatch {
			err = withoutPlace(err)
		}
		return tally{}, err
	}
	complete := !moved && seen.len()-known == count
	if !complete && start.fromStart() {
		s := &search[O, P, T, R]{walker: w, start: start, seen: seen, yield: yield, count: count, current: seen.empty(), asked: seen.empty()}
		if !moved && !inBatch {
			s.current = seen.clone()
		}
		complete, err = s.run(ctx)
		count = s.count
	}
	return tally{seen.len() - known, count, !complete}, withoutPlace(err)
}

// each walks the pages, hands over page and order, and ends where the orders
// of too many pages were not new.
func (w *walker[O, P, T, R]) each(ctx context.Context, start O, page func(P), order func(R) (isNew, goOn bool)) error {
	stale := 0
	for p, err := range w.pages(ctx, start) {
		if err != nil {
			return err
		}
		page(p)
		stale++
		for _, item := range p.items() {
			isNew, goOn := order(item)
			if !goOn {
				return errStopped
			}
			if isNew {
				stale = 0
			}
		}
		if stale == maxStalePages {
			break
		}
	}
	return nil
}

// errStopped says that the range was left.
var errStopped = errors.New("stopped")

// yieldNew yields an order that is not among the seen.
func yieldNew[T any, R resource[T]](order R, seen *idSet, yield func(*T, error) bool) (isNew, goOn bool) {
	if !seen.add(order.id()) {
		return false, true
	}
	return true, yield(order, nil)
}

// withoutPlace takes the place off an error that has one where it is none of
// the caller's: in a batch of ids, or in a search.
func withoutPlace(err error) error {
	if pageError, ok := errors.AsType[*PageError](err); ok {
		return &PageError{-1, -1, pageError.Err}
	}
	return err
}

// failed is a walk that ends before it begins.
func failed[T any](err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) { yield(*new(T), err) }
}

// Collect reads a sequence into a slice, such as that of
// [OrderGroupsService.All]. It stops after max items without asking for more;
// max 0 is no bound, and a negative one an [OptionError]. On an error it returns
// the items that came before it. The slice is nil if there are none.
func Collect[T any](seq iter.Seq2[T, error], max int) ([]T, error) {
	if max < 0 {
		return nil, &OptionError{"max", "is negative; use 0 for no bound"}
	}
	var items []T
	for item, err := range seq {
		if err != nil {
			return items, err
		}
		items = append(items, item)
		if len(items) == max {
			break
		}
	}
	return items, nil
}
