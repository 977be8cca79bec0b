package storeorderstest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/seed-2861b391/storeorders"
)

// fixture is all data of a server as a fixture has it.
type fixture struct {
	Customers []fixtureCustomer `json:"customers"`
	Shoppers  []fixtureShopper  `json:"shoppers"`
}

// fixtureCustomer is a customer as Mercur sends it, and more.
type fixtureCustomer struct {
	customer
	Password    string            `json:"password,omitempty"`
	Token       string            `json:"token,omitempty"`
	OrderGroups []json.RawMessage `json:"order_groups"`
}

type fixtureShopper struct {
	ID        string            `json:"_id"`
	Name      string            `json:"name,omitempty"`
	Email     string            `json:"email,omitempty"`
	Phone     string            `json:"phone,omitempty"`
	Guest     bool              `json:"guest,omitempty"`
	CreatedAt time.Time         `json:"createdAt,omitzero"`
	Token     string            `json:"token,omitempty"`
	Orders    []json.RawMessage `json:"orders"`
}

// WriteFixture writes all customers, shoppers, order groups and orders as JSON
// that [Server.LoadFixture] reads. A server that loads it answers as s does,
// byte for byte, if its options are the same. What is not written: sessions,
// codes that were sent, and who registered with Mercur but is no customer yet.
//
// The error is that of w.
func (s *Server) WriteFixture(w io.Writer) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(s.fixture()); err != nil {
		panic("storeorderstest: " + err.Error()) // all of it was made from JSON
	}
	_, err := w.Write(text.Bytes())
	return err
}

func (s *Server) fixture() fixture {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := fixture{Customers: []fixtureCustomer{}, Shoppers: []fixtureShopper{}}

	// One order of the members, whether Go's struct or a fixture gave them.
	groupJSON := func(g *orderGroup) json.RawMessage { return encode(decodeObject(g.json)) }
	orderJSON := func(o *order) json.RawMessage { return o.json }
	owners := maps.Clone(s.data.groups.byOwner)
	for _, who := range s.data.customers {
		all.Customers = append(all.Customers, fixtureCustomer{
			customer: *who.customer, Password: who.password, Token: who.token,
			OrderGroups: rawJSON(owners[who.customer.ID], groupJSON),
		})
		delete(owners, who.customer.ID)
	}
	for _, id := range slices.Sorted(maps.Keys(owners)) { // whom nobody added
		all.Customers = append(all.Customers, fixtureCustomer{
			customer:    customer{ID: id, HasAccount: true, Addresses: []any{}},
			OrderGroups: rawJSON(owners[id], groupJSON),
		})
	}

	shoppers := maps.Clone(s.data.orders.byOwner)
	for _, shopper := range s.data.shoppers {
		token := shopper.Token
		if _, lasting := s.data.shopperTokens[token]; !lasting {
			token = "" // it says itself whose it is, and until when
		}
		all.Shoppers = append(all.Shoppers, fixtureShopper{
			ID: shopper.ID, Name: shopper.Name, Email: shopper.Email, Phone: shopper.Phone, Guest: shopper.Guest,
			CreatedAt: shopper.CreatedAt, Token: token,
			Orders: rawJSON(shoppers[shopper.ID], orderJSON),
		})
		delete(shoppers, shopper.ID)
	}
	for _, id := range slices.Sorted(maps.Keys(shoppers)) {
		all.Shoppers = append(all.Shoppers, fixtureShopper{
			ID: id, Orders: rawJSON(shoppers[id], orderJSON),
		})
	}
	return all
}

func rawJSON[R any](records []R, of func(R) json.RawMessage) []json.RawMessage {
	texts := make([]json.RawMessage, len(records))
	for i, record := range records {
		texts[i] = of(record)
	}
	return texts
}

// LoadFixture adds the data of a fixture, which is a JSON object:
//
//	{
//	  "customers": [
//	    {"id": "cus_1", "first_name": "Alice", "token": "token-of-alice",
//	     "order_groups": [{"id": "og_1"}, {"id": "og_2", "orders": [{"items": [{"unit_price": 19.90}]}]}]}
//	  ],
//	  "shoppers": [
//	    {"_id": "690ff00acf4de460fd1f6114", "name": "Ada", "token": "token-of-ada",
//	     "orders": [{"_id": "690ff00acf4de460fd1f6115"}]}
//	  ]
//	}
//
// Customers have the members that Mercur sends of them, and password, token
// and order_groups. Shoppers have _id, name, email, phone, guest, createdAt,
// token and orders. Each may be absent, and is then filled in, as
// [Server.AddCustomer] and [Server.AddShopper] do; see [Server.Customers] and
// [Server.Shoppers]. A token of a fixture can be any text, and does not
// expire.
//
// Order groups and orders are objects as the servers send them. What is absent
// is filled in, as [Server.AddOrderGroup] and [Server.AddOrder] do. What is
// there is kept as it is: null, numbers by their digits, and members that
// package storeorders does not know.
//
// The error of a fixture that is wrong says where, and nothing of it was
// added: text that is no JSON, a value of the wrong type, an unknown member of
// a customer or shopper, or an id, email or token that is there twice or that
// a customer or shopper of s has already. Order groups and orders of s with
// the same id are replaced.
func (s *Server) LoadFixture(r io.Reader) error {
	if err := s.loadFixture(r); err != nil {
		return fmt.Errorf("storeorderstest: fixture: %w", err)
	}
	return nil
}

