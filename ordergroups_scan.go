package storeorders

// What a scanner reads of an order group: a case for each field, under its name
// on the wire.

func (g *OrderGroup) scanMember(s *scanner, name string) bool {
	switch name {
	case "id":
		return scanText(s, &g.ID)
	case "display_id":
		return s.integer(&g.DisplayID)
	case "customer_id":
		return scanText(s, &g.CustomerID)
	case "cart_id":
		return scanText(s, &g.CartID)
	case "seller_count":
		return s.decimal(&g.SellerCount)
	case "total":
		return s.decimal(&g.Total)
	case "created_at":
		return s.time(&g.CreatedAt)
	case "updated_at":
		return s.time(&g.UpdatedAt)
	case "deleted_at":
		return s.time(&g.DeletedAt)
	case "orders":
		return scanList(s, &g.Orders, &s.sellerOrders)
	case "cart":
		return scanPointer(s, &g.Cart)
	default:
		return s.skip()
	}
}

func (o *SellerOrder) scanMember(s *scanner, name string) bool {
	switch name {
	case "id":
		return scanText(s, &o.ID)
	case "display_id":
		return s.integer(&o.DisplayID)
	case "custom_display_id":
		return scanText(s, &o.CustomDisplayID)
	case "version":
		return s.integer(&o.Version)
	case "status":
		return scanText(s, &o.Status)
	case "payment_status":
		return scanText(s, &o.PaymentStatus)
	case "fulfillment_status":
		return scanText(s, &o.FulfillmentStatus)
	case "currency_code":
		return scanText(s, &o.CurrencyCode)
	case "total":
		return s.decimal(&o.Total)
	case "subtotal":
		return s.decimal(&o.Subtotal)
	case "item_total":
		return s.decimal(&o.ItemTotal)
	case "shipping_total":
		return s.decimal(&o.ShippingTotal)
	case "tax_total":
		return s.decimal(&o.TaxTotal)
	case "discount_total":
		return s.decimal(&o.DiscountTotal)
	case "original_total":
		return s.decimal(&o.OriginalTotal)
	case "summary":
		return scanPointer(s, &o.Summary)
	case "items":
		return scanList(s, &o.Items, &s.lineItems)
	case "seller":
		return scanPointer(s, &o.Seller)
	case "customer_id":
		return scanText(s, &o.CustomerID)
	case "email":
		return scanText(s, &o.Email)
	case "region_id":
		return scanText(s, &o.RegionID)
	case "sales_channel_id":
		return scanText(s, &o.SalesChannelID)
	case "locale":
		return scanText(s, &o.Locale)
	case "seller_id":
		return scanText(s, &o.SellerID)
	case "shipping_address_id":
		return scanText(s, &o.ShippingAddressID)
	case "shipping_address":
		return scanPointer(s, &o.ShippingAddress)
	case "billing_address_id":
		return scanText(s, &o.BillingAddressID)
	case "billing_address":
		return scanPointer(s, &o.BillingAddress)
	case "is_draft_order":
		return s.boolean(&o.IsDraftOrder)
	case "no_notification":
		return s.boolean(&o.NoNotification)
	case "metadata":
		return s.raw(&o.Metadata)
	case "created_at":
		return s.time(&o.CreatedAt)
	case "updated_at":
		return s.time(&o.UpdatedAt)
	case "canceled_at":
		return s.time(&o.CanceledAt)
	case "deleted_at":
		return s.time(&o.DeletedAt)
	default:
		return s.skip()
	}
}

