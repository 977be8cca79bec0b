package storeorderstest_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

func Example() {
	server := storeorderstest.NewServer()
	defer server.Close()

	alice := server.AddCustomer("Alice")
	server.AddOrderGroup(alice, storeorders.OrderGroup{Orders: []storeorders.SellerOrder{
		{
			Seller: &storeorders.Seller{Name: "Cedar Books"},
			Items:  []storeorders.LineItem{{Title: "Atlas", Quantity: "2", UnitPrice: "19.90"}},
		},
		{
			Seller:        &storeorders.Seller{Name: "Harbor Coffee"},
			Items:         []storeorders.LineItem{{Title: "Espresso Beans", UnitPrice: "27.80"}},
			ShippingTotal: "4.90",
		},
	}})

	client, err := storeorders.NewClient(
		storeorders.WithMercur(server.MercurConfig()),
		storeorders.WithSalesive(server.SalesiveConfig()),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	for group, err := range client.OrderGroups.All(context.Background(), nil, storeorders.WithToken(alice.Token)) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("group %d: %s sellers, %s in all\n", group.DisplayID, group.SellerCount, group.Total)
	}

	for _, request := range server.Requests() {
		fmt.Println(request.Method, request.Path, "limit", request.Query.Get("limit"))
	}
	// Output:
	// group 1: 2 sellers, 72.5 in all
	// GET /store/order-groups limit 100
}

func ExampleServer_LoadFixture() {
	server := storeorderstest.Transport()
	err := server.LoadFixture(strings.NewReader(`{
		"shoppers": [{"token": "token-of-ada", "orders": [
			{"orderId": 1001, "items": [{"name": "Head phone", "price": 10000, "quantity": 2}]},
			{"orderId": 1002, "status": "lost in transit", "total": 12.50}
		]}]
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}

	client, err := storeorders.NewClient(
		storeorders.WithHTTPClient(&http.Client{Transport: server}),
		storeorders.WithSalesive(server.SalesiveConfig()),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	for order, err := range client.Orders.All(context.Background(), nil, storeorders.WithToken("token-of-ada")) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("order %d: %s, %s in all\n", order.Number, order.Status, order.Total)
	}
	// Output:
	// order 1002: lost in transit, 12.50 in all
	// order 1001: pending, 20000 in all
}
