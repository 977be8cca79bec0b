package storeorders_test

import (
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
)

const (
	noOrderGroups = `{"order_groups":[],"count":0,"offset":0,"limit":50}`
	noOrders      = `{"status":200,"success":true,"message":"Orders retrieved successfully","data":{"orders":[],"pagination":{"page":1,"limit":10,"total":0,"pages":0}}}`
)

// queries is a server of both APIs that has nothing, and keeps the query
// strings that it was sent.
type queries struct{ got []string }

func (q *queries) RoundTrip(req *http.Request) (*http.Response, error) {
	q.got = append(q.got, req.URL.RawQuery)
	body := noOrderGroups
	if strings.HasSuffix(req.URL.Path, "/orders") {
		body = noOrders
	}
	return &http.Response{
		StatusCode: http.StatusOK,
		Header:     http.Header{"Content-Type": {"application/json"}},
		Body:       io.NopCloser(strings.NewReader(body)),
		Request:    req,
	}, nil
}

func newQueriesClient(t *testing.T) (*storeorders.Client, *queries) {
	t.Helper()
	q := new(queries)
	client := clientOf(t, q)
	return client, q
}

// golden reads testdata/queries: a name and a query string a line.
func golden(t *testing.T, file string) map[string]string {
	t.Helper()
	data, err := os.ReadFile("testdata/queries/" + file)
	require.NoError(t, err)
	lines := map[string]string{}
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimRight(line, "\n"); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, query, found := strings.Cut(line, "\t")
		require.True(t, found, "no tab in %q", line)
		lines[name] = query
	}
	return lines
}

// assertQuery claims that the query is the golden one. It tells what differs by
// parameter and field: a query with the default fields has 900 characters.
func assertQuery(t *testing.T, want, got string) {
	t.Helper()
	noneIsMissing := assert.Empty(t, without(parameters(t, want), parameters(t, got)), "golden, but not sent")
	noneIsExtra := assert.Empty(t, without(parameters(t, got), parameters(t, want)), "sent, but not golden")
	if noneIsMissing && noneIsExtra {
		assert.Equal(t, want, got, "the order, or the encoding")
	}
}

// parameters are the query's, decoded, and each of the fields by itself.
func parameters(t *testing.T, query string) (decoded []string) {
	t.Helper()
	for parameter := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(parameter, "=")
		for part := range strings.SplitSeq(value, url.QueryEscape(",")) {
			text, err := url.QueryUnescape(name + "=" + part)
			require.NoError(t, err)
			decoded = append(decoded, text)
		}
	}
	return decoded
}

func without(list, others []string) []string {
	return slices.DeleteFunc(list, func(s string) bool { return slices.Contains(others, s) })
}

var (
	noon      = time.Date(2026, 1, 3, 0, 0, 0, 0, time.UTC)
	milli     = time.Date(2026, 1, 3, 12, 30, 15, 123_000_000, time.UTC)
	micro     = time.Date(2026, 1, 3, 12, 30, 15, 123_456_000, time.UTC)
	nano      = time.Date(2026, 1, 3, 12, 30, 15, 123_456_789, time.UTC)
	lastNano  = time.Date(2026, 12, 31, 23, 59, 59, 999_999_999, time.UTC)
	kathmandu = time.Date(2026, 1, 3, 5, 45, 0, 0, time.FixedZone("", 5*3600+45*60))
)

