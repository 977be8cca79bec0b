package storeorderstest

import (
	"slices"
	"strings"
)

// defaultFields are the fields of an order group where a request names none.
func defaultFields() []string {
	return []string{
		"id", "display_id", "customer_id", "seller_count", "total", "created_at", "updated_at",
		"orders.id", "orders.display_id", "orders.status", "orders.fulfillment_status", "orders.payment_status",
		"orders.currency_code", "orders.total", "orders.subtotal", "orders.item_total", "orders.shipping_total",
		"orders.tax_total", "orders.seller_id",
		"orders.seller.id", "orders.seller.name", "orders.seller.handle", "orders.seller.logo",
		"orders.items.id", "orders.items.title", "orders.items.subtitle", "orders.items.thumbnail",
		"orders.items.product_title", "orders.items.variant_title", "orders.items.quantity",
		"orders.items.unit_price", "orders.items.total", "orders.items.variant_id",
		"orders.items.variant.product.handle", "orders.items.variant.product.title",
	}
}

// parseFields reads Mercur's language for fields. A list in which any entry
// has no modifier replaces the defaults; otherwise its entries change them:
// +a adds, -a removes a and all under it, *a and a.* add all that a has. A
// plus sign that was not escaped came as a space.
func parseFields(list string) []string {
	entries := slices.DeleteFunc(strings.Split(list, ","), func(entry string) bool { return entry == "" })
	var fields []string
	if len(entries) > 0 && !slices.ContainsFunc(entries, hasNoModifier) {
		fields = defaultFields()
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
	// all takes in every field of the object itself, but not its relations.
	all    bool
	fields map[string]*selection
}

// newSelection makes the tree of the fields, and adds what the server sends
// unasked: the id of the group, and with a relation its id and the one that
// refers to it. Items come without.
func newSelection(fields []string) *selection {
	root := &selection{}
	root.field("id")
	for _, field := range fields {
		s := root
		for name := range strings.SplitSeq(field, ".") {
			if name == "*" {
				s.all = true
				break
			}
			if isRelation(name) {
				s.field(name + "_id")
			}
			s = s.field(name)
			if isRelation(name) && name != "items" {
				s.field("id")
			}
		}
	}
	return root
}

// field returns the selection under the name, a new one if there is none.
func (s *selection) field(name string) *selection {
	if s.fields == nil {
		s.fields = map[string]*selection{}
	}
	if s.fields[name] == nil {
		s.fields[name] = &selection{}
	}
	return s.fields[name]
}

// of returns the selected fields of the value. What the value does not have
// stays absent.
func (s *selection) of(value any) any {
	switch value := value.(type) {
	case []any:
		selected := make([]any, len(value))
		for i, element := range value {
			selected[i] = s.of(element)
		}
		return selected
	case map[string]any:
		selected := map[string]any{}
		for name, member := range value {
			switch field, asked := s.fields[name]; {
			case asked && (isRelation(name) || field.all || field.fields != nil):
				selected[name] = field.of(member)
			case asked, s.all && !isRelation(name) && !isComputed(name):
				selected[name] = member
			}
		}
		return selected
	default:
		return value
	}
}

// isRelation reports whether the name leads to an object of its own, which
// comes only with the fields that are asked of it.
func isRelation(name string) bool {
	switch name {
	case "orders", "items", "seller", "variant", "product", "cart", "shipping_address", "billing_address":
		return true
	default:
		return false
	}
}

// isComputed reports whether the field is computed on demand: it comes where
// it is named, not with all the others.
func isComputed(name string) bool {
	switch name {
	case "total", "subtotal", "item_total", "shipping_total", "tax_total", "discount_total", "original_total", "summary":
		return true
	default:
		return false
	}
}
