package storeorderstest

import (
	"fmt"
	"slices"
	"strings"
)

// maxRelations is how many relations a field may reach through on a stack that
// limits them.
const maxRelations = 3

// selection returns what the query asks for of an order group.
func (stack Stack) selection(query params) (*selection, error) {
	fields := stack.defaultFields()
	if p := query.get("fields"); p != nil {
		fields = parseFields(p.text(), fields)
	}
	if stack.restrictsFields() {
		deep := slices.DeleteFunc(slices.Clone(fields), func(field string) bool { return strings.Count(field, ".") <= maxRelations })
		if len(deep) > 0 {
			return nil, errInvalidData(fmt.Sprintf(
				"The following fields expand more than the maximum of %d allowed relations: %s", maxRelations, strings.Join(deep, ", "),
			))
		}
		allowed := stack.defaultFields()
		fields = slices.DeleteFunc(fields, func(field string) bool { return !slices.Contains(allowed, field) })
	}
	return newSelection(fields, stack.losesQuantities()), nil
}

// parseFields reads Mercur's language for fields. A list in which any entry
// has no modifier replaces the defaults; otherwise its entries change them:
// +a adds, -a removes a and all under it, *a and a.* add all that a has. A
// plus sign that was not escaped came as a space.
func parseFields(list string, defaults []string) []string {
	entries := slices.DeleteFunc(strings.Split(list, ","), func(entry string) bool { return entry == "" })
	var fields []string
	if len(entries) > 0 && !slices.ContainsFunc(entries, hasNoModifier) {
		fields = defaults
	}
	for _, entry := range entries {
		name := strings.TrimSpace(entry)
		switch {
		case strings.HasPrefix(name, "-"):
			name = name[1:]
			fields = slices.DeleteFunc(fields, func(field string) bool {
				return field == name || strings.HasPrefix(field, name+".")
			})
		case strings.HasPrefix(name, "*"):
			fields = append(fields, name[1:]+".*")
		default:
			fields = append(fields, strings.TrimPrefix(name, "+"))
		}
	}
	return fields
}

func hasNoModifier(entry string) bool {
	return !strings.ContainsRune("+-* ", rune(entry[0])) && !strings.HasSuffix(entry, ".*")
}

// selection is what to answer of an object: a tree of field names.
type selection struct {
	// relation is the name that leads here, "" for the group itself.
	relation string
	// all takes in every field of the object itself, but not its relations.
	all    bool
	fields map[string]*selection
	// computed is set, of orders and of their items, where amounts of the
	// order are asked for: those of the items are computed only then.
	computed bool
	// noQuantity is set, of items, where their quantities are lost, and noAmounts
	// where what is computed of them, so that the amounts of the order are wrong;
	// see [Stack.losesQuantities].
	noQuantity, noAmounts bool
	// unset is set where fields are asked for that need not be there, but that
	// every object has on a real server; see [addUnset].
	unset bool
}

// newSelection makes the tree of the fields.
func newSelection(fields []string, losesQuantities bool) *selection {
	root := &selection{}
	root.field("id")
	for _, field := range fields {
		root.add(field)
	}
	if orders := root.fields["orders"]; orders != nil {
		orders.markItems(slices.Contains(fields, "orders.items"), losesQuantities)
	}
	return root
}

// add adds the field, and what the server sends unasked: with a relation its id
// and the one that refers to it. Items and addresses come without. A relation
// of which nothing is asked does not come, or comes with its id alone.
func (s *selection) add(field string) {
	name, rest, found := strings.Cut(field, ".")
	switch {
	case name == "*":
		s.all = true
		return
	case !found && (name == "tax_lines" || name == "adjustments"):
		return
	case !isRelation(name):
		s.unset = s.unset || !isAlwaysSet(name) && field != "detail.quantity"
	case !found && (name == "orders" || name == "product" || isAddress(name)):
		s.field(name).field("id")
		return
	case !found:
		return
	case name != "items" && !isAddress(name):
		s.field(name + "_id")
		s.field(name).field("id")
	}
	s = s.field(name)
	if found {
		s.add(rest)
	}
}

