// Storeorders-export writes all orders of a shopper on Mercur or Salesive to a
// file, or to standard output: as NDJSON, as CSV, or as a table.
//
//	go run . mercur --demo --format table
//
// lists the orders of a made-up shopper. README.md has more, --help has all.
//
// Where to find what: mercur.go and salesive.go are the two commands, from
// flags to the SDK's options and from its orders to what is written; export.go
// is the loop over the orders; output.go the formats, resume.go how a file goes
// on, summary.go and chart.go what is told at the end, login.go who is asked.
package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"regexp"
	"strings"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"github.com/seed-2861b391/storeorders"
)

// name is not that of the folder: "export" is a command of the shell's own.
const name = "storeorders-export"

const description = `Write all orders of a shopper to a file, or to standard output.

Flags that have a variable of the environment are best set there: the command
line is for all to see. The exit status is 0 if all orders were written, 1 after
an error, 2 if the command line is wrong, 3 if all that came was written but the
server's count says that there is more, and 130 after Ctrl-C. Whatever happens,
a file written with -o is valid, and --resume goes on with it.`

// The exit statuses.
const (
	exitError       = 1
	exitUsage       = 2
	exitIncomplete  = 3
	exitInterrupted = 130
)

var errInterrupted = errors.New("interrupted")

// usageError is a command line that cannot work.
type usageError string

func (e usageError) Error() string { return string(e) }

// streams are what a test has others of.
type streams struct {
	in         io.Reader
	out, err   io.Writer
	isTerminal func(stream any) bool
}

// tell says something to whoever looks on: standard output is for orders.
func (s streams) tell(text string) {
	_, _ = io.WriteString(s.err, text) // nobody could be told that this failed
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait for anything
	code := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr, isTerminal})
	stop()
	os.Exit(code)
}

func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// run returns the exit status.
func run(ctx context.Context, args []string, std streams) int {
	var commands struct {
		Mercur   mercurCmd   `cmd:"" help:"Order groups of a customer on a Mercur marketplace."`
		Salesive salesiveCmd `cmd:"" help:"Orders of a shopper in a Salesive shop."`
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
	code, text := explain(err)
	std.tell(name + ": " + text + "\n")
	return code
}

// explain says it in the words of the command line.
func explain(err error) (code int, text string) {
	option, isOption := errors.AsType[*storeorders.OptionError](err)
	_, isParse := errors.AsType[*kong.ParseError](err)
	_, isUsage := errors.AsType[usageError](err)
	switch {
	case isOption:
		return exitUsage, flagOf(option.Field) + ": " + option.Reason
	case isParse, isUsage:
		return exitUsage, err.Error() + " (--help tells more)"
	case errors.Is(err, errInterrupted), errors.Is(err, context.Canceled):
		return exitInterrupted, err.Error()
	case errors.Is(err, storeorders.ErrIncomplete):
		return exitIncomplete, err.Error()
	default:
		return exitError, err.Error()
	}
}

// flagOf is the flag that an option of the SDK is set by: they have the same
// names, but for the bounds of times.
func flagOf(field string) string {
	field = strings.NewReplacer(
		"MercurConfig.", "", "SalesiveConfig.", "", "BaseURL", "URL", "WithMercurLogin", "Email", "With", "",
		"At.GTE", "Since", "At.GT", "After", "At.LTE", "Until", "At.LT", "Before",
	).Replace(field)
	return "--" + strings.ToLower(regexp.MustCompile(`([a-z])([A-Z])`).ReplaceAllString(field, "$1-$2"))
}
