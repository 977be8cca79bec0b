package storeorderstest

import "iter"

// Seq returns an iterator that yields the items and then, if err is not nil,
// once a zero value with err, as All and Pages of the SDK's services do. It
// is for programs that reach those through an interface of their own, and for
// the fake that their tests put in its place. It may be ranged over any number
// of times; the items are not copied.
func Seq[T any](items []T, err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
		if err != nil {
			var zero T
			yield(zero, err)
		}
	}
}
