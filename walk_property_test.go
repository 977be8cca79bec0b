package storeorders_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/seed-2861b391/storeorders"
)

// walkCase is one case of the property: a list, how it is walked, and what
// becomes of it meanwhile.
type walkCase struct {
	salesive bool
	rows     int
	instants int // that the rows share
	shuffled bool
	// oldestFirst is the sort order. Salesive's is its own, so there it is the
	// server's.
	oldestFirst bool
	limit       int
	clamp       int // the most rows of a page, 0 for any
	from        int // the rows before the caller's Offset or Page
	lie         int // added to the count
	prefetch    int
	moves       []move // the i-th before request i+2
	seed        uint64
}

// move is what happens between two answers: orders join, or orders leave, or
// one that was in no answer yet leaves while another joins.
//
// What no client can see is left out by name: blindSwap, one that was in an
// answer leaves while another joins, between the same two answers. The count
// stays, and the one that joined passes for one that was lost. For the same
// reason no move both adds and removes several, and the count never lies low.
// With prefetch a walk gives up pages that it asked for, and with them the
// counts that would show a blindSwap spread over two answers: there a case has
// joins or leaves, not both.
type move struct {
	joins, leaves int
	swap          bool
}

func drawCase(rt *rapid.T, salesive bool) walkCase {
	c := walkCase{
		salesive:    salesive,
		rows:        rapid.IntRange(0, 500).Draw(rt, "rows"),
		shuffled:    rapid.Bool().Draw(rt, "shuffled"),
		oldestFirst: rapid.Bool().Draw(rt, "oldest first"),
		limit:       rapid.OneOf(rapid.IntRange(1, 10), rapid.IntRange(1, 520)).Draw(rt, "limit"),
		seed:        rapid.Uint64().Draw(rt, "seed"),
	}
	c.instants = rapid.OneOf(rapid.IntRange(1, 5), rapid.IntRange(1, 1000)).Draw(rt, "instants")
	switch rapid.IntRange(0, 9).Draw(rt, "server") {
	case 7, 8:
		c.clamp = rapid.OneOf(rapid.IntRange(1, 25), rapid.IntRange(1, 250)).Draw(rt, "clamp")
	case 9:
		c.lie = rapid.IntRange(1, 50).Draw(rt, "lie")
	}
	if rapid.IntRange(0, 9).Draw(rt, "place") == 9 {
		c.from = rapid.IntRange(0, 20).Draw(rt, "pages before") * c.length()
	}
	if rapid.Bool().Draw(rt, "ahead") {
		c.prefetch = rapid.IntRange(1, 6).Draw(rt, "prefetch")
	}
	joins, leaves := true, true
	if c.prefetch > 0 {
		joins = rapid.Bool().Draw(rt, "joins")
		leaves = !joins
	}
	if rapid.IntRange(0, 2).Draw(rt, "moving") > 0 {
		c.moves = rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) move {
			n := rapid.IntRange(1, 3).Draw(rt, "orders")
			switch kind := rapid.IntRange(0, 5).Draw(rt, "kind"); {
			case kind == 1 && joins:
				return move{joins: n}
			case kind == 2 && leaves:
				return move{leaves: n}
			case kind == 3 && joins && leaves:
				return move{swap: true}
			default:
				return move{}
			}
		}), 0, 60).Draw(rt, "moves")
	}
	return c
}

// length is how many rows a full page has.
func (c walkCase) length() int {
	if c.clamp > 0 {
		return min(c.limit, c.clamp)
	}
	return c.limit
}

// listServer is a server of both lists, for one shopper, with data that
// changes.
type listServer interface {
	http.RoundTripper
	join(id string, instant int)
	leave(id string)
}

// world is the server of one walk. It moves orders between the requests, and
// notes what it answered.
type world struct {
	walkCase
	server listServer

	mu       sync.Mutex
	chance   *rand.Rand
	present  []string
	joined   int
	left     map[string]bool
	sent     map[string]bool
	version  int // of what is present
	requests int
	passes   []*pass
}

