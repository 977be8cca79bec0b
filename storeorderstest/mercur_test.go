package storeorderstest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

const unknownError = `{"code":"unknown_error","type":"unknown_error","message":"An unknown error occurred."}`

func mercurHeaders(srv *storeorderstest.Server, c *storeorderstest.Customer) map[string]string {
	return map[string]string{"x-publishable-api-key": srv.PublishableKey, "Authorization": "Bearer " + c.Token}
}

func invalid(message string) string {
	return `{"type":"invalid_data","message":"` + message + `"}`
}

func TestMercurChecksInItsOrder(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	token := "Bearer " + srv.AddCustomer("Alice").Token
	const (
		needsKey     = `{"type":"not_allowed","message":"Publishable API key required in the request header: x-publishable-api-key. You can manage your keys in settings in the dashboard."}`
		badKey       = `{"type":"not_allowed","message":"A valid publishable key is required to proceed with the request"}`
		unauthorized = `{"message":"Unauthorized"}`
	)
	for _, tt := range []struct {
		name, key, authorization, target string
		status                           int
		body                             string
	}{
		{"nothing", "", "", "/store/order-groups", 400, needsKey},
		{"no key, a token", "", token, "/store/order-groups", 400, needsKey},
		{"no key, unknown route", "", token, "/store/no-such", 400, needsKey},
		{"wrong key", "pk_bad", token, "/store/order-groups", 400, badKey},
		{"wrong key, wrong token, wrong parameter", "pk_bad", "Bearer x", "/store/order-groups?foo=1", 400, badKey},
		{"no token", srv.PublishableKey, "", "/store/order-groups", 401, unauthorized},
		{"wrong token, wrong parameter", srv.PublishableKey, "Bearer x", "/store/order-groups?foo=1", 401, unauthorized},
		{"wrong token, one group", srv.PublishableKey, "Bearer x", "/store/order-groups/og_1", 401, unauthorized},
		{"no scheme", srv.PublishableKey, strings.TrimPrefix(token, "Bearer "), "/store/order-groups", 401, unauthorized},
		{"another scheme", srv.PublishableKey, strings.Replace(token, "Bearer", "Basic", 1), "/store/order-groups", 401, unauthorized},
		{"empty token", srv.PublishableKey, "Bearer ", "/store/order-groups", 401, unauthorized},
		{"scheme in lower case", srv.PublishableKey, strings.Replace(token, "Bearer", "bearer", 1), "/store/order-groups", 200, `{"order_groups":[],"count":0,"offset":0,"limit":50}`},
		{"wrong parameter, wrong order", srv.PublishableKey, token, "/store/order-groups?order=nope&foo=1", 400, invalid("Invalid request: Unrecognized fields: 'foo'")},
		{"wrong order, bad date", srv.PublishableKey, token, "/store/order-groups?order=nope&created_at=x", 400, invalid("Order field nope is not valid")},
		{"wrong parameter, no such group", srv.PublishableKey, token, "/store/order-groups/og_1?limit=1", 400, invalid("Invalid request: Unrecognized fields: 'limit'")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := request(t, srv, http.MethodGet, tt.target, map[string]string{"X-Publishable-Api-Key": tt.key, "Authorization": tt.authorization})
			assert.Equal(t, answer{tt.status, "application/json; charset=utf-8", tt.body}, got)
		})
	}
}

