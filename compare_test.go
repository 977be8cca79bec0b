package storeorders_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
)

// checkDecoded checks an item that the client decoded against the bytes that
// it came as.
func checkDecoded[T any, P interface {
	*T
	RawJSON() json.RawMessage
}](t *testing.T, item P, raw json.RawMessage) {
	t.Helper()
	assert.Equal(t, string(raw), string(item.RawJSON()), "RawJSON is the object as it came")

	original := generic(t, raw)
	c := comparison{t: t}
	c.value("", reflect.ValueOf(item).Elem(), original)
	t.Logf("%d fields compared", c.fields)

	encoded, err := json.Marshal(item)
	require.NoError(t, err)
	written := generic(t, encoded)
	c.agrees("written", written, original)
	c.covers("written", reflect.TypeFor[T](), written, original)

	var again T
	require.NoError(t, json.Unmarshal(encoded, &again))
	c.equal("decoded again", reflect.ValueOf(item).Elem(), reflect.ValueOf(again))
	encodedAgain, err := json.Marshal(P(&again))
	require.NoError(t, err)
	assert.Equal(t, string(encoded), string(encodedAgain))
}

// comparison walks structs, and JSON as encoding/json reads it into any, with
// json.Number for numbers.
type comparison struct {
	t      *testing.T
	fields int
}

// value compares what the client decoded with the generic value; nil is both
// null and absent.
func (c *comparison) value(at string, got reflect.Value, want any) {
	c.t.Helper()
	if want == nil {
		if raw, ok := reflect.TypeAssert[json.RawMessage](got); ok && string(raw) == "null" {
			return // it is kept as it came
		}
		assert.Truef(c.t, got.IsZero(), "%s: null or absent is the zero value, got %#v", at, got.Interface())
		return
	}
	c.fields++
	switch v := got.Interface().(type) {
	case storeorders.Decimal:
		assert.Equal(c.t, fmt.Sprint(want), string(v), at)
		return
	case time.Time:
		instant, err := time.Parse(time.RFC3339Nano, fmt.Sprint(want))
		require.NoError(c.t, err, at)
		assert.Truef(c.t, instant.Equal(v), "%s: want %v, got %v", at, want, v)
		return
	case json.RawMessage:
		assert.Equal(c.t, want, generic(c.t, v), at)
		return
	case storeorders.Ref:
		if id, ok := want.(string); ok {
			assert.Equal(c.t, storeorders.Ref{ID: id}, v, at)
			return
		}
		require.NotNil(c.t, v.Object, at)
		assert.Equal(c.t, want, generic(c.t, v.Object), at)
		if object, ok := want.(map[string]any); ok && object["_id"] != nil {
			assert.Equal(c.t, object["_id"], v.ID, at)
		}
		return
	case storeorders.VariantAttributes:
		object, ok := want.(map[string]any)
		require.True(c.t, ok, at)
		require.Len(c.t, v, len(object), at)
		for name, member := range object {
			if text, ok := member.(string); ok {
				assert.Equal(c.t, text, v[name], at)
			} else {
				assert.Equal(c.t, member, generic(c.t, []byte(v[name])), at)
			}
		}
		return
	case *storeorders.ShippingAddress:
		if id, ok := want.(string); ok {
			assert.Equal(c.t, &storeorders.ShippingAddress{ID: id}, v, at)
			return
		}
	}

	switch got.Kind() {
	case reflect.String:
		assert.Equal(c.t, want, got.String(), at)
	case reflect.Bool:
		assert.Equal(c.t, want, got.Bool(), at)
	case reflect.Int64:
		assert.Equal(c.t, fmt.Sprint(want), strconv.FormatInt(got.Int(), 10), at)
	case reflect.Pointer:
		require.Falsef(c.t, got.IsNil(), "%s is lost", at)
		c.value(at, got.Elem(), want)
	case reflect.Slice:
		list, ok := want.([]any)
		require.Truef(c.t, ok, "%s is no list", at)
		assert.Falsef(c.t, got.IsNil(), "%s: an empty list is not an absent one", at)
		require.Equal(c.t, len(list), got.Len(), at)
		for i := range list {
			c.value(fmt.Sprintf("%s[%d]", at, i), got.Index(i), list[i])
		}
	case reflect.Struct:
		object, ok := want.(map[string]any)
		require.Truef(c.t, ok, "%s is no object", at)
		for field := range fields(got.Type()) {
			c.value(at+"."+wireName(field), got.FieldByIndex(field.Index), object[wireName(field)])
		}
	default:
		assert.Failf(c.t, "unexpected kind", "%s: %s", at, got.Type())
	}
}

