package storeorders_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
)

func TestRefReadsEveryForm(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		wantID     string
		wantObject string // "" for none
	}{
		{"id", `"68f976e92bb0b821425fdda6"`, "68f976e92bb0b821425fdda6", ""},
		{"id with escapes", `"a\u0062\"c"`, `ab"c`, ""},
		{"empty id", `""`, "", ""},
		{"null", `null`, "", ""},
		{"object with _id", `{"_id":"u1","name":"Ada"}`, "u1", `{"_id":"u1","name":"Ada"}`},
		{"object with id", `{"name":"Ada","id":"u2"}`, "u2", `{"name":"Ada","id":"u2"}`},
		{"object with both", `{"id":"virtual","_id":"u1"}`, "u1", `{"id":"virtual","_id":"u1"}`},
		{"object with an empty _id", `{"_id":"","id":"u2"}`, "u2", `{"_id":"","id":"u2"}`},
		{"object with a null _id", `{"_id":null,"id":"u2"}`, "u2", `{"_id":null,"id":"u2"}`},
		{"object with an _id that is no string", `{"_id":5}`, "", `{"_id":5}`},
		{"object with neither", `{"code":"SUMMER20"}`, "", `{"code":"SUMMER20"}`},
		{"object with the id inside another", `{"user":{"_id":"u1"}}`, "", `{"user":{"_id":"u1"}}`},
		{"object with other cases", `{"_ID":"u1","Id":"u2"}`, "", `{"_ID":"u1","Id":"u2"}`},
		{"object with _id twice", `{"_id":"u1","_id":"u2"}`, "u2", `{"_id":"u1","_id":"u2"}`},
		{"object with spaces", "{ \"_id\" :\t\"u1\",\n \"amount\": 1.10 }", "u1", "{ \"_id\" :\t\"u1\",\n \"amount\": 1.10 }"},
		{"empty object", `{}`, "", `{}`},
		{"number", `42`, "", `42`},
		{"true", `true`, "", `true`},
		{"array", `["u1","u2"]`, "", `["u1","u2"]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ref := storeorders.Ref{ID: "before", Object: json.RawMessage(`{"before":true}`)}
			require.NoError(t, json.Unmarshal([]byte(tt.text), &ref))
			assert.Equal(t, tt.wantID, ref.ID)
			if tt.wantObject == "" {
				assert.Nil(t, ref.Object)
			} else {
				assert.Equal(t, tt.wantObject, string(ref.Object), "byte for byte")
			}
			assert.Equal(t, tt.wantID == "" && tt.wantObject == "", ref.IsZero())
		})
	}
}

func TestRefInvalidUTF8InAnObjectKeepsTheID(t *testing.T) {
	t.Parallel()
	var ref storeorders.Ref
	require.NoError(t, json.Unmarshal([]byte("{\"_id\":\"u1\",\"name\":\"\xff\"}"), &ref))
	assert.Equal(t, "u1", ref.ID)
}

func TestRefRoundTripsThroughEncodingJSON(t *testing.T) {
	t.Parallel()
	type holder struct {
		One   storeorders.Ref            `json:"one,omitzero"`
		Many  []storeorders.Ref          `json:"many,omitzero"`
		Named map[string]storeorders.Ref `json:"named,omitzero"`
	}
	for _, text := range []string{
		`{}`,
		`{"one":"u1"}`,
		`{"one":{"_id":"u1","amount":1.10}}`,
		`{"one":{"amount":1.10}}`,
		`{"one":42,"many":["u1",null,{"id":"u2"},[1]],"named":{"a":"u1","b":{"_id":"u2"}}}`,
	} {
		var v, again holder
		require.NoError(t, json.Unmarshal([]byte(text), &v))
		encoded, err := json.Marshal(v)
		require.NoError(t, err)
		assert.Equal(t, text, string(encoded))
		require.NoError(t, json.Unmarshal(encoded, &again))
		assert.Equal(t, v, again)
	}
}

func TestRefThatIsNullIsWrittenAsAbsent(t *testing.T) {
	t.Parallel()
	v := struct {
		Ref storeorders.Ref `json:"ref,omitzero"`
	}{}
	require.NoError(t, json.Unmarshal([]byte(`{"ref":null}`), &v))
	encoded, err := json.Marshal(v)
	require.NoError(t, err)
	assert.Equal(t, `{}`, string(encoded))

	encoded, err = json.Marshal(v.Ref)
	require.NoError(t, err)
	assert.Equal(t, `null`, string(encoded))
}

func TestRefWritesTheObjectRatherThanTheID(t *testing.T) {
	t.Parallel()
	encoded, err := json.Marshal(storeorders.Ref{ID: "u1", Object: json.RawMessage(`{"_id":"u1"}`)})
	require.NoError(t, err)
	assert.Equal(t, `{"_id":"u1"}`, string(encoded))

	_, err = json.Marshal(storeorders.Ref{Object: json.RawMessage(`{"_id":`)})
	assert.Error(t, err, "an object that is no JSON is not written")
}

func TestRefDoesNotKeepItsInput(t *testing.T) {
	t.Parallel()
	input := []byte(`{"_id":"u1"}`)
	var ref storeorders.Ref
	require.NoError(t, ref.UnmarshalJSON(input))
	clear(input)
	assert.Equal(t, storeorders.Ref{ID: "u1", Object: json.RawMessage(`{"_id":"u1"}`)}, ref)
}

func TestRefRefusesEmptyInput(t *testing.T) {
	t.Parallel()
	var ref storeorders.Ref
	require.NotPanics(t, func() { assert.Error(t, ref.UnmarshalJSON(nil)) })
}
