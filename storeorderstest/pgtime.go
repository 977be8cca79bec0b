package storeorderstest

import (
	"strings"
	"time"
)

// parsePostgresTime reads a time in most of the forms that PostgreSQL takes.
// What has no zone is in UTC.
func parsePostgresTime(text string, now time.Time) (time.Time, bool) {
	text = strings.ToUpper(strings.TrimSpace(text))
	today := now.UTC().Truncate(24 * time.Hour)
	switch text {
	case "NOW":
		return now, true
	case "TODAY":
		return today, true
	case "YESTERDAY":
		return today.AddDate(0, 0, -1), true
	case "TOMORROW":
		return today.AddDate(0, 0, 1), true
	case "EPOCH":
		return time.Unix(0, 0), true
	case "INFINITY":
		return time.Date(300_000, time.January, 1, 0, 0, 0, 0, time.UTC), true
	case "-INFINITY":
		return time.Date(-5_000, time.January, 1, 0, 0, 0, 0, time.UTC), true
	}
	for _, date := range []string{"2006-1-2", "20060102", "Jan 2 2006"} {
		if t, err := time.Parse(date, text); err == nil {
			return t, true
		}
		for _, clock := range []string{"T15:4:5", " 15:4:5", "T15:4", " 15:4"} {
			for _, zone := range []string{"Z07:00", "Z0700", "Z07", ""} {
				if t, err := time.Parse(date+clock+zone, text); err == nil {
					return t, true
				}
			}
		}
	}
	return time.Time{}, false
}