// agrees checks that all that was written is in the original, with the same
// value.
func (c *comparison) agrees(at string, written, original any) {
	c.t.Helper()
	switch w := written.(type) {
	case map[string]any:
		if id, ok := original.(string); ok && strings.HasSuffix(at, ".shippingAddress") {
			original = map[string]any{"_id": id} // of a saved address
		}
		o, ok := original.(map[string]any)
		if !ok {
			assert.Failf(c.t, "not in the original", "%s: %v", at, written)
			return
		}
		for name, member := range w {
			if value, ok := o[name]; assert.Truef(c.t, ok, "%s.%s is not in the original", at, name) {
				c.agrees(at+"."+name, member, value)
			}
		}
	case []any:
		o, ok := original.([]any)
		if !ok || len(o) != len(w) {
			assert.Failf(c.t, "not in the original", "%s: %v", at, written)
			return
		}
		for i := range w {
			if o[i] == nil {
				// 2.1.5 sends a line item as null where its quantity alone was asked for. The list keeps its length.
				assert.Containsf(c.t, []any{nil, map[string]any{}}, w[i], "%s[%d]", at, i)
				continue
			}
			c.agrees(fmt.Sprintf("%s[%d]", at, i), w[i], o[i])
		}
	case string:
		if o, ok := original.(string); ok && o != w {
			got, err1 := time.Parse(time.RFC3339Nano, w)
			want, err2 := time.Parse(time.RFC3339Nano, o)
			if err1 == nil && err2 == nil && got.Equal(want) {
				return
			}
		}
		c.text(at, written, original)
	default:
		assert.Equal(c.t, original, written, at)
	}
}

// text compares strings; an attribute of a variant that came as something else
// is written as its text.
func (c *comparison) text(at string, written, original any) {
	c.t.Helper()
	if strings.Contains(at, ".variantAttributes.") {
		assert.Equal(c.t, fmt.Sprint(original), written, at)
		return
	}
	assert.Equal(c.t, original, written, at)
}

// covers checks that every member of the original that the type knows was
// written, unless it is null or the empty string.
func (c *comparison) covers(at string, typ reflect.Type, written, original any) {
	c.t.Helper()
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	switch o := original.(type) {
	case map[string]any:
		w, ok := written.(map[string]any)
		if !assert.Truef(c.t, ok, "%s: want an object, got %v", at, written) || !isResource(typ) {
			return
		}
		for field := range fields(typ) {
			name := wireName(field)
			value := o[name]
			if value == nil || value == "" {
				continue
			}
			if member, ok := w[name]; assert.Truef(c.t, ok, "%s.%s was not written", at, name) {
				c.covers(at+"."+name, field.Type, member, value)
			}
		}
	case []any:
		w, ok := written.([]any)
		if !assert.Truef(c.t, ok && len(w) == len(o), "%s: want a list of %d, got %v", at, len(o), written) || typ.Kind() != reflect.Slice || typ == reflect.TypeFor[json.RawMessage]() {
			return
		}
		for i := range o {
			c.covers(fmt.Sprintf("%s[%d]", at, i), typ.Elem(), w[i], o[i])
		}
	}
}

