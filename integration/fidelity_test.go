//go:build integration

package integration_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders/internal/fidelity"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

const leastFaithful = 0.95

// recorded are the requests to the route of order groups, which change nothing
// on the server, and the ids in them with those of the live server, as for
// [strings.NewReplacer].
func recorded(t *testing.T) (exchanges []*fidelity.Exchange, ids []string) {
	t.Helper()
	for _, file := range []string{
		"../testdata/mercur/captures-mercur-2.1.5.jsonl", "../storeorderstest/testdata/forms-mercur-2.1.5.jsonl",
	} {
		all, err := fidelity.ReadExchanges(file)
		require.NoError(t, err)
		ids = append(ids, liveIDs(t, all)...)
		for _, e := range all {
			if strings.Contains(strings.ToLower(e.Request.Path), "/store/order-groups") {
				exchanges = append(exchanges, e)
			}
		}
	}
	return exchanges, ids
}

// TestFidelity sends every recorded request to the live server and to a fake
// with the live server's data, and compares the two answers. Of the recorded
// answers only the status counts: where the live server gives another one, the
// request does not ask what it should, and two answers alike would mean nothing.
func TestFidelity(t *testing.T) {
	t.Parallel()
	exchanges, ids := recorded(t)
	// The server brings groups of one instant in another order from one answer to
	// the next, and then their tag is another: a 304 cannot be counted on.
	exchanges = slices.DeleteFunc(exchanges, func(e *fidelity.Exchange) bool { return e.Response.Status == http.StatusNotModified })
	groups := map[string][]any{"A": liveGroups(t, "A"), "B": liveGroups(t, "B"), "C": {}}
	server, fake := liveParty(t, ids), fakeParty(t, ids, groups)
	for _, e := range exchanges {
		if e.Response.ETag != "" && e.Response.Status == http.StatusOK {
			server.keepTag(t, e)
			fake.keepTag(t, e)
		}
	}

	same, explained := 0, fidelity.KnownDifferences()
	for _, e := range exchanges {
		answer := server.send(t, e)
		assert.Equal(t, e.Response.Status, answer.Status, "%s: the live server's status", e.Name)
		what := compare(t, e, answer, fake.send(t, e))
		reason, known := explained[e.Name]
		switch {
		case what == "":
			same++
			assert.False(t, known, "%s is answered as by the live server: it needs no reason", e.Name)
		case known:
			t.Logf("%s: %s: %s", e.Name, what, reason)
		default:
			t.Errorf("%s: %s %s: no reason is given for: %s", e.Name, e.Request.Method, e.Request.Path, what)
		}
	}
	t.Logf("%d of %d answered as the live server", same, len(exchanges))
	assert.GreaterOrEqual(t, float64(same), leastFaithful*float64(len(exchanges)))
}

// compare tells in what the fake's answer differs, "" if in nothing.
func compare(t *testing.T, e *fidelity.Exchange, want, got *fidelity.Answer) string {
	t.Helper()
	if what := fidelity.CompareHead(want, got); what != "" {
		return what
	}
	switch {
	case (want.Header.Get("ETag") == "") != (got.Header.Get("ETag") == ""):
		return fmt.Sprintf("ETag %q, not %q", got.Header.Get("ETag"), want.Header.Get("ETag"))
	case !strings.HasPrefix(want.Header.Get("Content-Type"), "application/json"), len(want.Body) == 0:
		if !bytes.Equal(got.Body, want.Body) {
			return "another text"
		}
		return ""
	}
	wanted, err := fidelity.Decode(want.Body)
	require.NoError(t, err, e.Name)
	gotten, err := fidelity.Decode(got.Body)
	require.NoError(t, err, e.Name)
	instant := createdAt
	if strings.Contains(e.Request.Path, "order=updated_at") || strings.Contains(e.Request.Path, "order=-updated_at") {
		instant = updatedAt
	}
	times := map[string]time.Time{}
	for _, g := range live.seed.OrderGroups {
		times[g.ID] = instant(g)
	}
	if what := fidelity.MatchGroups(wanted, gotten, times); what != "" {
		return what
	}
	sortOrders(wanted)
	sortOrders(gotten)
	return fidelity.CompareJSON("", wanted, gotten)
}

// sortOrders sorts the orders and items of all groups by their text: the server
// promises no order of them, and need not send their ids.
func sortOrders(value any) {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			sortOrders(member)
			if array, _ := member.([]any); name == "orders" || name == "items" {
				slices.SortFunc(array, func(a, b any) int { return strings.Compare(textOf(a), textOf(b)) })
			}
		}
	case []any:
		for _, element := range value {
			sortOrders(element)
		}
	}
}

