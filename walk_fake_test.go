package storeorders_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

// TestAllOverTheFake is TestAllGivesEachOrderOnceOrSaysSo over the fake.
func TestAllOverTheFake(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Mercur", "Salesive"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkWalks(t, name == "Salesive", newFakeList)
		})
	}
}

// fakeList is a listServer of the package storeorderstest.
type fakeList struct {
	server   *storeorderstest.Server
	salesive bool
	customer *storeorderstest.Customer
	shopper  *storeorderstest.Shopper
}

func newFakeList(c walkCase) listServer {
	var opts []storeorderstest.Option
	if c.oldestFirst {
		opts = append(opts, storeorderstest.WithSalesiveOldestFirst())
	}
	f := &fakeList{server: storeorderstest.Transport(opts...), salesive: c.salesive}
	f.customer, f.shopper = f.server.AddCustomer("A"), f.server.AddShopper("A")
	if c.clamp > 0 {
		f.server.Inject(storeorderstest.ClampLimit(c.clamp))
	}
	if c.shuffled {
		f.server.Inject(storeorderstest.ShuffleTies(c.seed))
	}
	if c.lie > 0 {
		f.server.Inject(storeorderstest.LieAboutCount(c.lie))
	}
	return f
}

func (f *fakeList) join(id string, instant int) {
	at := time.Date(2026, 1, 1, 0, 0, instant, 0, time.UTC)
	if f.salesive {
		f.server.AddOrder(f.shopper, storeorders.Order{ID: id, CreatedAt: at})
		return
	}
	f.server.AddOrderGroup(f.customer, storeorders.OrderGroup{ID: id, CreatedAt: at})
}

func (f *fakeList) leave(id string) {
	if f.salesive {
		f.server.RemoveOrder(id)
		return
	}
	f.server.RemoveOrderGroup(id)
}

func (f *fakeList) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	if f.salesive {
		req.URL.Host, req.URL.Path = "storeorders.test", "/api/v1/orders"
		req.Header.Set("X-Shop-Id", f.server.ShopID)
		req.Header.Set("Authorization", "Bearer "+f.shopper.Token)
	} else {
		req.URL.Host = "storeorders.test"
		req.Header.Set("X-Publishable-Api-Key", f.server.PublishableKey)
		req.Header.Set("Authorization", "Bearer "+f.customer.Token)
	}
	return f.server.RoundTrip(req)
}