// pass is one walk over the pages. It is clean if nothing moved from its first
// answer to its last, and no order was in two of them.
type pass struct {
	version int
	ids     map[string]bool
	clean   bool
}

func newWorld(c walkCase, newServer func(walkCase) listServer) *world {
	w := &world{
		walkCase: c, server: newServer(c), chance: chanceOf(c, 1),
		left: map[string]bool{}, sent: map[string]bool{},
	}
	for range c.rows {
		w.join(2 * w.chance.IntN(c.instants))
	}
	return w
}

// chanceOf is the same for the same case, so that a case can be shrunk.
func chanceOf(c walkCase, stream int) *rand.Rand {
	return rand.New(rand.NewPCG(c.seed, uint64(stream))) //nolint:gosec // it is no secret, and no stream is negative
}

func (w *world) join(instant int) {
	id := fmt.Sprintf("%024x", w.joined)
	w.joined++
	w.present = append(w.present, id)
	w.server.join(id, instant)
}

func (w *world) leave(i int) {
	id := w.present[i]
	w.present = slices.Delete(w.present, i, i+1)
	w.left[id] = true
	w.server.leave(id)
}

func (w *world) move(m move) {
	if m == (move{}) {
		return
	}
	w.version++
	if m.swap {
		i := slices.IndexFunc(w.present, func(id string) bool { return !w.sent[id] })
		if i < 0 {
			return
		}
		w.leave(i)
		m.joins = 1
	}
	for range m.joins { // at an instant of others, between two, or at either end
		w.join(w.chance.IntN(2*w.instants+1) - 1)
	}
	for range min(m.leaves, len(w.present)) {
		w.leave(w.chance.IntN(len(w.present)))
	}
}

