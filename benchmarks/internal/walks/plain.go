package walks

import (
	"encoding/json"
	"time"
)

// What a user writes who decodes with encoding/json: the fields of the SDK's
// types, with float64 for amounts and string for references, and nothing kept
// of what else came. A test compares the fields with the SDK's.

type orderGroup struct {
	ID          string        `json:"id"`
	DisplayID   int64         `json:"display_id"`
	CustomerID  string        `json:"customer_id"`
	CartID      string        `json:"cart_id"`
	SellerCount float64       `json:"seller_count"`
	Total       float64       `json:"total"`
	CreatedAt   time.Time     `json:"created_at"`
	UpdatedAt   time.Time     `json:"updated_at"`
	DeletedAt   time.Time     `json:"deleted_at"`
	Orders      []sellerOrder `json:"orders"`
	Cart        *cart         `json:"cart"`
}

type sellerOrder struct {
	ID                string          `json:"id"`
	DisplayID         int64           `json:"display_id"`
	CustomDisplayID   string          `json:"custom_display_id"`
	Version           int64           `json:"version"`
	Status            string          `json:"status"`
	PaymentStatus     string          `json:"payment_status"`
	FulfillmentStatus string          `json:"fulfillment_status"`
	CurrencyCode      string          `json:"currency_code"`
	Total             float64         `json:"total"`
	Subtotal          float64         `json:"subtotal"`
	ItemTotal         float64         `json:"item_total"`
	ShippingTotal     float64         `json:"shipping_total"`
	TaxTotal          float64         `json:"tax_total"`
	DiscountTotal     float64         `json:"discount_total"`
	OriginalTotal     float64         `json:"original_total"`
	Summary           *orderSummary   `json:"summary"`
	Items             []lineItem      `json:"items"`
	Seller            *seller         `json:"seller"`
	CustomerID        string          `json:"customer_id"`
	Email             string          `json:"email"`
	RegionID          string          `json:"region_id"`
	SalesChannelID    string          `json:"sales_channel_id"`
	Locale            string          `json:"locale"`
	SellerID          string          `json:"seller_id"`
	ShippingAddressID string          `json:"shipping_address_id"`
	ShippingAddress   *postalAddress  `json:"shipping_address"`
	BillingAddressID  string          `json:"billing_address_id"`
	BillingAddress    *postalAddress  `json:"billing_address"`
	IsDraftOrder      *bool           `json:"is_draft_order"`
	NoNotification    *bool           `json:"no_notification"`
	Metadata          json.RawMessage `json:"metadata"`
	CreatedAt         time.Time       `json:"created_at"`
	UpdatedAt         time.Time       `json:"updated_at"`
	CanceledAt        time.Time       `json:"canceled_at"`
	DeletedAt         time.Time       `json:"deleted_at"`
}

type lineItem struct {
	ID                     string          `json:"id"`
	Title                  string          `json:"title"`
	Subtitle               string          `json:"subtitle"`
	Thumbnail              string          `json:"thumbnail"`
	ProductTitle           string          `json:"product_title"`
	VariantTitle           string          `json:"variant_title"`
	Quantity               float64         `json:"quantity"`
	Detail                 *lineItemDetail `json:"detail"`
	UnitPrice              float64         `json:"unit_price"`
	Total                  float64         `json:"total"`
	VariantID              string          `json:"variant_id"`
	Variant                *productVariant `json:"variant"`
	Subtotal               float64         `json:"subtotal"`
	TaxTotal               float64         `json:"tax_total"`
	DiscountTotal          float64         `json:"discount_total"`
	DiscountSubtotal       float64         `json:"discount_subtotal"`
	DiscountTaxTotal       float64         `json:"discount_tax_total"`
	OriginalTotal          float64         `json:"original_total"`
	OriginalSubtotal       float64         `json:"original_subtotal"`
	OriginalTaxTotal       float64         `json:"original_tax_total"`
	RefundableTotal        float64         `json:"refundable_total"`
	RefundableTotalPerUnit float64         `json:"refundable_total_per_unit"`
	FulfilledTotal         float64         `json:"fulfilled_total"`
	ShippedTotal           float64         `json:"shipped_total"`
	ReturnRequestedTotal   float64         `json:"return_requested_total"`
	ReturnReceivedTotal    float64         `json:"return_received_total"`
	ReturnDismissedTotal   float64         `json:"return_dismissed_total"`
	WriteOffTotal          float64         `json:"write_off_total"`
	CompareAtUnitPrice     float64         `json:"compare_at_unit_price"`
	TaxLines               []taxLine       `json:"tax_lines"`
	Adjustments            json.RawMessage `json:"adjustments"`
	ProductID              string          `json:"product_id"`
	ProductHandle          string          `json:"product_handle"`
	ProductSubtitle        string          `json:"product_subtitle"`
	ProductDescription     string          `json:"product_description"`
	ProductCollection      string          `json:"product_collection"`
	ProductType            string          `json:"product_type"`
	ProductTypeID          string          `json:"product_type_id"`
	VariantSKU             string          `json:"variant_sku"`
	VariantBarcode         string          `json:"variant_barcode"`
	VariantOptionValues    json.RawMessage `json:"variant_option_values"`
	IsCustomPrice          *bool           `json:"is_custom_price"`
	IsDiscountable         *bool           `json:"is_discountable"`
	IsGiftcard             *bool           `json:"is_giftcard"`
	IsTaxInclusive         *bool           `json:"is_tax_inclusive"`
	RequiresShipping       *bool           `json:"requires_shipping"`
	Metadata               json.RawMessage `json:"metadata"`
	LineItemMetadata       json.RawMessage `json:"line_item_metadata"`
	CreatedAt              time.Time       `json:"created_at"`
	UpdatedAt              time.Time       `json:"updated_at"`
	DeletedAt              time.Time       `json:"deleted_at"`
}

