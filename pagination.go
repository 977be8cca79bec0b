package storeorders

import (
	"context"
	"encoding/binary"
	"errors"
	"hash/maphash"
	"iter"
)

// maxStalePages is how many pages in a row may bring nothing new before All
// stops asking. Ties at a limit of 1 make a few such pages; a server that
// repeats a page or ignores the offset makes nothing else.
const maxStalePages = 100

// walkOptions are the options of one page.
type walkOptions[O any] interface {
	clone() O
	place() (offset, page int) // for PageError
}

// walkPage is one page of a list.
type walkPage[O, T any] interface {
	Next() (O, bool)
	items() []T
	count() int  // of all that match, by the server's word
	before() int // how many of these lie before the page
}

// walker walks the pages of either API, one request at a time, each made when
// its page is needed.
type walker[O walkOptions[O], P walkPage[O, T], T any, R resource[T]] struct {
	list func(context.Context, O) (P, error)
}

// pages yields page after page, from the one that start asks for on. Its
// position lives in the range, so that two ranges do not disturb each other.
func (w *walker[O, P, T, R]) pages(ctx context.Context, start O) iter.Seq2[P, error] {
	start = start.clone()
	return func(yield func(P, error) bool) {
		options, more := start.clone(), true
		for more {
			page, err := w.list(ctx, options)
			if err != nil {
				offset, number := options.place()
				yield(*new(P), &PageError{offset, number, err})
				return
			}
			if !yield(page, nil) {
				return
			}
			options, more = page.Next()
		}
	}
}

// all yields each order of the walks that begin at starts once, and checks of
// each walk that there were as many as the server counts. It costs no request
// more than the pages, and at most 24 bytes an order to know it again.
func (w *walker[O, P, T, R]) all(ctx context.Context, starts []O) iter.Seq2[*T, error] {
	walks := make([]iter.Seq2[P, error], len(starts))
	for i, start := range starts {
		walks[i] = w.pages(ctx, start)
	}
	return func(yield func(*T, error) bool) {
		seen := newIDSet()
		var sum tally
		for _, pages := range walks {
			var walk tally
			stale := 0
			for page, err := range pages {
				if err != nil {
					yield(nil, inBatch(err, len(starts)))
					return
				}
				walk.expect(page.count(), page.before())
				items := page.items()
				stale++
				for i := range items {
					order := R(&items[i])
					if !seen.add(order.id()) {
						continue
					}
					stale = 0
					walk.seen++
					if !yield(order.detached(), nil) {
						return
					}
				}
				if stale == maxStalePages {
					break
				}
			}
			sum.add(walk)
		}
		if sum.incomplete {
			yield(nil, &IncompleteError{Seen: sum.seen, Count: sum.count})
		}
	}
}

// tally compares what a walk saw with what the server counted.
type tally struct {
	pages, before int
	seen, count   int
	moved         bool
	incomplete    bool
}

// expect takes down the count of a page. Of what matches, the walk is to see
// what does not lie before its first page.
func (t *tally) expect(count, before int) {
	if t.pages == 0 {
		t.before = before
	}
	count = max(0, count-t.before)
	t.moved = t.moved || t.pages > 0 && count != t.count
	t.count = count
	t.pages++
}

// add puts a walk that has ended into the sum.
func (t *tally) add(walk tally) {
	t.seen += walk.seen
	t.count += walk.count
	t.incomplete = t.incomplete || walk.moved || walk.seen != walk.count
}

// idSet knows ids by 64 bits of a keyed hash, so that no server can choose ids
// that collide. Should two collide by chance, one order is taken for a repeat,
// and the walk ends in an IncompleteError, not in silence.
//
// The hashes are kept as bytes: a map of uint64 pads each to 16 bytes, and
// takes 38 bytes an id where this one takes 13 to 23.
type idSet struct {
	seed   maphash.Seed
	hashes map[[8]byte]struct{}
}

func newIDSet() *idSet {
	return &idSet{maphash.MakeSeed(), make(map[[8]byte]struct{})}
}

// add reports whether the id is new.
func (s *idSet) add(id string) bool {
	var hash [8]byte
	binary.NativeEndian.PutUint64(hash[:], maphash.String(s.seed, id))
	if _, known := s.hashes[hash]; known {
		return false
	}
	s.hashes[hash] = struct{}{}
	return true
}

// inBatch takes the place off the error of one of several walks: an offset
// into a batch of ids is no place to go on from.
func inBatch(err error, walks int) error {
	var pageError *PageError
	if walks > 1 && errors.As(err, &pageError) {
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
// max 0 is no bound. On an error it returns the items that came before it.
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