func (i *LineItem) scanMember(s *scanner, name string) bool {
	switch name {
	case "id":
		return scanText(s, &i.ID)
	case "title":
		return scanText(s, &i.Title)
	case "subtitle":
		return scanText(s, &i.Subtitle)
	case "thumbnail":
		return scanText(s, &i.Thumbnail)
	case "product_title":
		return scanText(s, &i.ProductTitle)
	case "variant_title":
		return scanText(s, &i.VariantTitle)
	case "quantity":
		return s.decimal(&i.Quantity)
	case "detail":
		return scanPointer(s, &i.Detail)
	case "unit_price":
		return s.decimal(&i.UnitPrice)
	case "total":
		return s.decimal(&i.Total)
	case "variant_id":
		return scanText(s, &i.VariantID)
	case "variant":
		return scanPointer(s, &i.Variant)
	case "subtotal":
		return s.decimal(&i.Subtotal)
	case "tax_total":
		return s.decimal(&i.TaxTotal)
	case "discount_total":
		return s.decimal(&i.DiscountTotal)
	case "discount_subtotal":
		return s.decimal(&i.DiscountSubtotal)
	case "discount_tax_total":
		return s.decimal(&i.DiscountTaxTotal)
	case "original_total":
		return s.decimal(&i.OriginalTotal)
	case "original_subtotal":
		return s.decimal(&i.OriginalSubtotal)
	case "original_tax_total":
		return s.decimal(&i.OriginalTaxTotal)
	case "refundable_total":
		return s.decimal(&i.RefundableTotal)
	case "refundable_total_per_unit":
		return s.decimal(&i.RefundableTotalPerUnit)
	case "fulfilled_total":
		return s.decimal(&i.FulfilledTotal)
	case "shipped_total":
		return s.decimal(&i.ShippedTotal)
	case "return_requested_total":
		return s.decimal(&i.ReturnRequestedTotal)
	case "return_received_total":
		return s.decimal(&i.ReturnReceivedTotal)
	case "return_dismissed_total":
		return s.decimal(&i.ReturnDismissedTotal)
	case "write_off_total":
		return s.decimal(&i.WriteOffTotal)
	case "compare_at_unit_price":
		return s.decimal(&i.CompareAtUnitPrice)
	case "tax_lines":
		return scanList(s, &i.TaxLines, &s.taxLines)
	case "adjustments":
		return s.raw(&i.Adjustments)
	case "product_id":
		return scanText(s, &i.ProductID)
	case "product_handle":
		return scanText(s, &i.ProductHandle)
	case "product_subtitle":
		return scanText(s, &i.ProductSubtitle)
	case "product_description":
		return scanText(s, &i.ProductDescription)
	case "product_collection":
		return scanText(s, &i.ProductCollection)
	case "product_type":
		return scanText(s, &i.ProductType)
	case "product_type_id":
		return scanText(s, &i.ProductTypeID)
	case "variant_sku":
		return scanText(s, &i.VariantSKU)
	case "variant_barcode":
		return scanText(s, &i.VariantBarcode)
	case "variant_option_values":
		return s.raw(&i.VariantOptionValues)
	case "is_custom_price":
		return s.boolean(&i.IsCustomPrice)
	case "is_discountable":
		return s.boolean(&i.IsDiscountable)
	case "is_giftcard":
		return s.boolean(&i.IsGiftcard)
	case "is_tax_inclusive":
		return s.boolean(&i.IsTaxInclusive)
	case "requires_shipping":
		return s.boolean(&i.RequiresShipping)
	case "metadata":
		return s.raw(&i.Metadata)
	case "line_item_metadata":
		return s.raw(&i.LineItemMetadata)
	case "created_at":
		return s.time(&i.CreatedAt)
	case "updated_at":
		return s.time(&i.UpdatedAt)
	case "deleted_at":
		return s.time(&i.DeletedAt)
	default:
		return s.skip()
	}
}

func (d *LineItemDetail) scanMember(s *scanner, name string) bool {
	switch name {
	case "id":
		return scanText(s, &d.ID)
	case "item_id":
		return scanText(s, &d.ItemID)
	case "order_id":
		return scanText(s, &d.OrderID)
	case "version":
		return s.integer(&d.Version)
	case "quantity":
		return s.decimal(&d.Quantity)
	case "fulfilled_quantity":
		return s.decimal(&d.FulfilledQuantity)
	case "shipped_quantity":
		return s.decimal(&d.ShippedQuantity)
	case "delivered_quantity":
		return s.decimal(&d.DeliveredQuantity)
	case "return_requested_quantity":
		return s.decimal(&d.ReturnRequestedQuantity)
	case "return_received_quantity":
		return s.decimal(&d.ReturnReceivedQuantity)
	case "return_dismissed_quantity":
		return s.decimal(&d.ReturnDismissedQuantity)
	case "written_off_quantity":
		return s.decimal(&d.WrittenOffQuantity)
	case "unit_price":
		return s.decimal(&d.UnitPrice)
	case "compare_at_unit_price":
		return s.decimal(&d.CompareAtUnitPrice)
	case "metadata":
		return s.raw(&d.Metadata)
	case "created_at":
		return s.time(&d.CreatedAt)
	case "updated_at":
		return s.time(&d.UpdatedAt)
	case "deleted_at":
		return s.time(&d.DeletedAt)
	default:
		return s.skip()
	}
}

func (t *TaxLine) scanMember(s *scanner, name string) bool {
	switch name {
	case "id":
		return scanText(s, &t.ID)
	case "item_id":
		return scanText(s, &t.ItemID)
	case "code":
		return scanText(s, &t.Code)
	case "description":
		return scanText(s, &t.Description)
	case "provider_id":
		return scanText(s, &t.ProviderID)
	case "tax_rate_id":
		return scanText(s, &t.TaxRateID)
	case "rate":
		return s.decimal(&t.Rate)
	case "subtotal":
		return s.decimal(&t.Subtotal)
	case "total":
		return s.decimal(&t.Total)
	case "created_at":
		return s.time(&t.CreatedAt)
	case "updated_at":
		return s.time(&t.UpdatedAt)
	case "deleted_at":
		return s.time(&t.DeletedAt)
	default:
		return s.skip()
	}
}