func (s *Server) loadFixture(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	loaded, err := parseFixture(text)
	if err != nil {
		return err
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	if err := loaded.check(&s.data); err != nil {
		return err
	}
	for _, c := range loaded.customers {
		s.loadCustomer(c)
	}
	for _, shopper := range loaded.shoppers {
		s.loadShopper(shopper)
	}
	return nil
}

func (s *Server) loadCustomer(from loadedCustomer) {
	c := &Customer{
		ID: s.data.newID("cus", from.ID), Email: from.Email, Password: from.Password, Token: from.Token,
	}
	if from.FirstName != nil {
		c.Name = *from.FirstName
	}
	who := s.addIdentity(c)
	created := who.customer.CreatedAt
	_ = json.Unmarshal(from.text, who.customer) // that it can be read was seen before
	who.customer.ID, who.customer.Email = c.ID, c.Email
	who.customer.CreatedAt = cmp.Or(from.CreatedAt, created)
	who.customer.UpdatedAt = cmp.Or(from.UpdatedAt, who.customer.CreatedAt)
	if from.Token != "" {
		s.data.customerTokens[from.Token] = c.ID
	}
	for _, group := range from.groups {
		s.data.completeGroup(c, &group.value)
		group.given["id"] = group.value.ID
		group.given["customer_id"] = group.value.CustomerID
		group.given["created_at"] = group.value.CreatedAt
		group.given["updated_at"] = group.value.UpdatedAt
		s.data.putOrderGroup(c, group.value, encode(overlay(decodeObject(encode(group.value)), group.given)))
	}
}

func (s *Server) loadShopper(from loadedShopper) {
	shopper := s.addShopper(Shopper{
		ID: from.ID, Name: from.Name, Email: from.Email, Phone: from.Phone,
		Guest: from.Guest, CreatedAt: from.CreatedAt, Token: from.Token,
	})
	if from.Token != "" {
		s.data.shopperTokens[from.Token] = shopper.ID
	}
	for _, order := range from.orders {
		s.data.completeOrder(shopper, s.ShopID, &order.value)
		order.given["_id"] = order.value.ID
		order.given["createdAt"] = order.value.CreatedAt.Format(milliseconds)
		order.given["updatedAt"] = order.value.UpdatedAt.Format(milliseconds)
		s.data.putOrder(shopper, order.value, encode(overlay(decodeObject(encodeOrder(order.value)), order.given)))
	}
}

// overlay returns the base with all that is given: objects member by member,
// arrays of the same length element by element.
func overlay(base, given any) any {
	switch given := given.(type) {
	case map[string]any:
		base, ok := base.(map[string]any)
		if !ok {
			return given
		}
		for name, value := range given {
			base[name] = overlay(base[name], value)
		}
		return base
	case []any:
		base, ok := base.([]any)
		if !ok || len(base) != len(given) {
			return given
		}
		for i, value := range given {
			base[i] = overlay(base[i], value)
		}
		return base
	default:
		return given
	}
}

// loadedFixture is a fixture that was read, and not yet filled in.
type loadedFixture struct {
	customers []loadedCustomer
	shoppers  []loadedShopper
}

type loadedCustomer struct {
	fixtureCustomer
	text   json.RawMessage
	groups []loadedRecord[storeorders.OrderGroup]
}

type loadedShopper struct {
	fixtureShopper
	orders []loadedRecord[storeorders.Order]
}

// loadedRecord is an order group or an order as the package knows it, and all
// that was given.
type loadedRecord[T any] struct {
	value T
	given map[string]any
}

func parseFixture(text []byte) (*loadedFixture, error) {
	if err := json.Unmarshal(text, new(json.RawMessage)); err != nil {
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			before := text[:min(int(syntax.Offset), len(text))]
			return nil, fmt.Errorf("line %d: %w", 1+bytes.Count(before, []byte("\n")), err)
		}
		return nil, err
	}
	var lists struct {
		Customers []json.RawMessage `json:"customers"`
		Shoppers  []json.RawMessage `json:"shoppers"`
	}
	if err := decodeAt("", text, &lists, true); err != nil {
		return nil, err
	}

	loaded := new(loadedFixture)
	for i, text := range lists.Customers {
		path := fmt.Sprintf("customers[%d]", i)
		c := loadedCustomer{text: text}
		if err := decodeAt(path, text, &c.fixtureCustomer, true); err != nil {
			return nil, err
		}
		var err error
		if c.groups, err = decodeRecords[storeorders.OrderGroup](path+".order_groups", c.OrderGroups); err != nil {
			return nil, err
		}
		loaded.customers = append(loaded.customers, c)
	}
	for i, text := range lists.Shoppers {
		path := fmt.Sprintf("shoppers[%d]", i)
		var shopper loadedShopper
		if err := decodeAt(path, text, &shopper.fixtureShopper, true); err != nil {
			return nil, err
		}
		shopper.Email = strings.ToLower(shopper.Email)
		var err error
		if shopper.orders, err = decodeRecords[storeorders.Order](path+".orders", shopper.Orders); err != nil {
			return nil, err
		}
		loaded.shoppers = append(loaded.shoppers, shopper)
	}
	return loaded, nil
}

