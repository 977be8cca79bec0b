package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-2861b391/storeorders/benchmarks/internal/walks"
)

// results are all walks: of each run one a repetition.
type results struct {
	order []run
	of    map[run][]walks.Result
}

func (s *results) add(r run, rep int, result walks.Result) {
	if s.of == nil {
		s.of = make(map[run][]walks.Result)
	}
	if rep == 0 {
		s.order = append(s.order, r)
	}
	s.of[r] = append(s.of[r], result)
}

// spread is the median of some measurements, and between what they lie.
type spread struct{ median, low, high float64 }

func spreadOf(values []float64) spread {
	if len(values) == 0 {
		return spread{}
	}
	slices.Sort(values)
	middle := len(values) / 2
	median := values[middle]
	if len(values)%2 == 0 {
		median = (values[middle-1] + median) / 2
	}
	return spread{median, values[0], values[len(values)-1]}
}

// String is the median with the lowest and the highest, "–" for none.
func (s spread) String() string {
	if s == (spread{}) {
		return "–"
	}
	return fmt.Sprintf("%.2f (%.2f–%.2f)", s.median, s.low, s.high)
}

// each is the spread of one figure.
func (s *results) each(r run, figure func(walks.Result) float64) spread {
	var values []float64
	for _, result := range s.of[r] {
		values = append(values, figure(result))
	}
	return spreadOf(values)
}

// ratio is the spread of a figure divided by that of another client in the same
// repetition: what slows the machine down for a while is in both.
func (s *results) ratio(r run, to string, figure func(walks.Result) float64) spread {
	base := r
	base.client = to
	var values []float64
	for rep, result := range s.of[r] {
		if rep < len(s.of[base]) {
			if divisor := figure(s.of[base][rep]); divisor > 0 {
				values = append(values, figure(result)/divisor)
			}
		}
	}
	return spreadOf(values)
}

func cpu(r walks.Result) float64         { return r.CPU }
func wall(r walks.Result) float64        { return r.Wall }
func peak(r walks.Result) float64        { return r.Peak }
func mallocs(r walks.Result) float64     { return r.Mallocs }
func heap(r walks.Result) float64        { return r.Bytes }
func connections(r walks.Result) float64 { return r.Connections }
func requests(r walks.Result) float64    { return r.Requests }

// selectRuns picks the runs that fit, in the order of the clients' names.
func (s *results) selectRuns(fits func(run) bool) []run {
	var list []run
	for _, r := range s.order {
		if fits(r) {
			list = append(list, r)
		}
	}
	names := append(walks.Names(), jsClient)
	slices.SortFunc(list, func(a, b run) int {
		return cmp.Or(cmp.Compare(a.size, b.size), cmp.Compare(slices.Index(names, a.client), slices.Index(names, b.client)))
	})
	return list
}

// tables are all results, as Markdown.
func (s *results) tables(p *plan) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s. %d repetitions, median (lowest–highest). gzip: %t. Ratios are to %s in the same repetition.\n", machine(), p.reps, p.gzip, walks.Baseline)
	for _, api := range p.apis {
		for _, records := range p.records {
			fmt.Fprintf(&out, "\n### %s, %d records\n\n", api, records)
			s.costs(&out, s.selectRuns(func(r run) bool { return r.api == api && r.records == records && r.delay == 0 }))
		}
		s.memory(&out, api, p.records)
		s.pageCosts(&out, api, p)
		s.javaScript(&out, api)
		s.prefetch(&out, api, p)
	}
	return out.String()
}

func (s *results) costs(out *strings.Builder, runs []run) {
	out.WriteString("| a page | client | CPU ratio | wall ratio | CPU µs a record | allocations a record | bytes a record | peak MiB | connections | requests |\n" +
		"|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|\n")
	for _, r := range runs {
		n := float64(r.records)
		allocations, bytes := "–", "–"
		if r.client != jsClient {
			allocations = fmt.Sprintf("%.1f", s.each(r, mallocs).median/n)
			bytes = fmt.Sprintf("%.0f", s.each(r, heap).median/n)
		}
		fmt.Fprintf(out, "| %d | %s | %s | %s | %.2f | %s | %s | %.1f | %.0f | %.0f |\n", r.size, r.client,
			s.ratio(r, walks.Baseline, cpu), s.ratio(r, walks.Baseline, wall), s.each(r, cpu).median*1e3/n,
			allocations, bytes, s.each(r, peak).median, s.each(r, connections).median, s.each(r, requests).median)
	}
}

