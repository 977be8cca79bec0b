package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

var errNothingTyped = errors.New("nothing was typed")

// ask reads a line from standard input, which may be a pipe. On a terminal, a
// secret does not show as it is typed. Ctrl-C ends it.
func (s streams) ask(ctx context.Context, question string, secret bool) (text string, err error) {
	s.tell(question + ": ")
	read, isHidden := s.readLine, false
	if file, ok := s.in.(*os.File); ok && secret && s.isTerminal(file) {
		fd := int(file.Fd())
		if state, err := term.GetState(fd); err == nil {
			defer func() { _ = term.Restore(fd, state) }() // for Ctrl-C: ReadPassword is still reading
		}
		read = func() (string, error) {
			password, err := term.ReadPassword(fd)
			return string(password), err
		}
		isHidden = true
	}
	defer func() {
		if isHidden || err != nil { // the line end that was typed does not show, or none was
			s.tell("\n")
		}
	}()
	type answer struct {
		text string
		err  error
	}
	answers := make(chan answer, 1) // nobody may be there to receive it
	go func() {
		text, err := read()
		answers <- answer{text, err}
	}()
	select {
	case <-ctx.Done():
		return "", errInterrupted
	case a := <-answers:
		if a.err == nil && a.text == "" {
			a.err = errNothingTyped
		}
		if a.err != nil {
			return "", fmt.Errorf("%s: %w", question, a.err)
		}
		return a.text, nil
	}
}

func (s streams) readLine() (string, error) {
	line, err := bufio.NewReader(s.in).ReadString('\n')
	if errors.Is(err, io.EOF) {
		err = nil // the last line need not have an end
	}
	return strings.TrimRight(line, "\r\n"), err
}
