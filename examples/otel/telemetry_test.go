package main

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

func (s *shop) list(ctx context.Context) error {
	_, err := observe(ctx, s.telemetry, "OrderGroups.List", func(ctx context.Context) (*storeorders.OrderGroupPage, error) {
		return s.client.OrderGroups.List(ctx, nil, storeorders.WithToken(s.alice.Token))
	})
	return err
}

func (s *shop) get(ctx context.Context, id string) error {
	_, err := observe(ctx, s.telemetry, "OrderGroups.Get", func(ctx context.Context) (*storeorders.OrderGroup, error) {
		return s.client.OrderGroups.Get(ctx, id, nil, storeorders.WithToken(s.alice.Token))
	})
	return err
}

func (s *shop) all(ctx context.Context, options ...storeorders.RequestOption) iter.Seq2[*storeorders.Order, error] {
	return observeAll(ctx, s.telemetry, "Orders.All", func(ctx context.Context) iter.Seq2[*storeorders.Order, error] {
		return s.client.Orders.All(ctx, &storeorders.OrderListOptions{Limit: 2}, append(options, storeorders.WithToken(s.ada.Token))...)
	})
}

func TestARetriedCallIsOneSpanWithTwoAttempts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		s.Inject(storeorderstest.Status(http.StatusServiceUnavailable, "Retry-After", "2"), storeorderstest.First(1))
		require.NoError(t, s.list(t.Context()))

		calls, attempts := s.spans()
		require.Len(t, calls, 1)
		require.Len(t, attempts, 2)
		assert.Equal(t, "OrderGroups.List", calls[0].Name)
		assert.Equal(t, codes.Unset, calls[0].Status.Code)
		assert.False(t, calls[0].Parent.IsValid())
		assert.Equal(t, 2*time.Second, calls[0].EndTime.Sub(calls[0].StartTime))
		for _, a := range attempts {
			assert.Equal(t, "GET /store/order-groups", a.Name)
			assert.Equal(t, calls[0].SpanContext.TraceID(), a.SpanContext.TraceID())
			assert.Equal(t, calls[0].SpanContext.SpanID(), a.Parent.SpanID())
		}
		first, second := attributesOf(attempts[0].Attributes), attributesOf(attempts[1].Attributes)
		assert.EqualValues(t, 503, first["http.response.status_code"])
		assert.Equal(t, codes.Error, attempts[0].Status.Code)
		assert.NotContains(t, first, "http.request.resend_count")
		assert.EqualValues(t, 200, second["http.response.status_code"])
		assert.Equal(t, codes.Unset, attempts[1].Status.Code)
		assert.EqualValues(t, 1, second["http.request.resend_count"])
		assert.Equal(t, 2*time.Second, attempts[1].StartTime.Sub(attempts[0].EndTime))

		metrics := s.metrics(t)
		operation := operationKey.String("OrderGroups.List")
		assert.InDelta(t, 1, find(t, metrics["storeorders.call.retries"], operation).sum, 0)
		assert.InDelta(t, 2, find(t, metrics["storeorders.call.duration"], operation).sum, 0)
		assert.Len(t, metrics["http.client.request.duration"], 2, "one for each status")
	})
}

// An answer that breaks off is a status of success, and a failure all the same.
func TestAnAnswerThatBreaksOffIsAnAttemptThatFailed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		s.Inject(storeorderstest.Truncate(20), storeorderstest.First(1))
		require.NoError(t, s.list(t.Context()))

		_, attempts := s.spans()
		require.Len(t, attempts, 2)
		assert.Equal(t, codes.Error, attempts[0].Status.Code)
		assert.Equal(t, "connection", attempts[0].Status.Description)
		assert.Equal(t, codes.Unset, attempts[1].Status.Code)
		assert.InDelta(t, 1, find(t, s.metrics(t)["storeorders.call.retries"], operationKey.String("OrderGroups.List")).sum, 0)
	})
}