func (w *world) RoundTrip(req *http.Request) (*http.Response, error) {
	query := req.URL.Query()
	place, _ := strconv.Atoi(query.Get("offset") + query.Get("page"))
	if w.prefetch > 0 { // requests that are under way together are answered in an order of their own
		mixed := chanceOf(w.walkCase, place).IntN(8)
		if err := sleep(req.Context(), time.Duration(mixed)*time.Millisecond+time.Duration(place)); err != nil {
			return nil, err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requests++
	if i := w.requests - 2; i >= 0 && i < len(w.moves) {
		w.move(w.moves[i])
	}
	resp, err := w.server.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	w.note(idsIn(body, w.salesive), query.Has("id"), place <= 1 && query.Get("offset") == "" || w.requests == 1)
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

func (w *world) note(ids []string, byID, first bool) {
	for _, id := range ids {
		w.sent[id] = true
	}
	if byID {
		return
	}
	if first {
		w.passes = append(w.passes, &pass{w.version, map[string]bool{}, true})
	}
	p := w.passes[len(w.passes)-1]
	p.clean = p.clean && p.version == w.version
	for _, id := range ids {
		p.clean = p.clean && !p.ids[id]
		p.ids[id] = true
	}
}

// idsIn finds the ids in an answer, in which nothing else has any.
func idsIn(body []byte, salesive bool) (ids []string) {
	name := `"id":"`
	if salesive {
		name = `"_id":"`
	}
	for i, part := range strings.Split(string(body), name) {
		if id, _, found := strings.Cut(part, `"`); i > 0 && found {
			ids = append(ids, id)
		}
	}
	return ids
}

// outcome is how a walk went.
type outcome struct {
	*world

	got []string
	err error
}

// walk walks the world of a case by All or, if plain, by Pages.
func (c walkCase) walk(t *testing.T, newServer func(walkCase) listServer, plain bool) (o outcome) {
	t.Helper()
	in := func(t *testing.T) {
		o.world = newWorld(c, newServer)
		o.got, o.err = storeorders.Collect(c.ids(t.Context(), clientOf(t, o.world, retries(0)), plain), 0)
	}
	if c.prefetch == 0 {
		in(t)
		return o
	}
	synctest.Test(t, in) // it fails where a goroutine is left
	return o
}

func (c walkCase) ids(ctx context.Context, client *storeorders.Client, plain bool) iter.Seq2[string, error] {
	ahead := storeorders.WithPrefetch(c.prefetch)
	if c.salesive {
		opts := &storeorders.OrderListOptions{Limit: c.limit, Page: pageOf(c.from, c.length())}
		if plain {
			return flat(mapped(client.Orders.Pages(ctx, opts, ahead), idsOfOrders))
		}
		return mapped(client.Orders.All(ctx, opts, ahead), idOfOrder)
	}
	opts := &storeorders.OrderGroupListOptions{Limit: c.limit, Offset: c.from, Fields: []string{"id"}, Order: storeorders.NewestFirst}
	if c.oldestFirst {
		opts.Order = storeorders.OldestFirst
	}
	if plain {
		return flat(mapped(client.OrderGroups.Pages(ctx, opts, ahead), idsOfGroups))
	}
	return mapped(client.OrderGroups.All(ctx, opts, ahead), idOfGroup)
}

// flat gives the ids of pages one after the other.
func flat(pages iter.Seq2[[]string, error]) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for page, err := range pages {
			if err != nil {
				yield("", err)
				return
			}
			for _, id := range page {
				if !yield(id, nil) {
					return
				}
			}
		}
	}
}

// repeats is how many rows came that had come before.
func (o outcome) repeats() int {
	known := map[string]bool{}
	for _, id := range o.got {
		known[id] = true
	}
	return len(o.got) - len(known)
}

// lost are the orders that were there throughout and never came.
func (o outcome) lost() (ids []string) {
	known := map[string]bool{}
	for _, id := range o.got {
		known[id] = true
	}
	for i := range o.rows {
		if id := fmt.Sprintf("%024x", i); !o.left[id] && !known[id] {
			ids = append(ids, id)
		}
	}
	return ids
}

// excused reports whether the walk may end in an IncompleteError: the count
// lies, or there was no clean pass, of the one from a place of the caller's, or
// of the four (the walk and three searches) from the beginning. On Mercur
// without a clamp all ids come in one answer, so there only a lie excuses.
func (o outcome) excused() bool {
	passes := 4
	switch {
	case o.lie > 0:
		return true
	case o.from > 0:
		passes = 1
	case !o.salesive && o.clamp == 0:
		return false
	}
	return len(o.passes) == passes && !slices.ContainsFunc(o.passes, func(p *pass) bool { return p.clean })
}

// figures are for comparison with plain paging.
type figures struct {
	rows, repeated, requests int
	lost, silent             int // orders, and walks that lost some without an error
	lied, placed, unsettled  int // walks that ended in ErrIncomplete, by their excuse
}

func (f *figures) add(o outcome) {
	f.rows += len(o.got)
	f.repeated += o.repeats()
	f.requests += o.requests
	lost := 0
	if o.from == 0 { // what lies behind a place is not known once orders moved
		lost = len(o.lost())
	}
	f.lost += lost
	switch {
	case o.err == nil && lost > 0:
		f.silent++
	case o.err == nil:
	case o.lie > 0:
		f.lied++
	case o.from > 0:
		f.placed++
	default:
		f.unsettled++
	}
}

func (f *figures) String() string {
	return fmt.Sprintf("%d rows in %d requests, %d repeated, %d lost (in silence: in %d walks); "+
		"ErrIncomplete: %d for a count that lies, %d from a place of the caller's, %d because no pass was clean",
		f.rows, f.requests, f.repeated, f.lost, f.silent, f.lied, f.placed, f.unsettled)
}

// TestAllGivesEachOrderOnceOrSaysSo is what All promises: every order that was
// there throughout comes exactly once, or the walk ends in ErrIncomplete, and
// that only where it is excused. .ci/run has it try 5000 cases of each API.
func TestAllGivesEachOrderOnceOrSaysSo(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Mercur", "Salesive"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkWalks(t, name == "Salesive", newCatalog)
		})
	}
}

