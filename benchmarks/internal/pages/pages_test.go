package pages

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// answer is what either API's list says.
type answer struct {
	OrderGroups []json.RawMessage `json:"order_groups"`
	Count       int               `json:"count"`
	Data        struct {
		Orders     []json.RawMessage `json:"orders"`
		Pagination struct {
			Total int `json:"total"`
			Pages int `json:"pages"`
		} `json:"pagination"`
	} `json:"data"`
}

func request(t *testing.T, server http.Handler, path string, header http.Header) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
	r.Header.Set("Authorization", "Bearer token")
	for name := range header {
		r.Header.Set(name, header.Get(name))
	}
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	return w
}

func TestPagesHoldEveryRecordOnce(t *testing.T) {
	t.Parallel()
	server := NewServer(120)
	for _, size := range []int{1, 7, 50, 100, 1000} {
		t.Run(strconv.Itoa(size), func(t *testing.T) {
			t.Parallel()
			base := Settings{Records: 100}.Path()
			var groups, orders int
			ids := make(map[string]bool)
			for from := 0; from < 100; from += size {
				var mercur, salesive answer
				body := request(t, server, fmt.Sprintf("%s/store/order-groups?limit=%d&offset=%d", base, size, from), nil).Body
				require.NoError(t, json.Unmarshal(body.Bytes(), &mercur))
				body = request(t, server, fmt.Sprintf("%s/orders?limit=%d&page=%d", base, size, from/size+1), nil).Body
				require.NoError(t, json.Unmarshal(body.Bytes(), &salesive))
				for _, record := range slices.Concat(mercur.OrderGroups, salesive.Data.Orders) {
					ids[string(record[:45])] = true
				}
				groups += len(mercur.OrderGroups)
				orders += len(salesive.Data.Orders)
				assert.Equal(t, []int{100, 100, (99 + size) / size}, []int{mercur.Count, salesive.Data.Pagination.Total, salesive.Data.Pagination.Pages})
			}
			assert.Equal(t, []int{100, 100, 200}, []int{groups, orders, len(ids)})
		})
	}
}

func TestThePageAfterTheLastIsEmpty(t *testing.T) {
	t.Parallel()
	server := NewServer(10)
	assert.JSONEq(t, `{"order_groups":[],"count":5,"offset":5,"limit":50}`, request(t, server, "/records=5/store/order-groups?offset=5", nil).Body.String())
	assert.Contains(t, request(t, server, "/records=5/orders?page=2", nil).Body.String(), `{"orders":[],"pagination":{"page":2,"limit":10,"total":5,"pages":1}}`)
}

func TestGroupsHaveTheShapeOfARecordedOne(t *testing.T) {
	t.Parallel()
	recorded, err := os.ReadFile("../../../testdata/mercur/mercur-2.3.1+medusa-2.18.0.jsonl")
	require.NoError(t, err)
	var shape []string
	for line := range strings.Lines(string(recorded)) {
		if strings.Contains(line, `"name":"retrieve/portable fields"`) {
			var capture struct {
				Response struct {
					Body struct {
						OrderGroup json.RawMessage `json:"order_group"`
					} `json:"body"`
				} `json:"response"`
			}
			require.NoError(t, json.Unmarshal([]byte(line), &capture))
			shape = members(t, capture.Response.Body.OrderGroup)
		}
	}
	require.NotEmpty(t, shape)
	group, _ := groupMaker()(nil, 7)
	assert.Equal(t, shape, members(t, group))
}

// members are the names in the order in which they first come.
func members(t *testing.T, document []byte) []string {
	t.Helper()
	var names []string
	type level struct{ array, value bool }
	var open []level
	for decoder := json.NewDecoder(strings.NewReader(string(document))); ; {
		token, err := decoder.Token()
		if err == io.EOF {
			return names
		}
		require.NoError(t, err)
		last := len(open) - 1
		if name, ok := token.(string); ok && last >= 0 && !open[last].array && !open[last].value {
			if full := fmt.Sprint(len(open), name); !slices.Contains(names, full) {
				names = append(names, full)
			}
			open[last].value = true
			continue
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			open = append(open, level{array: token == json.Delim('[')})
			continue
		case json.Delim('}'), json.Delim(']'):
			open = open[:last]
		}
		if len(open) > 0 {
			open[len(open)-1].value = false
		}
	}
}

