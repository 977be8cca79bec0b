package pages

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Settings are how the records are served; they are part of the base URL.
type Settings struct {
	Records int
	Delay   time.Duration // before each answer
	GZIP    bool          // to whoever accepts it
}

// Path is the path of the base URL with these settings.
func (s Settings) Path() string {
	return fmt.Sprintf("/records=%d,delay=%s,gzip=%t", s.Records, s.Delay, s.GZIP)
}

func parseSettings(path string) (s Settings, err error) {
	for setting := range strings.SplitSeq(path, ",") {
		name, value, _ := strings.Cut(setting, "=")
		var e error
		switch name {
		case "records":
			s.Records, e = strconv.Atoi(value)
		case "delay":
			s.Delay, e = time.ParseDuration(value)
		case "gzip":
			s.GZIP, e = strconv.ParseBool(value)
		default:
			e = fmt.Errorf("no such setting: %q", name)
		}
		err = errors.Join(err, e)
	}
	return s, err
}

// Stats are what came since they were last reset. Requests for the stats do
// not count.
type Stats struct {
	Connections int64 `json:"connections"` // that had at least one request
	Requests    int64 `json:"requests"`
	BodyBytes   int64 `json:"body_bytes"` // as they were sent
}

// Server serves
//
//	/SETTINGS/store/order-groups   Mercur
//	/SETTINGS/orders               Salesive
//	/SETTINGS/prepare?api=&limit=  compresses the pages, and answers with the Tally of all records
//	/stats                         Stats; POST resets them
type Server struct {
	lists map[string]*list
	mux   *http.ServeMux

	connections, requests, bodyBytes atomic.Int64
	resets                           atomic.Int64

	settings sync.Map // Settings by their path
	mutex    sync.Mutex
	zipped   map[pageKey][]byte
}

type pageKey struct {
	api                  string
	records, from, limit int
}

// connection remembers after how many resets it was counted.
type connection struct{ counted atomic.Int64 }

type connectionKey struct{}

// NewServer makes the records, up to as many as a walk may ask for.
func NewServer(records int) *Server {
	s := &Server{
		lists:  map[string]*list{Mercur: newList(records, groupMaker()), Salesive: newList(records, orderMaker())},
		mux:    http.NewServeMux(),
		zipped: make(map[pageKey][]byte),
	}
	s.resets.Store(1)
	s.mux.HandleFunc("GET /{settings}/store/order-groups", func(w http.ResponseWriter, r *http.Request) { s.page(w, r, Mercur) })
	s.mux.HandleFunc("GET /{settings}/orders", func(w http.ResponseWriter, r *http.Request) { s.page(w, r, Salesive) })
	s.mux.HandleFunc("GET /{settings}/prepare", s.prepare)
	s.mux.HandleFunc("GET /stats", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, Stats{s.connections.Load(), s.requests.Load(), s.bodyBytes.Load()})
	})
	s.mux.HandleFunc("POST /stats", func(w http.ResponseWriter, _ *http.Request) {
		s.resets.Add(1)
		s.connections.Store(0)
		s.requests.Store(0)
		s.bodyBytes.Store(0)
		writeJSON(w, Stats{})
	})
	return s
}

// ConnContext is for the [http.Server]: without it connections are not counted.
func ConnContext(ctx context.Context, _ net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, new(connection))
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

func (s *Server) settingsOf(r *http.Request) (Settings, error) {
	path := r.PathValue("settings")
	if known, ok := s.settings.Load(path); ok {
		return known.(Settings), nil //nolint:errcheck // it holds nothing else
	}
	settings, err := parseSettings(path)
	switch {
	case err != nil:
		return settings, err
	case settings.Records < 0 || settings.Records > s.lists[Mercur].count:
		return settings, fmt.Errorf("records=%d: this server has 0 to %d", settings.Records, s.lists[Mercur].count)
	}
	s.settings.Store(path, settings)
	return settings, nil
}