func TestMercurAnswersOneGroup(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	alice, bob := srv.AddCustomer("Alice"), srv.AddCustomer("Bob")
	srv.AddOrderGroup(alice, storeorders.OrderGroup{ID: "og_1"})
	srv.AddOrderGroup(bob, storeorders.OrderGroup{ID: "og_bob"})
	srv.AddOrderGroup(alice, storeorders.OrderGroup{ID: "a/b c"})

	for _, tt := range []struct {
		target string
		status int
		body   string
	}{
		{"og_1?fields=id", 200, `{"order_group":{"id":"og_1"}}`},
		{"og_1/?fields=id", 200, `{"order_group":{"id":"og_1"}}`},
		{"og_1?fields=id&locale=en-US", 200, `{"order_group":{"id":"og_1"}}`},
		{"a%2Fb%20c?fields=id", 200, `{"order_group":{"id":"a/b c"}}`},
		{"og_nope", 404, `{"type":"not_found","message":"Order group with id og_nope was not found"}`},
		{"og_bob", 404, `{"type":"not_found","message":"Order group with id og_bob was not found"}`},
		{"OG_1", 404, `{"type":"not_found","message":"Order group with id OG_1 was not found"}`},
		{"x%2Fy%20z", 404, `{"type":"not_found","message":"Order group with id x/y z was not found"}`},
		{"og%00x", 500, unknownError},
		{"og_1?fields[]=id", 400, invalid("Invalid request: Expected type: 'string' for field 'fields', got: 'id'")},
		{"og_1?with_deleted=true", 400, invalid("Invalid request: Unrecognized fields: 'with_deleted'")},
		{"og_1?id=og_1&order=id", 400, invalid("Invalid request: Unrecognized fields: 'id, order'")},
		{"?fields=id&limit=1", 200, `{"order_groups":[{"id":"a/b c"}],"count":2,"offset":0,"limit":1}`},
	} {
		t.Run(tt.target, func(t *testing.T) {
			t.Parallel()
			got := request(t, srv, http.MethodGet, "/store/order-groups/"+tt.target, mercurHeaders(srv, alice))
			assert.Equal(t, answer{tt.status, "application/json; charset=utf-8", tt.body}, got)
		})
	}
}

func TestMercurAnswersHeadAndAnyCase(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	alice := srv.AddCustomer("Alice")

	head := request(t, srv, http.MethodHead, "/store/order-groups", mercurHeaders(srv, alice))
	assert.Equal(t, answer{200, "application/json; charset=utf-8", ""}, head)
	upper := request(t, srv, http.MethodGet, "/STORE/ORDER-GROUPS", mercurHeaders(srv, alice))
	assert.Equal(t, 200, upper.status)
}

// fiveGroups are og_1 to og_5 on 1 to 5 January 2026, with updates in the
// opposite order. og_2 and og_3 have sub-millisecond times.
func fiveGroups(t *testing.T) (*storeorderstest.Server, map[string]string) {
	t.Helper()
	srv := newServer(t)
	alice, bob := srv.AddCustomer("Alice"), srv.AddCustomer("Bob")
	for i, created := range []string{
		"2026-01-01T10:00:00Z", "2026-01-02T10:00:00.123455Z", "2026-01-03T10:00:00.123456Z", "2026-01-04T10:00:00Z", "2026-01-05T10:00:00Z",
	} {
		at, err := time.Parse(time.RFC3339, created)
		require.NoError(t, err)
		srv.AddOrderGroup(alice, storeorders.OrderGroup{
			ID: "og_" + string(rune('1'+i)), CreatedAt: at,
			UpdatedAt: time.Date(2026, time.February, 5-i, 0, 0, 0, 0, time.UTC),
		})
	}
	srv.AddOrderGroup(bob, storeorders.OrderGroup{ID: "og_bob"})
	return srv, mercurHeaders(srv, alice)
}

