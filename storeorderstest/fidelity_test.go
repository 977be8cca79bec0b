package storeorderstest_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders/internal/fidelity"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

// TestMain adds the flag that has TestFidelity write its report.
func TestMain(m *testing.M) {
	flag.Bool("update", false, "write "+fidelityReport)
	os.Exit(m.Run())
}

const (
	fidelityReport = "FIDELITY.md"
	leastFaithful  = 0.95
)

// fidelityFiles are the recordings, with the stack that imitates their server.
func fidelityFiles() []fidelityFile {
	mercur215 := func(path string) fidelityFile {
		return fidelityFile{path, "Mercur 2.1.5 on Medusa 2.13.4", "Mercur215", storeorderstest.Mercur215}
	}
	return []fidelityFile{
		mercur215("../testdata/mercur/captures-mercur-2.1.5.jsonl"),
		mercur215("testdata/auth-mercur-2.1.5.jsonl"),
		mercur215("testdata/forms-mercur-2.1.5.jsonl"),
		mercur215("../testdata/mercur/mercur-2.1.5+medusa-2.13.4.jsonl"),
		{"../testdata/mercur/mercur-2.3.1+medusa-2.18.0.jsonl", "Mercur 2.3.1 on Medusa 2.18.0", "Mercur231", storeorderstest.Mercur231},
		{"testdata/auth-mercur-2.3.1.jsonl", "Mercur 2.3.1 on Medusa 2.18.0", "Mercur231", storeorderstest.Mercur231},
		{"../testdata/mercur/mercur-2.3.1+medusa-2.20.1.jsonl", "Mercur 2.3.1 on Medusa 2.20.1", "Mercur231Medusa220", storeorderstest.Mercur231Medusa220},
		{"../testdata/mercur/mercur-2.3.1+medusa-2.21.2.jsonl", "Mercur 2.3.1 on Medusa 2.21.2", "Mercur231Medusa220", storeorderstest.Mercur231Medusa220},
	}
}

type fidelityFile struct {
	path, server, option string
	stack                storeorderstest.Stack
}

func (f fidelityFile) name() string { return path.Base(f.path) }

// difference is what differs in the answer to one request.
type difference struct{ file, request, what, reason string }

// TestFidelity replays what was recorded of real servers, and compares.
func TestFidelity(t *testing.T) {
	t.Parallel()
	var report strings.Builder
	var differences []difference
	known, explained := fidelity.KnownDifferences(), map[string]bool{}
	report.WriteString("# How faithful the fake is\n\n" +
		"Every recorded request of `../testdata/mercur` and `testdata` was sent to a `storeorderstest.Server` with the same data, and the answers were compared: " +
		"status, content type, error type and message, the shape of the body (keys and types at every level), and values. " +
		"Groups of one time may come in any order.\n\n" +
		"Written by `go test ./storeorderstest -run TestFidelity -update`; the test fails if this is not what it finds.\n\n" +
		"| recording | server | option | answered as the real server |\n|---|---|---|---|\n")
	for _, file := range fidelityFiles() {
		exchanges := readExchanges(t, file.path)
		replay := newReplay(t, file, exchanges)
		same := 0
		for _, e := range exchanges {
			what := replay.compare(t, e)
			if what == "" {
				same++
				continue
			}
			reason := known[e.Name]
			explained[e.Name] = true
			assert.NotEmptyf(t, reason, "%s: %s %s %s: no reason is given for: %s", file.name(), e.Name, e.Request.Method, e.Request.Path, what)
			differences = append(differences, difference{file.name(), e.Name, what, reason})
		}
		t.Logf("%s: %d of %d answered as the real server", file.name(), same, len(exchanges))
		assert.GreaterOrEqual(t, float64(same), leastFaithful*float64(len(exchanges)), file.name())
		fmt.Fprintf(&report, "| `%s` | %s | `%s` | %d of %d |\n", file.name(), file.server, file.option, same, len(exchanges))
	}
	for request := range known {
		assert.True(t, explained[request], "%s is answered as the real server did: it needs no reason", request)
	}

	report.WriteString("\nRecorded, but not replayed, because no request and answer of these APIs stand in them: " +
		"`database-down`, `real-expired-token`, `http-keepalive-reuse`, `http-http2-prior`, `ties-paging` (see `ShuffleTies`), " +
		"and four of routes that the fake does not have, `/health` among them: `http-health`, `http-health-head`, `http-no-such-route`, `http-no-such-route-outside`.\n")

	report.WriteString("\n## Differences\n\n")
	if len(differences) == 0 {
		report.WriteString("None.\n")
	} else {
		report.WriteString("| recording | request | difference | reason |\n|---|---|---|---|\n")
	}
	for _, d := range differences {
		fmt.Fprintf(&report, "| `%s` | `%s` | `%s` | %s |\n", d.file, d.request, d.what, d.reason)
	}
	if flag.Lookup("update").Value.String() == "true" {
		require.NoError(t, os.WriteFile(fidelityReport, []byte(report.String()), 0o600))
	}
	written, err := os.ReadFile(fidelityReport)
	require.NoError(t, err)
	assert.Equal(t, report.String(), string(written), "%s is out of date: run this test with -update", fidelityReport)
}

