package storeorders_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

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

func ExampleSalesiveAuthService_SendCode() {
	shop, client := newShop()
	defer shop.Close()

	// The address need not be known yet.
	if err := client.SalesiveAuth.SendCode(context.Background(), "carol@example.com"); err != nil {
		panic(err)
	}
	fmt.Println("mail:", shop.CodeFor("carol@example.com") != "")

	err := client.SalesiveAuth.SendCode(context.Background(), "")
	fmt.Println(err)
	// Output:
	// mail: true
	// storeorders: email: is empty
}

// A script that is one shopper. The token is in no log, whatever is printed.
func ExampleStaticToken() {
	shop, _ := newShop()
	defer shop.Close()

	config := shop.SalesiveConfig()
	config.Token = storeorders.StaticToken(shop.Shoppers()[0].Token)
	config.BaseURL = "https://store.example.com/api/v1"
	fmt.Printf("%+v\n", config)
	fmt.Printf("%+v\n", config.Token)
	// Output:
	// storeorders.SalesiveConfig{BaseURL: https://store.example.com/api/v1, ShopID: [REDACTED], Token: [REDACTED]}
	// storeorders.StaticToken([REDACTED])
}

func ExampleToken() {
	shop, client := newShop()
	defer shop.Close()
	alice := shop.Customers()[0]

	token, err := client.MercurAuth.Login(context.Background(), alice.Email, alice.Password)
	if err != nil {
		panic(err)
	}
	fmt.Println("expired:", time.Now().After(token.Expiry))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		fmt.Println(verb, "tells the token:", strings.Contains(fmt.Sprintf(verb, token), token.Value()))
	}
	// Output:
	// expired: false
	// %v tells the token: false
	// %+v tells the token: false
	// %#v tells the token: false
	// %s tells the token: false
	// %q tells the token: false
}

// A backend leaves the token with the browser, and gets it back with the next
// request.
func ExampleToken_Value() {
	shop, client := newShop()
	defer shop.Close()
	alice := shop.Customers()[0]

	token, err := client.MercurAuth.Login(context.Background(), alice.Email, alice.Password)
	if err != nil {
		panic(err)
	}
	w := httptest.NewRecorder()
	http.SetCookie(w, &http.Cookie{
		Name: "shop_token", Value: token.Value(), Expires: token.Expiry,
		Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})

	cookie, err := http.ParseSetCookie(w.Header().Get("Set-Cookie"))
	if err != nil {
		panic(err)
	}
	page, err := client.OrderGroups.List(context.Background(), nil, storeorders.WithToken(cookie.Value))
	if err != nil {
		panic(err)
	}
	fmt.Println(page.Count)
	fmt.Printf("%q\n", new(storeorders.Token).Value())
	// Output:
	// 3
	// ""
}

// guest is a TokenSource that becomes a new guest of the shop when its token
// is refused: its method Invalidate is told.
type guest struct {
	auth *storeorders.SalesiveAuthService

	mu    sync.Mutex
	token string
}

func (g *guest) Token(ctx context.Context) (string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.token == "" {
		token, err := g.auth.Guest(ctx)
		if err != nil {
			return "", err
		}
		g.token = token.Value()
	}
	return g.token, nil
}

func (g *guest) Invalidate(token string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.token == token { // else it has been replaced meanwhile
		g.token = ""
	}
}

// The shop refuses a token that has expired; the source gets another one, and
// the call is sent again.
func ExampleTokenSource() {
	shop, client := newShop()
	defer shop.Close()

	source := &guest{auth: client.SalesiveAuth, token: "token of last year"}
	page, err := client.Orders.List(context.Background(), nil, storeorders.WithTokenSource(source))
	if err != nil {
		panic(err)
	}
	fmt.Println(page.Total, page.Response.Attempts)
	for _, request := range shop.Requests() {
		fmt.Println(request.Method, request.Path)
	}
	// Output:
	// 0 2
	// GET /api/v1/orders
	// POST /api/v1/auth/ghost
	// GET /api/v1/orders
}

// tokenKey is under what a middleware of the backend puts a shopper's token
// into the context of a request.
type tokenKey struct{}

// The source is the client's default, and finds the token in the context of
// each call.
func ExampleTokenSourceFunc_Token() {
	fromContext := storeorders.TokenSourceFunc(func(ctx context.Context) (string, error) {
		token, found := ctx.Value(tokenKey{}).(string)
		if !found {
			return "", errors.New("nobody is logged in")
		}
		return token, nil
	})

	// As the client asks it:
	token, err := fromContext.Token(context.WithValue(context.Background(), tokenKey{}, "token-of-alice"))
	fmt.Println(token == "token-of-alice", err)
	_, err = fromContext.Token(context.Background())
	fmt.Println(err)
	// Output:
	// true <nil>
	// nobody is logged in
}
