package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

type benchCmd struct {
	Workers  []int         `default:"1,2,4" placeholder:"N" help:"Numbers of workers; the default is ${default}."`
	Parallel []int         `default:"1,8" placeholder:"N" help:"Shoppers at a time of each worker; the default is ${default}."`
	Shoppers int           `default:"2000" placeholder:"N" help:"Shoppers; the default is ${default}."`
	Took     time.Duration `name:"page-time" default:"20ms" help:"How long the fake shop takes for a page; the default is ${default}."`
	Page     int           `default:"100" placeholder:"N" help:"Orders a page; the default is ${default}."`
}

// measured is one line of the table.
type measured struct {
	parallel, workers, shoppers  int
	publish, work                time.Duration
	pages, orders, bytes         float64
	messages, traffic            float64 // NATS, as the workers saw it
	stored                       float64 // what is in JetStream at the end
	workersCPU, natsCPU, fakeCPU time.Duration
}

// Run measures each number of workers on a new NATS server and a new fake shop,
// each a process of its own.
func (c *benchCmd) Run(ctx context.Context, std streams) error {
	std.say("| shoppers at a time | workers | shoppers/s | pages/s | CPU ms a shopper: workers | NATS | fake shop | NATS messages a shopper | bytes on the wire | bytes stored | published/s |\n" +
		"|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, parallel := range c.Parallel {
		for _, workers := range c.Workers {
			m, err := c.measure(ctx, parallel, workers)
			if err != nil {
				return err
			}
			n := float64(m.shoppers)
			ms := func(d time.Duration) float64 { return d.Seconds() * 1000 / n }
			std.say("| %d | %d | %.0f | %.0f | %.2f | %.2f | %.2f | %.1f | %.0f | %.0f | %.0f |\n",
				parallel, workers, n/m.work.Seconds(), m.pages/m.work.Seconds(), ms(m.workersCPU), ms(m.natsCPU), ms(m.fakeCPU),
				m.messages/n, m.traffic/n, m.stored/n, n/m.publish.Seconds())
		}
	}
	return nil
}

func (c *benchCmd) measure(ctx context.Context, parallel, workers int) (m measured, err error) {
	dir, err := os.MkdirTemp("", "fleet-bench-*")
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	list := filepath.Join(dir, "shoppers.ndjson")
	fake, told, err := launch(ctx, nil, "fake", list, "--shoppers", strconv.Itoa(c.Shoppers), "--page-time", c.Took.String(), "--no-trouble")
	if err != nil {
		return m, err
	}
	defer fake.end()
	nats, url, err := launch(ctx, nil, "server", "--dir", filepath.Join(dir, "nats"), "--port=-1")
	if err != nil {
		return m, err
	}
	defer nats.end()
	environment := append(strings.Fields(strings.TrimPrefix(told, "export ")), "NATS_URL="+url, "FLEET_KEY="+benchKey)

	m = measured{parallel: parallel, workers: workers, shoppers: c.Shoppers}
	start := time.Now()
	if err := c.publish(ctx, url, list); err != nil {
		return m, err
	}
	m.publish = time.Since(start)
	e, err := (&natsFlags{NATS: url}).open(ctx)
	if err != nil {
		return m, err
	}
	defer e.conn.Close()
	start = time.Now()
	var running []*child
	defer func() {
		for _, w := range running {
			w.end()
		}
	}()
	for range workers {
		w, _, err := launch(ctx, environment, "work", "--until-done", "--parallel", strconv.Itoa(parallel), "--page", strconv.Itoa(c.Page))
		if err != nil {
			return m, err
		}
		running = append(running, w)
	}
	for left := c.Shoppers; left > 0; { // the workers take a moment to believe that nothing is left
		q, err := e.queue(ctx)
		if err != nil {
			return m, err
		}
		left = int(q.Waiting) + q.InWork //nolint:gosec // no more than were published
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return m, err
		}
	}
	m.work = time.Since(start)
	if m.stored, err = e.stored(ctx); err != nil {
		return m, err
	}
	return m, errors.Join(m.count(running), fake.stop(&m.fakeCPU), nats.stop(&m.natsCPU))
}

// benchKey is of 32 bytes; the tokens are a fake's.
const benchKey = "YmVuY2hiZW5jaGJlbmNoYmVuY2hiZW5jaGJlbmNoYmU="

func (c *benchCmd) publish(ctx context.Context, url, list string) error {
	command := publishCmd{
		natsFlags: natsFlags{NATS: url}, Key: benchKey, RunName: "bench", List: list,
		setupFlags: setupFlags{Replicas: 1, AckWait: 30 * time.Second, MaxInWork: 1000},
	}
	return command.Run(ctx, streams{nil, io.Discard, io.Discard})
}

// count adds up what the workers say at their end.
func (m *measured) count(workers []*child) error {
	for _, w := range workers {
		if err := w.wait(); err != nil {
			return err
		}
		m.workersCPU += w.cpu()
		var told struct {
			Done, Pages, Orders, Bytes float64
			NATSMessages               float64 `json:"nats_messages"`
			NATSBytes                  float64 `json:"nats_bytes"`
		}
		if err := json.Unmarshal(w.out.Bytes(), &told); err != nil {
			return fmt.Errorf("a worker said %q: %w", w.out.String(), err)
		}
		m.pages, m.orders, m.bytes = m.pages+told.Pages, m.orders+told.Orders, m.bytes+told.Bytes
		m.messages, m.traffic = m.messages+told.NATSMessages, m.traffic+told.NATSBytes
	}
	return nil
}

// stored is the size of all that is in JetStream.
func (e *engine) stored(ctx context.Context) (float64, error) {
	var size float64
	streams := e.js.ListStreams(ctx)
	for info := range streams.Info() {
		size += float64(info.State.Bytes)
	}
	if err := streams.Err(); err != nil && !errors.Is(err, jetstream.ErrEndOfData) {
		return 0, err
	}
	return size, nil
}

// child is this program as a process of its own.
type child struct {
	cmd    *exec.Cmd
	out    bytes.Buffer // of a worker; of the others the first line only
	waited bool
}

// launch starts the program, and returns the first line of those that serve.
func launch(ctx context.Context, environment []string, args ...string) (*child, string, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, "", err
	}
	c := &child{cmd: exec.CommandContext(ctx, program, args...)} //nolint:gosec // this program
	c.cmd.Env = append(os.Environ(), environment...)
	if args[0] == "work" {
		c.cmd.Stdout = &c.out
		return c, "", c.cmd.Start()
	}
	c.cmd.Stderr = os.Stderr
	stdout, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, "", err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		c.end()
		return nil, "", fmt.Errorf("%s does not start: %w", args[0], err)
	}
	return c, strings.TrimSpace(line), nil
}

func (c *child) wait() error {
	c.waited = true
	return c.cmd.Wait()
}

func (c *child) cpu() time.Duration {
	return c.cmd.ProcessState.UserTime() + c.cmd.ProcessState.SystemTime()
}

// stop interrupts the process, and says what it has used.
func (c *child) stop(cpu *time.Duration) error {
	err := c.cmd.Process.Signal(syscall.SIGTERM)
	err = errors.Join(err, c.wait())
	*cpu = c.cpu()
	return err
}

// end ends a process that nobody has waited for.
func (c *child) end() {
	if !c.waited {
		_ = c.cmd.Process.Kill()
		_ = c.wait()
	}
}
