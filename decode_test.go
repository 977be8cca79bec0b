package storeorders_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
)

// What testdata/mercur holds, so that a file that shrank does not go unnoticed.
func recordedMercurFiles() []recordedFile {
	return []recordedFile{
		{name: "captures-mercur-2.1.5.jsonl", lists: 171, gets: 8, groups: 1721, failures: 85},
		{name: "mercur-2.1.5+medusa-2.13.4.jsonl", lists: 61, gets: 3, groups: 354, failures: 60},
		{name: "mercur-2.3.1+medusa-2.18.0.jsonl", lists: 63, gets: 3, groups: 360, failures: 58},
		{name: "mercur-2.3.1+medusa-2.20.1.jsonl", lists: 58, gets: 2, groups: 305, failures: 64},
		{name: "mercur-2.3.1+medusa-2.21.2.jsonl", lists: 58, gets: 2, groups: 305, failures: 64},
	}
}

// mercurMembersLeftToRawJSON are the members that servers sent and that the
// structs leave out on purpose, by their path.
func mercurMembersLeftToRawJSON() []string {
	return []string{
		// Medusa sends {"value":"15.5","precision":20} beside many numbers, under raw_ and the number's name. It says
		// nothing that the number, whose digits are kept, does not.
		"raw_*",
	}
}

// salesiveMembersLeftToRawJSON is the same for Salesive's samples.
func salesiveMembersLeftToRawJSON() []string {
	return []string{
		"__v", // the database's revision of the document
		"id",  // the database library's copy of _id
		"items[].warranty", "loyalty",
	}
}

func TestRecordingsAreAllThere(t *testing.T) {
	t.Parallel()
	for _, want := range recordedMercurFiles() {
		got := recordedFile{name: want.name}
		for _, r := range readMercur(t, want.name) {
			switch {
			case r.status() != http.StatusOK:
				got.failures++
			case r.isMercurList():
				got.lists++
				got.groups += len(r.items(t))
			default:
				got.gets++
				got.groups += len(r.items(t))
			}
		}
		assert.Equal(t, want, got)
	}
}

func TestOrderGroupsListDecodesEveryRecordedPage(t *testing.T) {
	t.Parallel()
	for _, file := range recordedMercurFiles() {
		for _, r := range readMercur(t, file.name) {
			if r.status() != http.StatusOK || !r.isMercurList() {
				continue
			}
			t.Run(r.testName(), func(t *testing.T) {
				t.Parallel()
				page, err := r.client(t).OrderGroups.List(t.Context(), nil)
				require.NoError(t, err)

				var want struct{ Count, Offset, Limit int }
				require.NoError(t, json.Unmarshal(r.body(), &want))
				assert.Equal(t, want.Count, page.Count, "count")
				assert.Equal(t, want.Offset, page.Offset, "offset")
				assert.Equal(t, want.Limit, page.Limit, "limit")

				items := r.items(t)
				require.Len(t, page.Items, len(items))
				for i := range items {
					checkDecoded(t, &page.Items[i], items[i])
				}
			})
		}
	}
}

func TestOrderGroupsGetDecodesEveryRecordedGroup(t *testing.T) {
	t.Parallel()
	for _, file := range recordedMercurFiles() {
		for _, r := range readMercur(t, file.name) {
			if r.status() != http.StatusOK || r.isMercurList() {
				continue
			}
			t.Run(r.testName(), func(t *testing.T) {
				t.Parallel()
				group, err := r.client(t).OrderGroups.Get(t.Context(), "og_recorded", nil)
				require.NoError(t, err)
				checkDecoded(t, group, r.items(t)[0])
			})
		}
	}
}

func TestOrderGroupsClassifiesEveryRecordedFailure(t *testing.T) {
	t.Parallel()
	for _, file := range recordedMercurFiles() {
		for _, r := range readMercur(t, file.name) {
			if r.status() == http.StatusOK {
				continue
			}
			t.Run(r.testName(), func(t *testing.T) {
				t.Parallel()
				op, err := r.call(t)
				checkAPIError(t, err, op, r, r.status())
			})
		}
	}
}

func TestOrdersListDecodesEverySample(t *testing.T) {
	t.Parallel()
	for _, r := range readSalesive(t) {
		if !strings.HasPrefix(r.Name, "list") {
			continue
		}
		t.Run(r.testName(), func(t *testing.T) {
			t.Parallel()
			page, err := r.client(t).Orders.List(t.Context(), nil)
			require.NoError(t, err)

			var want struct {
				Data struct {
					Pagination struct{ Page, Limit, Total, Pages int }
				}
			}
			require.NoError(t, json.Unmarshal(r.body(), &want))
			assert.Equal(t, want.Data.Pagination.Page, page.Page, "page")
			assert.Equal(t, want.Data.Pagination.Limit, page.Limit, "limit")
			assert.Equal(t, want.Data.Pagination.Total, page.Total, "total")
			assert.Equal(t, want.Data.Pagination.Pages, page.Pages, "pages")

			items := r.items(t)
			require.Len(t, page.Items, len(items))
			for i := range items {
				checkDecoded(t, &page.Items[i], items[i])
			}
		})
	}
}