func checkWalks(t *testing.T, salesive bool, newServer func(walkCase) listServer) {
	t.Helper()
	var plain, all figures
	cases := 0
	rapid.Check(t, func(rt *rapid.T) {
		c := drawCase(rt, salesive)
		o := c.walk(t, newServer, false)
		switch {
		case o.repeats() > 0:
			rt.Fatalf("%+v: %d orders came twice", c, o.repeats())
		case o.err != nil && !errors.Is(o.err, storeorders.ErrIncomplete):
			rt.Fatalf("%+v: %v", c, o.err)
		case o.err != nil && !o.excused():
			rt.Fatalf("%+v: %v, for no reason", c, o.err)
		case o.err == nil && c.from == 0 && len(o.lost()) > 0:
			rt.Fatalf("%+v: %d of %d orders were lost in silence: %v", c, len(o.lost()), c.rows, o.lost())
		case o.err == nil && c.from > 0 && len(o.passes) == 1 && o.passes[0].clean && len(o.got) != max(0, len(o.present)-c.from):
			rt.Fatalf("%+v: %d of the %d orders from there on", c, len(o.got), max(0, len(o.present)-c.from))
		}
		cases++
		all.add(o)
		plain.add(c.walk(t, newServer, true))
	})
	t.Logf("%d cases. Pages: %v. All: %v.", cases, &plain, &all)
}

// catalog is a listServer in memory.
type catalog struct {
	walkCase
	chance *rand.Rand
	rows   []catalogRow // sorted
}

type catalogRow struct {
	id      string
	instant int
}

func newCatalog(c walkCase) listServer {
	return &catalog{walkCase: c, chance: chanceOf(c, 2)}
}

func (c *catalog) join(id string, instant int) {
	at, _ := slices.BinarySearchFunc(c.rows, instant, func(r catalogRow, instant int) int {
		if c.oldestFirst == (r.instant < instant) && r.instant != instant {
			return -1
		}
		return 1
	})
	c.rows = slices.Insert(c.rows, at, catalogRow{id, instant})
}

func (c *catalog) leave(id string) {
	c.rows = slices.DeleteFunc(c.rows, func(r catalogRow) bool { return r.id == id })
}

func (c *catalog) RoundTrip(req *http.Request) (*http.Response, error) {
	query := req.URL.Query()
	number := func(name string, otherwise int) int {
		if n, err := strconv.Atoi(query.Get(name)); err == nil {
			return n
		}
		return otherwise
	}
	limit := number("limit", 10)
	if c.clamp > 0 {
		limit = min(limit, c.clamp)
	}
	offset := number("offset", (number("page", 1)-1)*limit)
	rows := c.rows
	if query.Has("id") {
		rows = slices.DeleteFunc(slices.Clone(rows), func(r catalogRow) bool { return !slices.Contains(query["id"], r.id) })
	}
	if c.shuffled {
		rows = slices.Clone(rows)
		for tied := rows; len(tied) > 0; {
			n := slices.IndexFunc(tied, func(r catalogRow) bool { return r.instant != tied[0].instant })
			if n < 0 {
				n = len(tied)
			}
			c.chance.Shuffle(n, func(i, j int) { tied[i], tied[j] = tied[j], tied[i] })
			tied = tied[n:]
		}
	}
	count := len(rows) + c.lie
	rows = rows[min(offset, len(rows)):]
	rows = rows[:min(limit, len(rows))]

	var b strings.Builder
	name := "id"
	if c.salesive {
		name = "_id"
	}
	for i, r := range rows {
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString(`{"` + name + `":"` + r.id + `"}`)
	}
	body := fmt.Sprintf(`{"order_groups":[%s],"count":%d,"offset":%d,"limit":%d}`, b.String(), count, offset, limit)
	if c.salesive {
		body = fmt.Sprintf(`{"status":200,"success":true,"message":"","data":{"orders":[%s],"pagination":{"page":%d,"limit":%d,"total":%d,"pages":%d}}}`,
			b.String(), offset/limit+1, limit, count, (count+limit-1)/limit)
	}
	return reply(http.StatusOK, body)(req)
}
