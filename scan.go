package storeorders

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// scanner reads an order out of JSON that jsontext has found valid: it checks
// nothing again. It works on one string an order, of which the order's texts
// and numbers are parts, and calls no reflection.
//
// Its methods are false where a value is not of the expected form. The order is
// then read by package json, which also knows the rare forms, and says what is
// wrong.
type scanner struct {
	text string
	at   int

	// The lists that are being read. How long one becomes is known at its end:
	// then it is copied, so that no order takes the memory of a longer one.
	// None of these types is part of itself.
	sellerOrders []SellerOrder
	lineItems    []LineItem
	taxLines     []TaxLine
	orderItems   []OrderItem
	addons       []Addon
}

// scanned is a type that reads its members from a scanner. Those that it does
// not know it leaves to skip.
type scanned[T any] interface {
	*T
	scanMember(s *scanner, name string) bool
}

// scanObject reads an object into v. null is its zero value.
func scanObject[T any, P scanned[T]](s *scanner, v P) bool {
	switch s.kind() {
	case 'n':
		s.skip()
		*v = *new(T)
		return true
	case '{':
	default:
		return false
	}
	s.at++
	for s.kind() != '}' {
		name, ok := s.quoted()
		if !ok {
			return false
		}
		s.kind() // the colon
		if !v.scanMember(s, name) {
			return false
		}
	}
	s.at++
	return true
}

// scanPointer reads an object into a new T, or null.
func scanPointer[T any, P scanned[T]](s *scanner, v **T) bool {
	if s.null() {
		*v = nil
		return true
	}
	if *v == nil {
		*v = new(T)
	}
	return scanObject[T, P](s, *v)
}

// scanList reads an array of objects, by the scanner's list for them.
func scanList[T any, P scanned[T]](s *scanner, v, list *[]T) bool {
	if s.null() {
		*v = nil
		return true
	}
	if s.kind() != '[' {
		return false
	}
	s.at++
	*list = (*list)[:0]
	for s.kind() != ']' {
		*list = append(*list, *new(T))
		if !scanObject[T, P](s, &(*list)[len(*list)-1]) {
			return false
		}
	}
	s.at++
	*v = make([]T, len(*list))
	copy(*v, *list)
	if len(*list) > 1000 {
		*list = nil // no page keeps it for the sake of one order
	}
	return true
}

// scanText reads a string.
func scanText[S ~string](s *scanner, v *S) bool {
	if s.null() {
		*v = ""
		return true
	}
	text, ok := s.quoted()
	*v = S(text)
	return ok
}

func (s *scanner) decimal(v *Decimal) bool {
	if s.null() {
		*v = ""
		return true
	}
	number, ok := s.number()
	*v = Decimal(number)
	return ok
}

func (s *scanner) integer(v *int64) bool {
	if s.null() {
		*v = 0
		return true
	}
	number, ok := s.number()
	if !ok {
		return false
	}
	n, err := strconv.ParseInt(number, 10, 64)
	*v = n
	return err == nil
}

func (s *scanner) boolean(v **bool) bool {
	switch s.kind() {
	case 'n':
		*v = nil
	case 't', 'f':
		is := s.text[s.at] == 't'
		*v = &is
	default:
		return false
	}
	s.skip()
	return true
}

// time reads a time in the form in which both servers send it, in UTC.
func (s *scanner) time(v *time.Time) bool {
	if s.null() {
		*v = time.Time{}
		return true
	}
	text, ok := s.quoted()
	if !ok || len(text) < len("2006-01-02T15:04:05Z") || text[len(text)-1] != 'Z' || text[19] != '.' && text[19] != 'Z' {
		return false
	}
	t, err := time.Parse(time.RFC3339, text)
	*v = t
	return err == nil
}

// word reads a string, and "" for what is something else.
func (s *scanner) word(v *string) bool {
	*v = ""
	if s.kind() != '"' {
		return s.skip()
	}
	return scanText(s, v)
}

// raw reads any value as it is.
func (s *scanner) raw(v *json.RawMessage) bool {
	s.kind()
	start := s.at
	s.skip()
	*v = json.RawMessage(s.text[start:s.at])
	return true
}

// kind is the first character of the next value, or the end of the object or
// array. It passes over what stands before it.
func (s *scanner) kind() byte {
	for {
		switch c := s.text[s.at]; c {
		case ' ', '\t', '\n', '\r', ',', ':':
			s.at++
		default:
			return c
		}
	}
}

func (s *scanner) null() bool {
	if s.kind() != 'n' {
		return false
	}
	s.at += len("null")
	return true
}

// quoted reads a string.
func (s *scanner) quoted() (string, bool) {
	if s.kind() != '"' {
		return "", false
	}
	start := s.at + 1
	length := strings.IndexByte(s.text[start:], '"')
	text := s.text[start : start+length]
	if strings.IndexByte(text, '\\') < 0 {
		s.at = start + length + 1
		return text, true
	}
	s.skip()
	var unescaped string
	err := unmarshal([]byte(s.text[start-1:s.at]), &unescaped)
	return unescaped, err == nil
}

func (s *scanner) number() (string, bool) {
	if c := s.kind(); c != '-' && (c < '0' || c > '9') {
		return "", false
	}
	start := s.at
	s.skip()
	return s.text[start:s.at], true
}

// skip passes over the next value.
func (s *scanner) skip() bool {
	switch s.kind() {
	case '{', '[':
		depth := 0
		for {
			switch s.text[s.at] {
			case '{', '[':
				depth++
			case '}', ']':
				depth--
			case '"':
				s.skipString()
				continue
			}
			s.at++
			if depth == 0 {
				return true
			}
		}
	case '"':
		s.skipString()
	default:
		for s.at < len(s.text) {
			switch s.text[s.at] {
			case ',', ':', '}', ']', ' ', '\t', '\n', '\r':
				return true
			}
			s.at++
		}
	}
	return true
}

func (s *scanner) skipString() {
	for s.at++; ; s.at++ {
		s.at += strings.IndexByte(s.text[s.at:], '"')
		escapes := 0
		for s.text[s.at-1-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			s.at++
			return
		}
	}
}

// scan reads a whole order.
func scan[T any, P scanned[T]](s *scanner, text string, v P) bool {
	s.text, s.at = text, 0
	return utf8.ValidString(text) && scanObject[T, P](s, v)
}
