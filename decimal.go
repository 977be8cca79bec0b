package storeorders

import (
	"cmp"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// Decimal is a JSON number kept digit for digit: an amount of money, a
// quantity, a count, a rate. The empty string stands for "absent", so
// "0" (the server said zero) and "" (the server said nothing) differ.
//
// It is a string, so a literal is one: MinTotal: "99.90". Both servers send
// amounts in major units (15.5 is 15.50 of the currency), with up to six
// decimals; neither sends a currency with every amount, so a Decimal has none.
//
// For arithmetic use [Decimal.Rat], which is exact, or hand [Decimal.String]
// to a decimal library.
type Decimal string

// maxDigits bounds the numbers that Rat writes out: a number such
// as 1e999999999 is eleven bytes of JSON and a gigabyte of digits.
const maxDigits = 10_000

var errNotANumber = errors.New("not a JSON number")

// String returns the digits as they came; "" for an absent value.
func (d Decimal) String() string { return string(d) }

// Valid reports whether d is a JSON number: "-1.50" and "2e3" are; "", "1.",
// "+1", "01", "NaN" and "1,5" are not.
func (d Decimal) Valid() bool {
	_, ok := d.parse()
	return ok
}

// IsZero reports whether d is absent ("") or a number equal to zero, such as
// "0" or "0.00". To tell absent from zero compare with "".
func (d Decimal) IsZero() bool {
	if d == "" {
		return true
	}
	n, ok := d.parse()
	return ok && n.digits == ""
}

// Float64 returns the nearest float64. It fails if d is not [Decimal.Valid]
// or is too large for a float64.
func (d Decimal) Float64() (float64, error) {
	n, ok := d.parse()
	if !ok {
		return 0, d.invalid()
	}
	f, err := strconv.ParseFloat(n.String(), 64)
	if err != nil {
		return 0, fmt.Errorf("storeorders: Decimal: %w", errors.Unwrap(err))
	}
	return f, nil
}

// Rat returns the exact value. It fails if d is not [Decimal.Valid] or would
// have more than 10,000 digits when written out.
func (d Decimal) Rat() (*big.Rat, error) {
	n, ok := d.parse()
	if !ok {
		return nil, d.invalid()
	}
	if n.digits == "" {
		return new(big.Rat), nil
	}
	if n.point > maxDigits || n.point < -maxDigits || len(n.digits) > maxDigits {
		return nil, fmt.Errorf("storeorders: Decimal: more than %d digits", maxDigits)
	}
	r, _ := new(big.Rat).SetString(n.String())
	return r, nil
}

// Cmp compares by value: -1 if d is less than other, 0 if they are equal
// ("1.50" and "1.5" are), +1 if d is greater. What is not a number, as the
// absent value is not, sorts before every number, and equals any other such.
// Exponents beyond 2^60 count as 2^60.
func (d Decimal) Cmp(other Decimal) int {
	a, aNumber := d.parse()
	b, bNumber := other.parse()
	switch {
	case !aNumber && !bNumber:
		return 0
	case !aNumber:
		return -1
	case !bNumber:
		return 1
	case a.sign() != b.sign():
		return cmp.Compare(a.sign(), b.sign())
	case a.point != b.point:
		return a.sign() * cmp.Compare(a.point, b.point)
	default:
		return a.sign() * strings.Compare(a.digits, b.digits)
	}
}

// MarshalJSON writes the digits as they are, and null for an absent value. It
// fails if d is not [Decimal.Valid].
func (d Decimal) MarshalJSON() ([]byte, error) {
	if d == "" {
		return []byte("null"), nil
	}
	if !d.Valid() {
		return nil, d.invalid()
	}
	return []byte(d), nil
}

// UnmarshalJSON keeps the digits of a JSON number as they are. A string that
// holds a number is taken for that number; null is the absent value. All else is
// an error.
func (d *Decimal) UnmarshalJSON(data []byte) error {
	text := string(data)
	if text == "null" {
		*d = ""
		return nil
	}
	if len(text) >= 2 && text[0] == '"' {
		text = text[1 : len(text)-1]
	}
	if !Decimal(text).Valid() {
		return fmt.Errorf("storeorders: Decimal: %w", errNotANumber)
	}
	*d = Decimal(text)
	return nil
}

func (d Decimal) invalid() error {
	if d == "" {
		return errors.New("storeorders: the Decimal is absent: the server sent no value")
	}
	if len(d) > 40 {
		return fmt.Errorf("storeorders: Decimal %q…: %w", string(d[:40]), errNotANumber)
	}
	return fmt.Errorf("storeorders: Decimal %q: %w", string(d), errNotANumber)
}

// number is a parsed Decimal: 0.digits times ten to the power of point. It is
// compared digit by digit, so that no exponent, however large, costs memory.
type number struct {
	negative bool
	digits   string // without leading and trailing zeros; "" is zero
	point    int64
}

// parse reads the number grammar of JSON (RFC 8259, section 6).
func (d Decimal) parse() (number, bool) {
	s := string(d)
	var n number
	s, n.negative = strings.CutPrefix(s, "-")

	whole, s := cutDigits(s)
	if whole == "" || len(whole) > 1 && whole[0] == '0' {
		return number{}, false
	}
	fraction := ""
	if rest, found := strings.CutPrefix(s, "."); found {
		if fraction, s = cutDigits(rest); fraction == "" {
			return number{}, false
		}
	}
	var exponent int64
	if s != "" && (s[0] == 'e' || s[0] == 'E') {
		s = s[1:]
		digits, rest := cutDigits(strings.TrimLeft(s, "+-"))
		if digits == "" || len(s)-len(digits)-len(rest) > 1 {
			return number{}, false
		}
		exponent = saturatedInt(digits)
		if s[0] == '-' {
			exponent = -exponent
		}
		s = rest
	}
	if s != "" {
		return number{}, false
	}

	if fraction == "" {
		n.digits = whole
	} else {
		n.digits = whole + fraction
	}
	significant := strings.TrimLeft(n.digits, "0")
	n.point = int64(len(whole)-(len(n.digits)-len(significant))) + exponent
	n.digits = strings.TrimRight(significant, "0")
	return n, true
}

// String writes the number in the form that strconv and math/big read right
// and at a bounded cost: they err with more than 800 digits before the point,
// and with exponents that many zeros cancel.
func (n number) String() string {
	text := "0"
	if n.digits != "" {
		text = "0." + n.digits + "e" + strconv.FormatInt(n.point, 10)
	}
	if n.negative {
		return "-" + text
	}
	return text
}

func (n number) sign() int {
	switch {
	case n.digits == "":
		return 0
	case n.negative:
		return -1
	default:
		return 1
	}
}

func cutDigits(s string) (digits, rest string) {
	end := 0
	for end < len(s) && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	return s[:end], s[end:]
}

// saturatedInt stops far below the range of int64, so that the length of the
// digits can still be added to it.
func saturatedInt(digits string) int64 {
	const limit = 1 << 60
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n > limit {
		return limit
	}
	return n
}
