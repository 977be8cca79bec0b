package storeorders_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
)

// The credentials of the calls of FuzzErrorBody. Some of their characters are written otherwise in JSON or in a URL.
const (
	fuzzToken = "tok-fuzz/Zq7+Wm4&Lk2=TvXc9"
	fuzzKey   = "pk_fuzz_1f3c8a60b7e2"
	fuzzShop  = "shop-fuzz-64b1f00c9e"
)

// Arbitrary bytes as an answer of Mercur: an independent reading of the same bytes says whether they are refused, and what every field holds.
func FuzzOrderGroups(f *testing.F) {
	for _, body := range recordedBodies(f, "mercur/", http.StatusOK) {
		f.Add(body)
	}
	for _, value := range awkwardJSON() {
		f.Add([]byte(`{"order_groups":[{"id":"og_1","total":1,"orders":[{"items":[{"quantity":2,"metadata":null}]}],"new":` + value + `}],"count":1,"offset":0,"limit":50}`))
		f.Add([]byte(`{"order_group":{"id":"og_1","customer_id":"c","display_id":7,"total":` + value + `}}`))
	}
	for _, object := range []string{
		`{"id":"og_0","total":1,"id":"og_1","total":2.50,"cart":{"id":"a"},"cart":{"completed_at":"2026-01-03T00:00:00Z"},"cart":null,"cart":{"id":"b"}}`,
		`{"id":"og_1","orders":[{"id":"a","seller":{"id":"s"},"seller":{"name":"n"}}],"orders":[{"display_id":-0}],"orders":[]}`,
		`{"ID":"og_0","i\u0064":"og_1","cart_id":null,"created_at":"2026-01-03T12:30:15.123456789+02:00","updated_at":null,"deleted_at":"0001-01-01T00:00:00Z"}`,
		`{"id":"og_1","total":"1.50","seller_count":"-0","orders":[null,{"is_draft_order":false,"no_notification":null,"metadata":{"a":[1.50,"\u00e9"]}}]}`,
		`{"id":7}`, `{"id":""}`, `null`, `[]`, `"og_1"`,
	} {
		f.Add([]byte("\r\n{ \"order_groups\" :\t[ " + object + " ,\n" + object + "], \"count\":2,\"offset\":0,\"limit\":50 , \"took\": 7}\n"))
		f.Add([]byte(`{"order_group":` + object + `}`))
		f.Add([]byte(`{"count":0,"order_group":{"id":"og_9","total":5},"order_groups":[],"count":1,"order_groups":[` + object + `],"order_group":` + object + `}`))
	}
	for _, numbers := range []string{`"count":-1`, `"count":-0`, `"count":1.0`, `"count":1e2`, `"count":null`, `"count":9223372036854775808`, `"count":1,"offset":-1`, `"limit":0`} {
		f.Add([]byte(`{"order_groups":[],` + numbers + `}`))
	}
	for _, body := range awkwardBodies() {
		f.Add(body)
	}
	o := newOracle()
	f.Fuzz(func(t *testing.T, body []byte) {
		client := answering(t, http.StatusOK, jsonType, body)

		page, err := client.OrderGroups.List(t.Context(), nil)
		if want := o.groupPage(t, body); want == nil {
			checkRefused(t, page == nil, err)
		} else if assert.NoErrorf(t, err, "%s", body) {
			assert.Equal(t, [3]int{want.numbers["count"], want.numbers["offset"], want.numbers["limit"]}, [3]int{page.Count, page.Offset, page.Limit})
			checkItems(t, o, page.Items, want.items)
		}

		group, err := client.OrderGroups.Get(t.Context(), "og_1", nil)
		if want := o.group(t, body); want == nil {
			checkRefused(t, group == nil, err)
		} else if assert.NoErrorf(t, err, "%s", body) {
			checkItem(t, o, group, want)
		}
	})
}

// The same for Salesive, whose answers also say whether they are ones of success.
func FuzzOrders(f *testing.F) {
	for _, body := range recordedBodies(f, "salesive/", http.StatusOK) {
		f.Add(body)
	}
	list := func(order string) []byte {
		return []byte(`{"status":200,"success":true,"message":"ok","data":{"orders":[` + order + `],"pagination":{"page":1,"limit":10,"total":1,"pages":1}}}`)
	}
	for _, value := range awkwardJSON() {
		f.Add(list(`{"_id":"o1","user":` + value + `,"shippingAddress":{"zipCode":` + value + `,"validated":` + value + `},"items":[{"variantAttributes":{"a":` + value + `}}]}`))
		f.Add([]byte(`{"status":` + value + `,"success":false,"message":` + value + `,"data":` + value + `}`))
		f.Add([]byte(`{"status":404,"success":` + value + `,"data":{"_id":"o1","total":` + value + `}}`))
	}
	for _, order := range []string{
		`{"_id":"o1","user":{"_id":"u","_id":7,"id":"v"},"shop":{"_id":"","id":"s"},"coupon":[1, 2],"payment":"","shipment":false}`,
		`{"_id":"o1","shippingAddress":{"_id":7,"city":null,"state":true,"zipCode":12345,"user":"u","isDefault":false,"latitude":6.50}}`,
		`{"_id":"o1","shippingAddress":{"city":"a"},"shippingAddress":"665f1c2a","items":[{"name":"a"}],"items":[{"sku":"b","variantAttributes":{"a":"1","a":null}}]}`,
		`{"_id":"o1","user":{"_id":"u"},"user":"v","shop":"s","shop":[],"items":[{"variantAttributes":{"a":"1"},"variantAttributes":{"b":"2"}}]}`,
		`{"_id":"o1","orderId":9223372036854775807,"total":1e400,"tax":-0,"discount":"7","variantAttributes":{"a":1}}`,
		`{"_id":"o1","orderId":9223372036854775808}`, `{"_id":"o1","orderId":1.0}`, `{"_id":"o1","createdAt":""}`, `{"_id":"o1","items":{}}`,
	} {
		f.Add(list(order))
		f.Add([]byte(`{"status":200,"success":true,"data":` + order + `}`))
		f.Add([]byte(`{"data":{"orders":[` + order + `],"pagination":{"total":1,"pages":1}},"data":{"orders":[],"pagination":{"total":0,"pages":0}}}`))
	}
	f.Add([]byte(`{"data":{"orders":[{"_id":"o1"}],"pagination":{"page":1,"limit":10,"total":1,"pages":1}},"data":{"pagination":{"total":1,"pages":1}}}`))
	for _, status := range []string{"399", "400", "599", "600", `"404"`, `" 404"`, "404.0"} {
		f.Add([]byte(`{"status":` + status + `,"data":{"_id":"o1","orders":[],"pagination":{"total":0,"pages":0}}}`))
	}
	f.Add([]byte(`{"data":{"orders":[],"pagination":{"page":1,"limit":10,"total":1,"pages":1},"pagination":{"total":1}}}`))
	for _, body := range awkwardBodies() {
		f.Add(body)
	}
	o := newOracle()
	f.Fuzz(func(t *testing.T, body []byte) {
		client := answering(t, http.StatusOK, jsonType, body)

		page, err := client.Orders.List(t.Context(), nil)
		var want *wantedPage
		if verdict := o.envelope(t, body, func(data json.RawMessage) bool {
			want = o.orderPage(t, data)
			return want != nil
		}); !verdict.accepted {
			checkNotAccepted(t, verdict, page == nil, err)
		} else if assert.NoErrorf(t, err, "%s", body) {
			assert.Equal(t,
				[4]int{want.numbers["page"], want.numbers["limit"], want.numbers["total"], want.numbers["pages"]},
				[4]int{page.Page, page.Limit, page.Total, page.Pages})
			checkItems(t, o, page.Items, want.items)
		}

		order, err := client.Orders.Get(t.Context(), "o1")
		var item json.RawMessage
		if verdict := o.envelope(t, body, func(data json.RawMessage) bool {
			item = data
			return o.isResource(t, reflect.TypeFor[storeorders.Order](), data)
		}); !verdict.accepted {
			checkNotAccepted(t, verdict, order == nil, err)
		} else if assert.NoErrorf(t, err, "%s", body) {
			checkItem(t, o, order, item)
		}
	})
}