func TestOrdersGetDecodesEverySample(t *testing.T) {
	t.Parallel()
	for _, r := range readSalesive(t) {
		if !strings.HasPrefix(r.Name, "get") {
			continue
		}
		t.Run(r.testName(), func(t *testing.T) {
			t.Parallel()
			order, err := r.client(t).Orders.Get(t.Context(), "690ff00acf4de460fd1f6114")
			require.NoError(t, err)
			checkDecoded(t, order, r.items(t)[0])
		})
	}
}

func TestOrdersClassifiesEveryFailureSample(t *testing.T) {
	t.Parallel()
	for _, r := range readSalesive(t) {
		if !strings.HasPrefix(r.Name, "error") {
			continue
		}
		t.Run(r.testName(), func(t *testing.T) {
			t.Parallel()
			// Where the HTTP status says success, the envelope's is the truth.
			status := r.status()
			if status == http.StatusOK {
				var envelope struct{ Status int }
				require.NoError(t, json.Unmarshal(r.body(), &envelope))
				status = envelope.Status
			}
			op, err := r.call(t)
			checkAPIError(t, err, op, r, status)
		})
	}
}

func TestOrdersTreatsSuccessFalseAsAnErrorWhateverElseItSays(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		httpStatus int
		body       string
		wantStatus int
		wantIs     error // nil: no category
	}{
		{"envelope status below HTTP's", 200, `{"status":404,"success":false,"message":"gone","data":{}}`, 404, storeorders.ErrNotFound},
		{"orders all the same", 200, `{"status":403,"success":false,"message":"gone","data":{"orders":[],"pagination":{"page":1,"limit":10,"total":0,"pages":0}}}`, 403, storeorders.ErrForbidden},
		{"data before the verdict", 200, `{"data":{"orders":[{"_id":"1"}]},"message":"gone","status":429,"success":false}`, 429, storeorders.ErrRateLimited},
		{"no data", 201, `{"status":500,"success":false,"message":"gone"}`, 500, storeorders.ErrServer},
		{"no envelope status", 200, `{"success":false,"message":"gone","data":null}`, 200, nil},
		{"envelope status of success", 200, `{"status":200,"success":false,"message":"gone","data":{}}`, 200, nil},
		{"envelope status in quotes", 200, `{"status":"404","success":false,"message":"gone","data":{}}`, 404, storeorders.ErrNotFound},
		{"no success, but a status of failure", 200, `{"status":403,"message":"gone","data":{"orders":[],"pagination":{"page":1,"limit":10,"total":0,"pages":0}}}`, 403, storeorders.ErrForbidden},
		{"HTTP error with another envelope status", 404, `{"status":500,"success":false,"message":"gone","data":{}}`, 404, storeorders.ErrNotFound},
		{"HTTP error that claims success", 400, `{"status":400,"success":true,"message":"gone","data":{}}`, 400, storeorders.ErrInvalidRequest},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client := answering(t, tt.httpStatus, jsonType, []byte(tt.body))
			_, err := client.Orders.List(t.Context(), nil)
			var apiErr *storeorders.APIError
			require.ErrorAs(t, err, &apiErr)
			assert.Equal(t, tt.wantStatus, apiErr.StatusCode)
			assert.Equal(t, "gone", apiErr.Message)
			assert.Equal(t, tt.body, string(apiErr.Body))
			checkCategory(t, err, tt.wantIs)
		})
	}
}

// The structs and the recordings are walked side by side, without the client.
func TestWhatTheStructsDoNotKnowIsListed(t *testing.T) {
	t.Parallel()
	mercur := map[string]bool{}
	for _, file := range recordedMercurFiles() {
		for _, r := range readMercur(t, file.name) {
			if r.status() == http.StatusOK {
				for _, item := range r.items(t) {
					unknownMembers(reflect.TypeFor[storeorders.OrderGroup](), generic(t, item), "", mercur)
				}
			}
		}
	}
	assert.Equal(t, mercurMembersLeftToRawJSON(), sortedKeys(mercur))

	salesive := map[string]bool{}
	for _, r := range readSalesive(t) {
		if !strings.HasPrefix(r.Name, "error") {
			for _, item := range r.items(t) {
				unknownMembers(reflect.TypeFor[storeorders.Order](), generic(t, item), "", salesive)
			}
		}
	}
	assert.Equal(t, salesiveMembersLeftToRawJSON(), sortedKeys(salesive))
}

