package storeorderstest_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

func TestTransportAnswersAsTheServerOnASocket(t *testing.T) {
	t.Parallel()
	socket, none := newShop(newServer(t)), newShop(storeorderstest.Transport())
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	socket.http = transport

	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
		for _, target := range []string{
			groupsTarget, ordersTarget, "/store/order-groups/og_1", "/store/order-groups/og_none", "/orders/1", "/none?x=%zz",
			"/store/order-groups?limit=-1", "//store", "/store/order-groups/a%2Fb",
		} {
			answers := make([]got, 2)
			for i, s := range []shop{socket, none} {
				req, err := http.NewRequestWithContext(t.Context(), method, s.URL+target, strings.NewReader(`{"a":1}`))
				require.NoError(t, err)
				req.Header.Set("X-Publishable-Api-Key", s.PublishableKey)
				req.Header.Set("Authorization", "Bearer "+s.alice.Token)
				resp, err := s.http.RoundTrip(req)
				require.NoError(t, err)
				body, err := io.ReadAll(resp.Body)
				require.NoError(t, err)
				require.NoError(t, resp.Body.Close())
				answers[i] = got{resp, string(body), nil}
				assert.NotEmpty(t, resp.Header.Get("Date"))
				resp.Header.Del("Date")
				assert.Same(t, req, resp.Request)
			}
			assert.Equal(t, answers[0].Status, answers[1].Status, "%s %s", method, target)
			assert.Equal(t, answers[0].Proto, answers[1].Proto)
			assert.Equal(t, answers[0].Header, answers[1].Header, "%s %s", method, target)
			assert.Equal(t, answers[0].ContentLength, answers[1].ContentLength, "%s %s", method, target)
			assert.Equal(t, answers[0].body, answers[1].body, "%s %s", method, target)
		}
	}
	want, sent := socket.Requests(), none.Requests()
	require.Len(t, sent, len(want))
	for i := range want {
		assert.Equal(t, "storeorders.test", sent[i].Host)
		want[i].Host, sent[i].Host = "", ""
		want[i].Token, sent[i].Token = "", "" // a token may hold the time
		want[i].Header.Del("Authorization")
		sent[i].Header.Del("Authorization")
		assert.Equal(t, want[i], sent[i])
	}
}

func TestTransportServesTheSDKUnderSynctest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(storeorderstest.Transport())
		s.Inject(storeorderstest.Delay(time.Second))
		client := s.client(t)
		start := time.Now()

		var ids []string
		for group, err := range client.OrderGroups.All(t.Context(), &storeorders.OrderGroupListOptions{Limit: 5}) {
			require.NoError(t, err)
			ids = append(ids, group.ID)
		}
		assert.Len(t, ids, 5)
		order, err := client.Orders.Get(t.Context(), "690000000000000000000001")
		require.NoError(t, err)
		assert.Equal(t, "690000000000000000000001", order.ID)
		assert.Equal(t, 2*time.Second, time.Since(start), "the delay is virtual, and no more requests were made")
	})
}

func TestTransportHonoursTheContext(t *testing.T) {
	t.Parallel()
	stop := errors.New("stop")
	for name, fault := range map[string]storeorderstest.Fault{
		"before the headers": storeorderstest.Delay(time.Hour),
		"in the body":        storeorderstest.Drip(2, time.Hour),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newShop(storeorderstest.Transport())
				s.Inject(fault)
				ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, stop)
				defer cancel()
				start := time.Now()
				resp, err := s.get(ctx, groupsTarget)
				if name == "in the body" {
					require.NoError(t, err)
					assert.Zero(t, time.Since(start))
					_, err = io.ReadAll(resp.Body)
					assert.NoError(t, resp.Body.Close())
				}
				assert.ErrorIs(t, err, stop)
				assert.Equal(t, time.Minute, time.Since(start))

				ended, end := context.WithCancel(t.Context())
				end()
				req, err := http.NewRequestWithContext(ended, http.MethodGet, s.URL+groupsTarget, http.NoBody)
				require.NoError(t, err)
				assert.ErrorIs(t, sendOnly(s.http, req), context.Canceled)
				assert.Len(t, s.Requests(), 1, "nothing was sent after the end")
			})
		})
	}
}

