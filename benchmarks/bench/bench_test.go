package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders/benchmarks/internal/walks"
)

func TestSpreadIsOfTheMedian(t *testing.T) {
	t.Parallel()
	assert.Equal(t, spread{2, 1, 9}, spreadOf([]float64{9, 1, 2}))
	assert.Equal(t, spread{2.5, 1, 9}, spreadOf([]float64{9, 3, 1, 2}))
	assert.Equal(t, "–", spreadOf(nil).String())
}

func TestRatiosAreWithinARepetition(t *testing.T) {
	t.Parallel()
	sdk, base := run{client: "sdk"}, run{client: walks.Baseline}
	var s results
	for rep, machine := range []float64{1, 10, 2} { // times as slow
		s.add(base, rep, walks.Result{CPU: 4 * machine})
		s.add(sdk, rep, walks.Result{CPU: 2 * machine})
	}
	assert.Equal(t, spread{0.5, 0.5, 0.5}, s.ratio(sdk, walks.Baseline, cpu))
}

func TestQuickIsSmallUnlessToldOtherwise(t *testing.T) {
	t.Parallel()
	p, err := parsePlan([]string{"-quick", "-sizes", "10,50", "-js"})
	require.NoError(t, err)
	assert.Equal(t, []int{10, 50}, p.sizes)
	assert.Equal(t, []int{1000}, p.records)
	assert.Contains(t, p.clients, jsClient)
	_, err = parsePlan([]string{"-records", "0"})
	assert.Error(t, err)
}

func TestPrefetchHasARunOfItsOwn(t *testing.T) {
	t.Parallel()
	p, err := parsePlan([]string{"-api", "mercur", "-sizes", "100", "-records", "1000", "-clients", "raw,sdk,sdk-prefetch-8"})
	require.NoError(t, err)
	groups := p.runs()
	require.Len(t, groups, 2)
	assert.Equal(t, []string{"raw", "sdk"}, groups[0].clients)
	assert.Equal(t, 20, p.rounds(groups[0].run))
	assert.Equal(t, []string{"sdk-prefetch-8", "sdk"}, groups[1].clients)
	assert.Equal(t, 20*time.Millisecond, groups[1].delay)
	assert.Equal(t, 1, p.rounds(groups[1].run))
}
