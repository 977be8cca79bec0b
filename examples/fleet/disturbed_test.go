package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

// bigCrowd are so many shoppers of both APIs, most with a few orders, some with
// none, some with many pages of three, some whose orders are of one instant,
// and some that the shop refuses or always fails on.
func bigCrowd(t *testing.T, n int) crowd {
	t.Helper()
	c := newCrowd(t)
	gone, broken, shuffled := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for i := range n {
		orders := []int{0, 1, 2, 3, 5, 8}[i%6]
		if i%100 == 7 {
			orders = 40
		}
		switch {
		case i%200 == 13:
			shopper := c.mercur(0)
			customer := &storeorderstest.Customer{ID: shopper.Shopper}
			for range 10 {
				c.AddOrderGroup(customer, storeorders.OrderGroup{CreatedAt: time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)})
			}
			shuffled[shopper.Token] = true
		case i%4 == 3:
			c.salesive(orders)
		default:
			c.mercur(orders)
		}
		shopper := &c.list[i]
		switch {
		case i%400 == 21:
			shopper.Token = "expired"
		case i%400 == 22:
			gone[shopper.Token] = true
		case i%1000 == 24:
			broken[shopper.Token] = true
		}
	}
	among := func(tokens map[string]bool) storeorderstest.Condition {
		return storeorderstest.Matching(func(r storeorderstest.Request) bool { return tokens[r.Token] })
	}
	c.Inject(storeorderstest.Status(http.StatusNotFound), among(gone))
	c.Inject(storeorderstest.InvalidJSON(), among(broken))
	c.Inject(storeorderstest.ShuffleTies(1), among(shuffled))
	return c
}

// faults lets go wrong what a shop's network does, until they are removed.
func (c crowd) faults() (remove func()) {
	var faults []*storeorderstest.Injection
	for i, fault := range []storeorderstest.Fault{
		storeorderstest.Status(http.StatusServiceUnavailable),
		storeorderstest.Status(http.StatusTooManyRequests, "Retry-After", "0.1"),
		storeorderstest.Reset(), storeorderstest.Truncate(100), storeorderstest.BadGateway(),
	} {
		faults = append(faults, c.Inject(fault, storeorderstest.Probability(0.01, uint64(i))))
	}
	return func() {
		for _, fault := range faults {
			fault.Remove()
		}
	}
}

// truth is what is to come of the crowd.
type truth struct {
	orders   map[string]string // by key, of one list of all orders each
	written  map[string]string // by the name of the file, of one worker to whom nothing happened
	states   map[string]outcome
	requests int
}

// undisturbed lets one worker process do all of the work.
func (c crowd) undisturbed() truth {
	c.t.Helper()
	server, dir := startNATS(c.t), c.t.TempDir()
	c.publish(server.url)
	require.Equal(c.t, 0, c.work(server.url, "--page", "3", "--folder", dir).code(c.t))
	want := truth{
		orders: make(map[string]string), written: documents(c.t, dir),
		states: results(c.t, server.url, "run", ""), requests: len(c.Requests()),
	}
	server.kill()
	for _, shopper := range c.list {
		key := shopper.API + "." + shopper.Shopper
		if want.states[key].State == done {
			want.orders[key] = c.wanted(shopper)
		}
	}
	return want
}

// at calls f when the n-th request from now on comes in, and before it is
// answered.
func (c crowd) at(n int, f func()) {
	c.Inject(storeorderstest.Before(f), storeorderstest.Nth(n))
}

// moments are so many different numbers of requests, in order.
func moments(random *rand.Rand, n, most int) []int {
	numbers := random.Perm(most)[:n]
	slices.Sort(numbers)
	return numbers
}