// A Retry-After is read as an exact computation reads it, and no call sleeps for longer than its policy lets it.
func FuzzRetryAfter(f *testing.F) {
	for _, value := range []string{
		"", "0", "1", "120", "1.5", ".5", "1.", ".", "1.2.3", "-1", "+1", " 7 ", "1e3", "0x10", "1_000", "NaN", "Inf", "∞", "１",
		"0.0000000001", "0.9999999999", "9223372036", "9223372036.854775807", "9223372037", "9999999999999999999999", strings.Repeat("9", 400),
		"0." + strings.Repeat("0", 400) + "1", strings.Repeat("0", 30) + "2", "29.999", "30", "30.000000001", "31",
		"Sat, 01 Jan 2000 00:00:20 GMT", "Fri, 31 Dec 1999 23:59:59 GMT", "Saturday, 01-Jan-00 00:00:20 GMT", "Sat Jan  1 00:00:20 2000",
		"Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT", "Sat, 01 Jan 2000 00:00:20 UTC", "Sat, 32 Jan 2000 00:00:20 GMT",
		"\x00", "\xff", "1\n2", "20, 30",
	} {
		f.Add(value, "", int64(30*time.Second), 2)
		f.Add(value, "Sat, 01 Jan 2000 00:00:10 GMT", int64(0), 1)
		f.Add(value, "Mon, 01 Jan 0001 00:00:00 GMT", int64(time.Hour), 0)
		f.Add(value, "no date", int64(20*time.Second), 3)
	}
	f.Fuzz(func(t *testing.T, value, date string, maxRetryAfter int64, maxRetries int) {
		const hour = int64(time.Hour) // more would pass the end of the clock
		policy := storeorders.RetryPolicy{MaxRetries: maxRetries & 3, MaxRetryAfter: time.Duration(max(0, maxRetryAfter%(1000*hour)))}
		value, date = value[:min(len(value), 4096)], date[:min(len(date), 4096)] // no header is longer
		synctest.Test(t, func(t *testing.T) {
			server := always(func(req *http.Request) (*http.Response, error) {
				resp, err := reply(http.StatusServiceUnavailable, "")(req)
				resp.Header["Retry-After"], resp.Header["Date"] = []string{value}, []string{date}
				return resp, err
			})
			err := listGroups(t.Context(), clientOf(t, server, storeorders.WithRetry(policy)))
			e := requireAPIError(t, err)
			waits := server.waits()
			require.Len(t, server.times, e.Attempts)
			for i, at := range server.times {
				asked, tolerance := wantedRetryAfter(value, date, at)
				if last := i == len(waits); last {
					assert.InDelta(t, asked, e.RetryAfter, float64(tolerance))
					assert.GreaterOrEqual(t, e.RetryAfter, time.Duration(0))
					assert.Truef(t, i == policy.MaxRetries || e.RetryAfter > policy.MaxRetryAfter, "gave up after %d of %d retries", i, policy.MaxRetries)
				} else {
					assert.InDelta(t, asked, waits[i], float64(tolerance))
					assert.LessOrEqual(t, waits[i], policy.MaxRetryAfter)
				}
			}
		})
	})
}

// wantedRetryAfter computes exactly what the header asks for, and how far a float64 may be from that.
func wantedRetryAfter(value, date string, now time.Time) (wait, tolerance time.Duration) {
	value = strings.TrimSpace(value)
	whole, fraction, _ := strings.Cut(value, ".")
	if digits := whole + fraction; digits != "" && strings.Trim(digits, "0123456789") == "" {
		exact, _ := new(big.Rat).SetString("0" + value)
		exact.Mul(exact, big.NewRat(int64(time.Second), 1))
		nanoseconds := new(big.Int).Quo(exact.Num(), exact.Denom())
		if !nanoseconds.IsInt64() {
			return math.MaxInt64, 2 << 10
		}
		return time.Duration(nanoseconds.Int64()), time.Duration(nanoseconds.Int64()>>52 + 1)
	}
	until, err := http.ParseTime(value)
	if err != nil {
		return 0, 0
	}
	if sent, err := http.ParseTime(date); err == nil {
		now = sent
	}
	seconds := new(big.Int).Sub(big.NewInt(until.Unix()), big.NewInt(now.Unix()))
	exact := seconds.Mul(seconds, big.NewInt(int64(time.Second)))
	exact.Sub(exact, big.NewInt(int64(now.Nanosecond())))
	switch {
	case exact.Sign() < 0:
		return 0, 0
	case !exact.IsInt64():
		return math.MaxInt64, 0
	default:
		return time.Duration(exact.Int64()), 0
	}
}

// Decimals against math/big, and by a grammar of JSON's numbers that is not the package's own.
func FuzzDecimal(f *testing.F) {
	numbers := []string{
		"", "0", "-0", "0.00", "7", "-1.6", "-1.50", "1.5", "10.00", "2e3", "2E+3", "2e-3", "2000", "1e999999999", "-1e999999999", "1e-999999999", "0e999999999",
		"1e400", "-1e-400", "1e9223372036854775808", "1e-99999999999999999999999", "1e1152921504606846976", "10e1152921504606846975", "0.1e1152921504606846977",
		"9007199254740993", "9007199254740992", "-0.01", "1e2", "0.00e5", "12e-3", "1e99999999999999999999", "abc", "1234567890123456.78", "179769313486231580793728971405301e276", "4.9406564584124654e-324", "2.4703282292062327e-324", "2.5e-324",
		"1" + strings.Repeat("0", 10_000), "1" + strings.Repeat("0", 10_000) + "e-10000", "0." + strings.Repeat("0", 10_000) + "1", strings.Repeat("9", 10_001), strings.Repeat("12", 5_000) + "e-7",
		"-", ".", "1.", ".5", "+1", "01", "-01", "1e", "1e+", "1e+-1", "1,5", "1 ", " 1", "1\n", "1_000", "0x10", "1/3", "NaN", "Infinity", "null", `"1"`, "１", "1\x00", "\xff",
	}
	for i, number := range numbers {
		f.Add(number, numbers[(i+1)%len(numbers)], numbers[(i*7+3)%len(numbers)])
	}
	f.Fuzz(func(t *testing.T, first, second, third string) {
		decimals := [3]storeorders.Decimal{storeorders.Decimal(first), storeorders.Decimal(second), storeorders.Decimal(third)}
		var exact [3]*exactNumber
		for i, d := range decimals {
			exact[i] = parseExactly(string(d))
			checkDecimal(t, d, exact[i])
		}
		for i, a := range decimals {
			for j, b := range decimals {
				assert.Equalf(t, exact[i].compare(exact[j]), a.Cmp(b), "%.60q and %.60q", a, b)
			}
		}
	})
}

