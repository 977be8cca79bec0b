package main

import (
	"cmp"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// stats is what is told at the end: of all orders in the file, those of
// earlier runs among them.
type stats struct {
	noun    string
	by      string // "seller" or "status"
	orders  int
	dated   int // how many of them have a date
	first   time.Time
	last    time.Time
	sums    map[sumKey]*sum
	byMonth map[time.Time]int // by monthOf
}

type sumKey struct{ of, currency string }

type sum struct {
	rows    int
	total   big.Rat // exact
	unknown int     // rows without a total
}

func newStats(noun, by string) *stats {
	return &stats{noun: noun, by: by, sums: make(map[sumKey]*sum), byMonth: make(map[time.Time]int)}
}

func (s *stats) add(rec record) {
	s.orders++
	if created := rec.created.UTC(); !created.IsZero() {
		if s.dated == 0 || created.Before(s.first) {
			s.first = created
		}
		if created.After(s.last) {
			s.last = created
		}
		s.dated++
		s.byMonth[monthOf(created)]++
	}
	for _, r := range rec.rows {
		of := r.status
		if s.by == "seller" {
			of = r.seller
		}
		key := sumKey{printable(of), strings.ToUpper(printable(r.currency))}
		if s.sums[key] == nil {
			s.sums[key] = new(sum)
		}
		s.sums[key].add(r)
	}
}

func monthOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
}

func (s *sum) add(r row) {
	s.rows++
	total, err := r.total.Rat()
	if err != nil {
		s.unknown++ // such as one that the server left out
		return
	}
	s.total.Add(&s.total, total)
}

// summary has a line for all orders, and one for each sum.
func (s *stats) summary() string {
	var w strings.Builder
	fmt.Fprintf(&w, "%d %s", s.orders, s.noun)
	if s.dated > 0 {
		fmt.Fprintf(&w, ", from %s to %s", s.first.Format(time.DateOnly), s.last.Format(time.DateOnly))
	}
	w.WriteByte('\n')
	table := tabwriter.NewWriter(&w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(table, "ORDERS\tTOTAL\t\t %s\n", strings.ToUpper(s.by))
	keys := slices.SortedFunc(maps.Keys(s.sums), func(a, b sumKey) int {
		return cmp.Or(cmp.Compare(a.of, b.of), cmp.Compare(a.currency, b.currency))
	})
	for _, key := range keys {
		sum := s.sums[key]
		fmt.Fprintf(table, "%d\t%s\t%s\t %s", sum.rows, exact(&sum.total), key.currency, cmp.Or(key.of, "-"))
		if sum.unknown > 0 {
			fmt.Fprintf(table, " (%d without a total)", sum.unknown)
		}
		fmt.Fprintln(table)
	}
	_ = table.Flush() // a Builder takes all
	return w.String()
}

// exact has two decimals, or as many as it takes: what decimals add up to is
// one, too.
func exact(total *big.Rat) string {
	decimals, _ := total.FloatPrec()
	return total.FloatString(max(decimals, 2))
}
