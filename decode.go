package storeorders

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// lenient reads what real servers send: duplicate names and invalid UTF-8 are
// no reason to lose a page of orders.
func lenient() json.Options {
	return json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

func unmarshal(data []byte, v any) error { return json.Unmarshal(data, v, lenient()) }

// unmarshalLoosely takes any JSON for a string: what is not one is kept as its
// JSON text, null as "".
func unmarshalLoosely(data []byte, v any) error {
	return json.Unmarshal(data, v, lenient(), json.WithUnmarshalers(json.UnmarshalFromFunc(
		func(d *jsontext.Decoder, s *string) error {
			if kind := d.PeekKind(); kind == '"' || kind == 'n' {
				return errors.ErrUnsupported // as usual
			}
			value, err := d.ReadValue()
			*s = string([]rune(string(value))) // valid UTF-8, as every other string
			return err
		})))
}

// word is a string of JSON, "" for what is something else. (An any would keep
// the type of the first of two values that share a name.)
type word string

func (w *word) UnmarshalJSON(data []byte) error {
	*w = ""
	if len(data) == 0 || data[0] != '"' {
		return nil
	}
	return unmarshal(data, (*string)(w))
}

// resource is an order of either API, which keeps the text that it came as.
type resource[T any] interface {
	scanned[T]
	id() string
	setRaw(text string)
}

// decoder reads an answer in one pass.
type decoder struct {
	*jsontext.Decoder
	body    []byte
	scanner scanner
}

func newDecoder(body []byte) *decoder {
	return &decoder{Decoder: jsontext.NewDecoder(bytes.NewBuffer(body), lenient()), body: body}
}

// document reads the one object that the body is.
func (d *decoder) document(member func(name string) error) error {
	if err := d.object(member); err != nil {
		return err
	}
	if rest := bytes.TrimLeft(d.body[d.InputOffset():], " \t\r\n"); len(rest) > 0 {
		return fmt.Errorf("something follows the JSON, at byte %d", len(d.body)-len(rest))
	}
	return nil
}

// object reads an object and hands over to member for each value.
func (d *decoder) object(member func(name string) error) error {
	if kind := d.PeekKind(); kind != '{' {
		return d.unexpected("an object")
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != '}' {
		token, err := d.ReadToken()
		if err != nil {
			return err
		}
		if err := member(token.String()); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

// unexpected is the error for a value that is not what is needed; where there
// is no value at all it is the decoder's own error.
func (d *decoder) unexpected(need string) error {
	offset := d.InputOffset()
	token, err := d.ReadToken()
	if err != nil {
		return err
	}
	return fmt.Errorf("a JSON %s where %s is needed, at byte %d", kindName(token.Kind()), need, offset)
}

func (d *decoder) value(v any) error { return json.UnmarshalDecode(d.Decoder, v) }

// number reads one of the numbers that a list comes with.
func (d *decoder) number(n *int) error {
	if d.PeekKind() != '0' {
		return d.unexpected("a number")
	}
	start := d.InputOffset()
	if err := d.value(n); err != nil {
		return err
	}
	if *n < 0 {
		return fmt.Errorf("a negative number, at byte %d", start)
	}
	return nil
}

// decodeList reads an array of orders into one slice or, for All, each alone,
// so that who keeps one order does not keep its page. null is an empty list.
func decodeList[T any, P resource[T]](d *decoder, alone bool) (list []T, apart []*T, err error) {
	if alone {
		apart, err = decodeEach(d, func(apart []*T) ([]*T, P) {
			order := new(T)
			return append(apart, order), order
		})
	} else {
		list, err = decodeEach(d, func(list []T) ([]T, P) {
			list = append(list, *new(T))
			return list, &list[len(list)-1]
		})
	}
	return list, apart, err
}

// decodeEach reads an array of orders, each to where add puts it.
func decodeEach[E, T any, P resource[T]](d *decoder, add func([]E) ([]E, P)) ([]E, error) {
	switch d.PeekKind() {
	case 'n':
		return []E{}, d.SkipValue()
	case '[':
	default:
		return nil, d.unexpected("an array")
	}
	if _, err := d.ReadToken(); err != nil {
		return nil, err
	}
	list := []E{}
	start := d.InputOffset()
	for d.PeekKind() != ']' {
		var order P
		list, order = add(list)
		if err := decodeResource(d, order); err != nil {
			return nil, err
		}
		if len(list) == 1 { // room for as many as there are if they are alike
			const most = 1000
			rest := int64(len(d.body)) - d.InputOffset()
			list = slices.Grow(list, int(min(rest/(d.InputOffset()-start), most)))
		}
	}
	_, err := d.ReadToken()
	if cap(list) > 2*len(list) {
		list = slices.Clone(list) // the first was much smaller than the others
	}
	return list, err
}

// decodeResource reads one order.
func decodeResource[T any, P resource[T]](d *decoder, order P) error {
	if d.PeekKind() != '{' {
		return d.unexpected("an order")
	}
	raw, err := d.ReadValue()
	if err != nil {
		return err
	}
	start := d.InputOffset() - int64(len(raw))
	// One string an order: its texts and numbers are parts of it.
	text := string(raw)
	if !scan(&d.scanner, text, order) {
		*order = *new(T)
		if err := unmarshal(raw, order); err != nil {
			return d.within(start, err)
		}
	}
	order.setRaw(text)
	if order.id() == "" {
		return fmt.Errorf("an order without an id, at byte %d", start)
	}
	return nil
}

// within makes an error of a value that begins there one of the body.
func (d *decoder) within(start int64, err error) error {
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		semantic.ByteOffset += start
		semantic.JSONPointer = d.StackPointer() + semantic.JSONPointer
	}
	return err
}

var errNotJSON = errors.New("not JSON")

// describe says what is wrong with a body and where, without quoting it, as
// the JSON library's own errors do.
func describe(err error, body []byte, mask func(string) string) error {
	var semantic *json.SemanticError
	var syntactic *jsontext.SyntacticError
	switch {
	case errors.As(err, &semantic):
		text := fmt.Sprintf("a JSON %s does not fit", kindName(semantic.JSONKind))
		switch goType := semantic.GoType; {
		case goType == nil:
		case goType.Kind() == reflect.Struct && goType.Name() == "": // its text would be its members
			text = fmt.Sprintf("a JSON %s where an object is needed", kindName(semantic.JSONKind))
		default:
			text += " " + strings.TrimPrefix(goType.String(), "storeorders.")
		}
		if semantic.JSONPointer == "" {
			return fmt.Errorf("%s, at byte %d", text, semantic.ByteOffset)
		}
		return fmt.Errorf("%s, at %s (byte %d)", text, mask(oneLine(string(semantic.JSONPointer))), semantic.ByteOffset)
	case errors.Is(err, io.EOF), errors.As(err, &syntactic) && len(bytes.TrimSpace(body)) == 0:
		return errors.New("the body is empty")
	case errors.As(err, &syntactic):
		return fmt.Errorf("%w from byte %d on", errNotJSON, syntactic.ByteOffset)
	default:
		return err
	}
}

func kindName(kind jsontext.Kind) string {
	switch kind {
	case 'n':
		return "null"
	case 't', 'f':
		return "boolean"
	case '"':
		return "string"
	case '0':
		return "number"
	case '{', '}':
		return "object"
	case '[', ']':
		return "array"
	default:
		return "value"
	}
}