func checkDecimal(t *testing.T, d storeorders.Decimal, want *exactNumber) {
	t.Helper()
	assert.Equal(t, string(d), d.String())
	assert.Equalf(t, want != nil, d.Valid(), "%.60q", d)
	assert.Equalf(t, d == "" || want != nil && want.digits.Sign() == 0, d.IsZero(), "%.60q", d)

	encoded, err := json.Marshal(d)
	switch {
	case want != nil:
		require.NoError(t, err)
		assert.Equal(t, string(d), string(encoded))
		for _, text := range []string{string(d), `"` + string(d) + `"`} {
			var again storeorders.Decimal
			require.NoError(t, json.Unmarshal([]byte(text), &again))
			assert.Equal(t, d, again)
		}
	case d == "":
		require.NoError(t, err)
		assert.Equal(t, "null", string(encoded))
	default:
		assert.Error(t, err)
	}

	got, ratErr := d.Rat()
	float, floatErr := d.Float64()
	if want == nil {
		reason := "not a JSON number"
		if d == "" {
			reason = "the Decimal is absent"
		}
		assert.ErrorContains(t, ratErr, reason)
		assert.ErrorContains(t, floatErr, reason)
		return
	}
	if !want.isShort() {
		assert.ErrorContains(t, ratErr, "digits")
		switch magnitude := want.magnitude(); {
		case want.digits.Sign() == 0 || magnitude < -400:
			require.NoError(t, floatErr)
			assert.Zero(t, float)
		case magnitude > 400:
			assert.ErrorIs(t, floatErr, strconv.ErrRange)
		}
		return
	}
	exact := want.rat()
	if assert.NoErrorf(t, ratErr, "%.60q", d) {
		assert.Zerof(t, exact.Cmp(got), "%.60q is %.60s", d, got)
	}
	if nearest, _ := exact.Float64(); math.IsInf(nearest, 0) {
		assert.ErrorIsf(t, floatErr, strconv.ErrRange, "%.60q", d)
	} else if assert.NoErrorf(t, floatErr, "%.60q", d) {
		assert.InDeltaf(t, nearest, float, 0, "%.60q", d)
	}
}

// exactNumber is digits times ten to the power of exponent; nil is no number.
type exactNumber struct {
	digits   *big.Int
	exponent *big.Int
}

