package storeorderstest

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/seed-2861b391/storeorders"
)

// Customer is a customer of the Mercur marketplace. It does not change.
type Customer struct {
	// ID begins with "cus_".
	ID string
	// Name is the one given to [Server.AddCustomer].
	Name string
	// Token is the bearer token. It does not expire.
	Token string
}

// Shopper is a shopper of the Salesive shop. It does not change.
type Shopper struct {
	// ID is what the orders have as user: 24 hexadecimal digits.
	ID string
	// Name is the one given to [Server.AddShopper].
	Name string
	// Token is the bearer token. It does not expire.
	Token string
}

// data is what the server has, under its mutex.
type data struct {
	customers map[string]string // id by token
	shoppers  map[string]string // id by token
	groups    collection[*orderGroup]
	orders    collection[*order]
	sellers   map[string]string // id by name

	// ids counts the ids that were made; groupCount and orderCount count what
	// was added, and number it.
	ids, suborderCount     int64
	groupCount, orderCount int64
}

func newData() data {
	return data{
		customers: map[string]string{},
		shoppers:  map[string]string{},
		groups:    newCollection[*orderGroup](),
		orders:    newCollection[*order](),
		sellers:   map[string]string{},
	}
}

// orderGroup is a group as it is stored: what requests filter by, and the
// object with all that the server can send of it.
type orderGroup struct {
	id, customer     string
	position         int64
	created, updated time.Time
	json             json.RawMessage
}

func (g *orderGroup) key() (id, owner string) { return g.id, g.customer }

func (g *orderGroup) time(field string) time.Time {
	if field == "updated_at" {
		return g.updated
	}
	return g.created
}

// order is an order of Salesive as it is stored.
type order struct {
	id, shopper, shop string
	number            int64
	status            storeorders.OrderStatus
	total             storeorders.Decimal
	created           time.Time
	json              json.RawMessage
}

func (o *order) key() (id, owner string) { return o.id, o.shopper }

// collection keeps records by id, and by owner in the order of their coming.
type collection[R interface{ key() (id, owner string) }] struct {
	byID    map[string]R
	byOwner map[string][]R
}

func newCollection[R interface{ key() (id, owner string) }]() collection[R] {
	return collection[R]{byID: map[string]R{}, byOwner: map[string][]R{}}
}

// put adds the record. It replaces the one of the same id, if there is one.
func (c collection[R]) put(record R) {
	id, owner := record.key()
	c.remove(id)
	c.byID[id] = record
	c.byOwner[owner] = append(c.byOwner[owner], record)
}

func (c collection[R]) remove(id string) bool {
	record, found := c.byID[id]
	if !found {
		return false
	}
	_, owner := record.key()
	delete(c.byID, id)
	c.byOwner[owner] = slices.DeleteFunc(c.byOwner[owner], func(r R) bool {
		other, _ := r.key()
		return other == id
	})
	return true
}

// AddCustomer adds a customer of Mercur. The name need not be unique.
func (s *Server) AddCustomer(name string) *Customer {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := s.data.newID("cus", "")
	customer := &Customer{ID: id, Name: name, Token: "mercur-token-of-" + id}
	s.data.customers[customer.Token] = id
	return customer
}

// AddShopper adds a shopper of Salesive. The name need not be unique.
func (s *Server) AddShopper(name string) *Shopper {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := s.data.newObjectID("")
	shopper := &Shopper{ID: id, Name: name, Token: "salesive-token-of-" + id}
	s.data.shoppers[shopper.Token] = id
	return shopper
}