func readExchanges(t *testing.T, file string) []*fidelity.Exchange {
	t.Helper()
	exchanges, err := fidelity.ReadExchanges(filepath.FromSlash(file))
	require.NoError(t, err)
	return exchanges
}

// replay is a fake with the data of the recorded server.
type replay struct {
	server *storeorderstest.Server
	// values are what the placeholders of the recordings stand for.
	values map[string]string
	// etags has the tag that the fake gave for each that was recorded.
	etags map[string]string
	// created and updated are the times of the groups, by id.
	created, updated map[string]time.Time
}

func newReplay(t *testing.T, file fidelityFile, exchanges []*fidelity.Exchange) *replay {
	t.Helper()
	recorded := recordedGroups(t, file, exchanges)
	customers := []map[string]any{
		{"id": "cus_01M814Y273KSDQ1PEG3T2JR40M", "first_name": "Alice", "last_name": "Many", "email": "alice@customers.example.com", "password": "Passw0rd!live"},
		{"id": "cus_B"},
		{"id": "cus_C"},
	}
	r := &replay{
		server: newServer(t, file.stack),
		etags:  map[string]string{}, created: map[string]time.Time{}, updated: map[string]time.Time{},
	}
	for i, groups := range recorded {
		customers[i]["order_groups"] = slices.Collect(maps.Values(groups))
		for id, group := range groups {
			if owner, known := group["customer_id"]; known {
				customers[i]["id"] = owner
			}
			r.created[id], r.updated[id] = timeOf(t, group["created_at"]), timeOf(t, group["updated_at"])
		}
	}
	fixture, err := json.Marshal(map[string]any{"customers": customers})
	require.NoError(t, err)
	require.NoError(t, r.server.LoadFixture(bytes.NewReader(fixture)))
	r.values = placeholders(t, r.server)

	for _, e := range exchanges {
		if e.Response.ETag != "" && e.Response.Status == http.StatusOK {
			r.etags[e.Response.ETag] = r.send(t, e).Header.Get("ETag")
		}
	}
	return r
}

func timeOf(t *testing.T, value any) time.Time {
	t.Helper()
	text, _ := value.(string)
	at, err := time.Parse(time.RFC3339, text)
	require.NoError(t, err)
	return at
}

// placeholders makes the credentials that the recordings name.
func placeholders(t *testing.T, srv *storeorderstest.Server) map[string]string {
	t.Helper()
	customers := srv.Customers()
	token := func(path, email string) string {
		token, _ := tokenOf(t, post(t, srv, path, "", map[string]string{"email": email, "password": customers[0].Password}))
		return token
	}
	session := func() string {
		cookie := post(t, srv, "/auth/session", customers[0].Token, nil).cookie
		require.NotNil(t, cookie)
		return cookie.Value
	}
	closed := session()
	require.Equal(t, 200, request(t, srv, http.MethodDelete, "/auth/session", map[string]string{"Cookie": "connect.sid=" + closed}).status)
	token("/auth/customer/emailpass/register", "acorn-goods@sellers.example.com")
	return map[string]string{
		"<valid>":      srv.PublishableKey,
		"<customer A>": customers[0].Token, "<customer B>": customers[1].Token, "<customer C>": customers[2].Token,
		"<unknown customer>": newServer(t).AddCustomer("Stranger").Token,
		"<seller>":           token("/auth/member/emailpass", customers[0].Email),
		"<actorless>":        token("/auth/customer/emailpass/register", "nobody@customers.example.com"),
		"<expired>":          newServer(t, storeorderstest.WithMercurTokenLifetime(-time.Minute)).AddCustomer("A").Token,
		"<forged>":           customers[0].Token[:len(customers[0].Token)-3] + "AAA",

		"<session of customer A>": session(), "<closed session>": closed,
		"…": strings.Repeat("a", 20_000),
	}
}

