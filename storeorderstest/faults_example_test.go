package storeorderstest_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

// The first page is refused once, and an order goes away before the second.
func ExampleServer_Inject() {
	server := storeorderstest.Transport()
	alice := server.AddCustomer("Alice")
	groups := server.AddOrderGroups(alice, 4, 1)

	server.Inject(storeorderstest.Status(http.StatusServiceUnavailable, "Retry-After", "0.1"),
		storeorderstest.MercurList, storeorderstest.First(1))
	server.Inject(storeorderstest.Before(func() { server.RemoveOrderGroup(groups[0].ID) }),
		storeorderstest.MercurList, storeorderstest.Matching(func(r storeorderstest.Request) bool {
			return r.Query.Get("offset") == "2"
		}))

	client, err := storeorders.NewClient(
		storeorders.WithHTTPClient(&http.Client{Transport: server}),
		storeorders.WithMercur(server.MercurConfig()),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	options := &storeorders.OrderGroupListOptions{Limit: 2}
	for page, err := range client.OrderGroups.Pages(context.Background(), options, storeorders.WithToken(alice.Token)) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(len(page.Items), "of", page.Count, "after attempts:", page.Response.Attempts)
	}
	// Output:
	// 2 of 4 after attempts: 2
	// 1 of 3 after attempts: 1
}
