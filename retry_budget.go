package storeorders

import "sync"

// retryBudget bounds what the retries of all calls to one server may add to its
// load. When the server is down every retry is lost, and soon none is made; a
// server that fails now and then pays each retry back.
//
// The numbers are those of the AWS SDKs: a hundred retries may be under way or
// lost, and five calls that need none earn one.
type retryBudget struct {
	mu    sync.Mutex
	spent int // of maxSpent
}

const (
	retryCost = 5
	maxSpent  = 100 * retryCost
)

// take takes a retry out of the budget, if there is one left.
func (b *retryBudget) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.spent+retryCost > maxSpent {
		return false
	}
	b.spent += retryCost
	return true
}

// answered gives back the retries of a call that the server answered, and a
// little for one that needed none.
func (b *retryBudget) answered(retries int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.spent = max(0, b.spent-max(1, retries*retryCost))
}
