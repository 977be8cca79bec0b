package storeorders

import "sync"

// retryBudget bounds what the retries of all calls to one server may add to its
// load, as in the AWS SDKs. When the server is down every retry is lost, and soon
// none is made; each call that it answers makes room for one.
type retryBudget struct {
	mu   sync.Mutex
	lost int // retries that were made, and not followed by an answer
}

// maxLost is how many retries may be under way or lost.
const maxLost = 100

// take takes a retry out of the budget, if there is one left.
func (b *retryBudget) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.lost == maxLost {
		return false
	}
	b.lost++
	return true
}

// giveBack returns so many retries.
func (b *retryBudget) giveBack(retries int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lost = max(0, b.lost-retries)
}
