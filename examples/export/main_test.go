package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

// asProgram makes the test binary be the program: see program.
const asProgram = "STOREORDERS_EXPORT_TEST_IS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	// What somebody has set to try the program on a server of theirs.
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "MERCUR_") || strings.HasPrefix(name, "SALESIVE_") {
			_ = os.Unsetenv(name)
		}
	}
	os.Exit(m.Run())
}

// program is the command as a process of its own.
func program(t *testing.T, environment []string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...) //nolint:gosec // the test itself
	cmd.Env = append(append(os.Environ(), asProgram+"=1"), environment...)
	return cmd
}

// result is how a run ended.
type result struct {
	code     int
	out, err string
}

func runWith(t *testing.T, in io.Reader, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), args, streams{in, &stdout, &stderr, func(any) bool { return false }})
	return result{code, stdout.String(), stderr.String()}
}

func runArgs(t *testing.T, args ...string) result {
	t.Helper()
	return runWith(t, strings.NewReader(""), args...)
}

// shop is a server with a shopper on each API.
type shop struct {
	*storeorderstest.Server

	alice *storeorderstest.Customer
	ada   *storeorderstest.Shopper
}

func newShop(t *testing.T) shop {
	t.Helper()
	server := storeorderstest.NewServer()
	t.Cleanup(server.Close)
	return shop{server, server.AddCustomer("Alice"), server.AddShopper("Ada")}
}

// mercur are the arguments of an export of alice's groups.
func (s shop) mercur(args ...string) []string {
	return append([]string{"mercur", "--url", s.URL, "--publishable-key", s.PublishableKey, "--token", s.alice.Token}, args...)
}

// salesive are the arguments of an export of ada's orders.
func (s shop) salesive(args ...string) []string {
	return append([]string{"salesive", "--url", s.SalesiveURL, "--shop-id", s.ShopID, "--token", s.ada.Token}, args...)
}

func tempFile(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "orders")
}

func contents(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(data)
}

func TestHelpTellsTheExitStatuses(t *testing.T) {
	t.Parallel()
	got := runArgs(t, "--help")
	assert.Equal(t, 0, got.code)
	for _, text := range []string{"0 if all orders were written", "1 after", "2 if the command line is wrong", "3 if all", "130 after Ctrl-C"} {
		assert.Contains(t, strings.Join(strings.Fields(got.out), " "), text)
	}
}

func TestNoCredentialIsPrinted(t *testing.T) {
	t.Parallel()
	environment := []string{
		"MERCUR_URL=http://127.0.0.1:1", "MERCUR_PUBLISHABLE_KEY=pk_SECRET", "MERCUR_TOKEN=token_SECRET", "MERCUR_PASSWORD=password_SECRET",
		"SALESIVE_TOKEN=token_SECRET", "SALESIVE_SHOP_ID=shop_SECRET",
	}
	for _, args := range [][]string{
		{"mercur", "--help"},
		{"salesive", "--help"},
		{"mercur", "--limit=x"},
		{"mercur", "--limit=-1"},
		{"mercur", "--tokn=SECRET"},
		{"mercur", "--email", "alice@example.com"},
		{"salesive", "--guest"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Parallel()
			output, _ := program(t, environment, args...).CombinedOutput()
			assert.NotEmpty(t, output)
			assert.NotContains(t, string(output), "SECRET")
		})
	}
}

func TestACommandLineThatCannotWorkIsRefusedByFlag(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	for _, tt := range []struct {
		args []string
		want string
	}{
		{shop.mercur("--limit=-1"), "--limit: is -1"},
		{shop.mercur("--prefetch=-1"), "--prefetch: is negative"},
		{shop.mercur("--id", "."), `--id: is "."`},
		{shop.mercur("--created-since", "0000-01-01"), "--created-since: is in the year 0"},
		{shop.mercur("--updated-before", "0000-01-01"), "--updated-before: is in the year 0"},
		{shop.mercur("--updated-after", "today"), `"today" is no time`},
		{shop.mercur("--url", "market.example.com"), "--url: "},
		{shop.mercur("--email", "alice@example.com"), "give one of the two"},
		{shop.mercur("--format", "xml"), "--format must be one of"},
		{shop.mercur("--resume"), "--output"},
		{shop.mercur("--resume", "-o", "/nowhere/f", "--format", "table"), "a table cannot be resumed"},
		{shop.mercur("-o", "/nowhere/f", "--chart", "/nowhere/./f"), "--chart is the file of the orders"},
		{shop.mercur("--resume", "-o", "/nowhere/f", "--force"), "--resume and --force can't be used together"},
		{shop.mercur("--id", ""), "--id: is empty; leave the flag out for all"},
		{shop.mercur("--id", "og_1,,og_2"), "--id: there is nothing before or after a comma"},
		{shop.mercur("--fields", "id,,total"), "--fields: there is nothing before or after a comma"},
		{shop.salesive("--status", ""), "--status: is empty; leave the flag out for all"},
		{shop.salesive("--status", "paid,,pending"), "--status: there is nothing before or after a comma"},
		{shop.salesive("--min-total", "12,50"), `--min-total: "12,50" is no number: write it as in 99.90`},
		{shop.salesive("--max-total", ""), `--max-total: "" is no number: write it as in 99.90`},
		{shop.salesive("--page=-1"), "--page: is -1"},
		{shop.salesive("--guest"), "give one of them"},
		{[]string{"salesive"}, "no token: give --token or SALESIVE_TOKEN, or log in with --email or --guest (--help"},
		{[]string{"mercur", "--publishable-key", "pk_1"}, "no token: give --token or MERCUR_TOKEN, or log in with --email or MERCUR_EMAIL (--help"},
		{[]string{"mercur", "--token", "token"}, "no publishable key: give --publishable-key or MERCUR_PUBLISHABLE_KEY (--help"},
		{[]string{"salesive", "--shop-id", "a\nb"}, "--shop-id: "},
		{nil, `expected one of "mercur", "salesive"`},
	} {
		t.Run(tt.want, func(t *testing.T) {
			t.Parallel()
			got := runArgs(t, tt.args...)
			assert.Equal(t, exitUsage, got.code)
			assert.Contains(t, got.err, tt.want)
			assert.Empty(t, got.out)
		})
	}
}

