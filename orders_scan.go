package storeorders

import (
	"cmp"
	"encoding/json"
)

// What a scanner reads of a Salesive order: a case for each field, under its
// name on the wire.

func (o *Order) scanMember(s *scanner, name string) bool {
	switch name {
	case "_id":
		return scanText(s, &o.ID)
	case "orderId":
		return s.integer(&o.Number)
	case "user":
		return s.ref(&o.User)
	case "shop":
		return s.ref(&o.Shop)
	case "items":
		return scanList(s, &o.Items, &s.orderItems)
	case "status":
		return scanText(s, &o.Status)
	case "subtotal":
		return s.decimal(&o.Subtotal)
	case "shippingCost":
		return s.decimal(&o.ShippingCost)
	case "discount":
		return s.decimal(&o.Discount)
	case "tax":
		return s.decimal(&o.Tax)
	case "total":
		return s.decimal(&o.Total)
	case "coupon":
		return s.ref(&o.Coupon)
	case "shippingAddress":
		return s.address(&o.ShippingAddress)
	case "payment":
		return s.ref(&o.Payment)
	case "paymentMethod":
		return scanText(s, &o.PaymentMethod)
	case "shipment":
		return s.ref(&o.Shipment)
	case "source":
		return scanText(s, &o.Source)
	case "posCustomerName":
		return scanText(s, &o.POSCustomerName)
	case "posCustomerEmail":
		return scanText(s, &o.POSCustomerEmail)
	case "posCustomerPhone":
		return scanText(s, &o.POSCustomerPhone)
	case "notes":
		return scanText(s, &o.Notes)
	case "createdAt":
		return s.time(&o.CreatedAt)
	case "updatedAt":
		return s.time(&o.UpdatedAt)
	default:
		return s.skip()
	}
}

func (i *OrderItem) scanMember(s *scanner, name string) bool {
	switch name {
	case "_id":
		return scanText(s, &i.ID)
	case "itemType":
		return scanText(s, &i.ItemType)
	case "product":
		return s.ref(&i.Product)
	case "service":
		return s.ref(&i.Service)
	case "variant":
		return s.ref(&i.Variant)
	case "name":
		return scanText(s, &i.Name)
	case "sku":
		return scanText(s, &i.SKU)
	case "price":
		return s.decimal(&i.Price)
	case "quantity":
		return s.decimal(&i.Quantity)
	case "variantAttributes":
		return s.attributes(&i.VariantAttributes)
	case "selectedAddons":
		return scanList(s, &i.SelectedAddons, &s.addons)
	case "imageUrl":
		return scanText(s, &i.ImageURL)
	default:
		return s.skip()
	}
}

func (a *Addon) scanMember(s *scanner, name string) bool {
	switch name {
	case "addonId":
		return scanText(s, &a.AddonID)
	case "name":
		return scanText(s, &a.Name)
	case "description":
		return scanText(s, &a.Description)
	case "price":
		return s.decimal(&a.Price)
	case "quantity":
		return s.decimal(&a.Quantity)
	default:
		return s.skip()
	}
}

func (a *ShippingAddress) scanMember(s *scanner, name string) bool {
	switch name {
	case "_id":
		return scanText(s, &a.ID)
	case "city":
		return scanText(s, &a.City)
	case "state":
		return scanText(s, &a.State)
	case "zipCode":
		return scanText(s, &a.ZipCode)
	case "country":
		return scanText(s, &a.Country)
	case "fullName":
		return scanText(s, &a.FullName)
	case "addressLine1":
		return scanText(s, &a.AddressLine1)
	case "addressLine2":
		return scanText(s, &a.AddressLine2)
	case "phoneNumber":
		return scanText(s, &a.PhoneNumber)
	case "user":
		return s.ref(&a.User)
	case "name":
		return scanText(s, &a.Name)
	case "email":
		return scanText(s, &a.Email)
	case "phone":
		return scanText(s, &a.Phone)
	case "address":
		return scanText(s, &a.Address)
	case "latitude":
		return s.decimal(&a.Latitude)
	case "longitude":
		return s.decimal(&a.Longitude)
	case "validated":
		return s.raw(&a.Validated)
	case "street":
		return scanText(s, &a.Street)
	case "street2":
		return scanText(s, &a.Street2)
	case "isDefault":
		return s.boolean(&a.IsDefault)
	default:
		return s.skip()
	}
}

// ref reads an id, an object or null.
func (s *scanner) ref(v *Ref) bool {
	*v = Ref{}
	switch s.kind() {
	case 'n', '"':
		return scanText(s, &v.ID)
	case '{':
	default:
		return false
	}
	start := s.at
	var ids refIDs
	if !scanObject(s, &ids) {
		return false
	}
	v.Object = json.RawMessage(s.text[start:s.at])
	v.ID = cmp.Or(ids.mongoID, ids.id)
	return true
}

// refIDs are the members of a populated object that may be its id.
type refIDs struct{ mongoID, id string }

func (r *refIDs) scanMember(s *scanner, name string) bool {
	switch name {
	case "_id":
		return s.word(&r.mongoID)
	case "id":
		return s.word(&r.id)
	default:
		return s.skip()
	}
}

// attributes reads an object of strings, or null.
func (s *scanner) attributes(v *VariantAttributes) bool {
	if s.null() {
		*v = nil
		return true
	}
	*v = VariantAttributes{}
	return scanObject(s, v)
}

func (a *VariantAttributes) scanMember(s *scanner, name string) bool {
	var text string
	if !scanText(s, &text) {
		return false
	}
	(*a)[name] = text
	return true
}

// address reads an address, the id of one, or null.
func (s *scanner) address(v **ShippingAddress) bool {
	*v = nil
	if s.kind() != '"' {
		return scanPointer(s, v)
	}
	*v = new(ShippingAddress)
	return scanText(s, &(*v).ID)
}