func TestAWalkIsOneSpanWhateverItsPages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		s.AddOrders(s.ada, 12, 1)
		s.Inject(storeorderstest.Delay(time.Second))
		s.Inject(storeorderstest.Status(http.StatusServiceUnavailable, "Retry-After", "2"), storeorderstest.Nth(3))
		for _, err := range s.all(t.Context()) {
			require.NoError(t, err)
			<-time.After(time.Hour) // what the loop does is not the call's time
		}
		metrics := s.metrics(t)
		operation := operationKey.String("Orders.All")
		assert.InDelta(t, 1, find(t, metrics["storeorders.call.retries"], operation).sum, 0, "pages are no retries")
		assert.InDelta(t, 6+1+2, find(t, metrics["storeorders.call.duration"], operation).sum, 0)

		calls, attempts := s.spans()
		require.Len(t, calls, 1)
		require.Len(t, attempts, 6+1)
		for _, a := range attempts {
			assert.Equal(t, calls[0].SpanContext.SpanID(), a.Parent.SpanID())
		}
	})
}

// A walk that missed an order asks for the same pages anew.
func TestARequestThatIsMadeAnewIsNoRetry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		s.AddOrders(s.ada, 3, 1)
		s.Inject(storeorderstest.LieAboutCount(1))
		s.Inject(storeorderstest.Status(http.StatusServiceUnavailable), storeorderstest.First(1))
		_, err := storeorders.Collect(s.all(t.Context()), 0)
		require.ErrorIs(t, err, storeorders.ErrIncomplete)
		require.Greater(t, len(s.Requests()), 1+2+2)
		assert.InDelta(t, 1, find(t, s.metrics(t)["storeorders.call.retries"], operationKey.String("Orders.All")).sum, 0)
	})
}

func TestPagesThatAreRequestedAheadBelongToTheWalk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		s.AddOrders(s.ada, 20, 1)
		s.Inject(storeorderstest.Status(http.StatusServiceUnavailable), storeorderstest.Every(3))
		orders, err := storeorders.Collect(s.all(t.Context(), storeorders.WithPrefetch(3)), 0)
		require.NoError(t, err)
		require.Len(t, orders, 20)

		calls, attempts := s.spans()
		require.Len(t, calls, 1)
		require.Len(t, attempts, len(s.Requests()))
		for _, a := range attempts {
			assert.Equal(t, calls[0].SpanContext.SpanID(), a.Parent.SpanID())
		}
		retries := find(t, s.metrics(t)["storeorders.call.retries"], operationKey.String("Orders.All")).sum
		assert.InDelta(t, len(attempts)-10, retries, 0)
		assert.NotZero(t, retries)
	})
}

func TestAWalkThatIsLeftIsNoError(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.AddOrders(s.ada, 12, 1)
	for _, err := range s.all(t.Context()) {
		require.NoError(t, err)
		break
	}
	calls, attempts := s.spans()
	require.Len(t, calls, 1)
	assert.Equal(t, codes.Unset, calls[0].Status.Code)
	assert.Len(t, attempts, 1)
	assert.EqualValues(t, 1, find(t, s.metrics(t)["storeorders.call.duration"], operationKey.String("Orders.All")).count)
}

func TestAnErrorIsItsCategory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		require.ErrorIs(t, s.get(t.Context(), "og_nobodys"), storeorders.ErrNotFound)
		s.Inject(storeorderstest.Status(http.StatusForbidden), storeorderstest.SalesiveList)
		_, err := storeorders.Collect(s.all(t.Context()), 0)
		require.ErrorIs(t, err, storeorders.ErrForbidden)

		calls, attempts := s.spans()
		require.Len(t, calls, 2)
		require.Len(t, attempts, 2)
		metrics := s.metrics(t)
		for i, want := range []string{"not_found", "forbidden"} {
			assert.Equal(t, codes.Error, attempts[i].Status.Code)
			assert.Equal(t, codes.Error, calls[i].Status.Code)
			assert.Equal(t, want, calls[i].Status.Description)
			assert.Equal(t, want, attributesOf(calls[i].Attributes)["error.type"])
			assert.Empty(t, calls[i].Events)
			operation, errorType := operationKey.String(calls[i].Name), attribute.String("error.type", want)
			assert.EqualValues(t, 1, find(t, metrics["storeorders.call.duration"], operation, errorType).count)
		}
		s.assertTellsNothing(t, "og_nobodys")
	})
}

