package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/seed-2861b391/storeorders"
)

// sharedFlags are those of both commands.
type sharedFlags struct {
	Limit    int  `group:"Requests:" placeholder:"N" help:"Orders a page; the default is 100."`
	Prefetch int  `group:"Requests:" placeholder:"N" help:"Ask for up to N pages ahead."`
	Demo     bool `group:"Requests:" help:"Export made-up orders from a fake server on loopback, which takes its time."`

	Format  string `group:"Output:" short:"f" enum:"ndjson,csv,table" default:"ndjson" help:"${enum}."`
	Output  string `group:"Output:" short:"o" placeholder:"FILE" help:"Write to the file instead of standard output."`
	Resume  bool   `group:"Output:" xor:"existing" help:"Go on with the file of an earlier run with the same flags."`
	Force   bool   `group:"Output:" xor:"existing" help:"Overwrite the file."`
	Summary bool   `group:"Output:" help:"At the end, tell number, dates and exact sums on standard error."`
	Chart   string `group:"Output:" placeholder:"FILE.svg" help:"At the end, draw the orders by month."`
}

// What --demo exports, and how long each page takes: there is a progress bar to see.
const (
	demoOrders = 250
	demoDelay  = 200 * time.Millisecond
	demoNotice = name + ": made-up orders: --demo asks no other server\n"
)

func (f *sharedFlags) validate() error {
	switch {
	case f.Chart != "" && filepath.Clean(f.Chart) == filepath.Clean(f.Output):
		return errors.New("--chart is the file of the orders; give it one of its own")
	case f.Output == "" && (f.Resume || f.Force):
		return errors.New("--resume and --force are about a file: name it with --output")
	case f.Resume && f.Format == formatTable:
		return errors.New("a table cannot be resumed: its columns are as wide as all of its rows need; use ndjson or csv")
	default:
		return nil
	}
}

// moment is a flag's time.
type moment struct{ time.Time }

// UnmarshalText reads a time, or a date, which is its first instant in UTC.
func (m *moment) UnmarshalText(text []byte) (err error) {
	for _, layout := range []string{time.DateOnly, time.RFC3339Nano} {
		if m.Time, err = time.Parse(layout, string(text)); err == nil {
			return nil
		}
	}
	return fmt.Errorf("%q is no time: write 2026-01-31 or 2026-01-31T15:04:05Z", text)
}

// amount is a flag's amount of money.
type amount storeorders.Decimal

// UnmarshalText keeps the digits as they are.
func (a *amount) UnmarshalText(text []byte) error {
	if !storeorders.Decimal(text).Valid() {
		return fmt.Errorf("%.40q is no number: write it as in 99.90", text)
	}
	*a = amount(text)
	return nil
}

// checkList refuses a list that has nothing between its commas.
func checkList[T ~string](flag string, list []T) error {
	if slices.Contains(list, "") {
		return fmt.Errorf("%s: there is nothing before or after a comma", flag)
	}
	return nil
}

// checkFilter refuses also one that has nothing at all.
func checkFilter[T ~string](flag string, list []T) error {
	if list != nil && len(list) == 0 {
		return fmt.Errorf("%s: is empty; leave the flag out for all", flag)
	}
	return checkList(flag, list)
}

// kind is what differs between the orders of the two APIs.
type kind[T any] struct {
	noun   string          // what the orders are called
	column string          // what the CSV calls the id; it also tells one command's file from the other's
	record func(*T) record // what is written of an order
	by     string          // what the summary has the sums by: "seller" or "status"
}

// record is an order of either API, in the forms that it is written in.
type record struct {
	id      string
	raw     json.RawMessage
	created time.Time
	rows    []row
}

// row is a line of CSV or of a table: one seller's order.
type row struct {
	id                   string
	number               int64
	created              time.Time
	part, parts          int // this is the part-th of so many rows
	seller               string
	status, currency     string
	shipping, tax, total storeorders.Decimal
	items                []string
}

// exporter writes orders of type T. What it has to refuse it refuses before
// anybody is asked for a password.
type exporter[T any] struct {
	flags sharedFlags
	std   streams
	kind  kind[T]
	out   *output
	have  map[string]bool // the ids of what is in the file
	stats *stats
}