func TestTransportSendsTheBodyAsItDrips(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(storeorderstest.Transport())
		s.Inject(storeorderstest.Answer(200, "abcdef"))
		s.Inject(storeorderstest.Delay(time.Minute))
		s.Inject(storeorderstest.Drip(3, time.Second))
		start := time.Now()
		resp, err := s.get(t.Context(), groupsTarget)
		require.NoError(t, err)
		defer resp.Body.Close()
		assert.Equal(t, time.Minute, time.Since(start))
		for i, want := range []string{"ab", "cd", "ef"} {
			piece := make([]byte, 2)
			_, err := io.ReadFull(resp.Body, piece)
			require.NoError(t, err)
			assert.Equal(t, want, string(piece))
			assert.Equal(t, time.Minute+time.Duration(i+1)*time.Second, time.Since(start))
		}
		_, err = resp.Body.Read(make([]byte, 1))
		assert.ErrorIs(t, err, io.EOF)
	})
}

func TestTransportEndsAReadThatWaitsWhenTheBodyIsClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(storeorderstest.Transport())
		s.Inject(storeorderstest.Drip(2, time.Hour))
		resp, err := s.get(t.Context(), groupsTarget)
		require.NoError(t, err)
		start := time.Now()
		time.AfterFunc(time.Second, func() { assert.NoError(t, resp.Body.Close()) })
		_, err = resp.Body.Read(make([]byte, 1))
		assert.Error(t, err)
		assert.Equal(t, time.Second, time.Since(start))
		_, err = resp.Body.Read(make([]byte, 1))
		assert.Error(t, err, "a closed body is not read")
	})
}

func TestTransportKnowsNoOtherHost(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		url   string
		known bool
	}{
		"its own":         {"http://storeorders.test/none", true},
		"https":           {"https://storeorders.test/none", true},
		"another port":    {"http://storeorders.test:8080/none", true},
		"a name under it": {"http://market.storeorders.test/none", true},
		"another host":    {"http://elsewhere.test/none", false},
		"one like it":     {"http://mystoreorders.test/none", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := storeorderstest.Transport()
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, tt.url, http.NoBody)
			require.NoError(t, err)
			resp, err := srv.RoundTrip(req)
			if tt.known {
				require.NoError(t, err)
				require.NoError(t, resp.Body.Close())
				assert.Len(t, srv.Requests(), 1)
				return
			}
			dns, ok := errors.AsType[*net.DNSError](err)
			require.True(t, ok, "%v", err)
			assert.True(t, dns.IsNotFound)
			assert.Empty(t, srv.Requests())
		})
	}
}

func TestTransportClosesTheBodyOfARequestItDoesNotSend(t *testing.T) {
	t.Parallel()
	body := &closer{Reader: strings.NewReader("x")}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://elsewhere.test/", body)
	require.NoError(t, err)
	assert.Error(t, sendOnly(storeorderstest.Transport(), req))
	assert.True(t, body.closed)

	req, err = http.NewRequestWithContext(t.Context(), http.MethodGet, "http://storeorders.test/", http.NoBody)
	require.NoError(t, err)
	req.Header["X"] = []string{"a\nb"} // net/http's transport refuses it, too
	assert.ErrorContains(t, sendOnly(storeorderstest.Transport(), req), `invalid header field value for "X"`)
}

func TestTransportRefusesARequestThatIsNone(t *testing.T) {
	t.Parallel()
	for name, req := range map[string]*http.Request{
		"no URL":    {Header: http.Header{}},
		"no header": {URL: &url.URL{Scheme: "http", Host: "storeorders.test"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.ErrorContains(t, sendOnly(storeorderstest.Transport(), req), "http: nil Request.")
		})
	}
}

func TestARedirectToAnotherOriginOfTheServerIsSeen(t *testing.T) {
	t.Parallel()
	s := newShop(storeorderstest.Transport())
	s.Inject(storeorderstest.Redirect("http://other.storeorders.test"), storeorderstest.First(1))
	assert.ErrorIs(t, groups(t.Context(), s.client(t), 2, 0).err, storeorders.ErrRedirect)
	assert.Len(t, s.Requests(), 1, "the SDK does not follow it")

	// A client that does takes the publishable key along.
	s.Inject(storeorderstest.Redirect("http://other.storeorders.test"), storeorderstest.First(1))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+groupsTarget, http.NoBody)
	require.NoError(t, err)
	req.Header.Set("X-Publishable-Api-Key", s.PublishableKey)
	resp, err := (&http.Client{Transport: s}).Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	requests := s.Requests()
	require.Len(t, requests, 3)
	assert.Equal(t, "other.storeorders.test", requests[2].Host)
	assert.Equal(t, s.PublishableKey, requests[2].PublishableKey)
}