func (s *Server) page(w http.ResponseWriter, r *http.Request, api string) {
	s.count(r)
	settings, err := s.settingsOf(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") {
		http.Error(w, "no bearer token", http.StatusUnauthorized)
		return
	}
	key, err := keyOf(api, settings, r.URL.Query())
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if settings.Delay > 0 {
		timer := time.NewTimer(settings.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			return
		}
	}
	header := w.Header()
	header.Set("Content-Type", "application/json; charset=utf-8")
	parts := s.parts(key)
	if settings.GZIP && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		header.Set("Content-Encoding", "gzip")
		parts = [][]byte{s.compressed(key)}
	}
	length := 0
	for _, part := range parts {
		length += len(part)
	}
	header.Set("Content-Length", strconv.Itoa(length))
	for _, part := range parts {
		n, err := w.Write(part)
		s.bodyBytes.Add(int64(n))
		if err != nil {
			return // the client has gone
		}
	}
}

func (s *Server) count(r *http.Request) {
	s.requests.Add(1)
	if c, ok := r.Context().Value(connectionKey{}).(*connection); ok {
		if resets := s.resets.Load(); c.counted.Swap(resets) != resets {
			s.connections.Add(1)
		}
	}
}

// keyOf says which page a query asks for.
func keyOf(api string, settings Settings, query url.Values) (pageKey, error) {
	number := func(name string, absent int) (int, error) {
		if text := query.Get(name); text != "" {
			return strconv.Atoi(text)
		}
		return absent, nil
	}
	key := pageKey{api: api, records: settings.Records}
	var err, e error
	if api == Mercur {
		key.limit, err = number("limit", 50)
		key.from, e = number("offset", 0)
	} else {
		key.limit, err = number("limit", 10)
		key.from, e = number("page", 1)
		key.from = (key.from - 1) * key.limit
	}
	if err = errors.Join(err, e); err == nil && (key.limit <= 0 || key.from < 0) {
		err = errors.New("limit, offset or page is out of range")
	}
	return key, err
}

// parts are what is before, of and after the records of a page.
func (s *Server) parts(key pageKey) [][]byte {
	from := min(key.from, key.records)
	records := s.lists[key.api].part(from, min(from+key.limit, key.records))
	if key.api == Mercur {
		return [][]byte{
			[]byte(`{"order_groups":[`), records,
			fmt.Appendf(nil, `],"count":%d,"offset":%d,"limit":%d}`, key.records, key.from, key.limit),
		}
	}
	return [][]byte{
		[]byte(`{"status":200,"success":true,"message":"Orders retrieved successfully","data":{"orders":[`), records,
		fmt.Appendf(nil, `],"pagination":{"page":%d,"limit":%d,"total":%d,"pages":%d}}}`,
			key.from/key.limit+1, key.limit, key.records, (key.records+key.limit-1)/key.limit),
	}
}

// compressed is the page as gzip, made when it is first asked for.
func (s *Server) compressed(key pageKey) []byte {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if body, ok := s.zipped[key]; ok {
		return body
	}
	var buffer bytes.Buffer
	writer := gzip.NewWriter(&buffer)
	for _, part := range s.parts(key) {
		_, _ = writer.Write(part) // into memory, where it cannot fail
	}
	_ = writer.Close()
	s.zipped[key] = buffer.Bytes()
	return buffer.Bytes()
}

func (s *Server) prepare(w http.ResponseWriter, r *http.Request) {
	settings, err := s.settingsOf(r)
	api := r.FormValue("api")
	limit, e := strconv.Atoi(r.FormValue("limit"))
	records, known := s.lists[api]
	if err = errors.Join(err, e); err != nil || !known || limit <= 0 {
		http.Error(w, fmt.Sprintf("settings, api and limit are needed: %v", err), http.StatusBadRequest)
		return
	}
	if settings.GZIP {
		for from := 0; from < settings.Records; from += limit {
			s.compressed(pageKey{api, settings.Records, from, limit})
		}
	}
	var sum Tally
	if settings.Records > 0 {
		sum = records.sums[settings.Records-1]
	}
	writeJSON(w, sum)
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the client may have gone
}