// memory tells how the peak grows with the records. The SDK may keep 24 bytes
// of each, to know it again.
func (s *results) memory(out *strings.Builder, api string, records []int) {
	first, last := records[0], records[len(records)-1]
	if first == last {
		return
	}
	fmt.Fprintf(out, "\n### %s, peak memory in MiB\n\n| a page | client |", api)
	for _, n := range records {
		fmt.Fprintf(out, " %d records |", n)
	}
	fmt.Fprintf(out, " growth | less 24 bytes a record |\n|---:|---|%s---:|---:|\n", strings.Repeat("---:|", len(records)))
	for _, r := range s.selectRuns(func(r run) bool { return r.api == api && r.records == first && r.delay == 0 }) {
		fmt.Fprintf(out, "| %d | %s |", r.size, r.client)
		with := func(n int) float64 {
			r := r
			r.records = n
			return s.each(r, peak).median
		}
		for _, n := range records {
			fmt.Fprintf(out, " %.1f |", with(n))
		}
		less := "–"
		if strings.HasPrefix(r.client, "sdk") {
			less = fmt.Sprintf("%.2f", (with(last)-24*float64(last-first)/(1<<20))/with(first))
		}
		fmt.Fprintf(out, " %.2f | %s |\n", with(last)/with(first), less)
	}
}

// pageCosts tells the costs of a page from those of its records, by two sizes:
// what of a walk does not go with the records goes with the pages. The cost of
// net/http is that of raw.
func (s *results) pageCosts(out *strings.Builder, api string, p *plan) {
	if len(p.sizes) < 2 {
		return
	}
	small, large, records := p.sizes[0], p.sizes[1], p.records[len(p.records)-1]
	aPage := func(r run, figure func(walks.Result) float64) float64 {
		other := r
		other.size = large
		pages := func(size int) float64 { return float64((records + size - 1) / size) }
		return (s.each(r, figure).median - s.each(other, figure).median) / (pages(small) - pages(large))
	}
	fmt.Fprintf(out, "\n### %s, a page without its records (from %d and %d a page, %d records)\n\n", api, small, large, records)
	out.WriteString("| client | allocations | bytes | CPU µs |\n|---|---:|---:|---:|\n")
	for _, r := range s.selectRuns(func(r run) bool { return r.api == api && r.records == records && r.size == small && r.delay == 0 }) {
		if r.client != jsClient {
			fmt.Fprintf(out, "| %s | %.0f | %.0f | %.0f |\n", r.client, aPage(r, mallocs), aPage(r, heap), aPage(r, cpu)*1e3)
		}
	}
}

// javaScript tells how many times as much the JavaScript client takes.
func (s *results) javaScript(out *strings.Builder, api string) {
	runs := s.selectRuns(func(r run) bool { return r.api == api && r.client == jsClient && r.delay == 0 })
	if len(runs) == 0 {
		return
	}
	fmt.Fprintf(out, "\n### %s, the JavaScript client by the SDK\n\n| a page | records | CPU | wall |\n|---:|---:|---:|---:|\n", api)
	for _, r := range runs {
		fmt.Fprintf(out, "| %d | %d | %s | %s |\n", r.size, r.records, s.ratio(r, "sdk", cpu), s.ratio(r, "sdk", wall))
	}
}

func (s *results) prefetch(out *strings.Builder, api string, p *plan) {
	runs := s.selectRuns(func(r run) bool { return r.api == api && r.delay > 0 })
	if len(runs) == 0 {
		return
	}
	fmt.Fprintf(out, "\n### %s, %s a page: %d records, %d a page\n\n", api, p.delay, p.delayed.records, p.delayed.size)
	out.WriteString("| client | wall ms | times as fast as sdk | CPU ratio | peak MiB | connections | requests |\n|---|---:|---:|---:|---:|---:|---:|\n")
	for _, r := range runs {
		fmt.Fprintf(out, "| %s | %.0f | %s | %s | %.1f | %.0f | %.0f |\n", r.client, s.each(r, wall).median,
			s.ratio(r, "sdk", func(r walks.Result) float64 { return 1 / r.Wall }), s.ratio(r, walks.Baseline, cpu),
			s.each(r, peak).median, s.each(r, connections).median, s.each(r, requests).median)
	}
}
