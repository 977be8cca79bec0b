package main

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

// exports are the ways to write a file that can be resumed. The groups have up
// to three rows.
func exports(s shop) map[string][]string {
	return map[string][]string{
		"mercur ndjson":   s.mercur("--format", "ndjson", "--fields", "id,total"),
		"mercur csv":      s.mercur("--format", "csv"),
		"salesive ndjson": s.salesive("--format", "ndjson"),
		"salesive csv":    s.salesive("--format", "csv"),
	}
}

// plenty fills the shop with n plausible orders of each API.
func plenty(n int) func(shop) {
	return func(s shop) {
		s.AddOrderGroups(s.alice, n, 2)
		s.AddOrders(s.ada, n, 2)
	}
}

// little fills it with orders of few bytes. A group has two rows.
func little(s shop) {
	for _, sellers := range []int{2, 1} {
		s.AddOrderGroup(s.alice, storeorders.OrderGroup{Orders: make([]storeorders.SellerOrder, sellers)})
		s.AddOrder(s.ada, storeorders.Order{})
	}
}

// forEachExport gives each its own shop, and what its orders are exported as by
// a run that nothing disturbs.
func forEachExport(t *testing.T, fill func(shop), test func(t *testing.T, s shop, args []string, undisturbed string)) {
	t.Helper()
	for _, export := range []string{"mercur ndjson", "mercur csv", "salesive ndjson", "salesive csv"} {
		t.Run(export, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			fill(s)
			args := exports(s)[export]
			got := runArgs(t, args...)
			require.Equal(t, 0, got.code, got.err)
			require.GreaterOrEqual(t, strings.Count(got.out, "\n"), 2)
			test(t, s, args, got.out)
		})
	}
}

func TestResumeAfterAnErrorAtAnyPage(t *testing.T) {
	t.Parallel()
	forEachExport(t, plenty(12), func(t *testing.T, s shop, args []string, undisturbed string) {
		for page := 1; page <= 4; page++ {
			file := tempFile(t)
			args := slices.Concat(args, []string{"--limit", "3", "-o", file})
			s.Inject(storeorderstest.Status(403), storeorderstest.Nth(page))
			broken := runArgs(t, args...)
			assert.Equal(t, exitError, broken.code)
			assert.Contains(t, broken.err, "403")
			if page > 1 {
				assert.Contains(t, broken.err, fmt.Sprintf("has %d order", (page-1)*3))
				assert.Contains(t, broken.err, "--resume")
			}
			part := contents(t, file)
			assert.Less(t, len(part), len(undisturbed))
			assert.True(t, strings.HasPrefix(undisturbed, part))

			s.ClearFaults()
			resumed := runArgs(t, append(args, "--resume")...)
			assert.Equal(t, result{}, resumed)
			assert.Equal(t, undisturbed, contents(t, file), "page %d", page)
		}
	})
}

// A process that is killed, or a disk that is full, leaves what it has written.
func TestResumeAfterACrashAtAnyByte(t *testing.T) {
	t.Parallel()
	forEachExport(t, little, func(t *testing.T, _ shop, args []string, undisturbed string) {
		step := 1
		if args[0] == "salesive" {
			step = 5 // the same code as Mercur's, and longer lines
		}
		file := tempFile(t)
		args = slices.Concat(args, []string{"-o", file, "--resume"})
		for n := 0; n <= len(undisturbed); n += step {
			require.NoError(t, os.WriteFile(file, []byte(undisturbed[:n]), 0o600))
			require.Equal(t, result{}, runArgs(t, args...), "cut at byte %d", n)
			require.Equal(t, undisturbed, contents(t, file), "cut at byte %d", n)
		}
	})
}

func TestResumeIsExactWhereOrdersMoved(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	groups := shop.AddOrderGroups(shop.alice, 9, 1) // the newest is groups[8]
	file := tempFile(t)
	args := shop.mercur("--fields", "id", "--limit", "3", "-o", file)
	shop.Inject(storeorderstest.Status(403), storeorderstest.Nth(3))
	require.Equal(t, exitError, runArgs(t, args...).code)

	shop.ClearFaults()
	shop.RemoveOrderGroup(groups[7].ID) // which is in the file
	shop.RemoveOrderGroup(groups[6].ID)
	newest := shop.AddOrderGroup(shop.alice, storeorders.OrderGroup{CreatedAt: groups[8].CreatedAt.Add(time.Hour)})
	require.Equal(t, result{}, runArgs(t, append(args, "--resume")...))

	var want strings.Builder
	for _, i := range []int{8, 7, 6, 5, 4, 3} {
		fmt.Fprintf(&want, `{"id":%q}`+"\n", groups[i].ID)
	}
	for _, id := range []string{newest.ID, groups[2].ID, groups[1].ID, groups[0].ID} {
		fmt.Fprintf(&want, `{"id":%q}`+"\n", id)
	}
	assert.Equal(t, want.String(), contents(t, file))
}

// An order that is in the file in full stays there, also if it is the last one
// and the server no longer lists it.
func TestResumeKeepsWhatTheServerNoLongerLists(t *testing.T) {
	t.Parallel()
	for _, export := range []string{"mercur ndjson", "mercur csv", "salesive ndjson", "salesive csv"} {
		t.Run(export, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			groups, orders := s.AddOrderGroups(s.alice, 3, 2), s.AddOrders(s.ada, 3, 2)
			file := tempFile(t)
			args := slices.Concat(exports(s)[export], []string{"-o", file})
			require.Equal(t, result{}, runArgs(t, args...))
			before := contents(t, file)
			s.RemoveOrderGroup(groups[0].ID)
			s.RemoveOrder(orders[0].ID)
			require.Equal(t, result{}, runArgs(t, append(args, "--resume")...))
			assert.Equal(t, before, contents(t, file))
		})
	}
}