func TestEveryResourceFieldIsTaggedForItsZero(t *testing.T) {
	t.Parallel()
	decimal := reflect.TypeFor[storeorders.Decimal]()
	seen := map[reflect.Type]bool{}
	var walk func(typ reflect.Type)
	walk = func(typ reflect.Type) {
		for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct || typ.PkgPath() != decimal.PkgPath() || typ == reflect.TypeFor[storeorders.Ref]() || seen[typ] {
			return
		}
		seen[typ] = true
		names := map[string]bool{}
		for field := range fields(typ) {
			where := typ.Name() + "." + field.Name
			name, option, _ := strings.Cut(field.Tag.Get("json"), ",")
			assert.NotEmptyf(t, name, "%s has no name on the wire", where)
			assert.NotEqualf(t, "-", name, "%s is left out", where)
			assert.Falsef(t, names[name], "%s: %q is on two fields", where, name)
			names[name] = true
			isID := field.Name == "ID" && (typ == reflect.TypeFor[storeorders.OrderGroup]() || typ == reflect.TypeFor[storeorders.Order]())
			switch {
			case isID:
				assert.Emptyf(t, option, "%s is always there", where)
			case field.Type == decimal:
				// Its IsZero means zero in number, so omitzero would drop a "0".
				assert.Equalf(t, "omitempty", option, where)
			default:
				// omitempty would drop an empty list that the server sent.
				assert.Equalf(t, "omitzero", option, where)
			}
			assert.NotContainsf(t, []reflect.Kind{reflect.Float32, reflect.Float64, reflect.Interface}, field.Type.Kind(), "%s does not keep the digits", where)
			walk(field.Type)
		}
	}
	walk(reflect.TypeFor[storeorders.OrderGroup]())
	walk(reflect.TypeFor[storeorders.Order]())
	assert.Len(t, seen, 15, "resource types")
}

func TestZeroIsNotAbsent(t *testing.T) {
	t.Parallel()
	client := answering(t, 200, jsonType, []byte(`{"order_group":{"id":"og_1","seller_count":0,"total":0.00,"orders":[],"cart":null,"created_at":null,
		"deleted_at":null,"customer_id":null}}`))
	group, err := client.OrderGroups.Get(t.Context(), "og_1", nil)
	require.NoError(t, err)
	assert.Equal(t, storeorders.Decimal("0"), group.SellerCount)
	assert.Equal(t, storeorders.Decimal("0.00"), group.Total)
	assert.NotNil(t, group.Orders)
	assert.Empty(t, group.Orders)
	assert.Nil(t, group.Cart)
	assert.True(t, group.CreatedAt.IsZero())

	encoded, err := json.Marshal(group)
	require.NoError(t, err)
	assert.Equal(t, `{"id":"og_1","seller_count":0,"total":0.00,"orders":[]}`, string(encoded))
}

func TestRawJSONIsNilForAnOrderThatDidNotComeFromAClient(t *testing.T) {
	t.Parallel()
	assert.Nil(t, (&storeorders.OrderGroup{ID: "og_1"}).RawJSON())
	assert.Nil(t, (&storeorders.Order{ID: "1"}).RawJSON())
}

func TestRawJSONKeepsWhatTheStructDoesNotKnow(t *testing.T) {
	t.Parallel()
	const object = "{ \"new\" : {\"a\":[1.50, \"x\\u00e9\"]},\n\t\"id\":\"og_1\", \"metadata\":{ } }"
	client := answering(t, 200, jsonType, []byte("\r\n{ \"order_groups\" :\r\n[ \t\r\n"+object+" ,\r\n"+object+"\n], \"count\":2,\"offset\":0,\"limit\":50 , \"took\": 7}\n"))
	page, err := client.OrderGroups.List(t.Context(), nil)
	require.NoError(t, err)
	require.Len(t, page.Items, 2)
	assert.Equal(t, object, string(page.Items[0].RawJSON()))
	assert.Equal(t, object, string(page.Items[1].RawJSON()))

	client = answering(t, 200, jsonType, []byte("{\"order_group\" \r\n:\t "+object+"\r\n}"))
	group, err := client.OrderGroups.Get(t.Context(), "og_1", nil)
	require.NoError(t, err)
	assert.Equal(t, object, string(group.RawJSON()))
}

func TestAppendingToRawJSONDoesNotReachTheNextItem(t *testing.T) {
	t.Parallel()
	client := answering(t, 200, jsonType, []byte(`{"order_groups":[{"id":"og_1"},{"id":"og_2"}],"count":2,"offset":0,"limit":50}`))
	page, err := client.OrderGroups.List(t.Context(), nil)
	require.NoError(t, err)
	require.Len(t, page.Items, 2)
	first := page.Items[0].RawJSON()
	_ = append(first, `,{"id":"og_9"}`...)
	assert.JSONEq(t, `{"id":"og_2"}`, string(page.Items[1].RawJSON()))
}

func TestPageMembersComeInAnyOrder(t *testing.T) {
	t.Parallel()
	client := answering(t, 200, jsonType, []byte(`{"limit":7,"count":9,"new":[{"id":"og_8"}],"order_groups":[{"id":"og_1"}],"offset":2}`))
	page, err := client.OrderGroups.List(t.Context(), nil)
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	assert.Equal(t, [3]int{9, 2, 7}, [3]int{page.Count, page.Offset, page.Limit})

	client = answering(t, 200, jsonType, []byte(`{"data":{"pagination":{"pages":3,"total":5,"limit":2,"page":2},"orders":[{"_id":"1"}]},"success":true,"status":200}`))
	orders, err := client.Orders.List(t.Context(), nil)
	require.NoError(t, err)
	require.Len(t, orders.Items, 1)
	assert.Equal(t, [4]int{2, 2, 5, 3}, [4]int{orders.Page, orders.Limit, orders.Total, orders.Pages})
}