func (v *OrderSummary) scanMember(s *scanner, name string) bool {
	switch name {
	case "original_order_total":
		return s.decimal(&v.OriginalOrderTotal)
	case "current_order_total":
		return s.decimal(&v.CurrentOrderTotal)
	case "accounting_total":
		return s.decimal(&v.AccountingTotal)
	case "paid_total":
		return s.decimal(&v.PaidTotal)
	case "refunded_total":
		return s.decimal(&v.RefundedTotal)
	case "transaction_total":
		return s.decimal(&v.TransactionTotal)
	case "credit_line_total":
		return s.decimal(&v.CreditLineTotal)
	case "pending_difference":
		return s.decimal(&v.PendingDifference)
	default:
		return s.skip()
	}
}

func (v *Seller) scanMember(s *scanner, name string) bool {
	switch name {
	case "id":
		return scanText(s, &v.ID)
	case "name":
		return scanText(s, &v.Name)
	case "handle":
		return scanText(s, &v.Handle)
	case "logo":
		return scanText(s, &v.Logo)
	case "banner":
		return scanText(s, &v.Banner)
	case "description":
		return scanText(s, &v.Description)
	case "email":
		return scanText(s, &v.Email)
	case "phone":
		return scanText(s, &v.Phone)
	case "website_url":
		return scanText(s, &v.WebsiteURL)
	case "currency_code":
		return scanText(s, &v.CurrencyCode)
	case "external_id":
		return scanText(s, &v.ExternalID)
	case "status":
		return scanText(s, &v.Status)
	case "status_reason":
		return scanText(s, &v.StatusReason)
	case "is_premium":
		return s.boolean(&v.IsPremium)
	case "closed_from":
		return scanText(s, &v.ClosedFrom)
	case "closed_to":
		return scanText(s, &v.ClosedTo)
	case "closure_note":
		return scanText(s, &v.ClosureNote)
	case "address":
		return s.raw(&v.Address)
	case "payment_details":
		return s.raw(&v.PaymentDetails)
	case "professional_details":
		return s.raw(&v.ProfessionalDetails)
	case "metadata":
		return s.raw(&v.Metadata)
	case "approved_at":
		return s.time(&v.ApprovedAt)
	case "rejected_at":
		return s.time(&v.RejectedAt)
	case "created_at":
		return s.time(&v.CreatedAt)
	case "updated_at":
		return s.time(&v.UpdatedAt)
	case "deleted_at":
		return s.time(&v.DeletedAt)
	default:
		return s.skip()
	}
}

func (v *ProductVariant) scanMember(s *scanner, name string) bool {
	switch name {
	case "id":
		return scanText(s, &v.ID)
	case "product_id":
		return scanText(s, &v.ProductID)
	case "product":
		return scanPointer(s, &v.Product)
	default:
		return s.skip()
	}
}

func (p *Product) scanMember(s *scanner, name string) bool {
	switch name {
	case "id":
		return scanText(s, &p.ID)
	case "handle":
		return scanText(s, &p.Handle)
	case "title":
		return scanText(s, &p.Title)
	case "seller":
		return scanPointer(s, &p.Seller)
	default:
		return s.skip()
	}
}

func (a *PostalAddress) scanMember(s *scanner, name string) bool {
	switch name {
	case "id":
		return scanText(s, &a.ID)
	case "customer_id":
		return scanText(s, &a.CustomerID)
	case "first_name":
		return scanText(s, &a.FirstName)
	case "last_name":
		return scanText(s, &a.LastName)
	case "company":
		return scanText(s, &a.Company)
	case "address_1":
		return scanText(s, &a.Address1)
	case "address_2":
		return scanText(s, &a.Address2)
	case "city":
		return scanText(s, &a.City)
	case "province":
		return scanText(s, &a.Province)
	case "postal_code":
		return scanText(s, &a.PostalCode)
	case "country_code":
		return scanText(s, &a.CountryCode)
	case "phone":
		return scanText(s, &a.Phone)
	case "metadata":
		return s.raw(&a.Metadata)
	case "created_at":
		return s.time(&a.CreatedAt)
	case "updated_at":
		return s.time(&a.UpdatedAt)
	case "deleted_at":
		return s.time(&a.DeletedAt)
	default:
		return s.skip()
	}
}

func (c *Cart) scanMember(s *scanner, name string) bool {
	switch name {
	case "id":
		return scanText(s, &c.ID)
	case "completed_at":
		return s.time(&c.CompletedAt)
	default:
		return s.skip()
	}
}
