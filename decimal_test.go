package storeorders_test

import (
	"encoding/json"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
)

// thousandDigits is far beyond what a float64 or an int64 could tell apart.
const thousandDigits = hundredDigits + hundredDigits + hundredDigits + hundredDigits + hundredDigits +
	hundredDigits + hundredDigits + hundredDigits + hundredDigits + hundredDigits

const hundredDigits = "1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"

func TestDecimalValidIsTheNumberGrammarOfJSON(t *testing.T) {
	t.Parallel()
	tests := map[storeorders.Decimal]bool{
		"0": true, "-0": true, "0.00": true, "7": true, "-1.50": true, "10.00": true, "2e3": true, "2E+3": true, "2e-3": true,
		"1e999999999": true, "0e0": true, "1.0e00": true, thousandDigits: true,

		"": false, "-": false, ".": false, "1.": false, ".5": false, "-.5": false, "+1": false, "--1": false, "01": false, "-01": false, "00": false,
		"1e": false, "1e+": false, "1e+-1": false, "1e--1": false, "1e1.5": false, "e5": false, "1.e5": false, "1.5.5": false,
		"1,5": false, "1 ": false, " 1": false, "1\n": false, "1_000": false, "0x10": false, "1/3": false,
		"NaN": false, "Infinity": false, "-Infinity": false, "null": false, "true": false, `"1"`: false, "1x": false, "１": false,
	}
	for d, want := range tests {
		assert.Equalf(t, want, d.Valid(), "%.40q", string(d))
		assert.Equal(t, string(d), d.String())
	}
}

func TestDecimalIsZeroForAbsentAndForEveryZero(t *testing.T) {
	t.Parallel()
	tests := map[storeorders.Decimal]bool{
		"": true, "0": true, "-0": true, "0.00": true, "0e5": true, "0.000E-999999999999999999999": true,

		"0.01": false, "-0.01": false, "1": false, "1e-999999999": false, "10": false,
		"zero": false, "00": false, "0x0": false,
	}
	for d, want := range tests {
		assert.Equalf(t, want, d.IsZero(), "%q", string(d))
	}
}

func TestDecimalFloat64IsTheNearest(t *testing.T) {
	t.Parallel()
	tests := map[storeorders.Decimal]float64{
		"0": 0, "1.50": 1.5, "-646.5": -646.5, "2e3": 2000, "1234567890123456.78": 1234567890123456.78, "9007199254740993": 9007199254740992, "1e-400": 0,
		thousandDigits + "e-1000": 0.12345678901234568,
		storeorders.Decimal("-25" + strings.Repeat("0", 200_000) + "e-200000"):       -25,
		storeorders.Decimal("0." + strings.Repeat("0", 200_000) + "125" + "e200002"): 12.5,
	}
	for d, want := range tests {
		got, err := d.Float64()
		require.NoErrorf(t, err, "%.40q", string(d))
		assert.InDeltaf(t, want, got, 0, "%.40q", string(d))
	}
}

func TestDecimalFloat64RefusesWhatIsNoNumberOrTooLarge(t *testing.T) {
	t.Parallel()
	for _, d := range []storeorders.Decimal{"", "abc", "1.", "NaN", "Inf", "0x1p4", "1_000", "+1"} {
		_, err := d.Float64()
		assert.Errorf(t, err, "%q", string(d))
	}
	_, err := storeorders.Decimal("-1e400").Float64()
	assert.ErrorIs(t, err, strconv.ErrRange)
}

func TestDecimalRatIsExact(t *testing.T) {
	t.Parallel()
	tests := map[storeorders.Decimal]string{
		"0": "0", "-0": "0", "0.00": "0", "0e999999999": "0", "0.1": "1/10", "-1.50": "-3/2", "2e3": "2000", "2e-3": "1/500", "10.00": "10",
		"1234567890123456.78":     "61728394506172839/50",
		thousandDigits:            thousandDigits,
		"0." + thousandDigits:     thousandDigits + "/1" + strings.Repeat("0", 1000),
		thousandDigits + "e-1000": thousandDigits + "/1" + strings.Repeat("0", 1000),
		storeorders.Decimal("-25" + strings.Repeat("0", 2_000_000) + "e-2000000"):       "-25",
		storeorders.Decimal("0." + strings.Repeat("0", 2_000_000) + "125" + "e2000002"): "25/2",
	}
	for d, text := range tests {
		want, ok := new(big.Rat).SetString(text)
		require.True(t, ok)
		got, err := d.Rat()
		require.NoErrorf(t, err, "%.40q", string(d))
		assert.Zerof(t, want.Cmp(got), "%.40q", string(d))
	}
}

func TestDecimalRatRefusesWhatIsNoNumberOrWouldFillTheMemory(t *testing.T) {
	t.Parallel()
	for _, d := range []storeorders.Decimal{
		"", "abc", "1/3", "1.", "0x10", "1_000", "Inf", "0b1", "1p4",
		"1e999999999", "-1e999999999", "1e-999999999", "1e99999999999999999999999", "1e-99999999999999999999999",
		storeorders.Decimal("1" + strings.Repeat("0", 20_000)),
		storeorders.Decimal(strings.Repeat("9", 20_000)),
		storeorders.Decimal("0." + strings.Repeat("0", 20_000) + "1"),
		storeorders.Decimal(strings.Repeat("9", 20_000) + "e-20000"),
		storeorders.Decimal(strings.Repeat("x", 20_000)),
	} {
		got, err := d.Rat()
		require.Errorf(t, err, "%.40q", string(d))
		assert.Nil(t, got)
		assert.Lessf(t, len(err.Error()), 200, "the error of %.40q does not repeat all of it", string(d))
	}
}