type closer struct {
	io.Reader
	closed bool
}

func (c *closer) Close() error {
	c.closed = true
	return nil
}

func TestTransportLeavesTheRequestAsItWas(t *testing.T) {
	t.Parallel()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://storeorders.test/none?a=1", http.NoBody)
	before := req.Clone(t.Context())
	resp, err := storeorderstest.Transport().RoundTrip(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, before.Header, req.Header)
	assert.Equal(t, before.URL, req.URL)
}

func TestServerOnASocketIsATransportToo(t *testing.T) {
	t.Parallel()
	s := newShop(newServer(t))
	require.Same(t, s.Server, s.http)
	assert.Equal(t, http.StatusOK, s.read(t, groupsTarget).StatusCode)

	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://storeorders.test/", http.NoBody)
	require.NoError(t, err)
	assert.Error(t, sendOnly(s, req))
}

func TestCloseDoesNotWaitForADelay(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]storeorderstest.Fault{
		"before the headers": storeorderstest.Delay(time.Hour),
		"in the body":        storeorderstest.Drip(2, time.Hour),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(storeorderstest.NewServer())
			transport := &http.Transport{}
			defer transport.CloseIdleConnections()
			s.http = transport
			arrived := make(chan struct{})
			s.Inject(storeorderstest.Before(func() { close(arrived) }))
			s.Inject(fault)
			go func() {
				<-arrived
				s.Close()
			}()
			assert.Error(t, s.read(t, groupsTarget).err)
			s.Close()
			s.Close()
		})
	}
}

func TestDripSendsTheHeadersAtOnceAndEndsWithTheClient(t *testing.T) {
	t.Parallel()
	s := newShop(newServer(t))
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	s.http = transport
	s.Inject(storeorderstest.Drip(2, time.Hour))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()

	resp, err := s.get(ctx, groupsTarget)
	require.NoError(t, err)
	defer resp.Body.Close()
	assert.Equal(t, http.StatusOK, resp.StatusCode)
	cancel()
	_, err = resp.Body.Read(make([]byte, 1))
	assert.ErrorIs(t, err, context.Canceled)
}

func TestResetIsSeenOnAConnectionThatWasUsedBefore(t *testing.T) {
	t.Parallel()
	s := newShop(newServer(t))
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	s.http = transport
	for range 20 {
		require.NoError(t, s.read(t, groupsTarget).err)
		before := len(s.Requests())
		s.Inject(storeorderstest.Reset(), storeorderstest.First(1))
		assert.Error(t, s.read(t, groupsTarget).err)
		assert.Len(t, s.Requests(), before+1)
		s.ClearFaults()
	}
}

// It cannot be parallel: it looks at all goroutines.
func TestNothingRunsOnAfterARequest(t *testing.T) { //nolint:paralleltest // see above
	before := goleak.IgnoreCurrent()
	s := newShop(storeorderstest.Transport())
	for _, fault := range []storeorderstest.Fault{
		{}, storeorderstest.Reset(), storeorderstest.Truncate(3), storeorderstest.Gzip(), storeorderstest.Drip(2, time.Hour),
	} {
		s.Inject(fault)
		resp, err := s.get(t.Context(), groupsTarget) //nolint:bodyclose // that is what is tested
		if err == nil {
			assert.Equal(t, http.StatusOK, resp.StatusCode)
		}
		s.ClearFaults()
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	s.Inject(storeorderstest.Delay(time.Hour))
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+groupsTarget, http.NoBody)
	require.NoError(t, err)
	assert.ErrorIs(t, sendOnly(s, req), context.DeadlineExceeded)
	s.Close()

	socket := newShop(storeorderstest.NewServer())
	transport := &http.Transport{}
	socket.http = transport
	for _, fault := range []storeorderstest.Fault{{}, storeorderstest.Reset(), storeorderstest.Truncate(3), storeorderstest.WrongContentLength(9)} {
		socket.Inject(fault)
		socket.read(t, groupsTarget)
		socket.ClearFaults()
	}
	transport.CloseIdleConnections()
	socket.Close()
	goleak.VerifyNone(t, before)
}
