package storeorderstest_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/seed-2861b391/storeorders"
)

func TestMercurReadsTimesAsPostgreSQLDoes(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	alice := srv.AddCustomer("Alice")
	for _, at := range []time.Time{
		time.Date(2026, time.January, 5, 0, 0, 0, 0, time.UTC),
		time.Date(2026, time.January, 5, 10, 0, 0, 0, time.UTC),
		time.Date(2026, time.January, 5, 10, 0, 0, 500_000_000, time.UTC),
	} {
		srv.AddOrderGroup(alice, storeorders.OrderGroup{CreatedAt: at})
	}
	for text, count := range map[string]int{
		"2026-01-05": 3, "2026-1-5": 3, "20260105": 3, "Jan 5 2026": 3,
		"2026-01-05T10:00:00Z": 2, "2026-01-05t10:00:00z": 2, " 2026-01-05 10:00:00 ": 2, "2026-01-05 10:00": 2, "2026-01-05T10:00Z": 2,
		"2026-01-05T10:00:00.5Z": 1, "2026-01-05T10:00:00.5000001Z": 1, "2026-01-05T10:00:00.500001Z": 0,
		"2026-01-05T12:00:00+02:00": 2, "2026-01-05T12:00:00+0200": 2, "2026-01-05T12:00:00+02": 2,
		"2026-01": -1, "2026": -1, "2026-02-30": -1, "2026-01-05T25:00:00Z": -1, "2026-01-05T10Z": -1, "1767607200000": -1,
	} {
		got := request(t, srv, http.MethodGet, "/store/order-groups?fields=id&created_at[$gte]="+url.QueryEscape(text), mercurHeaders(srv, alice))
		if count < 0 {
			assert.Equal(t, 500, got.status, text)
			continue
		}
		assert.Contains(t, got.body, fmt.Sprintf(`"count":%d,`, count), text)
	}
}