type lineItemDetail struct {
	ID                      string          `json:"id"`
	ItemID                  string          `json:"item_id"`
	OrderID                 string          `json:"order_id"`
	Version                 int64           `json:"version"`
	Quantity                float64         `json:"quantity"`
	FulfilledQuantity       float64         `json:"fulfilled_quantity"`
	ShippedQuantity         float64         `json:"shipped_quantity"`
	DeliveredQuantity       float64         `json:"delivered_quantity"`
	ReturnRequestedQuantity float64         `json:"return_requested_quantity"`
	ReturnReceivedQuantity  float64         `json:"return_received_quantity"`
	ReturnDismissedQuantity float64         `json:"return_dismissed_quantity"`
	WrittenOffQuantity      float64         `json:"written_off_quantity"`
	UnitPrice               float64         `json:"unit_price"`
	CompareAtUnitPrice      float64         `json:"compare_at_unit_price"`
	Metadata                json.RawMessage `json:"metadata"`
	CreatedAt               time.Time       `json:"created_at"`
	UpdatedAt               time.Time       `json:"updated_at"`
	DeletedAt               time.Time       `json:"deleted_at"`
}

type taxLine struct {
	ID          string    `json:"id"`
	ItemID      string    `json:"item_id"`
	Code        string    `json:"code"`
	Description string    `json:"description"`
	ProviderID  string    `json:"provider_id"`
	TaxRateID   string    `json:"tax_rate_id"`
	Rate        float64   `json:"rate"`
	Subtotal    float64   `json:"subtotal"`
	Total       float64   `json:"total"`
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   time.Time `json:"updated_at"`
	DeletedAt   time.Time `json:"deleted_at"`
}

type orderSummary struct {
	OriginalOrderTotal float64 `json:"original_order_total"`
	CurrentOrderTotal  float64 `json:"current_order_total"`
	AccountingTotal    float64 `json:"accounting_total"`
	PaidTotal          float64 `json:"paid_total"`
	RefundedTotal      float64 `json:"refunded_total"`
	TransactionTotal   float64 `json:"transaction_total"`
	CreditLineTotal    float64 `json:"credit_line_total"`
	PendingDifference  float64 `json:"pending_difference"`
}

type seller struct {
	ID                  string          `json:"id"`
	Name                string          `json:"name"`
	Handle              string          `json:"handle"`
	Logo                string          `json:"logo"`
	Banner              string          `json:"banner"`
	Description         string          `json:"description"`
	Email               string          `json:"email"`
	Phone               string          `json:"phone"`
	WebsiteURL          string          `json:"website_url"`
	CurrencyCode        string          `json:"currency_code"`
	ExternalID          string          `json:"external_id"`
	Status              string          `json:"status"`
	StatusReason        string          `json:"status_reason"`
	IsPremium           *bool           `json:"is_premium"`
	ClosedFrom          string          `json:"closed_from"`
	ClosedTo            string          `json:"closed_to"`
	ClosureNote         string          `json:"closure_note"`
	Address             json.RawMessage `json:"address"`
	PaymentDetails      json.RawMessage `json:"payment_details"`
	ProfessionalDetails json.RawMessage `json:"professional_details"`
	Metadata            json.RawMessage `json:"metadata"`
	ApprovedAt          time.Time       `json:"approved_at"`
	RejectedAt          time.Time       `json:"rejected_at"`
	CreatedAt           time.Time       `json:"created_at"`
	UpdatedAt           time.Time       `json:"updated_at"`
	DeletedAt           time.Time       `json:"deleted_at"`
}