func TestMercurListsByItsParameters(t *testing.T) {
	t.Parallel()
	srv, headers := fiveGroups(t)
	const at3 = "2026-01-03T10:00:00.123456Z"

	for _, tt := range []struct {
		query string
		ids   string // of the five groups, by their digits
		count int
	}{
		{"", "54321", 5},
		{"limit=2", "54", 5},
		{"limit=0", "54321", 5},
		{"limit=0&offset=3", "21", 5},
		{"limit=1000000000000", "54321", 5},
		{"limit=2abc", "54", 5},
		{"limit=1.9", "5", 5},
		{"limit=1e3", "5", 5},
		{"limit=0x2", "54", 5},
		{"limit=%202", "54", 5},
		{"offset=4", "1", 5},
		{"offset=5", "", 5},
		{"offset=1000", "", 5},

		{"order=created_at", "12345", 5},
		{"order=-created_at", "54321", 5},
		{"order=updated_at", "54321", 5},
		{"order=-updated_at", "12345", 5},
		{"order=id", "54321", 5},
		{"order=-total", "54321", 5},
		{"order=display_id", "54321", 5},
		{"order=orders.id", "54321", 5},

		{"id=og_2", "2", 1},
		{"id=og_2&id=og_4", "42", 2},
		{"id[]=og_2&id[]=og_4", "42", 2},
		{"id%5B%5D=og_2&id%5B%5D=og_4", "42", 2},
		{"id[0]=og_2&id[1]=og_4", "42", 2},
		{"id[5]=og_2&id[9]=og_4", "42", 2},
		{"id=og_2&id=og_2", "2", 1},
		{"id=og_2,og_4", "", 0},
		{"id[]=og_2,og_4", "42", 2},
		{"id[0]=og_2,og_4", "42", 2},
		{"id[]=og_2,og_4&id[]=og_1", "1", 1},
		{"id=", "", 0},
		{"id[]=", "", 0},
		{"id=og_nope&id=og_bob&id=og_1", "1", 1},

		{"created_at[$gte]=2026-01-04T10:00:00Z", "54", 2},
		{"created_at%5B%24gte%5D=2026-01-04T10%3A00%3A00.000Z", "54", 2},
		{"created_at.$gte=2026-01-04T10:00:00Z", "54", 2},
		{"created_at[$gt]=2026-01-04T10:00:00Z", "5", 1},
		{"created_at[$lt]=2026-01-04T10:00:00Z", "321", 3},
		{"created_at[$lte]=2026-01-04T10:00:00Z", "4321", 4},
		{"created_at[$gt]=2026-01-01T10:00:00Z&created_at[$lt]=2026-01-04T10:00:00Z", "32", 2},
		{"created_at[$gte]=2026-01-04T10:00:00Z&created_at[$lt]=2026-01-02T10:00:00Z", "", 0},
		{"created_at[$eq]=2026-01-04T10:00:00Z", "4", 1},
		{"created_at[$ne]=2026-01-04T10:00:00Z", "5321", 4},
		{"created_at=2026-01-04T10:00:00Z", "4", 1},
		{"created_at=2026-01-04T10:00:00Z&created_at=2026-01-05T10:00:00Z", "54", 2},
		{"created_at[]=2026-01-04T10:00:00Z&created_at[]=2026-01-05T10:00:00Z", "54", 2},
		{"created_at[]=2026-01-04T10:00:00Z,2026-01-05T10:00:00Z", "54", 2},
		{"created_at[$in][]=2026-01-04T10:00:00Z&created_at[$in][]=2026-01-05T10:00:00Z", "54", 2},
		{"created_at[$nin][]=2026-01-04T10:00:00Z", "5321", 4},
		{"created_at=" + at3, "3", 1},
		{"created_at[$gt]=2026-01-03T10:00:00.123455Z&created_at[$lt]=2026-01-03T10:00:00.124Z", "3", 1},
		{"created_at[$gt]=" + at3 + "&created_at[$lt]=2026-01-03T10:00:00.124Z", "", 0},
		{"created_at[$gte]=2026-01-03T10:00:00.123456789Z&created_at[$lt]=2026-01-03T10:00:00.124Z", "", 0},
		{"created_at[$gt]=2026-01-03T10:00:00.123Z&created_at[$lt]=2026-01-03T10:00:00.124Z", "3", 1},
		{"created_at[$gte]=2026-01-04", "54", 2},
		{"created_at[$gte]=2026-01-04T10:00:00", "54", 2},
		{"created_at[$gte]=2026-01-04T12:00:00%2B02:00", "54", 2},
		{"created_at[$gte]=0001-01-01T00:00:00Z&created_at[$lte]=9999-12-31T23:59:59Z", "54321", 5},
		{"updated_at[$gte]=2026-02-04T00:00:00Z", "21", 2},
		{"updated_at[$lt]=2026-02-04T00:00:00Z&created_at[$lt]=2026-01-05T10:00:00Z&id=og_3&id=og_5", "3", 1},

		{"created_at=", "54321", 5},
		{"created_at[gte]=2026-01-04", "54321", 5},
		{"created_at[$between]=2026-01-04", "54321", 5},
		{"created_at[$not][$gte]=2026-01-04", "54321", 5},
		{"created_at[$re]=x", "54321", 5},
		{"created_at[$contains]=x", "54321", 5},
		{"with_deleted=true", "54321", 5},
		{"with_deleted=false", "54321", 5},
		{"locale=en-US", "54321", 5},
	} {
		t.Run(tt.query, func(t *testing.T) {
			t.Parallel()
			got := request(t, srv, http.MethodGet, "/store/order-groups?fields=id&"+tt.query, headers)
			require.Equal(t, 200, got.status, got.body)
			var page struct {
				OrderGroups []struct{ ID string } `json:"order_groups"`
				Count       int
			}
			require.NoError(t, json.Unmarshal([]byte(got.body), &page))
			var ids strings.Builder
			for _, group := range page.OrderGroups {
				ids.WriteString(strings.TrimPrefix(group.ID, "og_"))
			}
			assert.Equal(t, tt.ids, ids.String())
			assert.Equal(t, tt.count, page.Count)
		})
	}
}

