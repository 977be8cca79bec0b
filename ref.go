package storeorders

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
)

// Ref is a reference that Salesive sends as an id, or populated as an object,
// or null: which of them depends on the endpoint and the version. The zero
// Ref stands for null and for absent.
type Ref struct {
	// ID is the id: the string itself, or the object's "_id", else its "id".
	// "" where the server sent neither.
	ID string
	// Object is what came where it was not a string: the populated object,
	// byte for byte. nil where the server sent an id or nothing.
	Object json.RawMessage
}

// IsZero reports whether there is no reference at all.
func (r Ref) IsZero() bool { return r.ID == "" && r.Object == nil }

// MarshalJSON writes the object if there is one, else the id, else null.
func (r Ref) MarshalJSON() ([]byte, error) {
	switch {
	case r.Object != nil:
		return r.Object, nil
	case r.ID != "":
		return json.Marshal(r.ID)
	default:
		return []byte("null"), nil
	}
}

// UnmarshalJSON reads an id, an object or null. Any other JSON value is kept
// in Object, without an id: a reference in an unknown form is no reason to
// refuse the order that holds it.
func (r *Ref) UnmarshalJSON(data []byte) error {
	*r = Ref{}
	switch {
	case string(data) == "null":
		return nil
	case len(data) > 0 && data[0] == '"':
		return unmarshal(data, &r.ID)
	case !json.Valid(data):
		return errors.New("storeorders: Ref: not JSON")
	default:
		r.Object = bytes.Clone(data)
		r.ID = objectID(data)
		return nil
	}
}

// objectID returns the id of a populated object, "" if it has none.
func objectID(data []byte) string {
	var object struct {
		MongoID word `json:"_id"`
		ID      word `json:"id"`
	}
	if unmarshal(data, &object) != nil {
		return ""
	}
	return string(cmp.Or(object.MongoID, object.ID))
}