func TestGZIPIsForWhoAcceptsIt(t *testing.T) {
	t.Parallel()
	server := NewServer(100)
	path := Settings{Records: 100, GZIP: true}.Path() + "/orders?limit=20&page=2"
	plain := request(t, server, path, nil)
	assert.Empty(t, plain.Header().Get("Content-Encoding"))
	zipped := request(t, server, path, http.Header{"Accept-Encoding": {"gzip"}})
	assert.Equal(t, "gzip", zipped.Header().Get("Content-Encoding"))
	assert.Less(t, zipped.Body.Len(), plain.Body.Len()/4)
	reader, err := gzip.NewReader(zipped.Body)
	require.NoError(t, err)
	body, err := io.ReadAll(reader)
	require.NoError(t, err)
	assert.Equal(t, plain.Body.String(), string(body))
}

func TestTheDelayIsBeforeEveryAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := NewServer(10)
		start := time.Now()
		request(t, server, Settings{Records: 10, Delay: 20 * time.Millisecond}.Path()+"/orders", nil)
		assert.Equal(t, 20*time.Millisecond, time.Since(start))
	})
}

func TestStatsCountWhatCameSinceTheReset(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(NewServer(10))
	server.Config.ConnContext = ConnContext
	server.Start()
	t.Cleanup(server.Close)
	do := func(client *http.Client, method, path string) (stats Stats) {
		r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, http.NoBody)
		require.NoError(t, err)
		r.Header.Set("Authorization", "Bearer token")
		response, err := client.Do(r)
		require.NoError(t, err)
		defer response.Body.Close()
		require.NoError(t, json.NewDecoder(response.Body).Decode(&stats))
		_, err = io.Copy(io.Discard, response.Body)
		require.NoError(t, err)
		return stats
	}
	one, other, counter := &http.Client{Transport: &http.Transport{}}, &http.Client{Transport: &http.Transport{}}, server.Client()
	do(one, http.MethodGet, "/records=1/orders")
	do(one, http.MethodGet, "/records=1/orders")
	do(other, http.MethodGet, "/records=1/orders")
	stats := do(counter, http.MethodGet, "/stats")
	assert.Equal(t, []int64{2, 3}, []int64{stats.Connections, stats.Requests})
	assert.Positive(t, stats.BodyBytes)
	do(counter, http.MethodPost, "/stats")
	do(one, http.MethodGet, "/records=1/orders")
	stats = do(counter, http.MethodGet, "/stats")
	assert.Equal(t, []int64{1, 1}, []int64{stats.Connections, stats.Requests})
	one.CloseIdleConnections()
	other.CloseIdleConnections()
}

func TestWrongRequestsAreRefused(t *testing.T) {
	t.Parallel()
	server := NewServer(10)
	for path, status := range map[string]int{
		"/records=11/orders":                      http.StatusBadRequest,
		"/size=1/orders":                          http.StatusBadRequest,
		"/records=1/orders?page=0":                http.StatusBadRequest,
		"/records=1/store/order-groups?limit=0":   http.StatusBadRequest,
		"/records=1/store/order-groups?offset=-1": http.StatusBadRequest,
		"/records=1/prepare?api=other&limit=1":    http.StatusBadRequest,
		"/records=1/order":                        http.StatusNotFound,
	} {
		assert.Equal(t, status, request(t, server, path, nil).Code, path)
	}
	assert.Equal(t, http.StatusUnauthorized, request(t, server, "/records=1/orders", http.Header{"Authorization": {""}}).Code)
}
