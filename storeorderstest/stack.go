package storeorderstest

import (
	"fmt"
	"slices"
	"strings"
)

// defaultFields are the fields of an order group where a request names none.
// They are also those that a list may be ordered by, and those that a stack
// which strips leaves standing.
func (stack Stack) defaultFields() []string {
	if stack == Mercur215 {
		return []string{
			"id", "customer_id", "seller_count", "total", "created_at", "updated_at",
			"orders", "orders.seller_id", "orders.items", "orders.items.variant", "orders.items.variant.product",
			"orders.items.variant.product.seller", "orders.items.variant.product.seller.id",
			"orders.items.variant.product.seller.name",
		}
	}
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

// restrictsFields reports whether the stack limits how deep fields may reach,
// and strips those that are not among its defaults.
func (stack Stack) restrictsFields() bool { return stack == Mercur231Medusa220 }

// losesQuantities reports whether the stack forgets the quantity of an item
// when other fields of it are named, and then computes totals without it.
func (stack Stack) losesQuantities() bool { return stack != Mercur231Medusa220 }

// check refuses what Medusa's validation does: parameters that the route does
// not have, and values of the wrong type. Medusa names three issues at most.
// They come in the order in which the stack's version of zod finds them.
func (stack Stack) check(ps params, known ...string) error {
	// Medusa takes the locale away before it validates, unless it is empty.
	ps = slices.DeleteFunc(slices.Clone(ps), func(p *param) bool { return p.name == "locale" && p.String() != "" })
	var texts, others, unknown []string
	for _, name := range known {
		issue := ""
		if p := ps.get(name); p != nil {
			issue = stack.issue(p)
		}
		switch isText := name == "fields" || name == "order"; {
		case issue == "":
		case isText && stack != Mercur231Medusa220:
			texts = append(texts, issue)
		default:
			others = append(others, issue)
		}
	}
	for _, p := range ps {
		if !slices.Contains(known, p.name) {
			unknown = append(unknown, p.name)
		}
	}
	if len(unknown) > 0 {
		unknown = []string{fmt.Sprintf("Unrecognized fields: '%s'", strings.Join(unknown, ", "))}
	}
	issues := slices.Concat(texts, unknown, others)
	if stack == Mercur231Medusa220 {
		issues = slices.Concat(others, unknown)
	}
	if len(issues) == 0 {
		return nil
	}
	return errInvalidData("Invalid request: " + strings.Join(issues[:min(len(issues), 3)], "; "))
}

// issue says what is wrong with the value of a parameter that the route has,
// "" if nothing is.
func (stack Stack) issue(p *param) string {
	switch p.name {
	case "fields", "order":
		if !p.isText() {
			return stack.wrongType("string", p)
		}
	case "offset", "limit":
		if _, ok := parseInt(p.String()); !p.isText() || !ok {
			return stack.wrongType("number", p)
		}
	case "with_deleted":
		if text := p.String(); !p.isText() || text != "true" && text != "false" {
			return stack.wrongType("boolean", p)
		}
	case "id":
		if p.isMixed() {
			return stack.wrongUnion("string, string", p, p)
		}
		if p.isObject() {
			return stack.wrongUnion("string, array", p, p)
		}
	case "created_at", "updated_at":
		if p.isMixed() {
			return stack.wrongUnion("object", p, &param{name: "0", values: p.values})
		}
		if i := slices.IndexFunc(p.members, wrongOperand); i >= 0 {
			return stack.wrongUnion(operandType(p.members[i].name), p, p.members[i])
		}
	}
	return ""
}

func (stack Stack) wrongType(want string, p *param) string {
	return wrongType(want, p.name, stack.got(p))
}

// wrongUnion tells that the value, which is the parameter or one of its
// operators, is of none of the types that the parameter may have.
func (stack Stack) wrongUnion(want string, p, value *param) string {
	switch {
	case stack == Mercur231:
		return "Invalid input"
	case p == value:
		return stack.wrongType(want, p)
	case stack == Mercur215: // it looks for the value under the wrong name
		return wrongType(want, p.name, "undefined")
	default:
		return wrongType(want, p.name+", "+value.name, value.String())
	}
}

// got is how an error text of the stack shows the value.
func (stack Stack) got(p *param) string {
	switch {
	case stack != Mercur215:
		return p.String()
	case p.isObject() && !p.isMixed():
		return "object"
	case p.isMixed(), p.isArray():
		return "array"
	case (p.name == "limit" || p.name == "offset") && p.text() != "":
		return "nan"
	default:
		return "string"
	}
}

func wrongType(want, field, got string) string {
	return fmt.Sprintf("Expected type: '%s' for field '%s', got: '%s'", want, field, got)
}

// wrongOperand reports whether the operator is one that Medusa knows, with a
// value that is not of its type. What it does not know it does not look at.
func wrongOperand(operator *param) bool {
	switch operandType(operator.name) {
	case "array":
		return !operator.isArray()
	case "string":
		return !operator.isText()
	default:
		return false
	}
}

// operandType is the type of the operator's value, "" if there is no such
// operator.
func operandType(operator string) string {
	switch operator {
	case "$in", "$nin":
		return "array"
	case "$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$like", "$ilike", "$re", "$contains":
		return "string"
	default:
		return ""
	}
}
