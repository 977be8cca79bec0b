// Fleet exports the orders of all shoppers of a marketplace, by as many
// workers on as many machines as there are. The work is a queue in NATS
// JetStream.
//
//	go run .
//
// shows it on one machine: it starts NATS, a fake shop with some thousand
// shoppers, and four workers. README.md has the rest, --help has all flags.
//
// Where to find what: publish.go puts shoppers into the queue (job.go is one of
// them), work.go takes them out, walk.go reads one shopper, place.go is how far
// it is, output.go where its orders go, dead.go what is given up; shop.go is
// the SDK; rates.go shares the rate limits, crypt.go has the tokens, engine.go
// what is kept in JetStream; status.go tells. server.go, fake.go, demo.go and
// bench.go are for trying it out.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

const name = "fleet"

const description = `Export the orders of all shoppers, by workers that share a queue in NATS JetStream.

Without a command it shows what it does: it starts NATS and a fake shop in this
process, and lets four workers export some thousand shoppers.

Flags that have a variable of the environment are best set there: the command
line is for all to see. The exit status is 0, 1 after an error, 2 if the command
line is wrong, and 130 after Ctrl-C. A worker that is interrupted gives back
what it has, and ends with 0.`

// The exit statuses.
const (
	exitError       = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// streams are what a test has others of.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// say writes to standard output.
func (s streams) say(format string, args ...any) {
	_, _ = fmt.Fprintf(s.out, format, args...) // nobody could be told that this failed
}

// tell writes to standard error: what is for people only.
func (s streams) tell(format string, args ...any) { _, _ = fmt.Fprintf(s.err, format, args...) }

func (s streams) sayJSON(v any) error { return json.NewEncoder(s.out).Encode(v) }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait for anything
	code := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// run returns the exit status.
func run(ctx context.Context, args []string, std streams) int {
	var commands struct {
		Demo    demoCmd    `cmd:"" default:"withargs" help:"Show it on this machine; the default."`
		Publish publishCmd `cmd:"" help:"Put shoppers into the queue."`
		Work    workCmd    `cmd:"" help:"Take shoppers from the queue, and export their orders."`
		Status  statusCmd  `cmd:"" help:"Tell how things stand."`
		Results resultsCmd `cmd:"" help:"List what came of each shopper, and fetch the orders."`
		Rate    rateCmd    `cmd:"" help:"Set how many requests a second all workers together may send."`
		Server  serverCmd  `cmd:"" help:"Run a NATS server with JetStream."`
		Fake    fakeCmd    `cmd:"" help:"Run a fake shop on loopback, and write the list of its shoppers."`
		Bench   benchCmd   `cmd:"" help:"Measure the throughput by number of workers."`
	}
	helped := false
	parser, err := kong.New(&commands,
		kong.Name(name),
		kong.Description(description),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Writers(std.out, std.err),
		kong.Exit(func(int) { helped = true }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(std),
	)
	if err == nil {
		var command *kong.Context
		command, err = parser.Parse(args)
		if helped {
			return 0
		}
		if err == nil {
			err = command.Run()
		}
	}
	if err == nil {
		return 0
	}
	std.tell("%s: %v\n", name, err)
	_, isUsage := errors.AsType[*kong.ParseError](err)
	switch {
	case isUsage:
		return exitUsage
	case ctx.Err() != nil:
		return exitInterrupted
	default:
		return exitError
	}
}