func TestDecimalCmpComparesValuesNotTexts(t *testing.T) {
	t.Parallel()
	long := storeorders.Decimal(thousandDigits)
	tests := []struct {
		a, b storeorders.Decimal
		want int
	}{
		{"1.50", "1.5", 0},
		{"1e2", "100", 0},
		{"100", "1E+2", 0},
		{"0.5", "5e-1", 0},
		{"-0", "0", 0},
		{"0.00", "-0e7", 0},
		{"0.00", "0", 0},
		{"-1.50", "-1.5", 0},
		{"0.000123", "123e-6", 0},
		{"1", "2", -1},
		{"9", "10", -1},
		{"-9", "-10", 1},
		{"-1", "0", -1},
		{"-1", "1", -1},
		{"-0.01", "0.00", -1},
		{"0", "0.000001", -1},
		{"99.90", "99.91", -1},
		{"1.5", "1.50001", -1},
		{"-1.5", "-1.50001", 1},
		{"0.1", "0.09", 1},
		{"12", "1.3", 1},
		{"9007199254740993", "9007199254740992", 1},
		{"1234567890123456.78", "1234567890123456.75", 1},

		{"1e999999999", "1e999999998", 1},
		{"1e999999999", "10e999999998", 0},
		{"1e999999999", "0.1e1000000000", 0},
		{"-1e999999999", "-1e999999998", -1},
		{"-1e999999999", "1e-999999999", -1},
		{"1e-999999999", "0", 1},
		{"1e-999999999", "1e-999999998", -1},
		{"1e999999999", long, 1},
		{"0e999999999", "0", 0},
		{long, long + "1", -1},
		{long + "0.0", long + "0", 0},
		{long + "1", long + "2", -1},
		{"-" + long + "1", "-" + long + "2", 1},
		{"0." + long, long + "e-1000", 0},
		{"0." + long + "1", "0." + long, 1},

		{"", "", 0},
		{"", "abc", 0},
		{"", "-1e999999999", -1},
		{"abc", "-5", -1},
		{"1.", "0", -1},
		{"", "0", -1},
	}
	for _, tt := range tests {
		assert.Equalf(t, tt.want, tt.a.Cmp(tt.b), "%.40q with %.40q", string(tt.a), string(tt.b))
		assert.Equalf(t, -tt.want, tt.b.Cmp(tt.a), "%.40q with %.40q", string(tt.b), string(tt.a))
		assert.Zero(t, tt.a.Cmp(tt.a))
	}
}

// amounts is how users keep Decimals in structs of their own.
type amounts struct {
	Total   storeorders.Decimal            `json:"total"`
	Tax     storeorders.Decimal            `json:"tax,omitempty"`
	Pointer *storeorders.Decimal           `json:"pointer,omitempty"`
	List    []storeorders.Decimal          `json:"list,omitempty"`
	ByName  map[string]storeorders.Decimal `json:"by_name,omitempty"`
}

func TestDecimalKeepsItsDigitsThroughEncodingJSON(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"total":10.00,"tax":0,"pointer":1e2,"list":[0,-0,1.50,1234567890123456.78,1E+2],"by_name":{"a":0.10,"b":-7}}`,
		`{"total":0,"pointer":0.00,"list":[1e999999999]}`,
		`{"total":` + thousandDigits + `}`,
	} {
		var v amounts
		require.NoError(t, json.Unmarshal([]byte(text), &v))
		again, err := json.Marshal(v)
		require.NoError(t, err)
		assert.Equal(t, text, string(again))
	}
}

func TestDecimalTellsAbsentFromZeroInJSON(t *testing.T) {
	t.Parallel()
	absent, err := json.Marshal(amounts{List: []storeorders.Decimal{""}})
	require.NoError(t, err)
	assert.Equal(t, `{"total":null,"list":[null]}`, string(absent), "the absent value is left out by omitempty, and null elsewhere")

	zero, err := json.Marshal(amounts{Total: "0", Tax: "0"})
	require.NoError(t, err)
	assert.Equal(t, `{"total":0,"tax":0}`, string(zero))

	v := amounts{Total: "5", Tax: "6"}
	require.NoError(t, json.Unmarshal([]byte(`{"total":null,"tax":0.0}`), &v))
	assert.Equal(t, amounts{Total: "", Tax: "0.0"}, v)
}

func TestDecimalReadsANumberInAString(t *testing.T) {
	t.Parallel()
	var v amounts
	require.NoError(t, json.Unmarshal([]byte(`{"total":"12.50","list":["0"]}`), &v))
	assert.Equal(t, amounts{Total: "12.50", List: []storeorders.Decimal{"0"}}, v)
}

func TestDecimalRefusesJSONThatIsNoNumber(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`""`, `"abc"`, `" 1"`, `"1."`, `"null"`, `"\""`, `true`, `{}`, `{"value":"1"}`, `[1]`, `[]`} {
		d := storeorders.Decimal("7")
		require.Errorf(t, json.Unmarshal([]byte(text), &d), "%s", text)
		assert.Equalf(t, storeorders.Decimal("7"), d, "%s leaves the value alone", text)
	}
	for _, data := range []string{"", `"`} {
		var d storeorders.Decimal
		assert.Errorf(t, d.UnmarshalJSON([]byte(data)), "%q", data)
	}
}

func TestDecimalThatIsNoNumberIsNotWritten(t *testing.T) {
	t.Parallel()
	for _, d := range []storeorders.Decimal{"abc", "1.", "01", `1,"admin":true`, "NaN", " 1"} {
		_, err := json.Marshal(amounts{Total: d})
		assert.Errorf(t, err, "%q", string(d))
	}
}