func TestDuplicateNamesDoNotFailAPage(t *testing.T) {
	t.Parallel()
	client := answering(t, 200, jsonType, []byte(`{"count":1,"order_groups":[{"id":"og_0","total":1,"id":"og_1","total":2.50,"new":1,"new":2}],"count":2,"offset":0,"limit":50}`))
	page, err := client.OrderGroups.List(t.Context(), nil)
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	assert.Equal(t, "og_1", page.Items[0].ID, "the last one counts")
	assert.Equal(t, storeorders.Decimal("2.50"), page.Items[0].Total)
	assert.Equal(t, 2, page.Count)
}

func TestInvalidUTF8DoesNotFailAPage(t *testing.T) {
	t.Parallel()
	const object = "{\"_id\":\"1\",\"notes\":\"caf\xe9\",\"user\":{\"_id\":\"2\",\"name\":\"\xff\"},\"items\":[{\"name\":\"\xc3\",\"variantAttributes\":{\"\xfe\":\"\xfe\"}}]}"
	client := answering(t, 200, jsonType, []byte(`{"status":200,"success":true,"data":{"orders":[`+object+`],"pagination":{"page":1,"limit":10,"total":1,"pages":1}}}`))
	page, err := client.Orders.List(t.Context(), nil)
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	order := &page.Items[0]
	assert.Equal(t, "caf�", order.Notes)
	assert.Equal(t, "2", order.User.ID)
	assert.Equal(t, object, string(order.RawJSON()), "byte for byte")
	_, err = json.Marshal(order)
	assert.NoError(t, err)
}

func TestOrderReferencesInEveryForm(t *testing.T) {
	t.Parallel()
	orders := sampleOrders(t, "list-references")
	require.Len(t, orders, 3)
	type ref = storeorders.Ref
	refs := func(o *storeorders.Order) []ref {
		return []ref{o.User, o.Shop, o.Coupon, o.Payment, o.Shipment, o.Items[0].Product, o.Items[0].Variant}
	}
	assert.Equal(t, []ref{
		{ID: "68f976e92bb0b821425fdda6"},
		{ID: "68b8f52575da81b332af29f1"},
		{ID: "69120000cf4de460fd1f63c1"},
		{ID: "69120000cf4de460fd1f63b1"},
		{ID: "69120000cf4de460fd1f63d1"},
		{ID: "68e5bb463a1fc56a8ac150bf"},
		{ID: "692caacbb07303c9be5ea8f2"},
	}, refs(&orders[0]), "ids")
	assert.Equal(t, []ref{
		{ID: "68f976e92bb0b821425fdda6", Object: json.RawMessage(`{"_id":"68f976e92bb0b821425fdda6","id":"virtual","name":"Ada"}`)},
		{ID: "68b8f52575da81b332af29f1", Object: json.RawMessage(`{"id":"68b8f52575da81b332af29f1", "name" : "Shop"}`)},
		{Object: json.RawMessage(`{"code":"NOID"}`)},
		{ID: "69120000cf4de460fd1f63b1", Object: json.RawMessage(`{"_id":"69120000cf4de460fd1f63b1","amount":1.10}`)},
		{ID: "69120000cf4de460fd1f63d1", Object: json.RawMessage(`{"_id":"69120000cf4de460fd1f63d1","shippingAddress":"6938e4f0019a97bc42775b59"}`)},
		{ID: "68e5bb463a1fc56a8ac150bf", Object: json.RawMessage(`{"_id":"68e5bb463a1fc56a8ac150bf","price":1.10}`)},
		{ID: "692caacbb07303c9be5ea8f2", Object: json.RawMessage(`{"_id":"692caacbb07303c9be5ea8f2"}`)},
	}, refs(&orders[1]), "objects")
	assert.Equal(t, make([]ref, 7), refs(&orders[2]), "null")
}

func TestOrderShippingAddressInEveryForm(t *testing.T) {
	t.Parallel()
	orders := sampleOrders(t, "list-addresses")
	require.Len(t, orders, 4)
	isDefault := false
	assert.Equal(t, &storeorders.ShippingAddress{
		FullName: "Ada Obi", AddressLine1: "1 Marina", City: "Lagos", State: "Lagos", ZipCode: "100001", Country: "NG", PhoneNumber: "+2348000000000",
	}, orders[0].ShippingAddress, "the order's own")
	assert.Equal(t, &storeorders.ShippingAddress{
		ID: "6938e4f0019a97bc42775b59", User: storeorders.Ref{ID: "68f976e92bb0b821425fdda6"}, Name: "Ada Obi", Email: "ada@shoppers.example", Phone: "+2348000000000",
		Address: "1 Marina", City: "Lagos", State: "Lagos", ZipCode: "100001", Country: "NG", Latitude: "6.4500", Longitude: "-3.3947000",
		Validated: json.RawMessage(`{"ok":true,"score":0.90}`),
	}, orders[1].ShippingAddress, "saved")
	assert.Equal(t, &storeorders.ShippingAddress{
		ID: "6938e4f0019a97bc42775b5a", FullName: "Ada Obi", Phone: "+2348000000000", Street: "1 Marina", Street2: "Flat 2",
		City: "Lagos", State: "Lagos", ZipCode: "100001", Country: "NG", IsDefault: &isDefault,
	}, orders[2].ShippingAddress, "saved, in the older form")
	assert.Equal(t, &storeorders.ShippingAddress{ID: "6938e4f0019a97bc42775b59"}, orders[3].ShippingAddress, "an id")
}

