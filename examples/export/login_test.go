package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders/storeorderstest"
)

// typed is a terminal at which the text is typed once it is asked for.
type typed func() string

func (f typed) Read(p []byte) (int, error) { return copy(p, f()+"\n"), io.EOF }

func TestMercurLogsInWithAPassword(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	shop.AddOrderGroups(shop.alice, 2, 1)
	args := []string{"mercur", "--url", shop.URL, "--publishable-key", shop.PublishableKey, "--email", shop.alice.Email}

	given := runArgs(t, append(args, "--password", shop.alice.Password)...)
	assert.Equal(t, 0, given.code, given.err)
	assert.Equal(t, 2, strings.Count(given.out, "\n"))
	assert.Empty(t, given.err)

	asked := runWith(t, strings.NewReader(shop.alice.Password+"\n"), args...)
	assert.Equal(t, 0, asked.code, asked.err)
	assert.Equal(t, given.out, asked.out)
	assert.Equal(t, "Password of "+shop.alice.Email+": ", asked.err)
}

func TestSalesiveLogsInWithACode(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	shop.AddOrders(shop.ada, 2, 1)
	args := []string{"salesive", "--url", shop.SalesiveURL, "--shop-id", shop.ShopID, "--email", shop.ada.Email}

	got := runWith(t, typed(func() string { return shop.CodeFor(shop.ada.Email) }), args...)
	assert.Equal(t, 0, got.code, got.err)
	assert.Equal(t, 2, strings.Count(got.out, "\n"))
	assert.Equal(t, "Code that was sent to "+shop.ada.Email+": ", got.err)

	wrong := runWith(t, strings.NewReader("000000\n"), args...)
	assert.Equal(t, exitError, wrong.code)
	assert.Contains(t, wrong.err, "SalesiveAuth.VerifyCode")
}

func TestSalesiveLogsInAsAGuest(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	got := runArgs(t, "salesive", "--url", shop.SalesiveURL, "--shop-id", shop.ShopID, "--guest")
	assert.Equal(t, result{}, got)
	requests := shop.Requests()
	require.Len(t, requests, 2)
	assert.Equal(t, storeorderstest.Auth, requests[0].Route)
	assert.NotEmpty(t, requests[1].Token)
}

func TestALoginThatIsRefusedLeavesTheFileAsItIs(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	shop.AddOrders(shop.ada, 2, 1)
	file := tempFile(t)
	require.Equal(t, 0, runArgs(t, shop.salesive("-o", file)...).code)
	before := contents(t, file)
	for _, flag := range []string{"--force", "--resume"} {
		got := runWith(t, strings.NewReader("000000\n"),
			"salesive", "--url", shop.SalesiveURL, "--shop-id", shop.ShopID, "--email", shop.ada.Email, "-o", file, flag)
		assert.Equal(t, exitError, got.code)
		assert.Equal(t, before, contents(t, file))
	}
}

func TestAFileThatCannotBeUsedIsRefusedBeforeTheLogin(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	got := runArgs(t, "salesive", "--url", shop.SalesiveURL, "--shop-id", shop.ShopID, "--email", shop.ada.Email, "-o", t.TempDir())
	assert.Equal(t, exitError, got.code)
	shop.AssertRequests(t)
}

func TestWhereNobodyTypesAPasswordItComesFromTheEnvironment(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	got := runArgs(t, "mercur", "--url", shop.URL, "--publishable-key", shop.PublishableKey, "--email", "alice@example.com")
	assert.Equal(t, result{exitError, "", "Password of alice@example.com: \n" +
		"storeorders-export: Password of alice@example.com: nothing was typed; type it, or give MERCUR_PASSWORD\n"}, got)
	shop.AssertRequests(t)
}

// Nobody types a password for nothing.
func TestAKeyThatIsMissingIsToldBeforeThePasswordIsAskedFor(t *testing.T) {
	t.Parallel()
	got := runArgs(t, "mercur", "--url", "http://127.0.0.1:1", "--email", "alice@example.com")
	assert.Equal(t, exitUsage, got.code)
	assert.Regexp(t, "^storeorders-export: no publishable key: ", got.err)
}

func TestAskEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	nobody, typing := io.Pipe()
	t.Cleanup(func() { _ = typing.Close() })
	var stderr bytes.Buffer
	_, err := streams{in: nobody, err: &stderr}.ask(ctx, "Password", false)
	assert.ErrorIs(t, err, errInterrupted)

	_, err = streams{in: strings.NewReader(""), err: &stderr}.ask(t.Context(), "Password", false)
	assert.EqualError(t, err, "Password: nothing was typed")

	assert.Equal(t, strings.Repeat("Password: \n", 2), stderr.String(), "what follows has a line of its own")

	text, err := streams{in: strings.NewReader(" spaces count \r\n"), err: &stderr}.ask(t.Context(), "Password", false)
	assert.NoError(t, err)
	assert.Equal(t, " spaces count ", text)
}