func parseExactly(text string) *exactNumber {
	isDigit := func(c byte) bool { return c >= '0' && c <= '9' }
	// encoding/json has the grammar, for all JSON and with white space around it.
	if !json.Valid([]byte(text)) || text[0] != '-' && !isDigit(text[0]) || !isDigit(text[len(text)-1]) {
		return nil
	}
	mantissa, power, _ := strings.Cut(strings.ToLower(text), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	n := &exactNumber{new(big.Int), new(big.Int)}
	n.digits.SetString(whole+fraction, 10)
	n.exponent.SetString(cmp.Or(power, "0"), 10)
	// What the documentation says of exponents that nobody means.
	limit := new(big.Int).Lsh(big.NewInt(1), 60)
	switch {
	case n.exponent.Cmp(limit) > 0:
		n.exponent.Set(limit)
	case n.exponent.CmpAbs(limit) > 0:
		n.exponent.Neg(limit)
	}
	n.exponent.Sub(n.exponent, big.NewInt(int64(len(fraction))))
	for ten, rest := big.NewInt(10), new(big.Int); n.digits.Sign() != 0; {
		quotient, _ := new(big.Int).QuoRem(n.digits, ten, rest)
		if rest.Sign() != 0 {
			break
		}
		n.digits = quotient
		n.exponent.Add(n.exponent, big.NewInt(1))
	}
	return n
}

// magnitude is how many digits stand before the point.
func (n *exactNumber) magnitude() int64 {
	return n.exponent.Int64() + int64(len(new(big.Int).Abs(n.digits).String()))
}

// isShort reports whether the number can be written out with the digits that Rat allows.
func (n *exactNumber) isShort() bool {
	const most = 10_000
	magnitude := n.magnitude()
	return n.digits.Sign() == 0 || magnitude <= most && magnitude >= -most && magnitude-n.exponent.Int64() <= most
}

func (n *exactNumber) rat() *big.Rat {
	if n.digits.Sign() == 0 {
		return new(big.Rat)
	}
	power := new(big.Int).Exp(big.NewInt(10), new(big.Int).Abs(n.exponent), nil)
	if n.exponent.Sign() < 0 {
		return new(big.Rat).SetFrac(n.digits, power)
	}
	return new(big.Rat).SetInt(power.Mul(power, n.digits))
}

func (n *exactNumber) compare(other *exactNumber) int {
	switch {
	case n == nil && other == nil:
		return 0
	case n == nil:
		return -1
	case other == nil:
		return 1
	case n.digits.Sign() != other.digits.Sign() || n.digits.Sign() == 0:
		return cmp.Compare(n.digits.Sign(), other.digits.Sign())
	case n.magnitude() != other.magnitude():
		return n.digits.Sign() * cmp.Compare(n.magnitude(), other.magnitude())
	}
	// They have as many digits before the point: to a common exponent only as many zeros are added as there are digits.
	a, b := new(big.Int).Set(n.digits), new(big.Int).Set(other.digits)
	difference := new(big.Int).Sub(n.exponent, other.exponent)
	power := new(big.Int).Exp(big.NewInt(10), new(big.Int).Abs(difference), nil)
	if difference.Sign() > 0 {
		a.Mul(a, power)
	} else {
		b.Mul(b, power)
	}
	return a.Cmp(b)
}

// Options are refused before anything is sent, for a reason, or url.ParseQuery has them back from what is sent, and nothing else.
func FuzzQuery(f *testing.F) {
	const noon, firstSecond, lastSecond = 1767441600, -62135596800, 253402300799
	for _, s := range []struct {
		limit, offset                      int
		number                             int64
		order, fields, ids                 string
		minTotal, maxTotal                 string
		seconds1, nanos1, seconds2, nanos2 int64
		zone                               int
		mask                               uint8
	}{
		{},
		{
			limit: 7, offset: 30, number: 1001, order: "-created_at", fields: "id|+metadata|*orders.items", ids: "og_1|og_2", minTotal: "10.00", maxTotal: "99.90",
			seconds1: noon, nanos1: 123_456_789, seconds2: noon, nanos2: 999_999_999, zone: 7200, mask: 0xff,
		},
		// Each of these is on its own, so that nothing else is refused.
		{limit: -1},
		{limit: 1 << 53, offset: 1 << 53, number: 1 << 53},
		{limit: 1<<53 + 1},
		{offset: -1},
		{offset: 1<<53 + 1},
		{number: -1},
		{number: 1<<53 + 1},
		{order: "created_at"},
		{order: "-updated_at"},
		{order: "total"},
		{mask: 1},
		{mask: 1, fields: "id|"},
		{mask: 1, fields: "id,total"},
		{mask: 1, fields: "id total"},
		{mask: 1, fields: "id\n"},
		{mask: 1, fields: "é|&=#+%|\xff"},
		{mask: 1, fields: strings.Repeat("\x89", 2000) + " "},
		{mask: 2},
		{mask: 2, ids: "."},
		{mask: 2, ids: "..|og_1"},
		{mask: 2, ids: "og_1|"},
		{mask: 2, ids: "og\x00"},
		{mask: 2, ids: "og\u2028"},
		{mask: 2, ids: "\xff"},
		{mask: 2, ids: "a b|a+b&c=d#e?f|%2F|a/b|../c|é;,:@$"},
		{mask: 2, ids: strings.Repeat("og|", 19) + "og"},
		{mask: 2, ids: strings.Repeat("og|", 20) + "og"},
		{minTotal: "1,5"},
		{maxTotal: "+1"},
		{minTotal: "1e400", maxTotal: "-0"},
		{mask: 0xfc, seconds1: noon, nanos1: 999, seconds2: noon, nanos2: 1},
		{mask: 0xfc, seconds1: noon, nanos1: 1_000, seconds2: noon, nanos2: 1_000_000, zone: 86399},
		{mask: 0x84, seconds1: noon, nanos1: 999_999_999, seconds2: noon, nanos2: -1, zone: -3600},
		{mask: 0x3c, seconds1: firstSecond, seconds2: lastSecond, zone: 1},
		{mask: 0x04, seconds1: firstSecond, nanos1: 1}, // rounded to a time that would not be sent
		{mask: 0x10, seconds1: firstSecond, nanos1: 1},
		{mask: 0x80, seconds1: firstSecond, nanos1: 1, seconds2: noon},
		{mask: 0x04, seconds1: firstSecond - 1, nanos1: 999_999_999},
		{mask: 0x10, seconds1: firstSecond - 1, nanos1: 999_999_999},
		{mask: 0x20, seconds2: lastSecond, nanos2: 999_999_999},
		{mask: 0x08, seconds2: lastSecond, nanos2: 999_999_999}, // rounded into the year 10000
		{mask: 0x80, seconds1: noon, seconds2: lastSecond, nanos2: 999_999_999},
		{mask: 0x20, seconds2: lastSecond + 1},
		{mask: 0x0c, seconds1: math.MaxInt64, nanos1: -1, seconds2: math.MinInt64, nanos2: -1},
	} {
		f.Add(s.limit, s.offset, s.number, s.order, s.fields, s.ids, s.minTotal, s.maxTotal, s.seconds1, s.nanos1, s.seconds2, s.nanos2, s.zone, s.mask)
	}
	f.Fuzz(func(t *testing.T, limit, offset int, number int64, order, fieldNames, idNames, minTotal, maxTotal string,
		seconds1, nanos1, seconds2, nanos2 int64, zone int, mask uint8,
	) {
		when := func(bit int, seconds, nanos int64) time.Time {
			if mask&(1<<bit) == 0 {
				return time.Time{}
			}
			return time.Unix(seconds, nanos).In(time.FixedZone("", zone%(1<<17)))
		}
		list := func(bit int, text string) []string {
			switch {
			case mask&(1<<bit) == 0:
				return nil
			case text == "":
				return []string{}
			default:
				return strings.Split(text, "|")
			}
		}
		groups := storeorders.OrderGroupListOptions{
			Limit: limit, Offset: offset, Order: storeorders.SortOrder(order), Fields: list(0, fieldNames), ID: list(1, idNames),
			CreatedAt: storeorders.TimeFilter{GT: when(2, seconds1, nanos1), GTE: when(3, seconds2, nanos2), LT: when(4, seconds1, nanos1), LTE: when(5, seconds2, nanos2)},
			UpdatedAt: storeorders.TimeFilter{GT: when(6, seconds2, nanos2), GTE: when(6, seconds1, nanos1), LT: when(6, seconds2, nanos2), LTE: when(6, seconds1, nanos1)},
		}
		orders := storeorders.OrderListOptions{
			Number: number, MinTotal: storeorders.Decimal(minTotal), MaxTotal: storeorders.Decimal(maxTotal),
			From: when(7, seconds1, nanos1), To: when(7, seconds2, nanos2), Page: offset, Limit: limit,
		}
		for _, status := range list(1, idNames) {
			orders.Status = append(orders.Status, storeorders.OrderStatus(status))
		}
		if list(1, idNames) != nil && orders.Status == nil {
			orders.Status = []storeorders.OrderStatus{}
		}
		server := always(well)
		client := clientOf(t, server, retries(0))

		_, err := client.OrderGroups.List(t.Context(), &groups)
		checkQuery(t, server, err, wantedGroupsQuery(&groups))

		_, err = client.Orders.List(t.Context(), &orders)
		checkQuery(t, server, err, wantedOrdersQuery(&orders))

		_, err = client.OrderGroups.Get(t.Context(), idNames, &storeorders.OrderGroupGetOptions{Fields: groups.Fields})
		want := new(wantedQuery)
		want.fields(groups.Fields)
		want.refuse(!isPathID(idNames))
		checkPath(t, checkQuery(t, server, err, want), "/store/order-groups/", idNames)

		_, err = client.Orders.Get(t.Context(), idNames)
		want = new(wantedQuery)
		want.refuse(!isPathID(idNames))
		checkPath(t, checkQuery(t, server, err, want), "/api/v1/orders/", idNames)
	})
}

// wantedQuery is what options should be sent as.
type wantedQuery struct {
	values  url.Values
	times   map[string]wantedTime
	refused bool
}

// wantedTime is a bound, and the unit that the server compares.
type wantedTime struct {
	bound time.Time
	up    bool
	unit  time.Duration
}

func (q *wantedQuery) refuse(when bool) { q.refused = q.refused || when }

func (q *wantedQuery) add(key string, values ...string) {
	if q.values == nil {
		q.values = url.Values{}
	}
	q.values[key] = append(q.values[key], values...)
}

func (q *wantedQuery) number(key string, n int64) {
	q.refuse(n < 0 || n > 1<<53)
	if n != 0 {
		q.add(key, strconv.FormatInt(n, 10))
	}
}

func (q *wantedQuery) fields(names []string) {
	for _, name := range names {
		q.refuse(name == "" || strings.ContainsAny(name, ", ") || strings.ContainsFunc(name, breaksLines))
	}
	switch {
	case names == nil:
		q.add("fields", strings.Join(storeorders.DefaultOrderGroupFields(), ","))
	case len(names) > 0:
		q.add("fields", strings.Join(names, ","))
	}
}

func (q *wantedQuery) time(key string, bound time.Time, up bool, unit time.Duration) {
	if bound.IsZero() {
		return
	}
	sent := roundTime(bound, up, unit)
	q.refuse(sent.IsZero() || sent.Year() < 1 || sent.Year() > 9999)
	if q.times == nil {
		q.times = map[string]wantedTime{}
	}
	q.times[key] = wantedTime{bound, up, unit}
}

// roundTime is the time of the grid that is next to t.
func roundTime(t time.Time, up bool, unit time.Duration) time.Time {
	over := time.Duration(t.Nanosecond()) % unit
	if up && over > 0 {
		over -= unit
	}
	return t.UTC().Add(-over)
}

func wantedGroupsQuery(o *storeorders.OrderGroupListOptions) *wantedQuery {
	q := new(wantedQuery)
	q.number("limit", int64(o.Limit))
	q.number("offset", int64(o.Offset))
	q.fields(o.Fields)
	q.refuse(!slices.Contains([]string{"", "created_at", "-created_at", "updated_at", "-updated_at"}, string(o.Order)))
	if o.Order != "" {
		q.add("order", string(o.Order))
	}
	q.refuse(o.ID != nil && len(o.ID) == 0 || len(o.ID) > 20)
	for _, id := range o.ID {
		q.refuse(!isPathID(id))
		q.add("id", id)
	}
	for key, filter := range map[string]storeorders.TimeFilter{"created_at": o.CreatedAt, "updated_at": o.UpdatedAt} {
		q.time(key+"[$gt]", filter.GT, false, time.Microsecond)
		q.time(key+"[$gte]", filter.GTE, true, time.Microsecond)
		q.time(key+"[$lt]", filter.LT, true, time.Microsecond)
		q.time(key+"[$lte]", filter.LTE, false, time.Microsecond)
	}
	return q
}

func wantedOrdersQuery(o *storeorders.OrderListOptions) *wantedQuery {
	q := new(wantedQuery)
	q.number("limit", int64(o.Limit))
	q.number("page", int64(o.Page))
	q.number("orderId", o.Number)
	q.refuse(o.Status != nil && len(o.Status) == 0)
	for _, status := range o.Status {
		q.refuse(status == "")
		q.add("status", string(status))
	}
	for key, d := range map[string]storeorders.Decimal{"minTotal": o.MinTotal, "maxTotal": o.MaxTotal} {
		if d != "" {
			q.refuse(parseExactly(string(d)) == nil)
			q.add(key, string(d))
		}
	}
	q.time("from", o.From, false, time.Millisecond)
	q.time("to", o.To, true, time.Millisecond)
	return q
}

// isPathID reports whether the id can stand in a path as one segment that means itself.
func isPathID(id string) bool {
	return id != "" && id != "." && id != ".." && utf8.ValidString(id) && !strings.ContainsFunc(id, breaksLines)
}

func breaksLines(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }

// checkQuery returns the request, nil if the options were refused.
func checkQuery(t *testing.T, server *stub, err error, want *wantedQuery) *http.Request {
	t.Helper()
	requests := server.sent()
	server.requests = nil
	if want.refused {
		var optionError *storeorders.OptionError
		require.ErrorAs(t, err, &optionError)
		assert.NotEmpty(t, optionError.Field)
		checkText(t, err.Error())
		assert.Empty(t, requests)
		return nil
	}
	require.NoError(t, err)
	require.Len(t, requests, 1)
	got, err := url.ParseQuery(requests[0].URL.RawQuery)
	require.NoError(t, err)
	for key, w := range want.times {
		require.Lenf(t, got[key], 1, "%s", key)
		text := got.Get(key)
		assert.Regexp(t, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(\d{3})?Z$`, text)
		sent, err := time.Parse(time.RFC3339Nano, text)
		require.NoError(t, err)
		assert.Truef(t, sent.Equal(roundTime(w.bound, w.up, w.unit)), "%s: %v is sent as %s", key, w.bound, text)
		delete(got, key)
	}
	if want.values == nil {
		want.values = url.Values{}
	}
	assert.Equal(t, want.values, got)
	return requests[0]
}

func checkPath(t *testing.T, req *http.Request, folder, id string) {
	t.Helper()
	if req == nil {
		return
	}
	segment, found := strings.CutPrefix(req.URL.EscapedPath(), folder)
	require.Truef(t, found, "%s", req.URL)
	assert.NotContains(t, segment, "/")
	text, err := url.PathUnescape(segment)
	require.NoError(t, err)
	assert.Equal(t, id, text)
	// A server parses what stands in the request's line.
	parsed, err := url.ParseRequestURI(req.URL.RequestURI())
	require.NoError(t, err)
	assert.Equal(t, folder+id, parsed.Path)
}

// Arbitrary bytes under an arbitrary status are an error that can be printed anywhere.
func FuzzErrorBody(f *testing.F) {
	add := func(status int, body []byte) {
		f.Add(status, "application/json", "req-7", "1", "", body)
	}
	for _, status := range []int{http.StatusBadRequest, http.StatusNotFound, http.StatusInternalServerError} {
		for _, body := range append(recordedBodies(f, "mercur/", status), recordedBodies(f, "salesive/", status)...) {
			add(status, body)
		}
	}
	for i, value := range awkwardJSON() {
		add(400+i, []byte(`{"type":`+value+`,"message":`+value+`,"code":`+value+`}`))
		add(200, []byte(`{"status":500,"success":false,"message":`+value+`,"data":`+value+`}`))
	}
	add(400, []byte(`{"type":7,"type":"not_found","code":"c","code":null,"message":{"a":1},"message":"gone"}`))
	for i, body := range awkwardBodies() {
		add(500+i, body)
	}
	for _, secret := range []string{fuzzToken, fuzzKey, fuzzShop, strings.ReplaceAll(fuzzToken, "/", `\/`), url.QueryEscape(fuzzToken), fuzzKey[:12], "[REDACTED]"} {
		add(401, []byte(`{"type":"`+secret+`","message":"no such: `+secret+`","message":"`+secret+secret+`"}`))
		add(403, []byte("<html>\r\n"+secret))
		add(200, []byte(`{"order_groups":{"`+secret+`":1},"status":"404","data":{"`+secret+`":[`))
		f.Add(404, "text/"+secret, "req\n"+secret, "120.5", "", []byte(strings.Repeat("x", 8180)+secret))
		f.Add(302, "text/html", "\x1b[31m", "Fri, 31 Dec 9999 23:59:59 GMT", "https://"+secret+"/x?y="+secret, []byte(secret))
	}
	for _, location := range []string{"", "/", "//other", "http://mercur.test/x", "ftp://u:p@h", "http://%zz", "?\x00", "http://a b/", "http://\u2028/", "x:y", "http://[::1]:80/"} {
		f.Add(307, "", "", "", location, []byte{})
		f.Add(301, "text/plain; charset=utf-8\n", "a\u2028b", "-1", location, []byte(`{"message":"`+"a\u2028b\u0085c\x7fd"+`"}`))
	}
	long := "x" + strings.Repeat("é", 1000)
	f.Add(404, long, long, "", "", []byte(`{"type":"`+long+`","code":"`+long+`","message":"`+long+`"}`))
	add(502, bytes.Repeat([]byte("é"), 8<<10))
	add(503, bytes.Repeat([]byte{0xff}, 9<<10))

	f.Fuzz(func(t *testing.T, status int, contentType, requestID, retryAfter, location string, body []byte) {
		code := 100 + (status%500+500-100)%500 // 100 to 599, and those as they are
		success := code >= 200 && code <= 299
		header := http.Header{"Content-Type": {contentType}, "X-Request-Id": {requestID}, "Retry-After": {retryAfter}, "Location": {location}}
		client := clientOf(t, transportFunc(func(req *http.Request) (*http.Response, error) {
			resp, err := reply(code, string(body))(req)
			resp.Header = header.Clone()
			return resp, err
		}), retries(0))
		for _, endpoint := range endpoints() {
			if single := strings.HasSuffix(endpoint.name, ".List") || strings.HasSuffix(endpoint.name, ".Get"); success && !single {
				continue // a walk over pages that are all the same
			}
			options := []storeorders.RequestOption{storeorders.WithToken(fuzzToken), storeorders.WithShopID(fuzzShop)}
			secrets := []string{fuzzToken, fuzzShop}
			if endpoint.mercur {
				options[1], secrets[1] = storeorders.WithPublishableKey(fuzzKey), fuzzKey
			}
			err := endpoint.call(t.Context(), client, options...)
			if success && err == nil {
				continue
			}
			checkErrorTexts(t, err, secrets)
			var decodeError *storeorders.DecodeError
			if success && errors.As(err, &decodeError) {
				assert.Equal(t, code, decodeError.StatusCode)
				assert.LessOrEqual(t, len(decodeError.Snippet), 512)
				assertHidden(t, secrets, decodeError.Snippet, decodeError.ContentType)
				continue
			}
			e := requireAPIError(t, err)
			assert.Equal(t, endpoint.name, e.Op)
			assert.Equal(t, http.MethodGet, e.Method)
			assert.Equal(t, endpoint.path, e.Path)
			assert.Equal(t, 1, e.Attempts)
			assert.GreaterOrEqual(t, e.RetryAfter, time.Duration(0))
			assert.LessOrEqual(t, len(e.Body), 8<<10)
			assertHidden(t, secrets, e.ContentType, e.RequestID, e.Type, e.Code, e.Message, string(e.Body))
			if success {
				assert.Falsef(t, endpoint.mercur, "Mercur has no envelope: %s", body)
				assert.Truef(t, e.StatusCode == code || e.StatusCode >= 400 && e.StatusCode <= 599, "%d", e.StatusCode)
			} else {
				assert.Equal(t, code, e.StatusCode)
			}
			if echoes(secrets, string(body)) {
				continue
			}
			if code == http.StatusSwitchingProtocols {
				assert.Empty(t, e.Body, "it is the connection, and not read")
				continue
			}
			assert.Equal(t, string(body[:min(len(body), 8<<10)]), string(e.Body))
			typ, errorCode, message := errorMembers(t, body)
			assert.Equal(t, [2]string{typ, errorCode}, [2]string{e.Type, e.Code})
			if code < 300 || code > 399 || message != "" { // of a redirect the message says where to
				assert.Equal(t, message, e.Message)
			}
		}
	})
}

// errorMembers are the words that the server has for an error.
func errorMembers(t *testing.T, body []byte) (typ, code, message string) {
	t.Helper()
	if len(body) > 256<<10 || !json.Valid(body) || kindOf(body) != '{' {
		return "", "", ""
	}
	words := map[string]string{}
	for _, m := range members(t, body) {
		words[m.name] = ""
		if kindOf(m.value) == '"' {
			words[m.name] = text(t, m.value)
		}
	}
	return words["type"], words["code"], words["message"]
}

// checkErrorTexts checks everything that prints an error.
func checkErrorTexts(t *testing.T, err error, secrets []string) {
	t.Helper()
	require.Error(t, err)
	checkText(t, err.Error())
	encoded, encodeErr := json.Marshal(err)
	require.NoError(t, encodeErr)
	texts := []string{string(encoded), err.Error(), fmt.Sprintf("%v", err), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err), fmt.Sprintf("%q", err)}
	assertHidden(t, secrets, texts...)
}

// checkText checks that a text fits into one line of a log.
func checkText(t *testing.T, text string) {
	t.Helper()
	assert.Falsef(t, strings.ContainsFunc(text, breaksLines), "%q", text)
	assert.Truef(t, utf8.ValidString(text), "%q", text)
	assert.Lessf(t, len(text), 4<<10, "%q", text)
}

func assertHidden(t *testing.T, secrets []string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		for _, secret := range secrets {
			for _, form := range formsOf(secret) {
				assert.NotContains(t, text, form)
			}
		}
	}
}

// formsOf are the ways that a secret is written in text, in JSON and in a URL.
func formsOf(secret string) []string {
	return []string{secret, strings.ReplaceAll(secret, "/", `\/`), strings.ReplaceAll(secret, "&", `\u0026`), url.QueryEscape(secret), url.PathEscape(secret)}
}

// echoes reports whether so much of a secret is in the text that it may have been masked.
func echoes(secrets []string, text string) bool {
	for _, secret := range secrets {
		for _, form := range formsOf(secret) {
			if strings.Contains(text, form[:8]) {
				return true
			}
		}
	}
	// JSON can hide one from the eye.
	return strings.Contains(text, `\u00`)
}

// checkRefused claims that an answer of success was found unreadable.
func checkRefused(t *testing.T, isNil bool, err error) {
	t.Helper()
	assert.True(t, isNil)
	var decodeError *storeorders.DecodeError
	require.ErrorAs(t, err, &decodeError)
	checkErrorTexts(t, err, []string{"-of-the-decode-tests", "_of_the_decode_tests"})
}

// checkNotAccepted is checkRefused for Salesive, whose answers may also be of failure.
func checkNotAccepted(t *testing.T, verdict verdict, isNil bool, err error) {
	t.Helper()
	var apiError *storeorders.APIError
	if !errors.As(err, &apiError) {
		assert.Falsef(t, verdict.failed, "is an answer of failure: %v", err)
		checkRefused(t, isNil, err)
		return
	}
	assert.True(t, isNil)
	assert.Truef(t, verdict.failed || verdict.broken, "is no answer of failure: %v", err)
	checkErrorTexts(t, err, []string{"-of-the-decode-tests", "_of_the_decode_tests"})
	if verdict.failed {
		assert.Equal(t, verdict.status, apiError.StatusCode)
	}
}

// fuzzed is an order of either API.
type fuzzed[T any] interface {
	*T
	RawJSON() json.RawMessage
}

func checkItems[T any, P fuzzed[T]](t *testing.T, o *oracle, items []T, want []json.RawMessage) {
	t.Helper()
	assert.NotNil(t, items)
	require.Len(t, items, len(want))
	for i := range items {
		checkItem(t, o, P(&items[i]), want[i])
	}
}

// checkItem checks an item field by field against the bytes that it came as, and that it can be stored as JSON.
func checkItem[T any, P fuzzed[T]](t *testing.T, o *oracle, item P, raw json.RawMessage) {
	t.Helper()
	require.Equal(t, string(raw), string(item.RawJSON()))
	o.same(t, "", reflect.ValueOf(item).Elem(), []json.RawMessage{raw})

	encoded, err := json.Marshal(item)
	require.NoError(t, err)
	var again T
	require.NoError(t, json.Unmarshal(encoded, &again))
	c := comparison{t: t}
	c.equal("decoded again", reflect.ValueOf(item).Elem(), reflect.ValueOf(again))
	encodedAgain, err := json.Marshal(P(&again))
	require.NoError(t, err)
	assert.Equal(t, string(encoded), string(encodedAgain))
}

// oracle reads answers on its own: it takes JSON apart with encoding/json, which knows none of the types, and looks at the types only for
// their fields and tags.
//
// Real servers send every name once. Of a name that comes more often the last value counts; objects of one struct are read one over the
// other, as encoding/json does.
type oracle struct {
	fields   map[reflect.Type]map[string]reflect.StructField
	timeForm *regexp.Regexp
}

func newOracle() *oracle {
	return &oracle{
		map[reflect.Type]map[string]reflect.StructField{},
		regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`),
	}
}

// known are the fields of a struct by their names on the wire.
func (o *oracle) known(typ reflect.Type) map[string]reflect.StructField {
	if o.fields[typ] == nil {
		o.fields[typ] = map[string]reflect.StructField{}
		for field := range fields(typ) {
			o.fields[typ][wireName(field)] = field
		}
	}
	return o.fields[typ]
}

// wantedPage is what a list has.
type wantedPage struct {
	items   []json.RawMessage
	numbers map[string]int
}

// groupPage is nil where the body is no page.
func (o *oracle) groupPage(t *testing.T, body []byte) *wantedPage {
	t.Helper()
	if !json.Valid(body) || kindOf(body) != '{' {
		return nil
	}
	page := &wantedPage{numbers: map[string]int{"count": -1}}
	for _, m := range members(t, body) {
		switch m.name {
		case "order_groups":
			if !o.list(t, page, reflect.TypeFor[storeorders.OrderGroup](), m.value) {
				return nil
			}
		case "count", "offset", "limit":
			if !page.number(m) {
				return nil
			}
		}
	}
	if page.items == nil || page.numbers["count"] < 0 {
		return nil
	}
	return page
}

func (o *oracle) group(t *testing.T, body []byte) (group json.RawMessage) {
	t.Helper()
	if !json.Valid(body) || kindOf(body) != '{' {
		return nil
	}
	for _, m := range members(t, body) {
		if m.name != "order_group" {
			continue
		}
		group = m.value
		if !o.isResource(t, reflect.TypeFor[storeorders.OrderGroup](), group) {
			return nil
		}
	}
	return group
}

// verdict is what an answer of Salesive is. broken: not even that can be told for sure.
type verdict struct {
	accepted, failed, broken bool
	status                   int // of the failure
}

func (o *oracle) envelope(t *testing.T, body []byte, data func(json.RawMessage) bool) verdict {
	t.Helper()
	if !json.Valid(body) {
		return verdict{broken: true}
	}
	if kindOf(body) != '{' {
		return verdict{}
	}
	var success, status json.RawMessage
	found, fits := false, true
	for _, m := range members(t, body) {
		switch m.name {
		case "success":
			success = m.value
			if kind := kindOf(m.value); kind != 't' && kind != 'f' && kind != 'n' {
				return verdict{broken: true}
			}
		case "status":
			status = m.value
		case "data":
			found = true
			fits = data(m.value) && fits
		}
	}
	code, err := strconv.Atoi(strings.Trim(string(status), `"`))
	inside := err == nil && code >= 400 && code <= 599
	if string(success) == "false" || inside && string(success) != "true" {
		if !inside {
			code = http.StatusOK
		}
		return verdict{failed: true, status: code}
	}
	return verdict{accepted: found && fits}
}

// orderPage is nil where the data is no page.
func (o *oracle) orderPage(t *testing.T, data json.RawMessage) *wantedPage {
	t.Helper()
	if kindOf(data) != '{' {
		return nil
	}
	page := &wantedPage{numbers: map[string]int{"total": -1, "pages": -1}}
	for _, m := range members(t, data) {
		switch m.name {
		case "orders":
			if !o.list(t, page, reflect.TypeFor[storeorders.Order](), m.value) {
				return nil
			}
		case "pagination":
			if kindOf(m.value) != '{' {
				return nil
			}
			for _, m := range members(t, m.value) {
				switch m.name {
				case "page", "limit", "total", "pages":
					if !page.number(m) {
						return nil
					}
				}
			}
		}
	}
	if page.items == nil || page.numbers["total"] < 0 || page.numbers["pages"] < 0 {
		return nil
	}
	return page
}

func (p *wantedPage) number(m member) bool {
	n, err := strconv.Atoi(string(m.value))
	p.numbers[m.name] = n
	return err == nil && n >= 0
}

func (o *oracle) list(t *testing.T, page *wantedPage, typ reflect.Type, raw json.RawMessage) bool {
	t.Helper()
	page.items = []json.RawMessage{}
	switch kindOf(raw) {
	case 'n':
		return true
	case '[':
		page.items = elements(t, raw)
		return !slices.ContainsFunc(page.items, func(item json.RawMessage) bool { return !o.isResource(t, typ, item) })
	default:
		return false
	}
}

// isResource reports whether raw is an order of this type, with an id.
func (o *oracle) isResource(t *testing.T, typ reflect.Type, raw json.RawMessage) bool {
	t.Helper()
	if kindOf(raw) != '{' || !o.fits(t, typ, raw, false) {
		return false
	}
	field, _ := typ.FieldByName("ID")
	id := ""
	for _, m := range members(t, raw) {
		if m.name == wireName(field) {
			id = ""
			if kindOf(m.value) == '"' {
				id = text(t, m.value)
			}
		}
	}
	return id != ""
}

// fits reports whether a value of this type can hold the JSON. Where it is loose, a string can hold any.
func (o *oracle) fits(t *testing.T, typ reflect.Type, raw json.RawMessage, loose bool) bool {
	t.Helper()
	kind := kindOf(raw)
	if kind == 'n' {
		return true
	}
	switch typ {
	case reflect.TypeFor[json.RawMessage](), reflect.TypeFor[storeorders.Ref]():
		return true
	case reflect.TypeFor[storeorders.Decimal]():
		return parseExactly(unquoted(raw)) != nil
	case reflect.TypeFor[storeorders.VariantAttributes]():
		return kind == '{'
	case reflect.TypeFor[time.Time]():
		return kind == '"' && o.isTime(text(t, raw))
	case reflect.TypeFor[*storeorders.ShippingAddress]():
		return kind == '"' || o.fits(t, typ.Elem(), raw, true)
	}
	switch typ.Kind() {
	case reflect.String:
		return kind == '"' || loose
	case reflect.Bool:
		return kind == 't' || kind == 'f'
	case reflect.Int64:
		_, err := strconv.ParseInt(string(raw), 10, 64)
		return err == nil
	case reflect.Pointer:
		return o.fits(t, typ.Elem(), raw, loose)
	case reflect.Slice:
		return kind == '[' && !slices.ContainsFunc(elements(t, raw), func(element json.RawMessage) bool { return !o.fits(t, typ.Elem(), element, loose) })
	case reflect.Struct:
		return kind == '{' && !slices.ContainsFunc(members(t, raw), func(m member) bool {
			field, known := o.known(typ)[m.name]
			return known && !o.fits(t, field.Type, m.value, loose)
		})
	default:
		require.Failf(t, "unexpected type", "%s", typ)
		return false
	}
}

// isTime reports whether the text is a time of RFC 3339; [time.Time.UnmarshalText] also takes an hour of one digit, and more.
func (o *oracle) isTime(text string) bool {
	return o.timeForm.MatchString(text) && new(time.Time).UnmarshalText([]byte(text)) == nil
}

// same compares a field with the values that its name came with, in their order.
func (o *oracle) same(t *testing.T, at string, got reflect.Value, values []json.RawMessage) {
	t.Helper()
	var last json.RawMessage
	if len(values) > 0 {
		last = values[len(values)-1]
	}
	if v, ok := reflect.TypeAssert[json.RawMessage](got); ok {
		assert.Equalf(t, string(last), string(v), "%s: byte for byte", at)
		return
	}
	if kindOf(last) == 'n' || last == nil {
		assert.Truef(t, got.IsZero(), "%s: null or absent is the zero value, got %#v", at, got)
		return
	}
	switch v := got.Interface().(type) {
	case storeorders.Decimal:
		assert.Equal(t, unquoted(last), string(v), at)
		return
	case time.Time:
		var want time.Time
		require.NoError(t, want.UnmarshalText([]byte(text(t, last))))
		assert.Truef(t, want.Equal(v), "%s: want %v, got %v", at, want, v)
		return
	case storeorders.Ref:
		if kindOf(last) == '"' {
			assert.Equal(t, storeorders.Ref{ID: text(t, last)}, v, at)
			return
		}
		assert.Equalf(t, string(last), string(v.Object), "%s: byte for byte", at)
		assert.Equal(t, objectID(t, last), v.ID, at)
		return
	case storeorders.VariantAttributes:
		want := storeorders.VariantAttributes{}
		for _, m := range members(t, last) {
			want[m.name] = looseText(t, m.value)
		}
		assert.Equal(t, want, v, at)
		return
	case *storeorders.ShippingAddress:
		require.NotNil(t, v, at)
		if kindOf(last) == '"' {
			assert.Equal(t, &storeorders.ShippingAddress{ID: text(t, last)}, v, at)
			return
		}
		o.same(t, at, got.Elem(), []json.RawMessage{last})
		return
	}
	switch got.Kind() {
	case reflect.String:
		want := looseText(t, last)
		assert.Equal(t, want, got.String(), at)
	case reflect.Bool:
		assert.Equal(t, string(last) == "true", got.Bool(), at)
	case reflect.Int64:
		want, err := strconv.ParseInt(string(last), 10, 64)
		require.NoError(t, err)
		assert.Equal(t, want, got.Int(), at)
	case reflect.Pointer:
		require.Falsef(t, got.IsNil(), "%s is lost", at)
		o.same(t, at, got.Elem(), values)
	case reflect.Slice:
		list := elements(t, last)
		assert.Falsef(t, got.IsNil(), "%s: an empty list is not an absent one", at)
		require.Equal(t, len(list), got.Len(), at)
		for i := range list {
			o.same(t, at+"["+strconv.Itoa(i)+"]", got.Index(i), list[i:i+1])
		}
	case reflect.Struct:
		byName := map[string][]json.RawMessage{}
		for _, value := range values {
			if kindOf(value) == 'n' {
				clear(byName)
				continue
			}
			for _, m := range members(t, value) {
				byName[m.name] = append(byName[m.name], m.value)
			}
		}
		for name, field := range o.known(got.Type()) {
			o.same(t, at+"."+name, got.FieldByIndex(field.Index), byName[name])
		}
	default:
		require.Failf(t, "unexpected kind", "%s: %s", at, got.Type())
	}
}

// objectID is the id of a populated reference.
func objectID(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	if kindOf(raw) != '{' {
		return ""
	}
	ids := map[string]string{}
	for _, m := range members(t, raw) {
		ids[m.name] = ""
		if kindOf(m.value) == '"' {
			ids[m.name] = text(t, m.value)
		}
	}
	return cmp.Or(ids["_id"], ids["id"])
}

// member is a name and its value, as it stands in an object.
type member struct {
	name  string
	value json.RawMessage
}

// members takes an object apart, each value byte for byte.
func members(t *testing.T, object []byte) []member {
	t.Helper()
	var list []member
	decoder := json.NewDecoder(bytes.NewReader(object))
	_, err := decoder.Token()
	require.NoError(t, err)
	for decoder.More() {
		token, err := decoder.Token()
		require.NoError(t, err)
		m := member{name: fmt.Sprint(token)}
		require.NoError(t, decoder.Decode(&m.value))
		list = append(list, m)
	}
	return list
}

// elements takes an array apart.
func elements(t *testing.T, array []byte) []json.RawMessage {
	t.Helper()
	list := []json.RawMessage{}
	require.NoError(t, json.Unmarshal(array, &list))
	return list
}

// kindOf is the first character of the JSON, 0 if there is none.
func kindOf(raw []byte) byte {
	if raw = bytes.TrimLeft(raw, " \t\r\n"); len(raw) > 0 {
		return raw[0]
	}
	return 0
}

func text(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	var s string
	require.NoError(t, json.Unmarshal(raw, &s))
	return s
}

// looseText is the text, or the JSON of what is none.
func looseText(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	switch kindOf(raw) {
	case '"':
		return text(t, raw)
	case 'n':
		return ""
	default:
		return strings.Map(func(r rune) rune { return r }, string(raw)) // with U+FFFD for what is not UTF-8
	}
}

func unquoted(raw json.RawMessage) string {
	if text, found := strings.CutPrefix(string(raw), `"`); found {
		return strings.TrimSuffix(text, `"`)
	}
	return string(raw)
}

// awkwardJSON are values that somebody may forget.
func awkwardJSON() []string {
	return []string{
		"null", "true", "false", "0", "-0", "1e400", "1E-400", "0.10", "12345678901234567890.123456789", strings.Repeat("9", 300), `"7.50"`, `"\u0037"`,
		`""`, `"a"`, `"\ud800"`, `"\ud83d\ude00"`, `"\u0000"`, "\"\xff\xc3\"", "\"\u2028\"", `"\/\"\\\n"`, "{}", "[]", "[null]", `{"":{}}`,
		`{"_id":"a","id":"b","_id":"c"}`, `{"value":"15.5","precision":20}`, ` [ 1 , {"a" : "b"} ] `, `"2026-01-03T12:30:15.123Z"`, `"2026-01-03"`,
		strings.Repeat("[", 100) + strings.Repeat("]", 100),
	}
}

// awkwardBodies are bodies that are no JSON, or hardly.
func awkwardBodies() [][]byte {
	const deep = 10_000
	return [][]byte{
		nil, []byte(" "), []byte("null"), []byte("{}"), []byte("[]"), []byte("\x00"), []byte("\xef\xbb\xbf{}"), []byte("{\"order_groups\":[],\"count\":0}x"),
		[]byte("<html>\r\n<body>502 Bad Gateway</body>"), []byte(`{"message":"a` + "\n" + `b"}`), []byte("{\"a\":1,}"), []byte(`{"status":404,"success":false`),
		[]byte(strings.Repeat("[", deep) + strings.Repeat("]", deep)),
		[]byte(strings.Repeat(`{"order_group":`, deep)),
		[]byte(`{"order_group":{"id":"og_1","metadata":` + strings.Repeat("[", deep-10) + strings.Repeat("]", deep-10) + `}}`),
		[]byte(`{"data":{"_id":"o1","user":` + strings.Repeat("[", deep-2) + strings.Repeat("]", deep-2) + `}}`),
		[]byte(`{"data":{"_id":"o1","user":` + strings.Repeat("[", deep-1) + strings.Repeat("]", deep-1) + `}}`),
	}
}

// recordedBodies are small bodies of the recorded answers to GET requests, a few of each file below the folder.
func recordedBodies(f *testing.F, folder string, status int) [][]byte {
	f.Helper()
	const most, fewest = 2048, 6
	root := os.DirFS("testdata")
	names, err := fs.Glob(root, folder+"*.json*")
	require.NoError(f, err)
	var bodies [][]byte
	for _, name := range names {
		data, err := fs.ReadFile(root, name)
		require.NoError(f, err)
		kept := 0
		for decoder := json.NewDecoder(bytes.NewReader(data)); decoder.More() && kept < fewest; {
			var r recording
			require.NoError(f, decoder.Decode(&r), name)
			if body := r.body(); r.status() == status && r.Request.Method == http.MethodGet && len(body) > 0 && len(body) <= most {
				bodies = append(bodies, body)
				kept++
			}
		}
	}
	require.NotEmpty(f, bodies, folder)
	return bodies
}