func TestOrderShippingAddressWithNumbersForTexts(t *testing.T) {
	t.Parallel()
	body := `{"status":200,"success":true,"message":"","data":{"_id":"1","shippingAddress":{"fullName":"Ada","zipCode":100001,"phoneNumber":2348012345678,"city":null,"latitude":6.5244}}}`
	order, err := answering(t, 200, jsonType, []byte(body)).Orders.Get(t.Context(), "1")
	require.NoError(t, err)
	assert.Equal(t, &storeorders.ShippingAddress{FullName: "Ada", ZipCode: "100001", PhoneNumber: "2348012345678", Latitude: "6.5244"}, order.ShippingAddress)
}

// Where the page's own limit is missing, what lies before it is told by the
// limit that was asked for.
func TestOrdersFromAPageWithoutALimitInTheAnswer(t *testing.T) {
	t.Parallel()
	body := `{"status":200,"success":true,"message":"","data":{"orders":[{"_id":"3"}],"pagination":{"page":3,"total":3,"pages":3}}}`
	orders, err := storeorders.Collect(answering(t, 200, jsonType, []byte(body)).Orders.All(t.Context(), &storeorders.OrderListOptions{Page: 3, Limit: 1}), 0)
	require.NoError(t, err)
	assert.Len(t, orders, 1)
}

func TestOrderItemsOfEveryType(t *testing.T) {
	t.Parallel()
	orders := sampleOrders(t, "list-item-types")
	require.Len(t, orders, 1)
	assert.Equal(t, []storeorders.OrderItem{
		{
			ItemType: "product", Product: storeorders.Ref{ID: "68e5bb463a1fc56a8ac150bf"}, Name: "Bag", Price: "20", Quantity: "1",
			VariantAttributes: storeorders.VariantAttributes{"color": "green", "size": "42", "gift": "true"},
		},
		{ItemType: "food", Name: "Jollof", Price: "15.5", Quantity: "2"},
		{
			ItemType: "service", Service: storeorders.Ref{ID: "69120000cf4de460fd1f65e1"}, Name: "Haircut", Price: "20", Quantity: "1",
			SelectedAddons: []storeorders.Addon{
				{AddonID: "69120000cf4de460fd1f65f1", Name: "Wash", Description: "Warm", Price: "6", Quantity: "1"},
				{AddonID: "69120000cf4de460fd1f65f2", Name: "Tea", Price: "0", Quantity: "1"},
			},
		},
		{
			ItemType: "service", Service: storeorders.Ref{ID: "69120000cf4de460fd1f65e2", Object: json.RawMessage(`{"_id":"69120000cf4de460fd1f65e2","name":"Shave"}`)},
			Name: "Shave", Price: "0", Quantity: "1", SelectedAddons: []storeorders.Addon{},
		},
	}, orders[0].Items)
}

func TestOrderStatusIsOpen(t *testing.T) {
	t.Parallel()
	orders := sampleOrders(t, "list-status")
	require.Len(t, orders, 3)
	assert.Empty(t, orders[0].Status, "absent")
	assert.False(t, orders[0].Status.Known())
	assert.Equal(t, storeorders.OrderStatus("awaiting_pickup"), orders[1].Status, "kept")
	assert.False(t, orders[1].Status.Known())
	assert.Equal(t, storeorders.OrderStatusCancelled, orders[2].Status)
	assert.True(t, orders[2].Status.Known())
}

func TestSellerOrderStatusIsOpen(t *testing.T) {
	t.Parallel()
	client := answering(t, 200, jsonType, []byte(`{"order_group":{"id":"og_1","orders":[{"status":"on_hold"},{"status":"requires_action"},{}]}}`))
	group, err := client.OrderGroups.Get(t.Context(), "og_1", nil)
	require.NoError(t, err)
	require.Len(t, group.Orders, 3)
	assert.Equal(t, storeorders.SellerOrderStatus("on_hold"), group.Orders[0].Status, "kept")
	assert.False(t, group.Orders[0].Status.Known())
	assert.True(t, group.Orders[1].Status.Known())
	assert.False(t, group.Orders[2].Status.Known())
}

func TestOrderCouponAndTotals(t *testing.T) {
	t.Parallel()
	orders := sampleOrders(t, "list-coupon")
	require.Len(t, orders, 1)
	order := orders[0]
	assert.Equal(t, int64(1042), order.Number)
	assert.Equal(t, [4]storeorders.Decimal{"1000", "50", "200", "850"}, [4]storeorders.Decimal{order.Subtotal, order.ShippingCost, order.Discount, order.Total})
	assert.Equal(t, storeorders.Decimal(""), order.Tax, "absent")
	assert.Equal(t, "69120000cf4de460fd1f62c0", order.Coupon.ID)
	assert.JSONEq(t, `{"_id":"69120000cf4de460fd1f62c0","code":"SUMMER20","type":"percentage","discount":20}`, string(order.Coupon.Object))
	assert.Equal(t, time.Date(2026, 5, 2, 9, 15, 30, 250_000_000, time.UTC), order.CreatedAt.UTC())
}