func (r *replay) fill(text string) string {
	for placeholder, value := range r.values {
		text = strings.ReplaceAll(text, placeholder, value)
	}
	return text
}

func (r *replay) send(t *testing.T, e *fidelity.Exchange) *fidelity.Answer {
	t.Helper()
	got, err := e.Send(t.Context(), r.server.URL, func(text string) string {
		if tag, known := r.etags[text]; known {
			return tag
		}
		return r.fill(text)
	})
	require.NoError(t, err)
	return got
}

// compare sends the request and tells in what the answer differs, "" if in
// nothing.
func (r *replay) compare(t *testing.T, e *fidelity.Exchange) string {
	t.Helper()
	got := r.send(t, e)
	want := &fidelity.Answer{
		Status: e.Response.Status,
		Header: http.Header{"Content-Type": {e.Response.ContentType}},
		Body:   e.Body(),
		Closes: e.Response.Connection == "close",
	}
	if what := fidelity.CompareHead(want, got); what != "" {
		return what
	}
	switch tag := e.Response.ETag; {
	case tag != "" && got.Header.Get("ETag") != r.etags[tag]:
		return "another ETag"
	case !strings.HasPrefix(e.Response.ContentType, "application/json"), len(want.Body) == 0:
		if !bytes.Equal(got.Body, want.Body) {
			return "another text"
		}
		return ""
	}
	recorded, answered := decode(t, want.Body), decode(t, got.Body)
	r.keepCredentials(t, e, got, answered)
	withoutChance(recorded)
	withoutChance(answered)
	times := r.created
	if strings.Contains(e.Request.Path, "order=updated_at") || strings.Contains(e.Request.Path, "order=-updated_at") {
		times = r.updated
	}
	if what := fidelity.MatchGroups(recorded, answered, times); what != "" {
		return what
	}
	return fidelity.CompareJSON("", recorded, answered)
}

// keepCredentials keeps a new token and cookie for later requests, and puts its
// claims in the token's place, as the recordings do.
func (r *replay) keepCredentials(t *testing.T, e *fidelity.Exchange, got *fidelity.Answer, answered any) {
	t.Helper()
	if object, _ := answered.(map[string]any); object["token"] != nil {
		text, _ := object["token"].(string)
		r.values["<token of "+e.Name+">"] = text
		segments := strings.Split(text, ".")
		require.Len(t, segments, 3, e.Name)
		payload, err := base64.RawURLEncoding.DecodeString(segments[1])
		require.NoError(t, err)
		object["token"] = decode(t, payload)
	}
	for _, cookie := range (&http.Response{Header: got.Header}).Cookies() {
		r.values["<cookie of "+e.Name+">"] = cookie.Value
	}
}

// withoutChance takes from an answer what is another each time: ids and times
// of new customers, and the time of a token, of which the lifetime stays.
func withoutChance(value any) {
	object, isObject := value.(map[string]any)
	if !isObject {
		return
	}
	for _, name := range []string{"token", "user", "customer", "app_metadata"} {
		withoutChance(object[name])
	}
	if issued, isNumber := object["iat"].(json.Number); isNumber {
		expires, _ := object["exp"].(json.Number)
		object["exp"] = json.Number(new(big.Rat).Sub(fidelity.Number(expires), fidelity.Number(issued)).FloatString(0))
		object["iat"] = "now"
	}
	if object["has_account"] != nil {
		object["created_at"], object["updated_at"] = "now", "now"
	}
	for name, value := range object {
		if text, _ := value.(string); strings.HasPrefix(text, "authid_") || strings.HasPrefix(text, "cus_") {
			object[name], _, _ = strings.Cut(text, "_")
		}
	}
}

