package storeorders

import (
	"context"
	"errors"
	"slices"
)

// maxSearches is how often a search walks the pages.
const maxSearches = 3

// search finds what a walk missed, and yields it.
//
// It walks again, until it has seen as many orders as the server counts since
// the count last moved. Where orders can be listed by their ids it learns ids
// alone that way, as many as a page can hold, and then asks for those that were
// missed: on Mercur that is one request, which is a snapshot, and one for 20
// missed orders, as long as the server does not clamp the limit.
type search[O walkOptions[O], P walkPage[O, T], T any, R resource[T]] struct {
	walker *walker[O, P, T, R]
	start  O
	seen   *idSet
	yield  func(*T, error) bool

	count   int    // by the server's last word
	current *idSet // the orders that were seen since the count last moved
	missed  []string
	asked   *idSet // for the orders that were missed
}

// run reports whether every order that is there has been seen in the end.
func (s *search[O, P, T, R]) run(ctx context.Context) (complete bool, err error) {
	for range maxSearches {
		err = s.walker.each(ctx, s.start.search(s.count), s.counted, s.visit)
		if err != nil || s.current.len() == s.count {
			break
		}
		if s.current.len() > s.count { // some of them are gone
			s.current = newIDSet()
		}
	}
	complete = err == nil && s.current.len() == s.count
	for ids := range slices.Chunk(s.missed, maxIDs) {
		if err != nil {
			break
		}
		count, found := 0, 0
		err = s.walker.each(ctx, s.walker.byIDs(s.start, ids),
			func(page P) { count = page.count() },
			func(order R) (isNew, goOn bool) {
				isNew, goOn = yieldNew(order, s.seen, s.yield)
				if isNew {
					found++
				}
				return isNew, goOn
			})
		// One that is not there any more is not counted either.
		complete = complete && found == count
	}
	if errors.Is(err, ErrResponseTooLarge) {
		return false, nil
	}
	return complete, err
}

func (s *search[O, P, T, R]) counted(page P) {
	if page.count() != s.count {
		s.count, s.current = page.count(), newIDSet()
	}
}

func (s *search[O, P, T, R]) visit(order R) (isNew, goOn bool) {
	isNew = s.current.add(order.id())
	switch {
	case s.walker.byIDs == nil:
		_, goOn = yieldNew(order, s.seen, s.yield)
		return isNew, goOn
	case !s.seen.has(order.id()) && s.asked.add(order.id()):
		s.missed = append(s.missed, order.id())
	}
	return isNew, true
}