func TestAnswersThatCannotBeReadAreDecodeErrors(t *testing.T) {
	t.Parallel()
	// marker stands for what a shopper bought: it may be in the Snippet, and nowhere else.
	const marker = "hunting-knife"
	listMercur := []unreadable{
		{name: "cut off", body: `{"order_groups":[{"id":"og_1","orders":[{"id":"hunting-knife`},
		{name: "cut off after the items", body: `{"order_groups":[{"id":"hunting-knife"}]`},
		{name: "broken JSON", body: `{"order_groups":[{"id":"hunting-knife",}],"count":1,"offset":0,"limit":50}`},
		{name: "broken JSON in an unknown member", body: `{"order_groups":[{"id":"og_1","metadata":{"hunting-knife":tru}}],"count":1,"offset":0,"limit":50}`},
		{name: "no order_groups", body: `{"count":0,"offset":0,"limit":50,"note":"hunting-knife"}`},
		{name: "another resource", body: `{"order_group":{"id":"hunting-knife"}}`},
		{name: "no count", body: `{"order_groups":[{"id":"hunting-knife"}],"offset":0,"limit":50}`},
		{name: "null count", body: `{"order_groups":[{"id":"hunting-knife"}],"count":null,"offset":0,"limit":50}`},
		{name: "count is a string", body: `{"order_groups":[],"count":"hunting-knife","offset":0,"limit":50}`},
		{name: "count is a fraction", body: `{"order_groups":[{"id":"hunting-knife"}],"count":1.5,"offset":0,"limit":50}`},
		{name: "order_groups is an object", body: `{"order_groups":{"id":"hunting-knife"},"count":1,"offset":0,"limit":50}`},
		{name: "text after the JSON", body: `{"order_groups":[],"count":0,"offset":0,"limit":50}hunting-knife`},
		{name: "JSON after the JSON", body: `{"order_groups":[],"count":0,"offset":0,"limit":50} {"id":"hunting-knife"}`},
		{name: "item without an id", body: `{"order_groups":[{"id":"og_1"},{"cart_id":"hunting-knife"}],"count":2,"offset":0,"limit":50}`},
		{name: "item with an empty id", body: `{"order_groups":[{"id":"","cart_id":"hunting-knife"}],"count":1,"offset":0,"limit":50}`},
		{name: "item with a null id", body: `{"order_groups":[{"id":null,"cart_id":"hunting-knife"}],"count":1,"offset":0,"limit":50}`},
		{name: "item with a number for an id", body: `{"order_groups":[{"id":7,"cart_id":"hunting-knife"}],"count":1,"offset":0,"limit":50}`},
		{name: "item is a string", body: `{"order_groups":["hunting-knife"],"count":1,"offset":0,"limit":50}`},
		{name: "item is null", body: `{"order_groups":[null],"count":1,"offset":0,"limit":50,"note":"hunting-knife"}`},
		{name: "time is no time", body: `{"order_groups":[{"id":"og_1","created_at":"hunting-knife"}],"count":1,"offset":0,"limit":50}`},
		{name: "amount is no number", body: `{"order_groups":[{"id":"og_1","total":"hunting-knife"}],"count":1,"offset":0,"limit":50}`},
		{name: "amount is an object", body: `{"order_groups":[{"id":"og_1","total":{"value":"hunting-knife"}}],"count":1,"offset":0,"limit":50}`},
		{name: "integer is a string", body: `{"order_groups":[{"id":"og_1","display_id":"hunting-knife"}],"count":1,"offset":0,"limit":50}`},
	}
	getMercur := []unreadable{
		{name: "cut off", body: `{"order_group":{"id":"hunting-knife`},
		{name: "no order_group", body: `{"order_groups":[{"id":"hunting-knife"}],"count":1,"offset":0,"limit":50}`},
		{name: "null order_group", body: `{"order_group":null,"note":"hunting-knife"}`},
		{name: "order_group is an array", body: `{"order_group":[{"id":"hunting-knife"}]}`},
		{name: "group without an id", body: `{"order_group":{"cart_id":"hunting-knife"}}`},
		{name: "text after the JSON", body: `{"order_group":{"id":"og_1"}}hunting-knife`},
	}
	listSalesive := []unreadable{
		{name: "cut off", body: `{"status":200,"success":true,"data":{"orders":[{"_id":"hunting-knife`},
		{name: "broken JSON", body: `{"status":200,"success":true,"message":"ok","data":{"orders":[{"_id":"hunting-knife"},],"pagination":{"page":1,"limit":10,"total":1,"pages":1}}}`},
		{name: "no data", body: `{"status":200,"success":true,"message":"hunting-knife"}`},
		{name: "null data", body: `{"status":200,"success":true,"message":"hunting-knife","data":null}`},
		{name: "data is an array", body: `{"status":200,"success":true,"message":"ok","data":["hunting-knife"]}`},
		{name: "no orders", body: `{"status":200,"success":true,"message":"hunting-knife","data":{"pagination":{"page":1,"limit":10,"total":0,"pages":0}}}`},
		{name: "no pagination", body: `{"status":200,"success":true,"message":"hunting-knife","data":{"orders":[]}}`},
		{name: "no total", body: `{"status":200,"success":true,"message":"hunting-knife","data":{"orders":[],"pagination":{"page":1,"limit":10,"pages":0}}}`},
		{name: "total is a string", body: `{"status":200,"success":true,"message":"ok","data":{"orders":[],"pagination":{"page":1,"limit":10,"total":"hunting-knife","pages":0}}}`},
		{name: "text after the JSON", body: `{"status":200,"success":true,"message":"ok","data":{"orders":[],"pagination":{"page":1,"limit":10,"total":0,"pages":0}}}hunting-knife`},
		{name: "order without an id", body: `{"status":200,"success":true,"message":"ok","data":{"orders":[{"id":"hunting-knife"}],"pagination":{"page":1,"limit":10,"total":1,"pages":1}}}`},
		{name: "time is no time", body: `{"status":200,"success":true,"message":"ok","data":{"orders":[{"_id":"1","createdAt":"hunting-knife"}],"pagination":{"page":1,"limit":10,"total":1,"pages":1}}}`},
		{name: "address is a number", body: `{"status":200,"success":true,"message":"hunting-knife","data":{"orders":[{"_id":"1","shippingAddress":7}],"pagination":{"page":1,"limit":10,"total":1,"pages":1}}}`},
		{name: "variant attributes are an array", body: `{"status":200,"success":true,"message":"ok","data":{"orders":[{"_id":"1","items":[{"variantAttributes":["hunting-knife"]}]}],"pagination":{"page":1,"limit":10,"total":1,"pages":1}}}`},
	}
	getSalesive := []unreadable{
		{name: "cut off", body: `{"status":200,"success":true,"data":{"_id":"hunting-knife`},
		{name: "no data", body: `{"status":200,"success":true,"message":"hunting-knife"}`},
		{name: "null data", body: `{"status":200,"success":true,"message":"hunting-knife","data":null}`},
		{name: "empty data", body: `{"status":200,"success":true,"message":"hunting-knife","data":{}}`},
		{name: "data is an array", body: `{"status":200,"success":true,"message":"ok","data":["hunting-knife"]}`},
		{name: "data is a list", body: `{"status":200,"success":true,"message":"ok","data":{"orders":[{"_id":"hunting-knife"}],"pagination":{"page":1,"limit":10,"total":1,"pages":1}}}`},
		{name: "text after the JSON", body: `{"status":200,"success":true,"message":"ok","data":{"_id":"1"}}hunting-knife`},
	}
	everywhere := []unreadable{
		{name: "empty", body: ""},
		{name: "white space", body: " \n"},
		{name: "null", body: "null"},
		{name: "array", body: `["hunting-knife"]`},
		{name: "string", body: `"hunting-knife"`},
		{name: "empty object", body: "{}"},
		{name: "text", contentType: "text/plain", body: "hunting-knife"},
		{name: "HTML", contentType: "text/html; charset=utf-8", body: "<!DOCTYPE html><html><body>hunting-knife</body></html>"},
		{name: "no content type", contentType: "none", body: "hunting-knife"},
		{name: "byte order mark and HTML", contentType: "text/html", body: "\ufeff<html>hunting-knife</html>"},
	}
	own := map[string][]unreadable{"OrderGroups.List": listMercur, "OrderGroups.Get": getMercur, "Orders.List": listSalesive, "Orders.Get": getSalesive}
	for _, op := range operations() {
		for _, tt := range slices.Concat(own[op.name], everywhere) {
			t.Run(op.name+"/"+tt.name, func(t *testing.T) {
				t.Parallel()
				contentType := tt.contentType
				switch contentType {
				case "":
					contentType = jsonType
				case "none":
					contentType = ""
				}
				err := op.call(t, answering(t, 200, contentType, []byte(tt.body)))
				var decodeErr *storeorders.DecodeError
				require.ErrorAs(t, err, &decodeErr)
				assert.Equal(t, op.name, decodeErr.Op)
				assert.Equal(t, 200, decodeErr.StatusCode)
				assert.Equal(t, contentType, decodeErr.ContentType)
				assert.Equal(t, tt.body, decodeErr.Snippet)
				assert.Error(t, decodeErr.Err)
				for _, text := range []string{err.Error(), decodeErr.Error(), decodeErr.Err.Error(), fmt.Sprintf("%+v", err)} {
					assert.NotContains(t, text, marker)
				}
				checkCategory(t, err, nil)
			})
		}
	}
}