func decode(t *testing.T, text []byte) any {
	t.Helper()
	value, err := fidelity.Decode(text)
	require.NoError(t, err)
	return value
}

// recordedGroups puts together, of all answers, what is known of the groups of
// the customers A and B.
func recordedGroups(t *testing.T, file fidelityFile, exchanges []*fidelity.Exchange) [2]map[string]map[string]any {
	t.Helper()
	groups := [2]map[string]map[string]any{{}, {}}
	for _, e := range exchanges {
		if e.Response.Status != http.StatusOK || !bytes.HasPrefix(e.Body(), []byte("{")) {
			continue
		}
		answer, _ := decode(t, e.Body()).(map[string]any)
		list := fidelity.Groups(answer)
		if one := answer["order_group"]; one != nil {
			list = []any{one}
		}
		owner := 0
		if e.Request.Headers["Authorization"] == "Bearer <customer B>" && e.Request.Headers["Cookie"] == "" {
			owner = 1
		}
		for _, group := range list {
			group, _ := group.(map[string]any)
			dropWrongAmounts(group)
			id := fidelity.ID(group)
			if groups[owner][id] == nil {
				groups[owner][id] = map[string]any{}
			}
			mergeObject(groups[owner][id], group)
		}
	}
	// What no answer shows: the microseconds of two groups, which filters tell
	// apart, and the times of those that were made by the dozen.
	for id, created := range map[string]string{
		"og_01M814Z1MF6ASK7V7997XMKRFY": "2026-01-21T10:00:00.1234Z", "og_01M814Z30ZBXNA5PSN6ADHGNXX": "2026-01-21T10:00:00.123456Z",
	} {
		if group := groups[0][id]; group != nil {
			group["created_at"], group["updated_at"] = created, created
		}
	}
	if !strings.HasPrefix(file.name(), "mercur") {
		return groups
	}
	for i := 1; i <= 60; i++ {
		groups[0][fmt.Sprintf("og_bulk%04d", i)] = map[string]any{
			"id": fmt.Sprintf("og_bulk%04d", i), "display_id": 100 + i,
			"created_at": time.Date(2026, time.January, 1+i/10, 0, 0, 0, 0, time.UTC).Format(time.RFC3339),
			"updated_at": time.Date(2026, time.February, 1, i/10, 0, 0, 0, time.UTC).Format(time.RFC3339),
		}
	}
	return groups
}

// dropWrongAmounts drops the amounts that a server computed without the
// quantities of the items.
func dropWrongAmounts(group map[string]any) {
	orders, _ := group["orders"].([]any)
	for _, order := range orders {
		order, _ := order.(map[string]any)
		items, _ := order["items"].([]any)
		for _, item := range items {
			item, _ := item.(map[string]any)
			if item["unit_price"] != nil && (item["quantity"] != nil || item["detail"] != nil) {
				continue
			}
			delete(item, "total")
			delete(item, "subtotal")
			for _, name := range []string{"total", "subtotal", "item_total", "tax_total"} {
				delete(order, name)
			}
		}
	}
}

// mergeObject leaves out what the fake makes of the rest.
func mergeObject(into, from map[string]any) {
	for name, value := range from {
		if strings.HasPrefix(name, "raw_") || strings.HasPrefix(name, "refundable_") || name == "summary" {
			continue
		}
		into[name] = merged(into[name], value)
	}
}

func merged(old, value any) any {
	switch value := value.(type) {
	case map[string]any:
		object, isObject := old.(map[string]any)
		if !isObject {
			object = map[string]any{}
		}
		mergeObject(object, value)
		return object
	case []any:
		array, isArray := old.([]any)
		if !isArray {
			array = []any{}
		}
		for i, element := range value {
			if i == len(array) {
				array = append(array, nil)
			}
			array[i] = merged(array[i], element)
		}
		return array
	case nil:
		return old
	default:
		return value
	}
}