func TestOrderGroupQueries(t *testing.T) {
	t.Parallel()
	none := []string{} // of the fields, so that the other parameters stand alone
	cases := map[string]storeorders.OrderGroupListOptions{
		"default fields":    {},
		"server's fields":   {Fields: none},
		"one field":         {Fields: []string{"id"}},
		"several fields":    {Fields: []string{"id", "total", "orders.items.title"}},
		"field modifiers":   {Fields: []string{"+metadata", "-orders", "*orders.items"}},
		"limit":             {Fields: none, Limit: 7},
		"offset":            {Fields: none, Offset: 30},
		"newest first":      {Fields: none, Order: storeorders.NewestFirst},
		"oldest first":      {Fields: none, Order: storeorders.OldestFirst},
		"recently updated":  {Fields: none, Order: storeorders.RecentlyUpdatedFirst},
		"least recently":    {Fields: none, Order: storeorders.LeastRecentlyUpdatedFirst},
		"one id":            {Fields: none, ID: []string{"og_1"}},
		"several ids":       {Fields: none, ID: []string{"og_1", "og_2", "og_3"}},
		"id with reserved":  {Fields: none, ID: []string{"og_1,og_2", "a&b=c#d+e f"}},
		"created gt":        {Fields: none, CreatedAt: storeorders.TimeFilter{GT: noon}},
		"created gte":       {Fields: none, CreatedAt: storeorders.TimeFilter{GTE: noon}},
		"created lt":        {Fields: none, CreatedAt: storeorders.TimeFilter{LT: noon}},
		"created lte":       {Fields: none, CreatedAt: storeorders.TimeFilter{LTE: noon}},
		"created range":     {Fields: none, CreatedAt: storeorders.TimeFilter{GTE: noon, LT: milli}},
		"updated gt":        {Fields: none, UpdatedAt: storeorders.TimeFilter{GT: noon}},
		"updated gte":       {Fields: none, UpdatedAt: storeorders.TimeFilter{GTE: noon}},
		"updated lt":        {Fields: none, UpdatedAt: storeorders.TimeFilter{LT: noon}},
		"updated lte":       {Fields: none, UpdatedAt: storeorders.TimeFilter{LTE: noon}},
		"milliseconds":      {Fields: none, CreatedAt: storeorders.TimeFilter{GTE: milli}},
		"microseconds":      {Fields: none, CreatedAt: storeorders.TimeFilter{GTE: micro}},
		"other zone":        {Fields: none, CreatedAt: storeorders.TimeFilter{GTE: kathmandu}},
		"nanoseconds gt":    {Fields: none, CreatedAt: storeorders.TimeFilter{GT: nano}},
		"nanoseconds gte":   {Fields: none, CreatedAt: storeorders.TimeFilter{GTE: nano}},
		"nanoseconds lt":    {Fields: none, CreatedAt: storeorders.TimeFilter{LT: nano}},
		"nanoseconds lte":   {Fields: none, CreatedAt: storeorders.TimeFilter{LTE: nano}},
		"rounded to a year": {Fields: none, CreatedAt: storeorders.TimeFilter{GTE: lastNano}},
		"the end of time":   {Fields: none, CreatedAt: storeorders.TimeFilter{LTE: lastNano.AddDate(7973, 0, 0)}},
		"all together": {
			Limit: 5, Offset: 10, Order: storeorders.NewestFirst, Fields: []string{"id", "total"}, ID: []string{"og_1", "og_2"},
			CreatedAt: storeorders.TimeFilter{GT: noon, GTE: noon, LT: micro, LTE: micro},
			UpdatedAt: storeorders.TimeFilter{GT: noon, GTE: noon, LT: micro, LTE: micro},
		},
	}
	want := golden(t, "mercur.txt")
	assert.Len(t, want, len(cases), "each case has its golden query, and each golden query its case")
	for name, opts := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, q := newQueriesClient(t)
			_, err := client.OrderGroups.List(t.Context(), &opts)
			require.NoError(t, err)
			require.Len(t, q.got, 1)
			assertQuery(t, want[name], q.got[0])
			assert.NotContains(t, "&"+q.got[0], "&limit=0", "to Mercur a limit of 0 is no limit")
		})
	}
}

func TestOrderQueries(t *testing.T) {
	t.Parallel()
	cases := map[string]storeorders.OrderListOptions{
		"nothing":              {},
		"one status":           {Status: []storeorders.OrderStatus{storeorders.OrderStatusPending}},
		"several statuses":     {Status: []storeorders.OrderStatus{"pending", "paid"}},
		"unknown status":       {Status: []storeorders.OrderStatus{"on hold"}},
		"number":               {Number: 1001},
		"min total":            {MinTotal: "99.90"},
		"max total":            {MaxTotal: "1234567890123456.78"},
		"zero total":           {MinTotal: "0", MaxTotal: "0.00"},
		"from":                 {From: noon},
		"to":                   {To: noon},
		"from and to":          {From: noon, To: milli},
		"other zone":           {From: kathmandu, To: kathmandu},
		"from is rounded down": {From: nano},
		"to is rounded up":     {To: nano},
		"to rounded to a year": {To: lastNano},
		"page":                 {Page: 2},
		"limit":                {Limit: 5},
		"all together": {
			Status: []storeorders.OrderStatus{"pending", "paid"}, Number: 1001, MinTotal: "100", MaxTotal: "500.5",
			From: noon, To: nano, Page: 2, Limit: 5,
		},
	}
	want := golden(t, "salesive.txt")
	assert.Len(t, want, len(cases), "each case has its golden query, and each golden query its case")
	for name, opts := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, q := newQueriesClient(t)
			_, err := client.Orders.List(t.Context(), &opts)
			require.NoError(t, err)
			require.Len(t, q.got, 1)
			assertQuery(t, want[name], q.got[0])
			assert.NotContains(t, "&"+q.got[0], "&limit=0")
		})
	}
}

