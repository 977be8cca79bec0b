package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/seed-2861b391/storeorders"
)

const (
	formatNDJSON = "ndjson"
	formatCSV    = "csv"
	formatTable  = "table"
)

// format is how orders are written and, but for a table, read back.
type format struct {
	header []byte // the first line
	encode func(record) ([]byte, error)
	// decode reads a line. A record may be several: whole is false for all of
	// them but the last.
	decode func(line []byte) (rec record, whole bool, err error)
}

// newFormat needs to know how to read an order's JSON back.
func newFormat(name, column string, parse func([]byte) (record, error)) format {
	switch name {
	case formatCSV:
		columns := []string{
			column, "number", "created_at", "part", "parts", "seller", "status", "currency", "shipping", "tax", "total", "items",
		}
		return format{[]byte(strings.Join(columns, ",") + "\n"), encodeCSV, decodeCSV}
	case formatTable:
		return format{[]byte("NUMBER\tDATE\tSELLER\tSTATUS\tTOTAL\tITEMS\n"), encodeTable, nil}
	default:
		return format{nil, encodeNDJSON, func(line []byte) (record, bool, error) {
			rec, err := parse(line)
			return rec, true, err
		}}
	}
}

// encodeNDJSON gives what came, without white space between its tokens: what
// the SDK has no field for is there, and numbers have their digits.
func encodeNDJSON(rec record) ([]byte, error) {
	var line bytes.Buffer
	err := json.Compact(&line, rec.raw)
	line.WriteByte('\n')
	return line.Bytes(), err
}

// numberText is empty if no number came, as where --fields leaves it out.
func (r row) numberText() string {
	if r.number == 0 {
		return ""
	}
	return strconv.FormatInt(r.number, 10)
}

func encodeCSV(rec record) ([]byte, error) {
	var lines bytes.Buffer
	w := csv.NewWriter(&lines)
	for _, r := range rec.rows {
		created := ""
		if !r.created.IsZero() {
			created = r.created.Format(time.RFC3339Nano)
		}
		cells := []string{
			cell(r.id), r.numberText(), created, strconv.Itoa(r.part), strconv.Itoa(r.parts),
			cell(r.seller), cell(r.status), cell(r.currency),
			r.shipping.String(), r.tax.String(), r.total.String(), cell(strings.Join(r.items, "; ")),
		}
		if err := w.Write(cells); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return lines.Bytes(), w.Error()
}

// decodeCSV reads what is needed to skip an order and to sum it up.
func decodeCSV(line []byte) (rec record, whole bool, err error) {
	const columns = 12
	cells, err := csv.NewReader(bytes.NewReader(line)).Read()
	if err == nil && len(cells) != columns {
		err = fmt.Errorf("%d cells, not %d", len(cells), columns)
	}
	if err != nil {
		return record{}, false, err
	}
	r := row{
		id: text(cells[0]), seller: text(cells[5]), status: text(cells[6]), currency: text(cells[7]),
		total: storeorders.Decimal(cells[10]),
	}
	if cells[2] != "" {
		r.created, err = time.Parse(time.RFC3339Nano, cells[2])
	}
	return record{id: r.id, created: r.created, rows: []row{r}}, cells[3] == cells[4], err
}

// cell protects a text that a spreadsheet would take for a formula. A line of
// the file is one row: line ends become spaces, with all that does not print.
func cell(s string) string {
	s = printable(s)
	if s != "" && strings.ContainsRune("=+-@'", rune(s[0])) {
		return "'" + s
	}
	return s
}

// text takes the protection off.
func text(cell string) string { return strings.TrimPrefix(cell, "'") }

// printable keeps a text from moving a terminal's cursor.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
}

func encodeTable(rec record) ([]byte, error) {
	var lines bytes.Buffer
	for _, r := range rec.rows {
		number, date := r.numberText(), r.created.Format(time.DateOnly)
		if r.created.IsZero() {
			date = ""
		}
		if r.part > 1 {
			number, date = "", "" // below the first row of the group
		}
		total := strings.TrimSpace(r.total.String() + " " + strings.ToUpper(r.currency))
		fmt.Fprintf(&lines, "%s\t%s\t%s\t%s\t%s\t%s\n", number, date,
			printable(r.seller), printable(r.status), printable(total), printable(strings.Join(r.items, "; ")))
	}
	return lines.Bytes(), nil
}

// output is where the orders go.
type output struct {
	format format
	w      io.Writer
	table  *tabwriter.Writer // nil: not a table
	file   *os.File          // nil: standard output
	keep   int64             // the length of the file's part that stays
}

func newOutput(w io.Writer, f format) *output {
	o := &output{format: f, w: w}
	if f.decode == nil {
		o.table = tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		o.w = o.table
	}
	return o
}

// begin cuts off what does not stay, such as half a line.
func (o *output) begin() error {
	if o.file != nil {
		_, err := o.file.Seek(o.keep, io.SeekStart)
		if err := errors.Join(err, o.file.Truncate(o.keep)); err != nil {
			return err
		}
	}
	if o.keep > 0 {
		return nil
	}
	_, err := o.w.Write(o.format.header)
	return err
}

// write writes an order at once and unbuffered: a process that is killed
// leaves half an order at most. Next to a request a page, that costs nothing.
func (o *output) write(rec record) error {
	lines, err := o.format.encode(rec)
	if err != nil {
		return err
	}
	_, err = o.w.Write(lines)
	return err
}

// finish makes sure that all of it is written.
func (o *output) finish() error {
	var err error
	if o.table != nil {
		err = o.table.Flush()
	}
	if o.file != nil {
		err = errors.Join(err, o.file.Sync())
	}
	return err
}

func (o *output) close() {
	if o.file != nil {
		_ = o.file.Close() // finish has told of all errors that matter
	}
}
