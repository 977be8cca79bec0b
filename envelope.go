package storeorders

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// doEnvelope sends a request to Salesive and reads the envelope that all of its
// answers come in: {"status", "success", "message", "data"}. data reads what is
// inside.
func (c *config) doEnvelope(ctx context.Context, r request, data func(*decoder) error) (*Response, error) {
	return c.do(ctx, r, func(a *answer) error { return a.readEnvelope(data) })
}

func (a *answer) readEnvelope(data func(*decoder) error) error {
	var e envelope
	found := false
	d := newDecoder(a.body)
	err := d.document(func(name string) error {
		switch name {
		case "status":
			return d.value(&e.Status)
		case "success":
			if kind := d.PeekKind(); kind != 't' && kind != 'f' && kind != 'n' {
				return d.unexpected("a boolean")
			}
			return d.value(&e.Success)
		case "data":
			found = true
			return data(d)
		default:
			return d.SkipValue()
		}
	})
	if err != nil {
		// The data of a failure may be anything: read around it.
		e = envelope{}
		_ = unmarshal(a.body, &e)
	}
	if e.failed() {
		return a.apiError(cmp.Or(e.status(), a.status))
	}
	if err == nil && !found {
		err = errors.New(`no "data" in it`)
	}
	if err != nil {
		return a.decodeError(err)
	}
	return nil
}

// envelope is what says whether an answer is one of success. Status echoes the
// HTTP status.
type envelope struct {
	Status  json.RawMessage `json:"status"`
	Success json.RawMessage `json:"success"` // as it came: what is no boolean is no failure either
}

func (e envelope) failed() bool {
	switch string(e.Success) {
	case "true":
		return false
	case "false":
		return true
	default:
		return e.status() != 0
	}
}

// status is the status of the failure that the server told inside, 0 if none.
func (e envelope) status() int {
	status, err := strconv.Atoi(strings.Trim(string(e.Status), `"`))
	if err != nil || status < 400 || status > 599 {
		return 0
	}
	return status
}