func TestGetQueries(t *testing.T) {
	t.Parallel()
	client, q := newQueriesClient(t)
	for _, opts := range []*storeorders.OrderGroupGetOptions{nil, {}, {Fields: []string{}}, {Fields: []string{"id", "+metadata"}}} {
		_, err := client.OrderGroups.Get(t.Context(), "og_1", opts)
		require.ErrorContains(t, err, "order_group", "the server of this test has only lists")
	}
	defaults := "fields=" + url.QueryEscape(strings.Join(storeorders.DefaultOrderGroupFields(), ","))
	assert.Equal(t, []string{defaults, defaults, "", "fields=id%2C%2Bmetadata"}, q.got)
}

func TestAllSendsItsOwnLimit(t *testing.T) {
	t.Parallel()
	client, q := newQueriesClient(t)
	_, err := storeorders.Collect(client.OrderGroups.All(t.Context(), &storeorders.OrderGroupListOptions{Fields: []string{}}), 0)
	require.NoError(t, err)
	_, err = storeorders.Collect(client.Orders.All(t.Context(), nil), 0)
	require.NoError(t, err)
	assert.Equal(t, []string{"limit=100", "limit=100"}, q.got)
}

// The walk of 45 ids is three requests: 20, 20 and 5 of them.
func TestManyIDsAreAskedForInBatches(t *testing.T) {
	t.Parallel()
	var ids []string
	for range 2 { // a repeated id is asked for once
		for i := range 45 {
			ids = append(ids, "og_"+string(rune('A'+i)))
		}
	}
	client, q := newQueriesClient(t)
	_, err := storeorders.Collect(client.OrderGroups.All(t.Context(), &storeorders.OrderGroupListOptions{Fields: []string{}, ID: ids}), 0)
	require.NoError(t, err)
	var sizes []int
	var sent []string
	for _, query := range q.got {
		values, err := url.ParseQuery(query)
		require.NoError(t, err)
		sizes = append(sizes, len(values["id"]))
		sent = append(sent, values["id"]...)
	}
	assert.Equal(t, []int{20, 20, 5}, sizes)
	assert.Equal(t, ids[:45], sent)
}

func TestBadOptionsAreRefusedByNameBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	manyIDs := make([]string, 21)
	for i := range manyIDs {
		manyIDs[i] = "og_" + string(rune('a'+i))
	}
	groups := []struct {
		name  string
		opts  storeorders.OrderGroupListOptions
		field string
	}{
		{"negative limit", storeorders.OrderGroupListOptions{Limit: -1}, "Limit"},
		{"limit that JavaScript cannot hold", storeorders.OrderGroupListOptions{Limit: 1<<53 + 1}, "Limit"},
		{"negative offset", storeorders.OrderGroupListOptions{Offset: -1}, "Offset"},
		{"order the server would ignore", storeorders.OrderGroupListOptions{Order: "-total"}, "Order"},
		{"field with a comma", storeorders.OrderGroupListOptions{Fields: []string{"id,total"}}, "Fields"},
		{"field with a space", storeorders.OrderGroupListOptions{Fields: []string{"id", " total"}}, "Fields"},
		{"empty field", storeorders.OrderGroupListOptions{Fields: []string{""}}, "Fields"},
		{"empty list of ids", storeorders.OrderGroupListOptions{ID: []string{}}, "ID"},
		{"empty id", storeorders.OrderGroupListOptions{ID: []string{"og_1", ""}}, "ID"},
		{"id with a NUL", storeorders.OrderGroupListOptions{ID: []string{"og_\x00"}}, "ID"},
		{"year 10000", storeorders.OrderGroupListOptions{CreatedAt: storeorders.TimeFilter{LTE: noon.AddDate(8000, 0, 0)}}, "CreatedAt.LTE"},
		{"bound that rounds to none", storeorders.OrderGroupListOptions{CreatedAt: storeorders.TimeFilter{LTE: time.Time{}.Add(500)}}, "CreatedAt.LTE"},
		{"year 10000 once rounded", storeorders.OrderGroupListOptions{CreatedAt: storeorders.TimeFilter{GTE: lastNano.AddDate(7973, 0, 0)}}, "CreatedAt.GTE"},
		{"year -1", storeorders.OrderGroupListOptions{UpdatedAt: storeorders.TimeFilter{GT: noon.AddDate(-2027, 0, 0)}}, "UpdatedAt.GT"},
	}
	orders := []struct {
		name  string
		opts  storeorders.OrderListOptions
		field string
	}{
		{"empty list of statuses", storeorders.OrderListOptions{Status: []storeorders.OrderStatus{}}, "Status"},
		{"empty status", storeorders.OrderListOptions{Status: []storeorders.OrderStatus{""}}, "Status"},
		{"negative number", storeorders.OrderListOptions{Number: -1}, "Number"},
		{"min total with a comma", storeorders.OrderListOptions{MinTotal: "1,5"}, "MinTotal"},
		{"max total with a plus", storeorders.OrderListOptions{MaxTotal: "+1"}, "MaxTotal"},
		{"year 10000", storeorders.OrderListOptions{From: noon.AddDate(8000, 0, 0)}, "From"},
		{"year -1", storeorders.OrderListOptions{To: noon.AddDate(-2027, 0, 0)}, "To"},
		{"negative page", storeorders.OrderListOptions{Page: -1}, "Page"},
		{"negative limit", storeorders.OrderListOptions{Limit: -1}, "Limit"},
	}
	refused := func(t *testing.T, err error, q *queries, field string) {
		t.Helper()
		var optionError *storeorders.OptionError
		require.ErrorAs(t, err, &optionError)
		assert.Equal(t, field, optionError.Field)
		assert.NotEmpty(t, optionError.Reason)
		assert.Empty(t, q.got, "nothing is sent")
	}
	for _, c := range groups {
		t.Run("order groups: "+c.name, func(t *testing.T) {
			t.Parallel()
			client, q := newQueriesClient(t)
			_, err := client.OrderGroups.List(t.Context(), &c.opts)
			refused(t, err, q, c.field)
			_, err = storeorders.Collect(client.OrderGroups.Pages(t.Context(), &c.opts), 0)
			refused(t, err, q, c.field)
			_, err = storeorders.Collect(client.OrderGroups.All(t.Context(), &c.opts), 0)
			refused(t, err, q, c.field)
		})
	}
	for _, c := range orders {
		t.Run("orders: "+c.name, func(t *testing.T) {
			t.Parallel()
			client, q := newQueriesClient(t)
			_, err := client.Orders.List(t.Context(), &c.opts)
			refused(t, err, q, c.field)
			_, err = storeorders.Collect(client.Orders.Pages(t.Context(), &c.opts), 0)
			refused(t, err, q, c.field)
			_, err = storeorders.Collect(client.Orders.All(t.Context(), &c.opts), 0)
			refused(t, err, q, c.field)
		})
	}
	t.Run("21 ids in List and Pages", func(t *testing.T) {
		t.Parallel()
		client, q := newQueriesClient(t)
		_, err := client.OrderGroups.List(t.Context(), &storeorders.OrderGroupListOptions{ID: manyIDs})
		refused(t, err, q, "ID")
		_, err = storeorders.Collect(client.OrderGroups.Pages(t.Context(), &storeorders.OrderGroupListOptions{ID: manyIDs}), 0)
		refused(t, err, q, "ID")
	})
	t.Run("21 ids with an offset", func(t *testing.T) {
		t.Parallel()
		client, q := newQueriesClient(t)
		_, err := storeorders.Collect(client.OrderGroups.All(t.Context(), &storeorders.OrderGroupListOptions{ID: manyIDs, Offset: 1}), 0)
		refused(t, err, q, "Offset")
	})
	t.Run("a bad id in the second batch", func(t *testing.T) {
		t.Parallel()
		client, q := newQueriesClient(t)
		_, err := storeorders.Collect(client.OrderGroups.All(t.Context(), &storeorders.OrderGroupListOptions{ID: append(manyIDs[:20:20], "og_1", "")}), 0)
		refused(t, err, q, "ID")
	})
	for _, id := range []string{"", ".", "..", "og_\n", "og_\xff"} {
		t.Run("Get of "+url.PathEscape(id), func(t *testing.T) {
			t.Parallel()
			client, q := newQueriesClient(t)
			_, err := client.OrderGroups.Get(t.Context(), id, nil)
			refused(t, err, q, "id")
			_, err = client.Orders.Get(t.Context(), id)
			refused(t, err, q, "id")
		})
	}
	t.Run("fields of Get", func(t *testing.T) {
		t.Parallel()
		client, q := newQueriesClient(t)
		_, err := client.OrderGroups.Get(t.Context(), "og_1", &storeorders.OrderGroupGetOptions{Fields: []string{"a b"}})
		refused(t, err, q, "Fields")
	})
}