// TestNothingIsLostOrDoubled kills workers and servers of NATS while they work,
// and looks at every byte.
func TestNothingIsLostOrDoubled(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	c := bigCrowd(t, 2000)
	want := c.undisturbed()

	t.Log("one server of NATS, which is stopped once, and killed once")
	remove := c.faults()
	url := c.killAndRestart(rand.New(rand.NewPCG(seed, 0)), want.requests) //nolint:gosec // chance that can be had again
	remove()
	c.compare(url, want)

	t.Log("three servers of NATS, of which one is killed for good")
	remove = c.faults()
	url = c.killInCluster(want.requests)
	remove()
	c.compare(url, want)
}

// killAndRestart lets three workers do the work, kills one of them at 12
// moments of chance and starts another, and does so to NATS at 2 of them.
// Moments are requests to the shop, so that the work is under way.
func (c crowd) killAndRestart(random *rand.Rand, requests int) (url string) {
	t := c.t
	t.Helper()
	const kills, restarts = 12, 2
	c.ForgetRequests()
	server := startNATS(t)
	c.publish(server.url, "--ack-wait", "2s")
	events := make(chan int, kills+restarts)
	for i, n := range moments(random, kills+restarts, requests*8/10) {
		c.at(n+20, func() { events <- i })
	}
	work := func() *process { return c.work(server.url, "--page", "3") }
	workers := []*process{work(), work(), work()}
	for range kills + restarts {
		select {
		case event := <-events:
			switch event {
			case 4:
				server.signal(syscall.SIGTERM)
				<-server.ended
				server.start(t)
			case 9:
				server.kill()
				server.start(t)
			default:
				i := random.IntN(len(workers))
				workers[i].kill()
				workers[i] = work()
			}
		case <-time.After(patience):
			require.FailNow(t, "the work does not go on", "%s", workers[0].err)
		}
	}
	for _, p := range workers {
		assert.Equal(t, 0, p.code(t), p.err)
	}
	q, err := look(t, server.url).queue(t.Context())
	require.NoError(t, err)
	t.Logf("%d kills of workers, %d restarts of NATS, %d redeliveries, %d requests (%d undisturbed)", kills, restarts, q.Redelivered, len(c.Requests()), requests)
	assert.NotZero(t, q.Redelivered)
	return server.url
}

// killInCluster lets three workers do the work, and kills the server that leads
// the queue, and a worker with it.
func (c crowd) killInCluster(requests int) (url string) {
	t := c.t
	t.Helper()
	c.ForgetRequests()
	servers, url := startCluster(t)
	c.publish(url, "--ack-wait", "2s", "--replicas", "3")
	moment := make(chan struct{})
	c.at(requests/3, func() { close(moment) })
	work := func() *process { return c.work(url, "--page", "3") }
	workers := []*process{work(), work(), work()}
	select {
	case <-moment:
	case <-time.After(patience):
		require.FailNow(t, "the work does not go on", "%s", workers[0].err)
	}
	leader := leaderOf(t, url)
	servers[leader].kill()
	workers[0].kill()
	workers[0] = work()
	for _, p := range workers {
		assert.Equal(t, 0, p.code(t), p.err)
	}
	q, err := look(t, url).queue(t.Context())
	require.NoError(t, err)
	t.Logf("%s killed, which led the queue; 1 kill of a worker, %d redeliveries, %d requests (%d undisturbed)", leader, q.Redelivered, len(c.Requests()), requests)
	return url
}