type productVariant struct {
	ID        string          `json:"id"`
	ProductID string          `json:"product_id"`
	Product   *relatedProduct `json:"product"`
}

type relatedProduct struct {
	ID     string  `json:"id"`
	Handle string  `json:"handle"`
	Title  string  `json:"title"`
	Seller *seller `json:"seller"`
}

type postalAddress struct {
	ID          string          `json:"id"`
	CustomerID  string          `json:"customer_id"`
	FirstName   string          `json:"first_name"`
	LastName    string          `json:"last_name"`
	Company     string          `json:"company"`
	Address1    string          `json:"address_1"`
	Address2    string          `json:"address_2"`
	City        string          `json:"city"`
	Province    string          `json:"province"`
	PostalCode  string          `json:"postal_code"`
	CountryCode string          `json:"country_code"`
	Phone       string          `json:"phone"`
	Metadata    json.RawMessage `json:"metadata"`
	CreatedAt   time.Time       `json:"created_at"`
	UpdatedAt   time.Time       `json:"updated_at"`
	DeletedAt   time.Time       `json:"deleted_at"`
}

type cart struct {
	ID          string    `json:"id"`
	CompletedAt time.Time `json:"completed_at"`
}

type order struct {
	ID               string           `json:"_id"`
	Number           int64            `json:"orderId"`
	User             string           `json:"user"`
	Shop             string           `json:"shop"`
	Items            []orderItem      `json:"items"`
	Status           string           `json:"status"`
	Subtotal         float64          `json:"subtotal"`
	ShippingCost     float64          `json:"shippingCost"`
	Discount         float64          `json:"discount"`
	Tax              float64          `json:"tax"`
	Total            float64          `json:"total"`
	Coupon           string           `json:"coupon"`
	ShippingAddress  *shippingAddress `json:"shippingAddress"`
	Payment          string           `json:"payment"`
	PaymentMethod    string           `json:"paymentMethod"`
	Shipment         string           `json:"shipment"`
	Source           string           `json:"source"`
	POSCustomerName  string           `json:"posCustomerName"`
	POSCustomerEmail string           `json:"posCustomerEmail"`
	POSCustomerPhone string           `json:"posCustomerPhone"`
	Notes            string           `json:"notes"`
	CreatedAt        time.Time        `json:"createdAt"`
	UpdatedAt        time.Time        `json:"updatedAt"`
}

type orderItem struct {
	ID                string            `json:"_id"`
	ItemType          string            `json:"itemType"`
	Product           string            `json:"product"`
	Service           string            `json:"service"`
	Variant           string            `json:"variant"`
	Name              string            `json:"name"`
	SKU               string            `json:"sku"`
	Price             float64           `json:"price"`
	Quantity          float64           `json:"quantity"`
	VariantAttributes map[string]string `json:"variantAttributes"`
	SelectedAddons    []addon           `json:"selectedAddons"`
	ImageURL          string            `json:"imageUrl"`
}

type addon struct {
	AddonID     string  `json:"addonId"`
	Name        string  `json:"name"`
	Description string  `json:"description"`
	Price       float64 `json:"price"`
	Quantity    float64 `json:"quantity"`
}

type shippingAddress struct {
	ID           string          `json:"_id"`
	City         string          `json:"city"`
	State        string          `json:"state"`
	ZipCode      string          `json:"zipCode"`
	Country      string          `json:"country"`
	FullName     string          `json:"fullName"`
	AddressLine1 string          `json:"addressLine1"`
	AddressLine2 string          `json:"addressLine2"`
	PhoneNumber  string          `json:"phoneNumber"`
	User         string          `json:"user"`
	Name         string          `json:"name"`
	Email        string          `json:"email"`
	Phone        string          `json:"phone"`
	Address      string          `json:"address"`
	Latitude     float64         `json:"latitude"`
	Longitude    float64         `json:"longitude"`
	Validated    json.RawMessage `json:"validated"`
	Street       string          `json:"street"`
	Street2      string          `json:"street2"`
	IsDefault    *bool           `json:"isDefault"`
}