func textOf(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// party is one of the two servers, with what it puts in the place of the
// credentials, ids and tags of the recordings.
type party struct {
	url    string
	values []string // pairs, as for [strings.NewReplacer]
}

func (p *party) send(t *testing.T, e *fidelity.Exchange) *fidelity.Answer {
	t.Helper()
	answer, err := e.Send(t.Context(), p.url, strings.NewReplacer(p.values...).Replace)
	require.NoError(t, err)
	return answer
}

// keepTag gets the tag that this server has for what was recorded with another.
func (p *party) keepTag(t *testing.T, e *fidelity.Exchange) {
	t.Helper()
	p.values = append(p.values, e.Response.ETag, p.send(t, e).Header.Get("ETag"))
}

func liveParty(t *testing.T, ids []string) *party {
	t.Helper()
	p := &party{url: live.url}
	p.addCredentials(t, live.publishableKey, live.tokens)
	p.values = append(p.values, ids...)
	return p
}

// fakeParty starts a fake that has the live server's customers and groups.
func fakeParty(t *testing.T, ids []string, groups map[string][]any) *party {
	t.Helper()
	srv := storeorderstest.NewServer(storeorderstest.Mercur215)
	t.Cleanup(srv.Close)
	fixture := []map[string]any{}
	for _, name := range []string{"A", "B", "C"} {
		fixture = append(fixture, map[string]any{"id": live.seed.Customers[name].ID, "first_name": name, "order_groups": groups[name]})
	}
	text, err := json.Marshal(map[string]any{"customers": fixture})
	require.NoError(t, err)
	require.NoError(t, srv.LoadFixture(bytes.NewReader(text)))

	// The fake has no clock to set back: its expired token is another fake's.
	expired := storeorderstest.NewServer(storeorderstest.Mercur215, storeorderstest.WithMercurTokenLifetime(-time.Minute))
	t.Cleanup(expired.Close)
	customers := srv.Customers()
	p := &party{url: srv.URL}
	_, seller := p.post(t, "/auth/member/emailpass", "", customers[0].Email, customers[0].Password)
	p.addCredentials(t, srv.PublishableKey, map[string]string{
		"A": customers[0].Token, "B": customers[1].Token, "C": customers[2].Token,
		"EXPIRED": expired.AddCustomer("A").Token,
		"FORGED":  customers[0].Token[:len(customers[0].Token)-3] + "AAA",
		"SELLER":  seller,
	})
	p.values = append(p.values, ids...)
	return p
}

// addCredentials adds the credentials that the recordings name.
func (p *party) addCredentials(t *testing.T, key string, tokens map[string]string) {
	t.Helper()
	// The same one each time: a server keeps those who register.
	const nobody, password = "nobody@customers.example.com", "Passw0rd!nobody"
	p.post(t, "/auth/customer/emailpass/register", "", nobody, password)
	_, actorless := p.post(t, "/auth/customer/emailpass", "", nobody, password)
	require.NotEmpty(t, actorless)
	session, _ := p.post(t, "/auth/session", tokens["A"], "", "")
	closed, _ := p.post(t, "/auth/session", tokens["A"], "", "")
	require.NotEmpty(t, session)
	require.NotEmpty(t, closed)
	p.closeSession(t, closed)
	p.values = append(p.values,
		"<valid>", key,
		"<customer A>", tokens["A"], "<customer B>", tokens["B"], "<customer C>", tokens["C"],
		"<expired>", tokens["EXPIRED"], "<forged>", tokens["FORGED"], "<seller>", tokens["SELLER"], "<actorless>", actorless,
		"<session of customer A>", session, "<closed session>", closed,
		"…", strings.Repeat("a", 20_000),
	)
}

// post posts to an auth route, and gives the session and the token of the
// answer: "" for what it does not have.
func (p *party) post(t *testing.T, path, token, email, password string) (session, newToken string) {
	t.Helper()
	body, err := json.Marshal(map[string]string{"email": email, "password": password})
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+path, bytes.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	_, header, text := do(t, req)
	var answer struct{ Token string }
	require.NoError(t, json.Unmarshal(text, &answer), string(text))
	for _, cookie := range (&http.Response{Header: header}).Cookies() {
		session = cookie.Value
	}
	return session, answer.Token
}

func (p *party) closeSession(t *testing.T, session string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, p.url+"/auth/session", http.NoBody)
	require.NoError(t, err)
	req.Header.Set("Cookie", "connect.sid="+session)
	status, _, text := do(t, req)
	require.Equal(t, http.StatusOK, status, string(text))
}