func TestMercurReadsAThousandParameters(t *testing.T) {
	t.Parallel()
	srv, headers := fiveGroups(t)
	for others, want := range map[int]string{
		998: `{"order_groups":[{"id":"og_1"}],"count":1,"offset":0,"limit":50}`,
		999: `{"order_groups":[],"count":0,"offset":0,"limit":50}`,
	} {
		query := "fields=id&" + strings.Repeat("id=x&", others) + "id=og_1"
		assert.Equal(t, want, request(t, srv, http.MethodGet, "/store/order-groups?"+query, headers).body)
	}
}

func TestMercurEchoesThePlaceInTheList(t *testing.T) {
	t.Parallel()
	srv, headers := fiveGroups(t)
	for query, want := range map[string]string{
		"offset=4":           `{"order_groups":[{"id":"og_1"}],"count":5,"offset":4,"limit":50}`,
		"offset=9":           `{"order_groups":[],"count":5,"offset":9,"limit":50}`,
		"limit=0x1&offset=4": `{"order_groups":[{"id":"og_1"}],"count":5,"offset":4,"limit":1}`,
		"limit=0&id=og_1":    `{"order_groups":[{"id":"og_1"}],"count":1,"offset":0,"limit":0}`,
	} {
		t.Run(query, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, want, request(t, srv, http.MethodGet, "/store/order-groups?fields=id&"+query, headers).body)
		})
	}
}

