package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// state is how far a shopper is.
type state string

const (
	walking state = "walking" // also of one who waits to be tried again
	done    state = "done"    // all orders are written
	refused state = "refused" // the shop knows no such shopper, or not with this token
	dead    state = "dead"    // given up
)

// place is what is kept of a shopper in the key-value bucket. It is changed by
// compare-and-swap only: of two workers that hold the same shopper, one loses
// with its next change, and stops.
type place struct {
	State state `json:"state"`
	// Claim is the one that may go on: a number that a worker draws when it
	// takes the shopper. What the worker writes has it in its name.
	Claim  string `json:"claim"`
	Worker string `json:"worker"`
	// Lost counts the claims since something came of one: a page, or an error.
	Lost int `json:"lost,omitzero"`
	// Tries counts the errors since the last page.
	Tries int `json:"tries,omitzero"`

	// Next is the place to go on from; nil: the beginning.
	Next  json.RawMessage `json:"next,omitempty"`
	Parts []span          `json:"parts,omitempty"`
	// Count is the server's on the first page, Moved that it has changed since.
	Count int  `json:"count,omitzero"`
	Moved bool `json:"moved,omitzero"`
	// Whole is a shopper whose pages did not fit together: it is read by All,
	// from the beginning and in one go.
	Whole bool `json:"whole,omitzero"`

	Orders int       `json:"orders,omitzero"`
	Bytes  int       `json:"bytes,omitzero"`
	Digest string    `json:"digest,omitzero"` // SHA-256 of what is written
	Error  *failure  `json:"error,omitzero"`  // the last one
	At     time.Time `json:"at,omitzero"`     // when it ended
}

// span are pages that were finished under one claim.
type span struct {
	Claim string `json:"claim"`
	Pages int    `json:"pages"`
}

// failure is an error as it is told: by category, and in words.
type failure struct {
	Category string `json:"category"`
	Text     string `json:"text"`
}

func (p *place) ended() bool { return p.State != walking }

// nextPart is the name of the part that is to be written next.
func (p *place) nextPart(key string) string {
	n := 0
	if last := len(p.Parts) - 1; last >= 0 && p.Parts[last].Claim == p.Claim {
		n = p.Parts[last].Pages
	}
	return partName(key, p.Claim, n+1)
}

// addPart adds the part of that name.
func (p *place) addPart() {
	last := len(p.Parts) - 1
	if last < 0 || p.Parts[last].Claim != p.Claim {
		p.Parts = append(p.Parts, span{Claim: p.Claim})
		last++
	}
	p.Parts[last].Pages++
}

// parts are the names of all parts, the first page first.
func (p *place) parts(key string) []string {
	var names []string
	for _, s := range p.Parts {
		for n := range s.Pages {
			names = append(names, partName(key, s.Claim, n+1))
		}
	}
	return names
}

func partName(key, claim string, n int) string { return fmt.Sprintf("%s/%s/%d", key, claim, n) }

// restart forgets how far the shopper is.
func (p *place) restart() {
	p.Next, p.Parts, p.Count, p.Moved = nil, nil, 0, false
}

// errLost is what a worker gets that holds a shopper no more: NATS has
// delivered the message again, and another worker has taken it.
var errLost = errors.New("another worker has this shopper")

// held is a shopper's place in the hands of a worker.
type held struct {
	place

	key      string
	previous string // the claim before this one, "" if there was none
	bucket   jetstream.KeyValue
	revision uint64
}

// claim takes the shopper, whoever had it: a message is delivered again only
// where nothing was heard of its worker for the ack wait, or where that gave it
// back. One that has ended is not claimed, but returned as it is.
func claim(ctx context.Context, bucket jetstream.KeyValue, key, worker string) (*held, error) {
	for {
		h, err := readPlace(ctx, bucket, key)
		if err != nil || h.ended() {
			return h, err
		}
		h.previous = h.Claim
		h.Claim, h.Worker = rand.Text(), worker
		h.Lost++
		err = h.save(ctx)
		if !errors.Is(err, errLost) { // else another worker has just changed it
			return h, err
		}
		if err := pause(ctx, 10*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

// readPlace returns the place of a shopper; that of one who has none is the
// beginning.
func readPlace(ctx context.Context, bucket jetstream.KeyValue, key string) (*held, error) {
	h := &held{key: key, bucket: bucket, place: place{State: walking}}
	err := persist(ctx, func(ctx context.Context) error {
		entry, err := bucket.Get(ctx, key)
		if errors.Is(err, jetstream.ErrKeyNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		h.revision = entry.Revision()
		return json.Unmarshal(entry.Value(), &h.place)
	})
	return h, err
}

// save writes the place down. It fails with errLost if anybody else has done so
// since this worker read or wrote it. After errLost, and after no other error,
// it is certain that the value was not written.
func (h *held) save(ctx context.Context) error {
	value, err := json.Marshal(h.place)
	if err != nil {
		return err
	}
	return persist(ctx, func(ctx context.Context) error {
		var revision uint64
		var err error
		if h.revision == 0 {
			revision, err = h.bucket.Create(ctx, h.key, value)
		} else {
			revision, err = h.bucket.Update(ctx, h.key, value, h.revision)
		}
		if errors.Is(err, jetstream.ErrKeyExists) || errors.Is(err, jetstream.ErrKeyRevisionMismatch) {
			revision, err = h.written(ctx, value)
		}
		if err != nil {
			return err
		}
		h.revision = revision
		return nil
	})
}

// errBehind says that what was read is older than what is known.
var errBehind = errors.New("the replica that answered is behind")

// written is asked after a conflict, and returns the revision of the value if
// it is the one that is there: written by a try whose answer did not come. No
// other worker writes the same, because of the claim.
//
// A cluster reports a conflict also while that earlier try is under way; and
// whoever answers a read may be behind. As long as there is nothing newer than
// this worker's revision, nothing is said: the one that comes next decides.
func (h *held) written(ctx context.Context, value []byte) (uint64, error) {
	entry, err := h.bucket.Get(ctx, h.key)
	switch {
	case errors.Is(err, jetstream.ErrKeyNotFound):
		return 0, errBehind
	case err != nil:
		return 0, err
	case entry.Revision() <= h.revision:
		return 0, errBehind
	case !bytes.Equal(entry.Value(), value):
		return 0, errLost
	default:
		return entry.Revision(), nil
	}
}
