package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// scan reads the orders that a file holds, and returns the length of what can
// stay: up to the end of the last order that is there in full. What follows it
// was being written when the program was killed.
//
// The file is all the state that there is. It says itself which of its orders
// are whole: a line is if it has its line end, and an order of several lines is
// if its last line is.
func scan(file io.Reader, f format, order func(record)) (keep int64, err error) {
	lines := bufio.NewReader(file)
	var offset int64
	var rows []row // of an order whose last line is still to come
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return keep, nil
		}
		if err != nil {
			return 0, err
		}
		offset += int64(len(line))
		if n == 1 && f.header != nil {
			if !bytes.Equal(line, f.header) {
				return 0, errors.New("its first line is not the one that this command writes")
			}
			continue
		}
		rec, whole, err := f.decode(line)
		if err == nil && rec.id == "" {
			err = errors.New("an order without an id")
		}
		if err != nil {
			return 0, fmt.Errorf("line %d: %w", n, err)
		}
		rec.rows = append(rows, rec.rows...)
		if rows = rec.rows; whole {
			order(rec)
			keep, rows = offset, nil
		}
	}
}