func TestMercurRefuses(t *testing.T) {
	t.Parallel()
	srv, headers := fiveGroups(t)
	for _, tt := range []struct {
		query  string
		status int
		body   string
	}{
		{"foo=bar", 400, invalid("Invalid request: Unrecognized fields: 'foo'")},
		{"foo[]=bar&baz=1", 400, invalid("Invalid request: Unrecognized fields: 'foo, baz'")},
		{"customer_id=cus_x", 400, invalid("Invalid request: Unrecognized fields: 'customer_id'")},
		{"$and[0][id]=x", 400, invalid("Invalid request: Unrecognized fields: '$and'")},
		{"total[$gte]=1", 400, invalid("Invalid request: Unrecognized fields: 'total'")},
		{"a.b=1", 400, invalid("Invalid request: Unrecognized fields: 'a'")},
		{"a.b.c=1", 500, `{"type":"invalid_argument","message":"Key accessor more than 2 levels deep: a.b.c"}`},
		{"with_deleted=1", 400, invalid("Invalid request: Expected type: 'boolean' for field 'with_deleted', got: '1'")},

		{"limit=abc", 400, invalid("Invalid request: Expected type: 'number' for field 'limit', got: 'abc'")},
		{"limit=", 400, invalid("Invalid request: Expected type: 'number' for field 'limit', got: ''")},
		{"limit=5&limit=6", 400, invalid("Invalid request: Expected type: 'number' for field 'limit', got: '5,6'")},
		{"limit[]=5", 400, invalid("Invalid request: Expected type: 'number' for field 'limit', got: '5'")},
		{"limit[a]=5", 400, invalid("Invalid request: Expected type: 'number' for field 'limit', got: '[object Object]'")},
		{"offset=abc", 400, invalid("Invalid request: Expected type: 'number' for field 'offset', got: 'abc'")},
		{"limit=-1", 500, unknownError},
		{"offset=-1", 500, unknownError},
		{"limit=9223372036854775808", 500, unknownError},
		{"offset=99999999999999999999", 500, unknownError},

		{"order=nope", 400, invalid("Order field nope is not valid")},
		{"order=-nope", 400, invalid("Order field nope is not valid")},
		{"order=cart_id", 400, invalid("Order field cart_id is not valid")},
		{"order=", 400, invalid("Order field  is not valid")},
		{"order=-", 400, invalid("Order field  is not valid")},
		{"order=created_at,id", 400, invalid("Order field created_at,id is not valid")},
		{"order=%2Bcreated_at", 400, invalid("Order field +created_at is not valid")},
		{"order=Created_At", 400, invalid("Order field Created_At is not valid")},
		{"order[]=created_at", 400, invalid("Invalid request: Expected type: 'string' for field 'order', got: 'created_at'")},
		{"order=created_at&order=id", 400, invalid("Invalid request: Expected type: 'string' for field 'order', got: 'created_at,id'")},
		{"order[created_at]=ASC", 400, invalid("Invalid request: Expected type: 'string' for field 'order', got: '[object Object]'")},

		{"fields[]=id", 400, invalid("Invalid request: Expected type: 'string' for field 'fields', got: 'id'")},
		{"fields=id&fields=total", 400, invalid("Invalid request: Expected type: 'string' for field 'fields', got: 'id,total'")},

		{"id[a]=x", 400, invalid("Invalid request: Invalid input")},
		{"id[$in][]=og_1", 400, invalid("Invalid request: Invalid input")},

		{"created_at[$in]=2026-01-03", 400, invalid("Invalid request: Invalid input")},
		{"created_at[$gte][]=2026-01-03", 400, invalid("Invalid request: Invalid input")},
		{"created_at[$gte]=2026-01-03&created_at[$gte]=2026-01-04", 400, invalid("Invalid request: Invalid input")},
		{"created_at=nope", 500, unknownError},
		{"created_at[$gte]=not-a-date", 500, unknownError},
		{"created_at[$gte]=2026-13-45", 500, unknownError},
		{"created_at[$gte]=", 500, unknownError},
		{"created_at[$gte]=1769680800000", 500, unknownError},
		{"created_at[$gte]=2026-01-25T12:00:00+02:00", 500, unknownError},
		{"created_at[$like]=2026%25", 500, unknownError},
		{"updated_at[$ilike]=2026%25", 500, unknownError},

		{
			"foo=1&limit=abc&id[a]=1&order[]=x", 400,
			invalid("Invalid request: Expected type: 'string' for field 'order', got: 'x'; Unrecognized fields: 'foo'; Expected type: 'number' for field 'limit', got: 'abc'"),
		},
	} {
		t.Run(tt.query, func(t *testing.T) {
			t.Parallel()
			got := request(t, srv, http.MethodGet, "/store/order-groups?"+tt.query, headers)
			assert.Equal(t, answer{tt.status, "application/json; charset=utf-8", tt.body}, got)
		})
	}
}

func TestMercurKeepsTheOrderOfGroupsOfOneTime(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	alice := srv.AddCustomer("Alice")
	for _, id := range []string{"og_b", "og_a", "og_c"} {
		srv.AddOrderGroup(alice, storeorders.OrderGroup{ID: id, CreatedAt: time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)})
	}
	const want = `{"order_groups":[{"id":"og_b"},{"id":"og_a"},{"id":"og_c"}],"count":3,"offset":0,"limit":50}`
	for _, order := range []string{"created_at", "-created_at"} {
		assert.Equal(t, want, request(t, srv, http.MethodGet, "/store/order-groups?fields=id&order="+order, mercurHeaders(srv, alice)).body)
	}
}