// compare looks whether every shopper's orders are there, once and byte for
// byte, and whether all else is as it was undisturbed.
func (c crowd) compare(natsURL string, want truth) {
	t := c.t
	t.Helper()
	e := look(t, natsURL)
	q, err := e.queue(t.Context())
	require.NoError(t, err)
	assert.Zero(t, q.Waiting)
	assert.Zero(t, q.InWork)

	dir := t.TempDir()
	outcomes := results(t, natsURL, "run", dir)
	assert.Len(t, outcomes, len(c.list))
	got := documents(t, dir)
	assert.Len(t, got, len(want.written))
	lost, doubled := 0, 0
	var total tally
	for key, o := range outcomes {
		total.add(place{State: o.State, Orders: o.Orders, Bytes: o.Bytes})
		assert.Equal(t, want.states[key].State, o.State, key)
		if o.State != done {
			assert.Equal(t, want.states[key].Error.Category, o.Error.Category, key)
			continue
		}
		file, err := filepath.Rel(dir, folder{dir}.file("run."+key))
		require.NoError(t, err)
		l, d := missing(t, want.orders[key], got[file])
		lost, doubled = lost+l, doubled+d
		assert.Equal(t, want.written[file], got[file], key)
		assert.Equal(t, want.orders[key], got[file], key)
		assert.Equal(t, digest([]byte(got[file])), o.Digest)
	}
	t.Logf("%+v; %d orders lost, %d doubled", total, lost, doubled)
	assert.Zero(t, lost)
	assert.Zero(t, doubled)
	assert.NotZero(t, total.Refused)
	assert.NotZero(t, total.Dead)

	letters := deadLetters(t, e)
	assert.Len(t, letters, total.Dead)
	for _, l := range letters {
		assert.Equal(t, "unreadable answer", l.Category)
		assert.Equal(t, 3, l.Tries)
	}
}

// missing counts the orders that are not written, and those that are there more
// than once.
func missing(t *testing.T, want, got string) (lost, doubled int) {
	t.Helper()
	seen := make(map[string]int)
	for line := range strings.Lines(got) {
		seen[idOf(t, line)]++
	}
	for line := range strings.Lines(want) {
		id := idOf(t, line)
		if seen[id] == 0 {
			lost++
		}
		doubled += max(0, seen[id]-1)
		delete(seen, id)
	}
	return lost, doubled + len(seen)
}

func idOf(t *testing.T, line string) string {
	t.Helper()
	var o struct {
		ID       string `json:"id"`
		ObjectID string `json:"_id"`
	}
	require.NoError(t, json.Unmarshal([]byte(line), &o))
	return cmp.Or(o.ID, o.ObjectID)
}

// deadLetters reads all dead letters.
func deadLetters(t *testing.T, e *engine) []letter {
	t.Helper()
	info, err := e.dead.Info(t.Context())
	require.NoError(t, err)
	var letters []letter
	for n := range info.State.Msgs { // none is ever removed
		message, err := e.dead.GetMsg(t.Context(), n+1)
		require.NoError(t, err)
		var l letter
		require.NoError(t, json.Unmarshal(message.Data, &l))
		letters = append(letters, l)
	}
	return letters
}

// startCluster starts three servers as processes.
func startCluster(t *testing.T) (servers map[string]*natsServer, url string) {
	t.Helper()
	ports := freePorts(t, 6)
	var routes []string
	for _, port := range ports[3:] {
		routes = append(routes, fmt.Sprintf("nats://127.0.0.1:%d", port))
	}
	servers = make(map[string]*natsServer)
	var urls []string
	for i := range 3 {
		id := fmt.Sprintf("n%d", i+1)
		s := &natsServer{url: fmt.Sprintf("nats://127.0.0.1:%d", ports[i])}
		s.args = []string{
			"server", "--dir", t.TempDir(), "--name", id, "--port", strconv.Itoa(ports[i]),
			"--cluster-port", strconv.Itoa(ports[3+i]), "--routes", strings.Join(routes, ","),
		}
		s.start(t)
		servers[id] = s
		urls = append(urls, s.url)
	}
	url = strings.Join(urls, ",")
	conn, err := nats.Connect(url)
	require.NoError(t, err)
	defer conn.Close()
	js, err := jetstream.New(conn)
	require.NoError(t, err)
	eventually(t, "the cluster has a leader", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := js.AccountInfo(ctx)
		return err == nil
	})
	return servers, url
}

func leaderOf(t *testing.T, natsURL string) string {
	t.Helper()
	e := look(t, natsURL)
	info, err := e.consumer.Info(t.Context())
	require.NoError(t, err)
	require.NotNil(t, info.Cluster)
	require.NotEmpty(t, info.Cluster.Leader)
	return info.Cluster.Leader
}