func TestTheReasonOfARefusedOptionOfAListSaysWhatToDo(t *testing.T) {
	t.Parallel()
	client, q := newQueriesClient(t)
	const useOne = "; use NewestFirst, OldestFirst, RecentlyUpdatedFirst or LeastRecentlyUpdatedFirst"
	const near = "is so near the zero time that it would not be sent; leave it zero"
	last := lastNano.AddDate(7973, 0, 0)
	var ids []string
	for range 20 { // All drops the repeated ones, which may not move the place of the bad one
		ids = append(ids, "og_1")
	}
	for _, test := range []struct {
		want string
		opts storeorders.OrderGroupListOptions
	}{
		{`Order: is "total"` + useOne, storeorders.OrderGroupListOptions{Order: "total"}},
		{`Order: is "` + strings.Repeat("é", 40) + `"` + useOne, storeorders.OrderGroupListOptions{Order: storeorders.SortOrder(strings.Repeat("é", 1000))}},
		{`Order: is "a\nb"` + useOne, storeorders.OrderGroupListOptions{Order: "a\nb"}},
		{"ID: element 1 is empty", storeorders.OrderGroupListOptions{ID: []string{"og_1", ""}}},
		{`ID: is "..", which is no id`, storeorders.OrderGroupListOptions{ID: []string{".."}}},
		{"ID: element 20 is empty", storeorders.OrderGroupListOptions{ID: append(ids, "")}},
		{"CreatedAt.LTE: " + near, storeorders.OrderGroupListOptions{CreatedAt: storeorders.TimeFilter{LTE: time.Time{}.Add(500)}}},
		{"CreatedAt.GTE: " + near, storeorders.OrderGroupListOptions{CreatedAt: storeorders.TimeFilter{GTE: time.Time{}.Add(-500)}}},
		{"CreatedAt.GTE: is in the year 10000 once it is rounded up; a time of 1 to 9999 is needed", storeorders.OrderGroupListOptions{CreatedAt: storeorders.TimeFilter{GTE: last}}},
		{"CreatedAt.GTE: is in the year 10000; a time of 1 to 9999 is needed", storeorders.OrderGroupListOptions{CreatedAt: storeorders.TimeFilter{GTE: last.Add(1)}}},
		{"CreatedAt.GTE: is in the year 10000; a time of 1 to 9999 is needed", storeorders.OrderGroupListOptions{
			CreatedAt: storeorders.TimeFilter{GTE: last.Add(1).In(time.FixedZone("", -3600))},
		}},
	} {
		_, err := storeorders.Collect(client.OrderGroups.All(t.Context(), &test.opts), 0)
		assert.EqualError(t, err, "storeorders: "+test.want)
	}
	for _, test := range []struct {
		want string
		opts storeorders.OrderListOptions
	}{
		{`MinTotal: is "12,50", not a number; write it as in "99.90"`, storeorders.OrderListOptions{MinTotal: "12,50"}},
		{`MaxTotal: is "` + strings.Repeat("x", 40) + `", not a number; write it as in "99.90"`, storeorders.OrderListOptions{MaxTotal: storeorders.Decimal(strings.Repeat("x", 1000))}},
		{"From: " + near, storeorders.OrderListOptions{From: time.Time{}.Add(500)}},
		{"To: is in the year 10000 once it is rounded up; a time of 1 to 9999 is needed", storeorders.OrderListOptions{To: last}},
	} {
		_, err := client.Orders.List(t.Context(), &test.opts)
		assert.EqualError(t, err, "storeorders: "+test.want)
	}
	assert.Empty(t, q.got)
}
