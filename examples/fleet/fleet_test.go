package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders/storeorderstest"
)

// program is the variable of the environment that has the path of the program,
// which TestMain builds.
const program = "TEST_PROGRAM"

// testKey is the FLEET_KEY of the tests.
var testKey = base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("k"), 32)) //nolint:gochecknoglobals // a constant but for its type

// patience is how long anything may take that is bound to come about.
const patience = time.Minute

func TestMain(m *testing.M) {
	// What somebody has set to try the program.
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		for _, prefix := range []string{"MERCUR_", "SALESIVE_", "FLEET_", "NATS_"} {
			if strings.HasPrefix(name, prefix) {
				_ = os.Unsetenv(name)
			}
		}
	}
	os.Exit(runWithProgram(m))
}

func runWithProgram(m *testing.M) int {
	dir, err := os.MkdirTemp("", "fleet-test-*")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, name)
	if out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil { //nolint:gosec,noctx // a folder of its own; it takes as long as it takes
		panic(string(out))
	}
	if err := os.Setenv(program, path); err != nil {
		panic(err)
	}
	return m.Run()
}

// process is the program as a process of its own.
type process struct {
	cmd      *exec.Cmd
	out, err *buffer
	lines    chan string // of standard output, as they come
	ended    chan struct{}
}

// buffer may be read while a process writes to it.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// start starts the program. The test ends it, if it has not ended.
func start(t *testing.T, environment []string, args ...string) *process {
	t.Helper()
	p := &process{
		cmd: exec.Command(os.Getenv(program), args...), //nolint:gosec,noctx // what TestMain has built; the cleanup ends it
		out: new(buffer), err: new(buffer), lines: make(chan string, 1), ended: make(chan struct{}),
	}
	p.cmd.Env = append(os.Environ(), environment...)
	p.cmd.Stderr = p.err
	stdout, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.cmd.Start())
	go func() {
		defer close(p.ended)
		scanner := bufio.NewScanner(stdout)
		scanner.Buffer(nil, 1<<20)
		for scanner.Scan() {
			_, _ = fmt.Fprintln(p.out, scanner.Text())
			select {
			case p.lines <- scanner.Text():
			default: // only the first one is waited for
			}
		}
		_ = p.cmd.Wait() // the state tells
	}()
	t.Cleanup(func() {
		p.signal(syscall.SIGCONT)
		p.kill()
		if t.Failed() && p.err.String() != "" {
			t.Logf("%s\n%s", strings.Join(args, " "), p.err)
		}
	})
	return p
}

func (p *process) signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) }

// kill is kill -9, and the wait for the end.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.ended
}

// code waits for the end, and returns the exit status.
func (p *process) code(t *testing.T) int {
	t.Helper()
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		require.FailNow(t, "the process does not end", "%s\n%s", strings.Join(p.cmd.Args[1:], " "), p.err)
		return -1
	}
}

// first returns the first line of the standard output.
func (p *process) first(t *testing.T) string {
	t.Helper()
	select {
	case line := <-p.lines:
		return line
	case <-p.ended:
		require.FailNow(t, "the process has ended", "%s", p.err)
	case <-time.After(patience):
		require.FailNow(t, "the process says nothing", "%s", p.err)
	}
	return ""
}

// natsServer is a server as a process, which can be started again.
type natsServer struct {
	*process

	args []string
	url  string
}

func startNATS(t *testing.T) *natsServer {
	t.Helper()
	port := freePorts(t, 1)[0]
	s := &natsServer{
		args: []string{"server", "--dir", t.TempDir(), "--port", strconv.Itoa(port)},
		url:  fmt.Sprintf("nats://127.0.0.1:%d", port),
	}
	s.start(t)
	return s
}

func (s *natsServer) start(t *testing.T) {
	t.Helper()
	s.process = start(t, nil, s.args...)
	s.first(t)
}

// freePorts returns ports that were free a moment ago.
func freePorts(t *testing.T, n int) []int {
	t.Helper()
	ports := make([]int, n)
	var listeners []net.Listener
	defer func() {
		for _, l := range listeners {
			_ = l.Close()
		}
	}()
	for i := range ports {
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		require.NoError(t, err)
		listeners = append(listeners, l)
		address, ok := l.Addr().(*net.TCPAddr)
		require.True(t, ok)
		ports[i] = address.Port
	}
	return ports
}

// embedded starts a server in the test itself, for tests of one process.
func embedded(t *testing.T) (url string) {
	t.Helper()
	s, err := (&serverCmd{Dir: t.TempDir(), Host: "127.0.0.1", Port: -1}).start()
	require.NoError(t, err)
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	return s.ClientURL()
}

// crowd is a fake shop, and the list of its shoppers as it is published.
type crowd struct {
	*fakeShop

	t *testing.T
}

// newCrowd makes a shop without shoppers.
func newCrowd(t *testing.T) crowd {
	t.Helper()
	shop := &fakeShop{Server: storeorderstest.NewServer()}
	t.Cleanup(shop.Close)
	return crowd{shop, t}
}

// mercur adds a shopper with so many order groups.
func (c crowd) mercur(orders int) listed {
	customer := c.AddCustomer("shopper")
	c.AddOrderGroups(customer, orders, uint64(len(c.list)))
	c.list = append(c.list, listed{API: mercurAPI, Shopper: customer.ID, Token: customer.Token})
	return c.list[len(c.list)-1]
}