// AddOrderGroup adds an order group of the customer and returns what is
// stored. Neither g nor what is returned is shared with the server. A group
// with the same ID is replaced.
//
// What is set stays as it is. What is empty is filled in:
//
//   - ids; a display id: that of the n-th group is n; sellers of the same name
//     get the same id, and the handle that goes with the name;
//   - the CreatedAt of the n-th group: n hours after 2026-01-01T09:00:00Z;
//     UpdatedAt: CreatedAt; those of the orders and items: the group's;
//   - an item's Quantity: that of its Detail, or "1", and Detail's the same; its
//     Total: Quantity × UnitPrice;
//   - an order's Status: pending; CurrencyCode: "usd"; ShippingTotal and
//     TaxTotal: "0"; ItemTotal: the sum of the items; Total: ItemTotal +
//     ShippingTotal; Subtotal: Total − TaxTotal + DiscountTotal (in Medusa the
//     totals include taxes, and the subtotal does not);
//   - the group's Total: the sum of its orders, canceled ones too; SellerCount:
//     how many sellers they have. CustomerID is always the customer's.
//
// Times are kept in microseconds, as PostgreSQL does, and sent cut to
// milliseconds. PaymentStatus, FulfillmentStatus and SellerID are not sent: no
// Mercur sends them here. It panics if g has a [storeorders.Decimal] that is
// no number.
func (s *Server) AddOrderGroup(c *Customer, g storeorders.OrderGroup) storeorders.OrderGroup {
	return s.addOrderGroup(c, clone(g))
}

// addOrderGroup fills in g itself, which must be the server's own.
func (s *Server) addOrderGroup(c *Customer, g storeorders.OrderGroup) storeorders.OrderGroup {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.data.completeGroup(c, &g)
	s.data.groups.put(&orderGroup{
		id: g.ID, customer: c.ID, position: s.data.groupCount,
		created: g.CreatedAt, updated: g.UpdatedAt,
		json: encodeGroup(g),
	})
	return g
}

// RemoveOrderGroup removes the group with the id, and reports whether there
// was one.
func (s *Server) RemoveOrderGroup(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.data.groups.remove(id)
}

// AddOrder adds an order of the shopper and returns what is stored. Neither o
// nor what is returned is shared with the server. An order with the same ID is
// replaced.
//
// What is set stays as it is. What is empty is filled in:
//
//   - ID; the Number of the n-th order: 1000 + n;
//   - User: the shopper; Shop: [Server.ShopID] (the order of another shop is
//     not in the list);
//   - Status: pending; an item's Quantity: "1";
//   - Subtotal: the sum of Price × Quantity; ShippingCost: "0"; Total: the two,
//     plus Tax, minus Discount, but not below zero;
//   - the CreatedAt of the n-th order: n hours after 2026-01-01T09:00:00Z;
//     UpdatedAt: CreatedAt.
//
// Times are kept in milliseconds. It panics if o has a [storeorders.Decimal]
// that is no number.
func (s *Server) AddOrder(shopper *Shopper, o storeorders.Order) storeorders.Order {
	return s.addOrder(shopper, clone(o))
}

// addOrder fills in o itself, which must be the server's own.
func (s *Server) addOrder(shopper *Shopper, o storeorders.Order) storeorders.Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.data.completeOrder(shopper, s.ShopID, &o)
	s.data.orders.put(&order{
		id: o.ID, shopper: shopper.ID, shop: o.Shop.ID, number: o.Number,
		status: o.Status, total: o.Total, created: o.CreatedAt,
		json: encodeOrder(o),
	})
	return o
}

// RemoveOrder removes the order with the id (the _id, not the number), and
// reports whether there was one.
func (s *Server) RemoveOrder(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.data.orders.remove(id)
}

// customerOf returns the id of the customer who has the token.
func (s *Server) customerOf(token string) (id string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, ok = s.data.customers[token]
	return id, ok
}

func (s *Server) shopperOf(token string) (id string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, ok = s.data.shoppers[token]
	return id, ok
}

// orderGroup returns the customer's group with the id.
func (s *Server) orderGroup(customer, id string) (*orderGroup, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	group, found := s.data.groups.byID[id]
	return group, found && group.customer == customer
}

// orderGroupsOf returns a new list of the customer's groups.
func (s *Server) orderGroupsOf(customer string) []*orderGroup {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.data.groups.byOwner[customer])
}

// order returns the order with the id, whoever's it is.
func (s *Server) order(id string) (*order, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	order, found := s.data.orders.byID[id]
	return order, found
}

// ordersOf returns a new list of the shopper's orders.
func (s *Server) ordersOf(shopper string) []*order {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.data.orders.byOwner[shopper])
}