func do(t *testing.T, req *http.Request) (status int, header http.Header, text []byte) {
	t.Helper()
	resp, err := new(http.Client).Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err = io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, resp.Header, text
}

// liveGroups reads all that the live server tells of a shopper's groups. The
// times are those of the seed, which has the microseconds.
func liveGroups(t *testing.T, name string) []any {
	t.Helper()
	all := any([]any{})
	for _, fields := range []string{
		"*,*cart,*orders,*orders.seller,*orders.items,*orders.items.detail,*orders.items.variant,*orders.items.variant.product," +
			"*orders.items.variant.product.seller,*orders.shipping_address,*orders.billing_address",
		// With a star of the orders, their amounts are not computed.
		"display_id,customer_id,seller_count,total,deleted_at,*orders.items,orders.total,orders.subtotal,orders.item_total," +
			"orders.shipping_total,orders.tax_total,orders.discount_total,orders.original_total",
		"id,orders.id,orders.summary.*",
	} {
		query := url.Values{"limit": {"0"}, "fields": {fields}}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, live.url+"/store/order-groups?"+query.Encode(), http.NoBody)
		require.NoError(t, err)
		req.Header.Set("X-Publishable-Api-Key", live.publishableKey)
		req.Header.Set("Authorization", "Bearer "+live.tokens[name])
		status, _, text := do(t, req)
		require.Equal(t, http.StatusOK, status, string(text))
		answer, err := fidelity.Decode(text)
		require.NoError(t, err)
		all = merge(all, fidelity.Groups(answer))
	}
	groups, _ := all.([]any)
	require.Len(t, groups, len(live.seed.Customers[name].Groups))
	for _, seeded := range live.seed.groupsOf(name) {
		at := slices.IndexFunc(groups, func(g any) bool { return fidelity.ID(g) == seeded.ID })
		require.GreaterOrEqual(t, at, 0, seeded.ID)
		group, _ := groups[at].(map[string]any)
		group["created_at"], group["updated_at"] = seeded.CreatedAt, seeded.UpdatedAt
	}
	return groups
}

// merge puts together what two answers tell of the same: objects member by
// member, arrays by the ids of their elements, which come in no certain order.
func merge(into, from any) any {
	switch from := from.(type) {
	case map[string]any:
		object, isObject := into.(map[string]any)
		if !isObject {
			return from
		}
		for name, value := range from {
			object[name] = merge(object[name], value)
		}
		return object
	case []any:
		array, isArray := into.([]any)
		if !isArray {
			return from
		}
		for _, element := range from {
			at := slices.IndexFunc(array, func(other any) bool { return fidelity.ID(element) != "" && fidelity.ID(other) == fidelity.ID(element) })
			if at < 0 {
				array = append(array, element)
				continue
			}
			array[at] = merge(array[at], element)
		}
		return array
	case nil:
		return into
	default:
		return from
	}
}

// liveIDs pairs the ids of the groups in a recording with those of the live
// server, the first created with the first.
func liveIDs(t *testing.T, exchanges []*fidelity.Exchange) []string {
	t.Helper()
	created := map[string]map[string]string{"A": {}, "B": {}} // by id
	for _, e := range exchanges {
		name := "A"
		switch {
		case e.Response.Status != http.StatusOK || !bytes.HasPrefix(e.Body(), []byte("{")):
			continue
		case e.Request.Headers["Authorization"] == "Bearer <customer B>" && e.Request.Headers["Cookie"] == "":
			name = "B"
		}
		answer, err := fidelity.Decode(e.Body())
		require.NoError(t, err)
		for _, group := range fidelity.Groups(answer) {
			group, _ := group.(map[string]any)
			if at, _ := group["created_at"].(string); at != "" {
				created[name][fidelity.ID(group)] = at
			}
		}
	}
	pairs := []string{}
	for name, times := range created {
		recorded := []string{}
		for id := range times {
			recorded = append(recorded, id)
		}
		slices.SortFunc(recorded, func(a, b string) int { return strings.Compare(times[a]+a, times[b]+b) })
		groups := live.seed.groupsOf(name)
		slices.SortStableFunc(groups, func(a, b orderGroup) int { return a.CreatedAt.Compare(b.CreatedAt) })
		if len(recorded) > 0 { // or the shopper is not in this recording
			require.Len(t, groups, len(recorded), name)
		}
		for i, id := range recorded {
			pairs = append(pairs, id, groups[i].ID, strings.ToLower(id), strings.ToLower(groups[i].ID))
		}
	}
	return pairs
}
