// Command bench runs the clients of ../walk and ../js against the server of
// ../server, interleaved, and prints what they cost, as tables in Markdown.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/benchmarks/internal/pages"
	"github.com/seed-2861b391/storeorders/benchmarks/internal/walks"
)

// plan is what to run.
type plan struct {
	apis, clients  []string
	sizes, records []int
	delay          time.Duration // of the prefetch table; 0: no such table
	delayed        run           // its size and records
	gzip           bool
	reps           int
	enough         int    // records to walk for one measurement
	raw            string // file for all results
}

// run is one walk of one client.
type run struct {
	api, client   string
	size, records int
	delay         time.Duration
}

// jsClient is the name of the JavaScript client of either API.
const jsClient = "js"

func main() {
	p, err := parsePlan(os.Args[1:])
	if err == nil {
		err = p.run(os.Stdout)
	}
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func parsePlan(args []string) (*plan, error) {
	p := &plan{enough: 20_000, delayed: run{size: 100, records: 10_000}}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	apis := flags.String("api", "mercur,salesive", "APIs")
	clients := flags.String("clients", strings.Join(walks.Names(), ","), "clients; those with a prefetch run in their own table only")
	sizes := flags.String("sizes", "10,50,100,1000", "records a page")
	records := flags.String("records", "1000,10000,100000", "records in all")
	flags.DurationVar(&p.delay, "delay", 20*time.Millisecond, "the server's time for a page in the prefetch table; 0: no such table")
	flags.BoolVar(&p.gzip, "gzip", false, "the server compresses its answers")
	flags.IntVar(&p.reps, "reps", 7, "repetitions")
	js := flags.Bool("js", false, "with the JavaScript clients, which npm installs first")
	quick := flags.Bool("quick", false, "a look at everything in less than a minute: 1,000 records, 100 a page, 3 repetitions, unless other flags say otherwise")
	flags.StringVar(&p.raw, "json", "", "file to write all results to, one JSON object a line")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if *quick {
		given := make(map[string]bool)
		flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
		for name, value := range map[string]string{"sizes": "100", "records": "1000", "reps": "3"} {
			if !given[name] {
				if err := flags.Set(name, value); err != nil {
					return nil, err
				}
			}
		}
		p.enough, p.delayed = 4000, run{size: 50, records: 1000}
	}
	p.apis, p.clients = strings.Split(*apis, ","), strings.Split(*clients, ",")
	if *js {
		p.clients = append(p.clients, jsClient)
	}
	var err, e error
	p.sizes, err = numbers(*sizes)
	p.records, e = numbers(*records)
	return p, errors.Join(err, e)
}

func numbers(list string) ([]int, error) {
	var all []int
	for text := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(text)
		if err != nil {
			return nil, err
		}
		if n <= 0 {
			return nil, fmt.Errorf("%d is not positive", n)
		}
		all = append(all, n)
	}
	slices.Sort(all)
	return all, nil
}

func (p *plan) run(out io.Writer) error {
	ctx, interrupted := signal.NotifyContext(context.Background(), os.Interrupt)
	defer interrupted()
	b, err := p.start(ctx)
	if err != nil {
		return err
	}
	defer b.stop()
	for _, r := range p.runs() {
		if err := b.repeat(ctx, r); err != nil {
			return err
		}
	}
	_, err = io.WriteString(out, b.results.tables(p))
	return err
}

// group is clients that are compared with each other.
type group struct {
	run // without a client

	clients []string
}

func (p *plan) runs() []group {
	var ahead, others []string
	for _, name := range p.clients {
		switch {
		case slices.Contains(walks.PrefetchNames(), name):
			ahead = append(ahead, name)
		default:
			others = append(others, name)
		}
	}
	var all []group
	for _, api := range p.apis {
		for _, records := range p.records {
			for _, size := range p.sizes {
				all = append(all, group{run{api: api, size: size, records: records}, others})
			}
		}
		if p.delay > 0 && len(ahead) > 0 {
			r := p.delayed
			r.api, r.delay = api, p.delay
			delayed := group{r, ahead}
			for _, name := range []string{walks.Baseline, "sdk", jsClient} {
				if slices.Contains(p.clients, name) {
					delayed.clients = append(delayed.clients, name)
				}
			}
			all = append(all, delayed)
		}
	}
	return all
}

// rounds is how many walks a process makes: with few records one is over
// before it can be measured.
func (p *plan) rounds(r run) int {
	if r.delay > 0 {
		return 1
	}
	return max(1, p.enough/r.records)
}

// bench is a bench that runs.
type bench struct {
	plan    *plan
	folder  string // for the built programs
	server  *exec.Cmd
	hold    io.Closer // of the server's standard input: it ends when this is closed
	url     string
	raw     *os.File
	results results
}