// started runs the program until it asks for the third page, and then does to it what end does.
func started(t *testing.T, s shop, args []string, end func(*os.Process) error) (status *exec.ExitError, stderr string) {
	t.Helper()
	process := make(chan *os.Process, 1)
	s.Inject(storeorderstest.Before(func() { assert.NoError(t, end(<-process)) }), storeorderstest.Nth(3))
	s.Inject(storeorderstest.Delay(time.Hour), storeorderstest.Nth(3))
	defer s.ClearFaults()
	cmd := program(t, nil, args...)
	var errors strings.Builder
	cmd.Stderr = &errors
	require.NoError(t, cmd.Start())
	process <- cmd.Process
	require.ErrorAs(t, cmd.Wait(), &status)
	return status, errors.String()
}

func TestResumeAfterAKill(t *testing.T) {
	t.Parallel()
	forEachExport(t, plenty(8), func(t *testing.T, s shop, args []string, undisturbed string) {
		file := tempFile(t)
		args = slices.Concat(args, []string{"--limit", "2", "-o", file})
		status, _ := started(t, s, args, (*os.Process).Kill)
		assert.Equal(t, -1, status.ExitCode(), "killed")
		part := contents(t, file)
		assert.NotEmpty(t, part, "nothing that has come is kept back")
		assert.Less(t, len(part), len(undisturbed))

		require.Equal(t, result{}, runArgs(t, append(args, "--resume")...))
		assert.Equal(t, undisturbed, contents(t, file))
	})
}

func TestResumeAfterCtrlC(t *testing.T) {
	t.Parallel()
	forEachExport(t, plenty(8), func(t *testing.T, s shop, args []string, undisturbed string) {
		file := tempFile(t)
		args = slices.Concat(args, []string{"--limit", "2", "-o", file})
		status, stderr := started(t, s, args, func(p *os.Process) error { return p.Signal(os.Interrupt) })
		assert.Equal(t, exitInterrupted, status.ExitCode())
		assert.Contains(t, stderr, name+": interrupted\n"+file+" has 4 order")

		require.Equal(t, result{}, runArgs(t, append(args, "--resume")...))
		assert.Equal(t, undisturbed, contents(t, file))
	})
}

func TestResumeOfNothingIsAFirstRun(t *testing.T) {
	t.Parallel()
	forEachExport(t, plenty(2), func(t *testing.T, _ shop, args []string, undisturbed string) {
		file := tempFile(t)
		require.Equal(t, result{}, runArgs(t, append(args, "-o", file, "--resume")...))
		assert.Equal(t, undisturbed, contents(t, file))
	})
}

func TestAFileIsNotOverwrittenUnlessForced(t *testing.T) {
	t.Parallel()
	forEachExport(t, plenty(2), func(t *testing.T, _ shop, args []string, undisturbed string) {
		file := tempFile(t)
		for _, before := range []string{undisturbed, strings.Repeat("diary\n", 1000)} {
			require.NoError(t, os.WriteFile(file, []byte(before), 0o600))
			got := runArgs(t, append(args, "-o", file)...)
			assert.Equal(t, exitError, got.code)
			assert.Contains(t, got.err, file+" is not empty: give --resume")
			assert.Equal(t, before, contents(t, file))
		}
		assert.Equal(t, result{}, runArgs(t, append(args, "-o", file, "--force")...))
		assert.Equal(t, undisturbed, contents(t, file))
	})
}

// Another command's file, or one that was edited, would get orders twice.
func TestAFileThatIsNotThisCommandsCannotBeResumed(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	for name, tt := range map[string]struct{ format, data, want string }{
		"a diary":           {"ndjson", "diary\n", "line 1: "},
		"a diary as CSV":    {"csv", "diary\n", "first line"},
		"Salesive's NDJSON": {"ndjson", `{"_id":"690ff00acf4de460fd1f6115"}` + "\n", "line 1: an order without an id"},
		"Salesive's CSV":    {"csv", "order_id,number\n", "first line"},
		"a hole":            {"ndjson", `{"id":"og_1"}` + "\n\x00\x00\n", "line 2: "},
		"too few cells":     {"csv", string(newFormat(formatCSV, "group_id", nil).header) + "og_1,1\n", "line 2: 2 cells"},
		"no date":           {"csv", string(newFormat(formatCSV, "group_id", nil).header) + "og_1,1,yesterday,1,1,,,,,,,\n", "line 2: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := tempFile(t)
			require.NoError(t, os.WriteFile(file, []byte(tt.data), 0o600))
			got := runArgs(t, shop.mercur("--format", tt.format, "-o", file, "--resume")...)
			assert.Equal(t, exitError, got.code)
			assert.Contains(t, got.err, "cannot be resumed: ")
			assert.Contains(t, got.err, tt.want)
			assert.Equal(t, tt.data, contents(t, file))
		})
	}
}

func TestTheFileIsTheOwnersAlone(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	file := tempFile(t)
	require.Equal(t, result{}, runArgs(t, shop.mercur("-o", file)...))
	info, err := os.Stat(file)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}
