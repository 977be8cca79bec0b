package storeorders

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// FuzzScan holds the scanner to package json: what it reads, json reads in the
// same way.
func FuzzScan(f *testing.F) {
	for _, pattern := range []string{"testdata/mercur/*.jsonl", "testdata/salesive/*.json"} {
		files, err := filepath.Glob(pattern)
		require.NoError(f, err)
		for _, file := range files {
			data, err := os.ReadFile(file)
			require.NoError(f, err)
			for line := range bytes.Lines(data) {
				for _, order := range ordersIn(line) {
					f.Add(string(order))
				}
			}
			for _, order := range ordersIn(data) {
				f.Add(string(order))
			}
		}
	}
	for _, text := range []string{
		`{}`, ` { "id" : "1" , "orders" : [ { } , { "items" : [ ] } ] } `, `{"id":null,"orders":null,"cart":null,"total":null,"created_at":null}`,
		`{"orders":[{"id":"a\"b\\","summary":{"paid_total":1},"metadata":{"a":["}",{"b":"]\\\""}]},"is_draft_order":true}]}`,
		`{"orders":[1]}`, `{"orders":[null]}`, `{"id":1}`, `{"total":"1"}`, `{"display_id":1.5}`, `{"display_id":12345678901234567890}`,
		`{"id":"1","id":"2","cart":{"id":"1"},"cart":{"currency_code":"usd"},"orders":[{"id":"1"}],"orders":[]}`,
		`{"created_at":"2026-01-02T03:04:05Z","updated_at":"2026-01-02T03:04:05.123456+01:00","deleted_at":"2026-1-02T03:04:05Z"}`,
		`{"created_at":"2026-01-02T03:04:05,5Z"}`, `{"created_at":"2026-01-02T24:04:05Z"}`, "{\"id\":\"\xff\"}", `{"id":"\ud800"}`, `{"\u0069d":"1"}`,
		`{"_id":"1","user":{"_id":1,"id":"2"},"shop":"3","coupon":null,"payment":7,"items":[{"variantAttributes":{"a":"b","a":"c"}},{"variantAttributes":{}},{"variantAttributes":null}]}`,
		`{"shippingAddress":"1","shippingAddress":{"city":"x"}}`, `{"shippingAddress":{"city":1}}`, `{"shippingAddress":{"user":{"id":{}}}}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if jsontext.Value(text).IsValid(lenient()) && strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "{") {
			assertScansAsJSON[OrderGroup](t, text)
			assertScansAsJSON[Order](t, text)
		}
	})
}

// ordersIn are the elements of all arrays in a JSON text that are objects, and the text itself.
func ordersIn(data []byte) []json.RawMessage {
	var found []json.RawMessage
	var list []json.RawMessage
	if json.Unmarshal(data, &list) == nil {
		for _, element := range list {
			if bytes.HasPrefix(element, []byte("{")) {
				found = append(found, element)
			}
		}
		return found
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(data, &object) == nil {
		for name, member := range object {
			if name == "order_group" {
				found = append(found, member)
			}
			found = append(found, ordersIn(member)...)
		}
	}
	return found
}

func assertScansAsJSON[T any, P scanned[T]](t *testing.T, text string) bool {
	t.Helper()
	var scanned, decoded T
	s := new(scanner)
	scanRemains(s)
	if !scan[T, P](s, text, &scanned) {
		return false
	}
	require.NoError(t, unmarshal([]byte(text), &decoded))
	assert.Equal(t, decoded, scanned)
	return true
}

// scanRemains leaves in the scanner what an order before may leave there.
func scanRemains(s *scanner) {
	scan(s, `{"orders":[{"id":"remains","items":[{"id":"remains","tax_lines":[{"id":"remains"},{"id":"remains"}],"metadata":1},{"id":"remains"}]},{"id":"remains"}]}`, new(OrderGroup))
	scan(s, `{"items":[{"_id":"remains","selectedAddons":[{"name":"remains"},{"name":"remains"}]},{"_id":"remains"},7]}`, new(Order))
}

// Every field of every type is one that the scanner reads.
func TestScanReadsEveryField(t *testing.T) {
	t.Parallel()
	group, order := new(OrderGroup), new(Order)
	for _, v := range []any{group, order} {
		fill(reflect.ValueOf(v).Elem(), 0)
	}
	text := func(v any) string {
		data, err := json.Marshal(v)
		require.NoError(t, err)
		return string(data)
	}
	var gotGroup OrderGroup
	require.True(t, scan(new(scanner), text(group), &gotGroup))
	assert.Equal(t, group, &gotGroup)
	var gotOrder Order
	require.True(t, scan(new(scanner), text(order), &gotOrder))
	assert.Equal(t, order, &gotOrder)
}

// fill gives every field a value of its own.
func fill(v reflect.Value, n int) int {
	n++
	switch target := v.Addr().Interface().(type) {
	case *Decimal:
		*target = Decimal(strconv.Itoa(n) + ".50")
		return n
	case *time.Time:
		*target = time.Date(2026, time.January, 1, 0, 0, n, n*1000, time.UTC)
		return n
	case *json.RawMessage:
		*target = json.RawMessage(`{"n":` + strconv.Itoa(n) + `}`)
		return n
	case *Ref:
		*target = Ref{ID: strconv.Itoa(n), Object: json.RawMessage(`{"id":"` + strconv.Itoa(n) + `"}`)}
		return n
	case *VariantAttributes:
		*target = VariantAttributes{"color": strconv.Itoa(n)}
		return n
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("text " + strconv.Itoa(n))
	case reflect.Int64:
		v.SetInt(int64(n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		n = fill(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			n = fill(v.Index(i), n)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				n = fill(v.Field(i), n)
			}
		}
	default:
		panic("no value for a " + v.Type().String())
	}
	return n
}
