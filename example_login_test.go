package storeorders_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

func ExampleMercurAuthService_Login() {
	shop, client := newShop()
	defer shop.Close()
	alice := shop.Customers()[0]

	token, err := client.MercurAuth.Login(context.Background(), alice.Email, alice.Password)
	if err != nil {
		panic(err)
	}
	page, err := client.OrderGroups.List(context.Background(), nil, storeorders.WithToken(token.Value()))
	if err != nil {
		panic(err)
	}
	fmt.Println(page.Count)

	_, err = client.MercurAuth.Login(context.Background(), alice.Email, "12345678")
	fmt.Println(err)
	// Output:
	// 3
	// storeorders: MercurAuth.Login: POST /auth/customer/emailpass: 401 unauthorized: Invalid email or password (1 attempt)
}

func ExampleMercurAuthService_Refresh() {
	shop, client := newShop()
	defer shop.Close()
	alice := shop.Customers()[0]

	token, err := client.MercurAuth.Login(context.Background(), alice.Email, alice.Password)
	if err != nil {
		panic(err)
	}
	// Some time later, and before token.Expiry:
	token, err = client.MercurAuth.Refresh(context.Background(), token.Value())
	if err != nil {
		panic(err)
	}
	page, err := client.OrderGroups.List(context.Background(), nil, storeorders.WithToken(token.Value()))
	if err != nil {
		panic(err)
	}
	fmt.Println(page.Count)
	// Output:
	// 3
}

// One client serves several customers, of whom each has a source.
func ExampleMercurAuthService_PasswordSource() {
	shop, client := newShop()
	defer shop.Close()
	customers := []*storeorderstest.Customer{shop.Customers()[0], shop.AddCustomer("bob")}

	for _, customer := range customers {
		source := client.MercurAuth.PasswordSource(customer.Email, customer.Password)
		page, err := client.OrderGroups.List(context.Background(), nil, storeorders.WithTokenSource(source))
		if err != nil {
			panic(err)
		}
		fmt.Println(customer.Name, page.Count)
	}
	// Output:
	// alice 3
	// bob 0
}

// A client that always acts for the same customer logs in by itself.
func ExampleWithMercurLogin() {
	shop, _ := newShop()
	defer shop.Close()
	alice := shop.Customers()[0]

	client, err := storeorders.NewClient(
		storeorders.WithMercur(shop.MercurConfig()),
		storeorders.WithMercurLogin(alice.Email, alice.Password),
	)
	if err != nil {
		panic(err)
	}
	for range 2 {
		page, err := client.OrderGroups.List(context.Background(), nil)
		if err != nil {
			panic(err)
		}
		fmt.Println(page.Count)
	}
	for _, request := range shop.Requests() {
		fmt.Println(request.Method, request.Path)
	}
	// Output:
	// 3
	// 3
	// POST /auth/customer/emailpass
	// GET /store/order-groups
	// GET /store/order-groups
}

func ExampleSalesiveAuthService_VerifyCode() {
	shop, client := newShop()
	defer shop.Close()
	bob := shop.Shoppers()[0]

	if err := client.SalesiveAuth.SendCode(context.Background(), bob.Email); err != nil {
		panic(err)
	}
	code := shop.CodeFor(bob.Email) // that a shopper reads in the mail
	token, err := client.SalesiveAuth.VerifyCode(context.Background(), bob.Email, code)
	if err != nil {
		panic(err)
	}
	page, err := client.Orders.List(context.Background(), nil, storeorders.WithToken(token.Value()))
	if err != nil {
		panic(err)
	}
	fmt.Println(page.Total)

	_, err = client.SalesiveAuth.VerifyCode(context.Background(), bob.Email, code)
	fmt.Println(err)
	// Output:
	// 3
	// storeorders: SalesiveAuth.VerifyCode: POST /auth/verify: 400: Invalid OTP (1 attempt)
}

func ExampleSalesiveAuthService_Guest() {
	shop, client := newShop()
	defer shop.Close()

	token, err := client.SalesiveAuth.Guest(context.Background())
	if err != nil {
		panic(err)
	}
	page, err := client.Orders.List(context.Background(), nil, storeorders.WithToken(token.Value()))
	if err != nil {
		panic(err)
	}
	fmt.Println(page.Total)
	// Output:
	// 0
}

func ExampleLoginError() {
	shop, client := newShop()
	defer shop.Close()
	shop.Inject(storeorderstest.Answer(http.StatusOK, `{"mfa_required":true}`), storeorderstest.Auth)

	source := client.MercurAuth.PasswordSource("alice@example.com", "correct horse battery staple")
	_, err := client.OrderGroups.List(context.Background(), nil, storeorders.WithTokenSource(source))
	if loginError, ok := errors.AsType[*storeorders.LoginError](err); ok {
		fmt.Println(loginError.Reason)
		fmt.Println(loginError)
	}
	// Output:
	// mfa_required
	// storeorders: login gave no usable token: mfa_required; log in where a second factor can be given, and pass the token with WithToken
}
