package walks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/benchmarks/internal/oapi"
	"github.com/seed-2861b391/storeorders/benchmarks/internal/pages"
)

func fetch(t *testing.T, method, url string, v any) []byte {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, http.NoBody)
	require.NoError(t, err)
	setHeaders(request.Header)
	response, err := new(http.Client).Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	if v != nil {
		require.NoError(t, json.Unmarshal(body, v))
	}
	return body
}

func TestEveryClientFindsEveryRecord(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(pages.NewServer(1000))
	server.Config.ConnContext = pages.ConnContext
	server.Start()
	t.Cleanup(server.Close)
	for _, c := range []struct {
		api           string
		records       int
		gzip          bool
		least, atMost int64 // bytes a record
	}{
		{pages.Mercur, 1000, false, 1500, 1800},
		{pages.Mercur, 150, true, 20, 200},
		{pages.Salesive, 1000, false, 700, 1000},
		{pages.Salesive, 150, true, 20, 200},
	} {
		settings := pages.Settings{Records: c.records, GZIP: c.gzip}
		var served pages.Tally
		fetch(t, http.MethodGet, server.URL+settings.Path()+"/prepare?limit=50&api="+c.api, &served)
		require.Positive(t, served.Items)
		assert.Equal(t, c.records, served.Records)
		for _, name := range Names() {
			about := fmt.Sprintf("%s of %+v", name, c)
			fetch(t, http.MethodPost, server.URL+"/stats", nil)
			walk, err := New(name, Task{API: c.api, BaseURL: server.URL + settings.Path(), Size: 50, Records: c.records})
			require.NoError(t, err, about)
			found, err := walk(t.Context())
			require.NoError(t, err, about)
			if name != "raw" { // which does not look
				assert.Equal(t, served, found, about)
			}
			var stats pages.Stats
			fetch(t, http.MethodGet, server.URL+"/stats", &stats)
			assert.Equal(t, int64(c.records/50), stats.Requests, about)
			if strings.HasPrefix(name, "sdk") {
				ahead, _ := strconv.Atoi(strings.TrimPrefix(name, "sdk-prefetch-"))
				assert.LessOrEqual(t, stats.Connections, int64(ahead+1), about)
			}
			assert.Greater(t, stats.BodyBytes, c.least*int64(c.records), about)
			assert.Less(t, stats.BodyBytes, c.atMost*int64(c.records), about)
		}
	}
}

func TestTheStructsHoldAllThatIsServed(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(pages.NewServer(100))
	t.Cleanup(server.Close)
	base := server.URL + pages.Settings{Records: 100}.Path()
	groups := fetch(t, http.MethodGet, base+"/store/order-groups?limit=100", nil)
	orders := fetch(t, http.MethodGet, base+"/orders?limit=100", nil)
	for _, c := range []struct {
		body []byte
		page any
	}{
		{groups, new(groupPage[orderGroup])},
		{groups, new(oapi.OrderGroupPage)},
		{orders, new(orderPage[order])},
		{orders, new(oapi.OrderPage)},
	} {
		decoder := json.NewDecoder(bytes.NewReader(c.body))
		decoder.DisallowUnknownFields()
		assert.NoErrorf(t, decoder.Decode(c.page), "%T", c.page)
	}
}

func TestThePlainStructsHaveTheFieldsOfTheSDK(t *testing.T) {
	t.Parallel()
	assert.Equal(t, fieldsOf(reflect.TypeFor[storeorders.OrderGroup]()), fieldsOf(reflect.TypeFor[orderGroup]()))
	assert.Equal(t, fieldsOf(reflect.TypeFor[storeorders.Order]()), fieldsOf(reflect.TypeFor[order]()))
}

// fieldsOf are the wire names, with those of the structs in them.
func fieldsOf(typ reflect.Type) []string {
	for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
		typ = typ.Elem()
	}
	// A Ref is an id here, and a time is one value.
	if typ.Kind() != reflect.Struct || typ.PkgPath() == "time" || typ == reflect.TypeFor[storeorders.Ref]() {
		return nil
	}
	var names []string
	for field := range typ.Fields() {
		if field.IsExported() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			names = append(names, name)
			for _, inner := range fieldsOf(field.Type) {
				names = append(names, name+"."+inner)
			}
		}
	}
	return names
}

func TestACheckerSeesWhatIsThereTwice(t *testing.T) {
	t.Parallel()
	var check checker
	check.add("og_0000000007", 1, 2)
	require.NoError(t, check.err)
	check.add("og_0000000007", 1, 2)
	assert.Error(t, check.err)
}

func TestCentsOfDecimals(t *testing.T) {
	t.Parallel()
	for amount, cents := range map[storeorders.Decimal]int64{"0": 0, "10": 1000, "15.5": 1550, "54.90": 5490, "10000": 1_000_000} {
		assert.Equal(t, cents, decimalCents(amount), amount)
	}
}