// salesive adds a shopper with so many orders.
func (c crowd) salesive(orders int) listed {
	shopper := c.AddShopper("shopper")
	c.AddOrders(shopper, orders, uint64(len(c.list)))
	c.list = append(c.list, listed{API: salesiveAPI, Shopper: shopper.ID, Token: shopper.Token})
	return c.list[len(c.list)-1]
}

// of are the requests of a shopper.
func of(shopper listed) storeorderstest.Condition {
	return storeorderstest.Matching(func(r storeorderstest.Request) bool { return r.Token == shopper.Token })
}

// environment is that of a worker process.
func (c crowd) environment(natsURL string) []string {
	return []string{
		"NATS_URL=" + natsURL, "FLEET_KEY=" + testKey,
		"MERCUR_URL=" + c.URL, "MERCUR_PUBLISHABLE_KEY=" + c.PublishableKey,
		"SALESIVE_URL=" + c.SalesiveURL, "SALESIVE_SHOP_ID=" + c.ShopID,
	}
}

// publish publishes the list as the run "run", by the command.
func (c crowd) publish(natsURL string, args ...string) {
	c.t.Helper()
	var list bytes.Buffer
	require.NoError(c.t, c.write(&list))
	var out, errs bytes.Buffer
	args = append([]string{"publish", "-", "--nats", natsURL, "--run", "run", "--key", testKey}, args...)
	code := run(c.t.Context(), args, streams{&list, &out, &errs})
	require.Equal(c.t, 0, code, errs.String())
}

// work starts a worker process.
func (c crowd) work(natsURL string, args ...string) *process {
	c.t.Helper()
	return start(c.t, c.environment(natsURL), append([]string{"work", "--until-done", "--delay", "50ms", "--tries", "3"}, args...)...)
}

// worker makes a worker in the test itself.
func (c crowd) worker(natsURL, id string, change func(*workCmd)) *worker {
	c.t.Helper()
	command := workCmd{
		shopFlags: c.flags(), tokenFlags: tokenFlags{Key: testKey}, Name: id, UntilDone: true,
		workFlags: workFlags{Parallel: 1, Tries: 3, Losses: 10, Delay: 10 * time.Millisecond, MaxDelay: time.Second},
	}
	if change != nil {
		change(&command)
	}
	conn, err := nats.Connect(natsURL)
	require.NoError(c.t, err)
	c.t.Cleanup(conn.Close)
	w, err := newWorker(c.t.Context(), conn, &command, slog.New(slog.DiscardHandler))
	require.NoError(c.t, err)
	return w
}

// finish lets a worker in the test work until nothing is left.
func finish(t *testing.T, w *worker) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	require.NoError(t, w.run(ctx))
	require.NoError(t, ctx.Err(), "it does not come to an end")
}

// look opens the fleet for the test.
func look(t *testing.T, natsURL string) *engine {
	t.Helper()
	e, err := (&natsFlags{NATS: natsURL}).open(t.Context())
	require.NoError(t, err)
	t.Cleanup(e.conn.Close)
	return e
}

// results returns what came of each shopper of a run, by key, and with a folder
// writes the orders there, by the command.
func results(t *testing.T, natsURL, runName, dir string) map[string]outcome {
	t.Helper()
	var out, errs bytes.Buffer
	args := []string{"results", "--nats", natsURL, "--run", runName}
	if dir != "" {
		args = append(args, "--out", dir)
	}
	require.Equal(t, 0, run(t.Context(), args, streams{nil, &out, &errs}), errs.String())
	outcomes := make(map[string]outcome)
	for line := range strings.Lines(out.String()) {
		var o outcome
		require.NoError(t, json.Unmarshal([]byte(line), &o))
		assert.NotContains(t, outcomes, o.Shopper)
		outcomes[o.Shopper] = o
	}
	return outcomes
}

// placeOf returns the place of a shopper.
func placeOf(t *testing.T, e *engine, shopper listed) *held {
	t.Helper()
	h, err := readPlace(t.Context(), e.places, job{Run: "run", API: shopper.API, Shopper: shopper.Shopper}.key())
	require.NoError(t, err)
	return h
}

// documents reads the files below a folder, by their path from there.
func documents(t *testing.T, dir string) map[string]string {
	t.Helper()
	texts := make(map[string]string)
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path) //nolint:gosec // nobody else writes there
		name, _ := filepath.Rel(dir, path)
		texts[name] = string(text)
		return err
	})
	require.NoError(t, err)
	return texts
}

// wanted is what is to be written of a shopper, by another way than the
// program's: all orders in one page.
func (c crowd) wanted(shopper listed) string {
	c.t.Helper()
	shops, err := (&shopFlags{
		MercurURL: c.URL, MercurPublishableKey: c.PublishableKey, SalesiveURL: c.SalesiveURL, SalesiveShopID: c.ShopID,
		Page: 1000, AttemptTimeout: patience,
	}).open(map[string]limiter{mercurAPI: noLimit{}, salesiveAPI: noLimit{}})
	require.NoError(c.t, err)
	var orders []order
	for o, err := range shops[shopper.API].all(c.t.Context(), shopper.Token) {
		require.NoError(c.t, err)
		orders = append(orders, o)
	}
	return string(document(orders))
}

type noLimit struct{}

func (noLimit) Wait(context.Context) error { return nil }

// eventually waits until something is so.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	require.Eventually(t, is, patience, 10*time.Millisecond, what)
}
