package main

import (
	"cmp"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"text/tabwriter"

	"github.com/shopspring/decimal"

	"github.com/seed-2861b391/storeorders"
)

// maxExponent is far beyond all money. 1e999999999 is eleven bytes of JSON, and
// a gigabyte of digits once it is added to another number.
const maxExponent = 100

// toDecimal has the same value, digit for digit. For an absent amount it is not
// Valid, as NULL is in a database: nobody knows how much it was.
func toDecimal(amount storeorders.Decimal) (decimal.NullDecimal, error) {
	if amount == "" {
		return decimal.NullDecimal{}, nil
	}
	value, err := decimal.NewFromString(amount.String())
	if err != nil {
		return decimal.NullDecimal{}, err
	}
	if exponent := value.Exponent(); exponent < -maxExponent || exponent > maxExponent {
		return decimal.NullDecimal{}, fmt.Errorf("the exponent %d is not one of an amount", exponent)
	}
	return decimal.NewNullDecimal(value), nil
}

// sums are by currency or by status; "" is one that the server left out.
type sums map[string]*sum

type sum struct {
	orders  int
	total   decimal.Decimal
	unknown int // how many of the orders have no total, and are not in it
}

// byCurrency adds up the sellers' orders, and not the groups: a group has no
// currency, and canceled orders in its total. There is no sum of a walk that
// failed: it would be one of some orders.
func byCurrency(groups iter.Seq2[*storeorders.OrderGroup, error]) (sums, error) {
	s := sums{}
	for group, err := range groups {
		if err != nil {
			return nil, err
		}
		for _, order := range group.Orders {
			if order.Status == storeorders.SellerOrderStatusCanceled {
				continue
			}
			if err := s.add(order.CurrencyCode, order.Total); err != nil {
				return nil, fmt.Errorf("order %d: %w", order.DisplayID, err)
			}
		}
	}
	return s, nil
}

// byStatus adds up all orders, canceled ones under their status.
func byStatus(orders iter.Seq2[*storeorders.Order, error]) (sums, error) {
	s := sums{}
	for order, err := range orders {
		if err != nil {
			return nil, err
		}
		if err := s.add(string(order.Status), order.Total); err != nil {
			return nil, fmt.Errorf("order %d: %w", order.Number, err)
		}
	}
	return s, nil
}

func (s sums) add(key string, amount storeorders.Decimal) error {
	value, err := toDecimal(amount)
	if err != nil {
		return err
	}
	if s[key] == nil {
		s[key] = new(sum)
	}
	s[key].orders++
	if !value.Valid {
		s[key].unknown++
		return nil
	}
	s[key].total = s[key].total.Add(value.Decimal)
	return nil
}

// String has two decimals, or all that there are: nothing is rounded.
func (s *sum) String() string {
	text := s.total.StringFixed(max(2, -s.total.Exponent()))
	if s.unknown > 0 {
		text += fmt.Sprintf(" and %d without a total", s.unknown)
	}
	return text
}

func (s sums) print(w io.Writer, title, by string) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "%s\n%s\tORDERS\tTOTAL\n", title, by)
	for _, key := range slices.Sorted(maps.Keys(s)) {
		fmt.Fprintf(table, "%s\t%d\t%s\n", cmp.Or(key, "-"), s[key].orders, s[key])
	}
	fmt.Fprintln(table)
	return table.Flush()
}