// markItems sets what depends on both the order's fields and its items', which
// may be named without any of their fields: they come then with the amounts.
func (s *selection) markItems(named, losesQuantities bool) {
	for name := range s.fields {
		s.computed = s.computed || isAmount(name)
	}
	s.computed = s.computed && !s.all // of an order with a star, nothing is computed
	if named && s.computed && s.fields["items"] == nil {
		s.field("items").all = true
	}
	items := s.fields["items"]
	if items == nil {
		return
	}
	items.computed = s.computed
	detail := items.fields["detail"]
	switch {
	case !losesQuantities, items.all, detail != nil && (detail.all || detail.fields == nil):
	case detail != nil && detail.fields["quantity"] != nil:
		items.noAmounts = items.fields["unit_price"] == nil
	default:
		items.noQuantity, items.noAmounts = true, true
	}
}

// field returns the selection under the name, a new one if there is none.
func (s *selection) field(name string) *selection {
	if s.fields == nil {
		s.fields = map[string]*selection{}
	}
	if s.fields[name] == nil {
		s.fields[name] = &selection{relation: name}
	}
	return s.fields[name]
}

// of returns the selected fields of the value, which it may change. What the
// value does not have stays absent.
func (s *selection) of(value any) any {
	switch value := value.(type) {
	case []any:
		selected := make([]any, len(value))
		for i, element := range value {
			selected[i] = s.of(element)
		}
		return selected
	case map[string]any:
		return s.ofObject(value)
	default:
		return value
	}
}

func (s *selection) ofObject(object map[string]any) any {
	if s.all || s.unset {
		addUnset(s.relation, object)
	}
	if items := s.fields["items"]; items != nil && items.noAmounts {
		loseItems(object)
	}
	if s.noAmounts {
		loseAmounts(object)
	}
	if s.noQuantity {
		delete(object, "quantity")
	}
	selected := map[string]any{}
	for name, member := range object {
		field, asked := s.fields[name]
		switch {
		case asked && (s.relation == "items" || s.relation == "orders") && isAmount(name) && !s.computed:
		case asked && name == "summary" && field.fields != nil && !field.all: // it comes whole, or not at all
		case asked && (isRelation(name) || field.all || field.fields != nil):
			selected[name] = field.of(member)
		case asked, s.all && s.comesWithAll(name):
			selected[name] = member
		case s.all && isAddress(name):
			selected[name] = newSelection(nil, false).of(member)
		}
	}
	if s.relation == "items" && len(selected) == 0 {
		return nil
	}
	return selected
}

// comesWithAll reports whether a star brings the field. Relations come only
// where they are named, and so do amounts, but with those of the order come
// those of its items.
func (s *selection) comesWithAll(name string) bool {
	switch {
	case isRelation(name), s.relation == "orders" && name == "summary":
		return false
	case s.relation == "items" && (isAmount(name) || name == "tax_lines" || name == "adjustments"):
		return s.computed
	case s.relation == "orders", s.relation == "":
		return !isAmount(name)
	default:
		return true
	}
}

// isRelation reports whether the name leads to an object of its own, which
// comes only with the fields that are asked of it.
func isRelation(name string) bool {
	switch name {
	case "orders", "items", "seller", "variant", "product", "cart":
		return true
	default:
		return isAddress(name)
	}
}

// isAlwaysSet reports whether the field is one of the many that are set where
// a group is added, or never sent. To know them spares most requests to look
// at what is not set.
func isAlwaysSet(name string) bool {
	switch name {
	case "id", "display_id", "customer_id", "seller_count", "total", "created_at", "updated_at", "deleted_at",
		"status", "currency_code", "subtotal", "item_total", "shipping_total", "tax_total",
		"payment_status", "fulfillment_status", "seller_id", "name", "handle", "logo",
		"title", "subtitle", "thumbnail", "product_title", "variant_title", "quantity", "unit_price", "variant_id", "metadata":
		return true
	default:
		return false
	}
}

// isAddress reports whether the name leads to an address of an order, of which
// the order's star brings the id.
func isAddress(name string) bool { return name == "shipping_address" || name == "billing_address" }

// isAmount reports whether the field is an amount that is computed on demand.
func isAmount(name string) bool {
	return strings.HasSuffix(name, "total") || strings.HasSuffix(name, "total_per_unit")
}