func TestDecodeErrorSnippetIsTheBeginning(t *testing.T) {
	t.Parallel()
	body := []byte(strings.Repeat("<p>maintenance</p>\n", 1000))
	for _, op := range operations() {
		err := op.call(t, answering(t, 200, "text/html", body))
		var decodeErr *storeorders.DecodeError
		require.ErrorAs(t, err, &decodeErr, op.name)
		assert.True(t, strings.HasPrefix(string(body), decodeErr.Snippet), op.name)
		assert.NotEmpty(t, decodeErr.Snippet)
		assert.LessOrEqual(t, len(decodeErr.Snippet), 512, op.name)
	}
}

func TestASecretThatIsEchoedAtTheEdgeOfWhatIsKeptIsMasked(t *testing.T) {
	t.Parallel()
	// A failure would print all of it: the secret is in the end, if anywhere.
	end := func(kept string) string { return kept[max(0, len(kept)-64):] }
	const secret, beginning = "mercur-token-of-the-decode-tests", "mercur-token"
	for kept := range len(secret) + 1 {
		apiBody := strings.Repeat("x", 8<<10-kept) + secret
		var apiErr *storeorders.APIError
		_, err := answering(t, 500, "text/plain", []byte(apiBody)).OrderGroups.List(t.Context(), nil)
		require.ErrorAs(t, err, &apiErr)
		assert.NotContainsf(t, end(string(apiErr.Body)), beginning, "Body, with %d bytes of the secret before the edge", kept)
		assert.LessOrEqual(t, len(apiErr.Body), 8<<10)

		snippetBody := strings.Repeat("x", 512-kept) + secret
		var decodeErr *storeorders.DecodeError
		_, err = answering(t, 200, "text/plain", []byte(snippetBody)).OrderGroups.List(t.Context(), nil)
		require.ErrorAs(t, err, &decodeErr)
		assert.NotContainsf(t, end(decodeErr.Snippet), beginning, "Snippet, with %d bytes of the secret before the edge", kept)
		assert.LessOrEqual(t, len(decodeErr.Snippet), 512)
	}
}