func TestTheExitStatusTellsWhatHappened(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault storeorderstest.Fault
		code  int
		want  string
	}{
		"done":       {storeorderstest.Fault{}, 0, ""},
		"an error":   {storeorderstest.Status(401), exitError, "401"},
		"incomplete": {storeorderstest.LieAboutCount(2), exitIncomplete, "incomplete"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shop := newShop(t)
			shop.AddOrders(shop.ada, 3, 1)
			shop.Inject(tt.fault)
			got := runArgs(t, shop.salesive()...)
			assert.Equal(t, tt.code, got.code)
			assert.Contains(t, got.err, tt.want)
		})
	}
}

func TestDemoNeedsNoServerAndNoCredentials(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"mercur", "salesive"} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			got := runArgs(t, command, "--demo", "--url", "http://127.0.0.1:1")
			assert.Equal(t, 0, got.code, got.err)
			assert.Equal(t, "storeorders-export: made-up orders: --demo asks no other server\n", got.err)
			assert.Equal(t, demoOrders, strings.Count(got.out, "\n"))
		})
	}
}

func TestFiltersReachTheQueryOfMercur(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	got := runArgs(t, shop.mercur(
		"--id", "og_1,og_2", "--id", "og_3", "--order", "least-recently-updated", "--fields", "id,total", "--offset", "1", "--limit", "2",
		"--created-after", "2026-01-01", "--created-since", "2026-01-02T00:00:00.5Z",
		"--created-before", "2026-01-03", "--created-until", "2026-01-04",
		"--updated-after", "2026-02-01", "--updated-since", "2026-02-02",
		"--updated-before", "2026-02-03", "--updated-until", "2026-02-04T01:00:00+01:00")...)
	require.Equal(t, 0, got.code, got.err)
	shop.AssertRequests(t, storeorderstest.GET("/store/order-groups", strings.Join([]string{
		"id=og_1&id=og_2&id=og_3&order=updated_at&fields=id,total&offset=1&limit=2",
		"created_at[$gt]=2026-01-01T00:00:00.000Z&created_at[$gte]=2026-01-02T00:00:00.500Z",
		"created_at[$lt]=2026-01-03T00:00:00.000Z&created_at[$lte]=2026-01-04T00:00:00.000Z",
		"updated_at[$gt]=2026-02-01T00:00:00.000Z&updated_at[$gte]=2026-02-02T00:00:00.000Z",
		"updated_at[$lt]=2026-02-03T00:00:00.000Z&updated_at[$lte]=2026-02-04T00:00:00.000Z",
	}, "&")).WithToken(shop.alice.Token))
}

func TestFiltersReachTheQueryOfSalesive(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	got := runArgs(t, shop.salesive(
		"--status", "paid,pending", "--status", "refunded", "--number", "1001", "--min-total", "9.90", "--max-total", "1e3",
		"--from", "2026-01-01", "--to", "2026-01-31T15:04:05Z", "--page", "2", "--limit", "3")...)
	require.Equal(t, 0, got.code, got.err)
	shop.AssertRequests(t, storeorderstest.GET("/api/v1/orders", "status=paid&status=pending&status=refunded&orderId=1001&minTotal=9.90&maxTotal=1e3"+
		"&from=2026-01-01T00:00:00.000Z&to=2026-01-31T15:04:05.000Z&page=2&limit=3").WithToken(shop.ada.Token))
}

func TestOrdersComeInTheOrderAskedFor(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	groups := shop.AddOrderGroups(shop.alice, 2, 1)
	newest, oldest := runArgs(t, shop.mercur("--fields", "id")...), runArgs(t, shop.mercur("--fields", "id", "--order", "oldest")...)
	line := func(group storeorders.OrderGroup) string { return `{"id":"` + group.ID + `"}` + "\n" }
	assert.Equal(t, line(groups[1])+line(groups[0]), newest.out)
	assert.Equal(t, line(groups[0])+line(groups[1]), oldest.out)
}