func openExport[T any](flags sharedFlags, std streams, k kind[T]) (*exporter[T], error) {
	e := &exporter[T]{flags: flags, std: std, kind: k, have: make(map[string]bool), stats: newStats(k.noun, k.by)}
	format := newFormat(flags.Format, k.column, func(line []byte) (record, error) {
		order := new(T)
		if err := json.Unmarshal(line, order); err != nil {
			return record{}, err
		}
		return k.record(order), nil
	})
	if err := checkChart(flags.Chart); err != nil {
		return nil, err
	}
	if flags.Output == "" {
		e.out = newOutput(std.out, format)
		return e, nil
	}
	file, err := os.OpenFile(flags.Output, os.O_RDWR|os.O_CREATE, 0o600) // orders are nobody else's business
	if err != nil {
		return nil, err
	}
	e.out = newOutput(file, format)
	e.out.file = file
	if err := e.readFile(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return e, nil
}

// readFile learns what the file holds.
func (e *exporter[T]) readFile() error {
	info, err := e.out.file.Stat()
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a regular file: leave out --output and redirect instead", e.flags.Output)
	case info.Size() == 0 || e.flags.Force:
		return nil
	case !e.flags.Resume:
		return fmt.Errorf("%s is not empty: give --resume to go on with it, or --force to overwrite it", e.flags.Output)
	}
	e.out.keep, err = scan(e.out.file, e.out.format, func(rec record) {
		e.have[rec.id] = true
		e.stats.add(rec)
	})
	if err != nil {
		return fmt.Errorf("%s cannot be resumed: %w", e.flags.Output, err)
	}
	return nil
}

func (e *exporter[T]) close() { e.out.close() }

// run writes the orders that the file does not have yet. To resume is to range
// over all of them again and to skip what is there: that is exact also where
// orders came or went meanwhile, which going on at an offset would not be.
func (e *exporter[T]) run(ctx context.Context, orders iter.Seq2[*T, error], total func() (int, error)) error {
	bar, err := e.newBar(total)
	if err != nil {
		return e.unfinished(ctx, err)
	}
	if err := e.out.begin(); err != nil {
		return err
	}
	err = e.write(orders, bar)
	if bar != nil {
		_ = bar.Exit()
		e.std.tell("\n") // the bar stays, and what follows is below it
	}
	err = cmp.Or(e.out.finish(), err)
	if err != nil && !errors.Is(err, storeorders.ErrIncomplete) {
		return e.unfinished(ctx, err)
	}
	// What came is worth telling, even if the server counts more.
	if e.flags.Summary {
		e.std.tell(e.stats.summary())
	}
	if e.flags.Chart != "" {
		if failed := e.stats.writeChart(e.flags.Chart); failed != nil {
			err = errors.Join(err, fmt.Errorf("the orders were written, but not the chart: %w", failed))
		}
	}
	return e.unfinished(ctx, err)
}

func (e *exporter[T]) write(orders iter.Seq2[*T, error], bar *progressbar.ProgressBar) error {
	for order, err := range orders {
		if err != nil {
			return err
		}
		if bar != nil {
			_ = bar.Add(1) // a bar that cannot be drawn is no reason to stop
		}
		rec := e.kind.record(order)
		if e.have[rec.id] {
			continue
		}
		if err := e.out.write(rec); err != nil {
			return err
		}
		e.stats.add(rec)
	}
	return nil
}

// newBar returns nil where nobody would see a bar, or where it would stand
// among the orders.
func (e *exporter[T]) newBar(total func() (int, error)) (*progressbar.ProgressBar, error) {
	if !e.std.isTerminal(e.std.err) || e.flags.Output == "" && e.std.isTerminal(e.std.out) {
		return nil, nil //nolint:nilnil // no bar is no error
	}
	n, err := total() // All does not tell in advance
	if err != nil || n <= 0 {
		return nil, err
	}
	return progressbar.NewOptions(n,
		progressbar.OptionSetWriter(e.std.err),
		progressbar.OptionSetDescription(e.kind.noun),
		progressbar.OptionShowCount(),
		progressbar.OptionShowIts(),
		progressbar.OptionSetItsString("orders"),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetRenderBlankState(true),
	), nil
}

// unfinished adds to an error how to go on.
func (e *exporter[T]) unfinished(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		err = errInterrupted
	}
	if err == nil || e.out.file == nil || e.flags.Format == formatTable || e.stats.orders == 0 {
		return err
	}
	return fmt.Errorf("%w\n%s has %d %s; to go on, give the same command with --resume", err, e.flags.Output, e.stats.orders, e.kind.noun)
}
