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
	known   int    // how many of them a pass may meet again before it is stale
	longest int    // the most orders that a page had
	missed  []string
	asked   *idSet // for the orders that were missed
}

// run reports whether every order that is there has been seen in the end.
func (s *search[O, P, T, R]) run(ctx context.Context) (complete bool, err error) {
	for range maxSearches {
		s.known = s.current.len()
		err = s.walker.each(ctx, s.start.search(s.count), s.counted, s.visit)
		complete = err == nil && s.current.len() == s.count
		if err != nil || complete {
			break
		}
		if s.current.len() > s.count { // some of them are gone
			s.current = s.seen.empty()
		}
	}
	// No more at once than the server puts into a page: over several pages
	// some would be lost again.
	for ids := range slices.Chunk(s.missed, max(1, min(s.longest, maxIDs))) {
		if err != nil {
			break
		}
		var found, count int
		found, count, err = s.fetch(ctx, ids)
		// One that is not there any more is not counted either.
		complete = complete && found == count
	}
	if errors.Is(err, ErrResponseTooLarge) {
		return false, nil
	}
	return complete, err
}

// fetch yields those of these orders that are there, count by the server's
// word.
func (s *search[O, P, T, R]) fetch(ctx context.Context, ids []string) (found, count int, err error) {
	page, err := s.walker.list(ctx, s.walker.byIDs(s.start, ids), nil)
	if err != nil {
		return 0, 0, &PageError{-1, -1, err}
	}
	for _, item := range page.items() {
		isNew, goOn := yieldNew(R(item), s.seen, s.yield)
		if !goOn {
			return 0, 0, errStopped
		}
		if isNew {
			found++
		}
	}
	return found, page.count(), nil
}

func (s *search[O, P, T, R]) counted(page P) {
	if page.count() != s.count {
		s.count, s.current = page.count(), s.seen.empty()
	}
	s.longest = max(s.longest, len(page.items()))
}

func (s *search[O, P, T, R]) visit(order R) (isNew, goOn bool) {
	isNew = s.current.add(order.id())
	if s.known > 0 {
		s.known--
		isNew = true
	}
	switch {
	case s.walker.byIDs == nil:
		_, goOn = yieldNew(order, s.seen, s.yield)
		return isNew, goOn
	case !s.seen.has(order.id()) && s.asked.add(order.id()):
		s.missed = append(s.missed, order.id())
	}
	return isNew, true
}