func decodeRecords[T any](path string, texts []json.RawMessage) ([]loadedRecord[T], error) {
	records := make([]loadedRecord[T], len(texts))
	for i, text := range texts {
		path := fmt.Sprintf("%s[%d]", path, i)
		if err := decodeAt(path, text, &records[i].value, false); err != nil {
			return nil, err
		}
		if !bytes.HasPrefix(text, []byte("{")) {
			return nil, fmt.Errorf("%s: not an object", path)
		}
		records[i].given = decodeObject(text)
		if tooLong(records[i].given) {
			return nil, fmt.Errorf("%s%s: a number of too many digits", path, locate(records[i].given, tooLong))
		}
	}
	return records, nil
}

// decodeAt decodes the value at the path. A strict one refuses members that v
// does not have. The error says at which path below that the decoding failed.
func decodeAt[T any](path string, text []byte, v *T, strict bool) error {
	decode := func(text []byte, v *T) error {
		decoder := json.NewDecoder(bytes.NewReader(text))
		if strict {
			decoder.DisallowUnknownFields()
		}
		return decoder.Decode(v)
	}
	err := decode(text, v)
	if err == nil {
		return nil
	}
	var value any
	_ = json.Unmarshal(text, &value) // it was seen to be JSON; a number out of range stays nil
	fails := func(value any) bool { return decode(encode(value), new(T)) != nil }
	return fmt.Errorf("%s: %w", strings.TrimPrefix(cmp.Or(path+locate(value, fails), "the whole"), "."), err)
}

// locate returns the path to the deepest part of the value that is enough to
// fail alone.
func locate(value any, fails func(any) bool) string {
	switch value := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			alone := func(part any) bool { return fails(map[string]any{name: part}) }
			if alone(value[name]) {
				return "." + name + locate(value[name], alone)
			}
		}
	case []any:
		for i, element := range value {
			alone := func(part any) bool { return fails([]any{part}) }
			if alone(element) {
				return fmt.Sprintf("[%d]%s", i, locate(element, alone))
			}
		}
	}
	return ""
}

// tooLong reports whether there is a number in the value that cannot be added
// to others: one such as 1e999999999.
func tooLong(value any) bool {
	switch value := value.(type) {
	case map[string]any:
		return slices.ContainsFunc(slices.Collect(maps.Values(value)), tooLong)
	case []any:
		return slices.ContainsFunc(value, tooLong)
	case json.Number:
		_, err := storeorders.Decimal(value).Rat()
		return err != nil
	default:
		return false
	}
}

// check refuses what is there twice.
func (f *loadedFixture) check(d *data) error {
	customers, emails, tokens := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, who := range d.customers {
		customers[who.customer.ID] = true
	}
	for email := range d.identities {
		emails[email] = true
	}
	for token := range d.customerTokens {
		tokens[token] = true
	}
	groups := map[string]bool{}
	for i, c := range f.customers {
		path := fmt.Sprintf("customers[%d]", i)
		if err := errors.Join(
			once(customers, path+".id", c.ID), once(emails, path+".email", c.Email), once(tokens, path+".token", c.Token),
		); err != nil {
			return err
		}
		for j, group := range c.groups {
			if err := once(groups, fmt.Sprintf("%s.order_groups[%d].id", path, j), group.value.ID); err != nil {
				return err
			}
		}
	}

	shoppers, orders := map[string]bool{}, map[string]bool{}
	clear(emails)
	clear(tokens)
	for _, shopper := range d.shoppers {
		shoppers[shopper.ID], emails[shopper.Email] = true, true
	}
	for token := range d.shopperTokens {
		tokens[token] = true
	}
	for i, shopper := range f.shoppers {
		path := fmt.Sprintf("shoppers[%d]", i)
		if err := errors.Join(
			once(shoppers, path+"._id", shopper.ID), once(emails, path+".email", shopper.Email), once(tokens, path+".token", shopper.Token),
		); err != nil {
			return err
		}
		for j, order := range shopper.orders {
			if err := once(orders, fmt.Sprintf("%s.orders[%d]._id", path, j), order.value.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

func once(seen map[string]bool, path, value string) error {
	if value != "" && seen[value] {
		return fmt.Errorf("%s: %q is there twice", path, value)
	}
	seen[value] = true
	return nil
}