// checkAPIError checks the error of an answer that is no success.
func checkAPIError(t *testing.T, err error, op string, r recording, status int) {
	t.Helper()
	var apiErr *storeorders.APIError
	require.ErrorAs(t, err, &apiErr)
	assert.Equal(t, op, apiErr.Op)
	assert.Equal(t, http.MethodGet, apiErr.Method)
	assert.NotContains(t, apiErr.Path, "?")
	assert.Equal(t, status, apiErr.StatusCode)
	assert.Equal(t, r.Response.ContentType, apiErr.ContentType)
	assert.Equal(t, 1, apiErr.Attempts)
	body := r.body()
	assert.Equal(t, string(body[:min(len(body), 8<<10)]), string(apiErr.Body))

	// The zero value is what a body without these members has, or HTML, or none.
	var words struct{ Type, Code, Message string }
	if apiErr.ContentType == jsonType && len(body) > 0 {
		require.NoError(t, json.Unmarshal(body, &words))
		assert.NotEmpty(t, words.Message)
	}
	assert.Equal(t, words.Type, apiErr.Type, "type")
	assert.Equal(t, words.Code, apiErr.Code, "code")
	assert.Equal(t, words.Message, apiErr.Message, "message")

	checkCategory(t, err, wantCategory(status))
}

func wantCategory(status int) error {
	switch {
	case status == 401:
		return storeorders.ErrUnauthorized
	case status == 403:
		return storeorders.ErrForbidden
	case status == 404:
		return storeorders.ErrNotFound
	case status == 429:
		return storeorders.ErrRateLimited
	case status >= 500:
		return storeorders.ErrServer
	case status >= 400:
		return storeorders.ErrInvalidRequest
	default:
		return nil
	}
}

// checkCategory checks that err is of the one category, or of none for nil.
func checkCategory(t *testing.T, err, want error) {
	t.Helper()
	for _, category := range []error{
		storeorders.ErrInvalidRequest, storeorders.ErrUnauthorized, storeorders.ErrForbidden, storeorders.ErrNotFound,
		storeorders.ErrRateLimited, storeorders.ErrServer, storeorders.ErrRedirect,
	} {
		assert.Equalf(t, errors.Is(category, want), errors.Is(err, category), "%v is %q", err, category)
	}
}

type unreadable struct{ name, contentType, body string }

type operation struct {
	name string
	call func(t *testing.T, client *storeorders.Client) error
}

func operations() []operation {
	return []operation{
		{"OrderGroups.List", func(t *testing.T, client *storeorders.Client) error {
			t.Helper()
			page, err := client.OrderGroups.List(t.Context(), nil)
			assert.Nil(t, page)
			return err
		}},
		{"OrderGroups.Get", func(t *testing.T, client *storeorders.Client) error {
			t.Helper()
			group, err := client.OrderGroups.Get(t.Context(), "og_recorded", nil)
			assert.Nil(t, group)
			return err
		}},
		{"Orders.List", func(t *testing.T, client *storeorders.Client) error {
			t.Helper()
			page, err := client.Orders.List(t.Context(), nil)
			assert.Nil(t, page)
			return err
		}},
		{"Orders.Get", func(t *testing.T, client *storeorders.Client) error {
			t.Helper()
			order, err := client.Orders.Get(t.Context(), "690ff00acf4de460fd1f6114")
			assert.Nil(t, order)
			return err
		}},
	}
}
