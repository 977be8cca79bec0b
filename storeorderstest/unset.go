package storeorderstest

import (
	"encoding/json"
	"math/big"
	"strings"

	"github.com/seed-2861b391/storeorders"
)

const zero = json.Number("0")

// addUnset adds to an object what Medusa has of every such object, and nobody
// set. It is done where a request asks for it, as few do.
func addUnset(relation string, object map[string]any) {
	switch relation {
	case "orders":
		total := amount(object["total"])
		setDefaults(object, map[string]any{
			"version": 1, "is_draft_order": false, "no_notification": false,
			"discount_total": zero, "original_total": number(sum(total, amount(object["discount_total"]))),
		}, "email", "region_id", "sales_channel_id", "shipping_address", "billing_address", "shipping_address_id", "billing_address_id")
		if object["summary"] == nil {
			object["summary"] = map[string]any{}
		}
		if summary, ok := object["summary"].(map[string]any); ok {
			setDefaults(summary, map[string]any{
				"paid_total": zero, "refunded_total": zero, "transaction_total": zero, "credit_line_total": zero,
				"original_order_total": object["total"], "current_order_total": object["total"],
				"accounting_total": object["total"], "pending_difference": object["total"],
			})
			addRaw(summary)
		}
	case "items":
		total, tax := amount(object["total"]), amount(object["tax_total"])
		subtotal := number(sum(total, negative(tax)))
		setDefaults(object, map[string]any{
			"is_custom_price": false, "is_discountable": true, "is_giftcard": false, "is_tax_inclusive": false, "requires_shipping": true,
			"tax_lines": []any{}, "adjustments": []any{},
			"tax_total": zero, "subtotal": subtotal, "discount_total": zero, "discount_subtotal": zero, "discount_tax_total": zero,
			"original_total": object["total"], "original_subtotal": subtotal, "original_tax_total": number(tax),
			"refundable_total": object["total"], "refundable_total_per_unit": number(quotient(total, amount(object["quantity"]))),
			"fulfilled_total": zero, "shipped_total": zero, "return_requested_total": zero, "return_received_total": zero,
			"return_dismissed_total": zero, "write_off_total": zero,
		}, "product_id", "product_handle", "product_subtitle", "product_description", "product_collection", "product_type",
			"product_type_id", "variant_sku", "variant_barcode", "variant_option_values", "unit_price", "compare_at_unit_price")
		if detail, ok := object["detail"].(map[string]any); ok {
			setDefaults(detail, map[string]any{
				"id": "orditem" + strings.TrimPrefix(idOf(object), "ordli"), "item_id": idOf(object), "version": 1,
				"fulfilled_quantity": zero, "delivered_quantity": zero, "shipped_quantity": zero, "return_requested_quantity": zero,
				"return_received_quantity": zero, "return_dismissed_quantity": zero, "written_off_quantity": zero,
				"created_at": object["created_at"], "updated_at": object["updated_at"],
			}, "order_id", "metadata", "unit_price", "compare_at_unit_price", "deleted_at")
			addRaw(detail)
		}
		lines, _ := object["tax_lines"].([]any)
		for _, line := range lines {
			if line, ok := line.(map[string]any); ok {
				setDefaults(line, nil, "deleted_at")
				addRaw(line)
			}
		}
		addRaw(object)
	case "seller":
		opened := hour(0).Format(milliseconds)
		setDefaults(object, map[string]any{
			"currency_code": "usd", "status": "open", "is_premium": false,
			"approved_at": opened, "created_at": opened, "updated_at": opened,
		}, "email", "phone", "description", "banner", "website_url", "external_id", "status_reason", "rejected_at",
			"closed_from", "closed_to", "closure_note", "professional_details", "address", "payment_details")
	}
}

// setDefaults sets what is not set, and null under the names that may be null.
func setDefaults(object, defaults map[string]any, nullable ...string) {
	for name, value := range defaults {
		if _, set := object[name]; !set {
			object[name] = value
		}
	}
	for _, name := range nullable {
		if _, set := object[name]; !set {
			object[name] = nil
		}
	}
}

// addRaw adds Medusa's exact form of every amount, price and quantity.
func addRaw(object map[string]any) {
	raw := map[string]any{}
	for name, value := range object {
		if !hasRaw(name) {
			continue
		}
		raw["raw_"+name] = nil
		if value != nil {
			raw["raw_"+name] = map[string]any{"value": string(amount(value)), "precision": 20}
		}
	}
	setDefaults(object, raw)
}

func hasRaw(name string) bool {
	return !strings.HasPrefix(name, "raw_") &&
		(isAmount(name) || strings.HasSuffix(name, "quantity") || strings.HasSuffix(name, "unit_price") || name == "rate" || name == "pending_difference")
}

// loseAmounts does to an item what Medusa does before 2.20 to who names fields
// of the items without orders.items.detail.quantity, or without unit_price: all
// amounts are computed as if the quantity were zero.
func loseAmounts(item map[string]any) {
	for name, value := range item {
		if _, isNumber := value.(json.Number); isNumber && isAmount(name) {
			item[name] = zero
		}
	}
}

// loseItems does the same to an order: what is left of its amounts are those of
// the shipping, with its share of the taxes.
func loseItems(order map[string]any) {
	shipping := amount(order["shipping_total"])
	tax := quotient(product(amount(order["tax_total"]), shipping), sum(shipping, amount(order["item_total"])))
	order["item_total"], order["discount_total"] = zero, zero
	order["total"], order["original_total"] = number(shipping), number(shipping)
	order["tax_total"] = number(tax)
	order["subtotal"] = number(sum(shipping, negative(tax)))
}

func idOf(object map[string]any) string {
	id, _ := object["id"].(string)
	return id
}

// amount returns a number of an object, "" if it is absent or null.
func amount(value any) storeorders.Decimal {
	number, _ := value.(json.Number)
	return storeorders.Decimal(number)
}

func number(d storeorders.Decimal) json.Number { return json.Number(d) }

// quotient returns a ÷ b to 6 decimals, and 0 where b is 0.
func quotient(a, b storeorders.Decimal) storeorders.Decimal {
	if rat(b).Sign() == 0 {
		return "0"
	}
	rounded, _ := new(big.Rat).SetString(new(big.Rat).Quo(rat(a), rat(b)).FloatString(6))
	return decimal(rounded)
}
