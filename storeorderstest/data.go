package storeorderstest

import (
	"cmp"
	"encoding/json"
	"fmt"
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
	// Email and Password are what the customer logs in with. They are made up:
	// no two customers have the same address.
	Email, Password string
	// Token is a bearer token, as a login gives it: a JSON Web Token that
	// expires; see [WithMercurTokenLifetime].
	Token string
}

// Shopper is a shopper of the Salesive shop. It does not change.
type Shopper struct {
	// ID is what the orders have as user: 24 hexadecimal digits.
	ID string
	// Name is the one given to [Server.AddShopper], or at the registration.
	Name string
	// Email is the address to log in with, in lower case. No two shoppers have
	// the same.
	Email string
	// Phone is the one given at the registration, or in a fixture.
	Phone string
	// Guest tells the shoppers of POST /auth/ghost from the others.
	Guest bool
	// CreatedAt is when the shopper registered, in milliseconds.
	CreatedAt time.Time
	// Token is a bearer token, as a login gives it: a JSON Web Token that
	// expires; see [WithSalesiveTokenLifetime]. That of a fixture does not.
	Token string
}

// data is what the server has, under its mutex.
type data struct {
	customers  []*identity          // in the order of their coming
	identities map[string]*identity // of the logins to Mercur, by email
	sessions   map[string]session   // of Mercur, by the value of their cookie
	shoppers   []*Shopper           // in the order of their coming
	codes      map[string]string    // of the logins to Salesive, by email
	// customerTokens and shopperTokens are the tokens of fixtures, which do not
	// expire, and the ids of those who have them.
	customerTokens, shopperTokens map[string]string
	groups                        collection[*orderGroup]
	orders                        collection[*order]
	sellers                       map[string]string // id by name

	// ids counts the ids that were made; groupCount and orderCount count what
	// was added, and number it.
	ids, suborderCount     int64
	codeCount              int64
	groupCount, orderCount int64
}

func newData() data {
	return data{
		identities:     map[string]*identity{},
		sessions:       map[string]session{},
		codes:          map[string]string{},
		customerTokens: map[string]string{},
		shopperTokens:  map[string]string{},
		groups:         newCollection[*orderGroup](),
		orders:         newCollection[*order](),
		sellers:        map[string]string{},
	}
}

// orderGroup is a group as it is stored: what requests filter by, and the
// object as it was given and filled in.
type orderGroup struct {
	id, customer     string
	position         int64
	created, updated time.Time
	json             json.RawMessage
}

// object returns a new object with all that Mercur can send of the group.
func (g *orderGroup) object() map[string]any {
	object := decodeObject(g.json)
	asMedusa("", object)
	return object
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
	subtotal, total   storeorders.Decimal
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

// AddCustomer adds a customer of Mercur, who has no order groups yet. The name
// need not be unique. What is returned has a token, and what it takes to log in:
// an address that is made of the name, and a password.
func (s *Server) AddCustomer(name string) *Customer {
	s.mu.Lock()
	defer s.mu.Unlock()
	customer := &Customer{ID: s.data.newID("cus", ""), Name: name}
	s.addIdentity(customer)
	return customer
}

// Customers returns the customers, the first one first: also those of a
// fixture, and those who registered through Mercur's auth routes.
func (s *Server) Customers() []*Customer {
	s.mu.Lock()
	defer s.mu.Unlock()
	customers := make([]*Customer, len(s.data.customers))
	for i, who := range s.data.customers {
		customers[i] = &Customer{
			ID: who.customer.ID, Email: who.customer.Email, Password: who.password,
			Token: cmp.Or(who.token, s.newToken("customer", who)),
		}
		if who.customer.FirstName != nil {
			customers[i].Name = *who.customer.FirstName
		}
	}
	return customers
}

// AddShopper adds a shopper of Salesive, who has no orders yet. The name need
// not be unique. What is returned has a token, and an address to log in with,
// which is made of the name; [Server.CodeFor] has the code for it.
func (s *Server) AddShopper(name string) *Shopper {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addShopper(Shopper{Name: name})
}

// addShopper fills in what is empty. The caller holds the mutex.
func (s *Server) addShopper(shopper Shopper) *Shopper {
	shopper.ID = s.data.newObjectID(shopper.ID)
	if shopper.Email == "" {
		name := cmp.Or(handle(shopper.Name), "shopper")
		shopper.Email = name + "@example.com"
		for i := len(s.data.shoppers) + 1; s.data.shopperWith(shopper.Email) != nil; i++ {
			shopper.Email = fmt.Sprintf("%s-%d@example.com", name, i)
		}
	}
	shopper.CreatedAt = cmp.Or(shopper.CreatedAt, time.Now()).UTC().Truncate(time.Millisecond)
	shopper.Token = cmp.Or(shopper.Token, s.newShopperToken(shopper.ID))
	s.data.shoppers = append(s.data.shoppers, &shopper)
	returned := shopper
	return &returned
}

// Shoppers returns the shoppers, the first one first: also those of a fixture,
// and those who registered through Salesive's auth routes.
func (s *Server) Shoppers() []*Shopper {
	s.mu.Lock()
	defer s.mu.Unlock()
	shoppers := make([]*Shopper, len(s.data.shoppers))
	for i, shopper := range s.data.shoppers {
		returned := *shopper
		shoppers[i] = &returned
	}
	return shoppers
}

// AddOrderGroup adds an order group of the customer and returns what is
// stored. Neither g nor what is returned is shared with the server. A group
// with the same ID is replaced: to change a group, change what was returned and
// add that.
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
	s.data.putOrderGroup(c, g, encode(g))
	return g
}

func (d *data) putOrderGroup(c *Customer, g storeorders.OrderGroup, object json.RawMessage) {
	d.groups.put(&orderGroup{
		id: g.ID, customer: c.ID, position: d.groupCount,
		created: g.CreatedAt, updated: g.UpdatedAt, json: object,
	})
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
// replaced: to change an order, change what was returned and add that.
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
	s.data.putOrder(shopper, o, encodeOrder(o))
	return o
}

func (d *data) putOrder(shopper *Shopper, o storeorders.Order, object json.RawMessage) {
	d.orders.put(&order{
		id: o.ID, shopper: shopper.ID, shop: o.Shop.ID, number: o.Number,
		status: o.Status, subtotal: o.Subtotal, total: o.Total, created: o.CreatedAt, json: object,
	})
}

// RemoveOrder removes the order with the id (the _id, not the number), and
// reports whether there was one.
func (s *Server) RemoveOrder(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.data.orders.remove(id)
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
