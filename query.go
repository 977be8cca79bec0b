package storeorders

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/go-querystring/query"
)

// TimeFilter bounds an instant, as in created_at[$gte]=…; the bounds that are
// set must all hold. A zero time is not sent, and the zero TimeFilter bounds
// nothing. Any zone will do: what is sent is UTC. A time that is not of the
// years 1 to 9999 is an [OptionError].
//
// Mercur compares microseconds. Its answers show milliseconds, cut off, so
// that GT with a time from an answer may return that row again where it was
// not written by a checkout. Nanoseconds are rounded so that each bound keeps
// its meaning.
type TimeFilter struct {
	GT  time.Time // after
	GTE time.Time // at or after
	LT  time.Time // before
	LTE time.Time // at or before
}

// EncodeValues writes the bounds as key[$gt]=… for go-querystring. There is
// never an error.
func (f TimeFilter) EncodeValues(key string, v *url.Values) error {
	for _, b := range f.bounds() {
		if !b.sent.IsZero() {
			v.Set(key+"["+b.operator+"]", formatTime(b.sent))
		}
	}
	return nil
}

// bound is one bound of a TimeFilter, as it was set and as it is sent.
type bound struct {
	name, operator string
	set, sent      time.Time
}

func (f TimeFilter) bounds() [4]bound {
	const unit = time.Microsecond
	return [...]bound{
		{"GT", "$gt", f.GT, floorTime(f.GT, unit)},
		{"GTE", "$gte", f.GTE, ceilTime(f.GTE, unit)},
		{"LT", "$lt", f.LT, ceilTime(f.LT, unit)},
		{"LTE", "$lte", f.LTE, floorTime(f.LTE, unit)},
	}
}

func (f TimeFilter) check(field string) error {
	for _, b := range f.bounds() {
		if b.set.IsZero() {
			continue
		}
		if err := checkTime(field+"."+b.name, b.set, b.sent); err != nil {
			return err
		}
	}
	return nil
}

// utc has the same instants: JSON cannot hold every zone.
func (f TimeFilter) utc() TimeFilter {
	return TimeFilter{f.GT.UTC(), f.GTE.UTC(), f.LT.UTC(), f.LTE.UTC()}
}

// formatTime writes UTC with milliseconds, or with microseconds where there
// are any: the forms that the servers were seen to read.
func formatTime(t time.Time) string {
	layout := "2006-01-02T15:04:05.000Z"
	if t.Nanosecond()%int(time.Millisecond) != 0 {
		layout = "2006-01-02T15:04:05.000000Z"
	}
	return t.UTC().Format(layout)
}

// floorTime and ceilTime round a time that is set to the unit that a server
// compares. (time.Truncate counts from the year 1, so that whole seconds and
// their decimal fractions stay where they are.)
func floorTime(t time.Time, unit time.Duration) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC().Truncate(unit)
}

func ceilTime(t time.Time, unit time.Duration) time.Time {
	floor := floorTime(t, unit)
	if floor.Equal(t) {
		return floor
	}
	return floor.Add(unit)
}

// encodeQuery turns an option struct into a query string by its url tags.
func encodeQuery(options any) (string, error) {
	values, err := query.Values(options)
	if err != nil {
		return "", fmt.Errorf("storeorders: %w", err)
	}
	return values.Encode(), nil
}

// maxNumber is the largest number that JavaScript, and so either server, reads
// exactly. From 2^63 on Mercur answers 500.
const maxNumber = 1 << 53

func checkNumber[N int | int64](field string, n N) error {
	switch {
	case n < 0:
		return &OptionError{field, fmt.Sprintf("is %d; it must not be negative", n)}
	case int64(n) > maxNumber:
		return &OptionError{field, fmt.Sprintf("is %d; it must not be above %d", n, maxNumber)}
	default:
		return nil
	}
}

// checkTime refuses what RFC 3339 cannot hold, and what would not be sent once
// it is rounded.
func checkTime(field string, set, sent time.Time) error {
	if set.IsZero() {
		return nil
	}
	if sent.IsZero() {
		return &OptionError{field, "is so near the zero time that it would not be sent; leave it zero"}
	}
	year, rounded := sent.Year(), ""
	if year >= 1 && year <= 9999 {
		return nil
	}
	if set.UTC().Year() != year {
		rounded = " once it is rounded up"
	}
	return &OptionError{field, fmt.Sprintf("is in the year %d%s; a time of 1 to 9999 is needed", year, rounded)}
}

func checkDecimal(field string, d Decimal) error {
	if d != "" && !d.Valid() {
		return &OptionError{field, fmt.Sprintf(`is %.40q, not a number; write it as in "99.90"`, string(d))}
	}
	return nil
}

// checkID refuses the ids that no server has and that would ask for something
// else: on Mercur the empty id is the list, and "." and ".." are folders.
func checkID(field, id string) error {
	switch {
	case id == "":
		return &OptionError{field, "is empty"}
	case id == "." || id == "..":
		return &OptionError{field, `is "` + id + `", which is no id`}
	case hasControl(id) || !utf8.ValidString(id):
		return &OptionError{field, "has a control character or is not UTF-8"}
	default:
		return nil
	}
}

// checkIDs refuses what checkList and, of an element, checkID do.
func checkIDs(field string, ids []string) error {
	if i := slices.Index(ids, ""); i >= 0 {
		return &OptionError{field, fmt.Sprintf("element %d is empty", i)}
	}
	for _, id := range ids {
		if err := checkID(field, id); err != nil {
			return err
		}
	}
	return checkList(field, ids)
}

// checkList refuses an empty list, which would not be sent and so ask for
// everything, and empty elements.
func checkList[S ~string](field string, list []S) error {
	if list != nil && len(list) == 0 {
		return &OptionError{field, "is empty, which would ask for all; use nil for all"}
	}
	if slices.Contains(list, "") {
		return &OptionError{field, "has an empty element"}
	}
	return nil
}

// checkFields refuses names that would be read as several, or as another.
func checkFields(fields []string) error {
	for _, name := range fields {
		if name == "" || strings.ContainsAny(name, ", \t\r\n") || hasControl(name) {
			return &OptionError{"Fields", fmt.Sprintf("has %.40q; give one field name an element, without commas or spaces", name)}
		}
	}
	return nil
}

// firstError returns the first error there is.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// valueOf is what an options pointer points to, the zero value for nil.
func valueOf[T any](options *T) T {
	if options == nil {
		return *new(T)
	}
	return *options
}