// What does not become a span or a metric is read and sent all the same.
func TestTheServerGetsTheWholeRequest(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	groups := s.AddOrderGroups(s.alice, 3, 1)
	s.AddOrders(s.ada, 3, 1)
	s.makeCalls(t)

	fields := "fields=" + strings.Join(storeorders.DefaultOrderGroupFields(), ",")
	mercur := func(path, query string) storeorderstest.Request {
		return storeorderstest.GET("/store/order-groups"+path, query+fields).
			WithToken(s.alice.Token).WithHeader("X-Publishable-Api-Key", s.PublishableKey)
	}
	salesive := func(query string) storeorderstest.Request {
		return storeorderstest.GET("/api/v1/orders", query).WithToken(s.ada.Token).WithHeader("X-Shop-Id", s.ShopID)
	}
	s.AssertRequests(t,
		mercur("", "limit=2&"),
		mercur("/"+groups[2].ID, ""), mercur("/"+groups[1].ID, ""), mercur("/og_nobodys", ""),
		salesive("limit=2"), salesive("limit=2&page=2"),
	)
	_, attempts := s.spans()
	require.Len(t, attempts, len(s.Requests()))
	for i, request := range s.Requests() {
		span := attempts[i].SpanContext
		assert.Contains(t, request.Header.Get("Traceparent"), span.TraceID().String()+"-"+span.SpanID().String())
	}
}

func TestNamesAreOfAFixedSet(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.AddOrderGroups(s.alice, 3, 1)
	s.AddOrders(s.ada, 3, 1)
	s.makeCalls(t)
	order := s.AddOrder(s.ada, storeorders.Order{})
	_, err := observe(t.Context(), s.telemetry, "Orders.Get", func(ctx context.Context) (*storeorders.Order, error) {
		return s.client.Orders.Get(ctx, order.ID, storeorders.WithToken(s.ada.Token))
	})
	require.NoError(t, err)
	names := map[string]bool{}
	for _, span := range s.recorded.GetSpans() {
		names[span.Name] = true
	}
	assert.Equal(t, map[string]bool{
		"OrderGroups.List": true, "OrderGroups.Get": true, "Orders.All": true, "Orders.Get": true,
		"GET /store/order-groups": true, "GET /store/order-groups/{id}": true, "GET /orders": true, "GET /orders/{id}": true,
	}, names)
	_, attempts := s.spans()
	assert.Equal(t, "http://storeorders.test/store/order-groups/{id}", attributesOf(attempts[1].Attributes)["url.full"])
	templates := map[string]bool{}
	for _, one := range s.metrics(t)["http.client.request.duration"] {
		template, _ := one.attributes.Value("url.template")
		templates["GET "+template.AsString()] = true
	}
	for _, a := range attempts {
		assert.Equal(t, a.Name, fmt.Sprint("GET ", attributesOf(a.Attributes)["url.template"]))
		assert.Contains(t, templates, a.Name)
	}
	assert.Len(t, templates, 4)
}

func TestSeriesDoNotGrowWithTheOrders(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for _, group := range s.AddOrderGroups(s.alice, 30, 1) {
		require.NoError(t, s.get(t.Context(), group.ID))
	}
	metrics := s.metrics(t)
	assert.Len(t, metrics, 4)
	for name, all := range metrics {
		assert.Len(t, all, 1, name)
	}
	assert.EqualValues(t, 30, metrics["storeorders.call.duration"][0].count)
	assert.EqualValues(t, 30, metrics["http.client.request.duration"][0].count)
}

// Not all requests are made for a call that somebody observes: a login may be.
func TestAnAttemptNeedsNoObservedCall(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	_, err := s.client.MercurAuth.Login(t.Context(), s.alice.Email, s.alice.Password)
	require.NoError(t, err)
	calls, attempts := s.spans()
	assert.Empty(t, calls)
	require.Len(t, attempts, 1)
	assert.Equal(t, "POST /auth/customer/emailpass", attempts[0].Name)
	s.assertTellsNothing(t, s.alice.Email)
}

func TestNoSpanAndNoMetricTellsWhoseOrdersWhichOrByWhatCredential(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		var secrets []string
		for _, group := range s.AddOrderGroups(s.alice, 3, 1) {
			secrets = append(secrets, group.ID)
			for _, order := range group.Orders {
				secrets = append(secrets, order.ID)
			}
		}
		for _, order := range s.AddOrders(s.ada, 3, 1) {
			secrets = append(secrets, order.ID)
		}
		s.Inject(storeorderstest.Status(http.StatusServiceUnavailable), storeorderstest.Every(2))
		s.makeCalls(t)
		s.assertTellsNothing(t, append(secrets, "og_nobodys")...)
	})
}