// start builds the programs and starts the server.
func (p *plan) start(ctx context.Context) (_ *bench, err error) {
	b := &bench{plan: p}
	defer func() {
		if err != nil {
			b.stop()
		}
	}()
	if p.raw != "" {
		if b.raw, err = os.Create(p.raw); err != nil { //nolint:gosec // the user names it
			return nil, err
		}
	}
	if b.folder, err = os.MkdirTemp("", "storeorders-bench-"); err != nil {
		return nil, err
	}
	build := exec.CommandContext(ctx, "go", "build", "-o", b.folder, "./server", "./walk") //nolint:gosec // its own folder
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return nil, fmt.Errorf("go build, in the folder of the module: %w", err)
	}
	if slices.Contains(p.clients, jsClient) {
		install := exec.CommandContext(ctx, "npm", "ci", "--no-audit", "--no-fund")
		install.Dir, install.Stdout, install.Stderr = "js", os.Stderr, os.Stderr
		if err := install.Run(); err != nil {
			return nil, fmt.Errorf("npm ci, for the JavaScript clients: %w", err)
		}
	}
	most := max(slices.Max(p.records), p.delayed.records)
	b.server = exec.CommandContext(ctx, filepath.Join(b.folder, "server"), "-records", strconv.Itoa(most)) //nolint:gosec // just built
	b.server.Stderr = os.Stderr
	if b.hold, err = b.server.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := b.server.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := b.server.Start(); err != nil {
		return nil, err
	}
	if b.url, err = bufio.NewReader(stdout).ReadString('\n'); err != nil {
		return nil, fmt.Errorf("the server: %w", err)
	}
	b.url = strings.TrimSpace(b.url)
	return b, nil
}

func (b *bench) stop() {
	if b.hold != nil {
		_ = b.hold.Close()
		_ = b.server.Wait() // it was told to end, or never started
	}
	if b.raw != nil {
		_ = b.raw.Close() // what was written before an error is a help
	}
	if b.folder != "" {
		_ = os.RemoveAll(b.folder) //nolint:gosec // it made it
	}
}

// repeat runs the clients of a group, in another order each time: what the
// machine does besides hits each of them alike.
func (b *bench) repeat(ctx context.Context, g group) error {
	want, err := b.prepare(ctx, g.run)
	if err != nil {
		return err
	}
	for rep := range b.plan.reps {
		fmt.Fprintf(os.Stderr, "%s, %d records, %d a page, %s: %d of %d\n", g.api, g.records, g.size, g.delay, rep+1, b.plan.reps)
		clients := slices.Clone(g.clients)
		rand.Shuffle(len(clients), func(i, j int) { clients[i], clients[j] = clients[j], clients[i] }) //nolint:gosec // no secret
		for _, client := range clients {
			r := g.run
			r.client = client
			result, err := b.walk(ctx, r)
			if err != nil {
				return fmt.Errorf("%s: %w", client, err)
			}
			if client != "raw" && result.Found != want {
				return fmt.Errorf("%s found %+v, not %+v", client, result.Found, want)
			}
			b.results.add(r, rep, result)
			if b.raw != nil {
				line := struct {
					walks.Result

					Rep   int     `json:"rep"`
					Delay float64 `json:"delay_ms"`
					GZIP  bool    `json:"gzip"`
				}{result, rep, r.delay.Seconds() * 1e3, b.plan.gzip}
				if err := json.NewEncoder(b.raw).Encode(line); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// prepare has the server ready for a run, and says what is to be found.
func (b *bench) prepare(ctx context.Context, r run) (want pages.Tally, err error) {
	settings := pages.Settings{Records: r.records, Delay: r.delay, GZIP: b.plan.gzip}
	url := fmt.Sprintf("%s%s/prepare?api=%s&limit=%d", b.url, settings.Path(), r.api, r.size)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody) //nolint:gosec // its own server
	if err != nil {
		return want, err
	}
	response, err := new(http.Client).Do(request) //nolint:gosec // its own server
	if err != nil {
		return want, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return want, fmt.Errorf("prepare: %s", response.Status)
	}
	err = json.NewDecoder(response.Body).Decode(&want)
	return want, err
}

func (b *bench) walk(ctx context.Context, r run) (result walks.Result, err error) {
	args := []string{
		"--api=" + r.api, "--server=" + b.url, "--delay=" + r.delay.String(),
		"--size=" + strconv.Itoa(r.size), "--records=" + strconv.Itoa(r.records), "--rounds=" + strconv.Itoa(b.plan.rounds(r)),
	}
	if b.plan.gzip {
		args = append(args, "--gzip")
	}
	program := filepath.Join(b.folder, "walk")
	if r.client == jsClient {
		program = "node"
		args = slices.Concat([]string{filepath.Join("js", "walk.mjs"), "--fields=" + strings.Join(storeorders.DefaultOrderGroupFields(), ",")}, args)
	} else {
		args = append(args, "--client="+r.client)
	}
	command := exec.CommandContext(ctx, program, args...) //nolint:gosec // just built, or node
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		return result, err
	}
	err = json.Unmarshal(output, &result)
	return result, err
}

func machine() string {
	return fmt.Sprintf("%s, %s/%s, %d CPUs", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
}