// equal compares the exported fields of two values: RawJSON is not part of
// what encoding/json sees.
func (c *comparison) equal(at string, want, got reflect.Value) {
	c.t.Helper()
	switch w := want.Interface().(type) {
	case time.Time:
		g, ok := reflect.TypeAssert[time.Time](got)
		assert.Truef(c.t, ok && w.Equal(g), "%s: want %v, got %v", at, w, g)
		return
	case json.RawMessage:
		g, ok := reflect.TypeAssert[json.RawMessage](got)
		require.True(c.t, ok, at)
		if assert.Equal(c.t, w == nil, g == nil, at) && w != nil {
			assert.Equal(c.t, generic(c.t, w), generic(c.t, g), at)
		}
		return
	}
	switch want.Kind() {
	case reflect.Pointer:
		if assert.Equal(c.t, want.IsNil(), got.IsNil(), at) && !want.IsNil() {
			c.equal(at, want.Elem(), got.Elem())
		}
	case reflect.Slice:
		assert.Equal(c.t, want.IsNil(), got.IsNil(), at)
		require.Equal(c.t, want.Len(), got.Len(), at)
		for i := range want.Len() {
			c.equal(fmt.Sprintf("%s[%d]", at, i), want.Index(i), got.Index(i))
		}
	case reflect.Struct:
		for field := range fields(want.Type()) {
			c.equal(at+"."+field.Name, want.FieldByIndex(field.Index), got.FieldByIndex(field.Index))
		}
	default:
		assert.Equal(c.t, want.Interface(), got.Interface(), at)
	}
}

// unknownMembers collects the paths of the members that typ has no field for.
func unknownMembers(typ reflect.Type, value any, at string, unknown map[string]bool) {
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	switch v := value.(type) {
	case []any:
		if typ.Kind() == reflect.Slice && typ != reflect.TypeFor[json.RawMessage]() {
			for _, element := range v {
				unknownMembers(typ.Elem(), element, at+"[]", unknown)
			}
		}
	case map[string]any:
		if !isResource(typ) {
			return
		}
		known := map[string]reflect.Type{}
		for field := range fields(typ) {
			known[wireName(field)] = field.Type
		}
		for name, member := range v {
			where := strings.TrimPrefix(at+"."+name, ".")
			if fieldType, ok := known[name]; ok {
				unknownMembers(fieldType, member, where, unknown)
			} else if isRawCompanion(name, member, known) {
				unknown["raw_*"] = true
			} else {
				unknown[where] = true
			}
		}
	}
}

// isRawCompanion reports whether a member is the {"value","precision"} that
// Medusa sends beside a number, under the number's name with raw_ before it.
func isRawCompanion(name string, member any, known map[string]reflect.Type) bool {
	number, found := strings.CutPrefix(name, "raw_")
	if !found || known[number] != reflect.TypeFor[storeorders.Decimal]() {
		return false
	}
	object, ok := member.(map[string]any)
	if member == nil {
		return true
	}
	_, hasValue := object["value"]
	_, hasPrecision := object["precision"]
	return ok && len(object) == 2 && hasValue && hasPrecision
}

// isResource reports whether typ is a struct whose fields are the members of
// the JSON object.
func isResource(typ reflect.Type) bool {
	return typ.Kind() == reflect.Struct && typ != reflect.TypeFor[time.Time]() && typ != reflect.TypeFor[storeorders.Ref]()
}

// fields are the exported fields of a struct.
func fields(typ reflect.Type) iter.Seq[reflect.StructField] {
	return func(yield func(reflect.StructField) bool) {
		for field := range typ.Fields() {
			if field.IsExported() && !yield(field) {
				return
			}
		}
	}
}

func wireName(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return name
}

func sortedKeys(set map[string]bool) []string {
	keys := make([]string, 0, len(set))
	for key := range set {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// generic is the JSON as encoding/json reads it without knowing the type,
// with the digits of numbers kept.
func generic(t *testing.T, raw []byte) any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	require.NoErrorf(t, decoder.Decode(&value), "%s", raw)
	return value
}
